"""Signing in and signing: what a token opens, and what a signature is over."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import signing
from tests.builders import api, parties
from tests.builders.api import PASSWORD, Session, World, prt

from fourflow.interfaces.api import auth
from fourflow.platform import clock


def test_a_session_says_who_acts_for_whom_and_what_is_allowed(world: World) -> None:
    found = world.core.get("session")
    assert found["organisation_id"] == prt(world.cast.core) and found["roles"] == ["core"]
    assert "voucher.issue" in found["permissions"] and "voucher.check" not in found["permissions"][:0]
    assert found["business_date"] == parties.TODAY.isoformat()
    assert {mandate["currency"] for mandate in found["mandates"]} == {"CNY", "USD"}


@pytest.mark.parametrize(
    "change",
    [{"password": "wrong"}, {"email": "nobody@core.example"}, {"organisation_id": "prt_01ARZ3NDEKTSV4RRFFQ69G5FAV"}],
)
def test_wrong_address_password_and_organisation_are_one_refusal(world: World, change: dict[str, str]) -> None:
    given = {"email": "maker@core.example", "password": PASSWORD, **change}
    refused = Session().post("tokens", given, 401, key=None)
    assert refused["code"] == "session.refused" and refused["params"] == {}


def test_another_organisations_token_is_not_made_for_a_person_who_is_no_member(world: World) -> None:
    given = {"email": "maker@core.example", "password": PASSWORD, "organisation_id": prt(world.cast.funder)}
    Session().post("tokens", given, 401, key=None)


def test_a_token_ends_after_half_an_hour(world: World) -> None:
    with patch.object(signing.time, "time", return_value=signing.time.time() + auth.LIFETIME_SECONDS + 1):
        assert world.core.get("session", 401)["code"] == "token.invalid"
    world.core.get("session")


@pytest.mark.parametrize("token", ["x", "a.b.c", "", "eyJhIjoiIn0:1:1"])
def test_a_forged_token_opens_nothing(world: World, token: str) -> None:
    session = Session(token=token)
    assert session.get("session", 401)["code"] in ("token.invalid", "token.missing")
    assert session.last.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_signed_for_another_purpose_is_refused(world: World) -> None:
    maker = world.cast.core.maker
    assert maker.account_id is not None
    claims = {"a": maker.account_id.hex, "o": maker.organisation_id.hex, "j": "1"}
    Session(token=signing.dumps(claims, salt="another")).get("session", 401)


def test_the_token_of_a_closed_account_ends_at_once(world: World) -> None:
    checker = api.sign_in(world.cast.supplier, "checker")
    account = world.cast.supplier.checker.account_id
    assert account is not None
    world.supplier.post(f"accounts/{api.encode('acc', account)}/close", {"reason": "left"})
    checker.get("session", 401)


def test_nobody_signs_with_a_wrong_password(world: World) -> None:
    world.limit()
    path = f"vouchers/{world.offered()['id']}"
    digest = world.supplier.get(f"{path}/content")["content_digest"]
    refused = world.supplier.post(f"{path}/accept", {"password": "not mine", "content_digest": digest}, 403)
    assert refused["code"] == "session.password_wrong"
    assert world.supplier.get(path)["state"] == "offered"


def test_nobody_signs_another_content_than_was_shown(world: World) -> None:
    world.limit()
    path = f"vouchers/{world.offered()['id']}"
    refused = world.supplier.post(f"{path}/accept", {"password": PASSWORD, "content_digest": "0" * 64}, 409)
    assert refused["code"] == "signature.content_changed"
    assert world.supplier.get(path)["state"] == "offered"


def test_a_plan_is_signed_as_planned_and_only_once(world: World) -> None:
    world.limit()
    request = world.plan(world.payable("1000.00"))
    planned = world.core.post("vouchers/plan", request, key=None)
    assert world.core.get("vouchers")["data"] == []
    signed = {"voucher_id": planned["voucher_id"], "content_digest": planned["content_digest"], "password": PASSWORD}
    more = {**request, "face": {"amount": "999.99", "currency": "USD"}}
    assert world.core.post("vouchers", {**more, **signed}, 409)["code"] == "signature.content_changed"
    world.core.post("vouchers", {**request, **signed}, 201)
    assert world.core.post("vouchers", {**request, **signed}, 409)["code"] == "voucher.plan_used"


def test_the_maker_does_not_check_his_own_draft(world: World) -> None:
    world.limit()
    path = f"vouchers/{world.draft()['id']}"
    digest = world.core.get(f"{path}/content")["content_digest"]
    body = {"verdict": "approve", "password": PASSWORD, "content_digest": digest}
    assert world.core.post(f"{path}/check", body, 403)["code"] in ("approval.same_person", "party.not_permitted")
    assert world.core.get(path)["state"] == "draft"


def test_a_day_later_the_old_token_still_acts_on_its_organisations_present_day(world: World) -> None:
    clock.move_to(clock.now() + timedelta(days=1))
    assert world.core.get("session")["business_date"] == (parties.TODAY + timedelta(days=1)).isoformat()
