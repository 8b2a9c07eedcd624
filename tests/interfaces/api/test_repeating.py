"""A request that arrives twice counts once: keys, replays, double clicks."""

from __future__ import annotations

import struct
from hashlib import sha256
from typing import Any

import pytest
from tests.builders import api, parties
from tests.builders.api import World, money, prt

from fourflow.platform.models import Performed


def proposal(world: World, amount: str = "100.00") -> dict[str, Any]:
    core = prt(world.cast.core)
    terms = {"core_id": core, "sanctioned": money(amount), "valid_from": parties.TODAY.isoformat()}
    return {**terms, "source": "paper 1"}


def test_the_same_request_again_is_answered_and_not_performed_again(world: World) -> None:
    first = world.funder.post("limits/proposals", proposal(world), 201, key="k-1")
    assert "Idempotent-Replayed" not in world.funder.last.headers
    again = world.funder.post("limits/proposals", proposal(world), 201, key="k-1")
    assert world.funder.last.headers["Idempotent-Replayed"] == "true"
    assert again == first
    assert len(world.funder.get("limits/proposals")["data"]) == 1


def test_a_quoted_key_is_the_same_key(world: World) -> None:
    first = world.funder.post("limits/proposals", proposal(world), 201, key="k-1")
    assert world.funder.post("limits/proposals", proposal(world), 201, key='"k-1"')["id"] == first["id"]


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    world.funder.post("limits/proposals", proposal(world), 201, key="k-1")
    refused = world.funder.post("limits/proposals", proposal(world, "200.00"), 422, key="k-1")
    assert refused["code"] == "idempotency.input_differs" and refused["retryable"] is False


def test_the_same_key_for_another_operation_is_refused(world: World) -> None:
    found = world.funder.post("limits/proposals", proposal(world), 201, key="k-1")
    refused = world.funder.post(f"limits/proposals/{found['id']}/decide", {"verdict": "approve"}, 422, key="k-1")
    assert refused["code"] == "idempotency.input_differs"


def test_two_people_may_use_the_same_key(world: World) -> None:
    world.funder.post("limits/proposals", proposal(world), 201, key="k-1")
    other = api.sign_in(world.cast.funders[1])
    other.post("limits/proposals", proposal(world), 201, key="k-1")
    assert "Idempotent-Replayed" not in other.last.headers


@pytest.mark.parametrize("key", [None, " ", '""', "x" * 256])
def test_a_write_without_a_usable_key_is_refused_before_anything(world: World, key: str | None) -> None:
    before = Performed.objects.count()
    refused = world.funder.post("limits/proposals", proposal(world), 400, key=key)
    assert refused["code"] == "idempotency.key_missing"
    assert Performed.objects.count() == before


def test_a_refused_request_may_be_tried_again_under_its_key(world: World) -> None:
    wrong = {**proposal(world), "valid_to": "2014-01-01"}
    world.funder.post("limits/proposals", wrong, 422, key="k-1")
    world.funder.post("limits/proposals", proposal(world), 201, key="k-1")


def test_while_a_request_is_running_the_second_click_is_told_to_wait(world: World, raw: Any) -> None:
    actor = world.cast.funder.maker
    scope = f"{actor.organisation_id}:{actor.account_id}"
    number = struct.unpack(">q", sha256(f"{scope}\0k-1".encode()).digest()[:8])[0]
    other = raw("writer")
    other.execute("select pg_advisory_xact_lock(%s)", [number])
    refused = world.funder.post("limits/proposals", proposal(world), 409, key="k-1")
    assert refused["code"] == "idempotency.still_running" and refused["retryable"] is True
    assert world.funder.last.headers["Retry-After"] == "1"
    other.rollback()
    world.funder.post("limits/proposals", proposal(world), 201, key="k-1")


def test_a_double_click_on_a_signature_signs_once(world: World) -> None:
    world.limit()
    voucher = world.offered()
    path = f"vouchers/{voucher['id']}"
    digest = world.supplier.get(f"{path}/content")["content_digest"]
    signed = {"password": api.PASSWORD, "content_digest": digest}
    first = world.supplier.post(f"{path}/accept", signed, key="click")
    assert world.supplier.post(f"{path}/accept", signed, key="click") == first
    assert len(world.supplier.get(f"{path}/holdings")["data"]) == 1
    assert world.supplier.post(f"{path}/accept", signed, 409, key="another")["code"] == "voucher.state"


def test_a_password_is_no_part_of_the_stored_request(world: World) -> None:
    world.limit()
    voucher = world.offered()
    path = f"vouchers/{voucher['id']}"
    digest = world.supplier.get(f"{path}/content")["content_digest"]
    world.supplier.post(f"{path}/accept", {"password": api.PASSWORD, "content_digest": digest}, key="click")
    stored = Performed.objects.get(key="click")
    assert set(stored.result) == {"id", "state"}
    world.supplier.post(f"{path}/accept", {"password": "wrong" * 3, "content_digest": digest}, 403, key="click")
