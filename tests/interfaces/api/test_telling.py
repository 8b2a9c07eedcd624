"""Webhooks and test mode at the API."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from tests.builders import clients
from tests.builders.api import World
from tests.builders.clients import receiving

from fourflow.config import outside, wiring
from fourflow.platform import clock
from fourflow.platform.crypto import webhooks
from fourflow.platform.events.operations import sequence
from fourflow.platform.jobs import drain


@pytest.fixture(autouse=True)
def to_this_machine(settings: Any) -> None:
    settings.WEBHOOK_LOOPBACK = True
    settings.PUBLIC_URL = "https://fourflow.test"


def tell() -> None:
    sequence()
    drain(wiring.webhook_sweepers())


@pytest.mark.requirement("R380")
@pytest.mark.requirement("R191")
def test_a_partner_is_told_ids_and_states_with_a_link_and_nothing_else(world: World) -> None:
    with receiving() as receiver:
        webhook = world.supplier.post("webhooks", {"url": receiver.url, "kinds": ["voucher.*"]}, 201)
        world.limit()
        voucher = world.offered("1000.00")
        tell()
    bodies = [json.loads(body) for _, body in receiver.got]
    assert {"voucher.offered"} <= {body["type"] for body in bodies}
    offered = next(body for body in bodies if body["type"] == "voucher.offered")
    assert offered["data"]["subject"] == voucher["id"]
    assert offered["livemode"] is False
    link = offered["data"]["link"].removeprefix("https://fourflow.test/v1/")
    assert world.supplier.get(link)["type"] == "voucher.offered"
    allowed = {"id", "subject", "state", "position", "link"}
    for (headers, body), read in zip(receiver.got, bodies, strict=True):
        assert set(read) == {"type", "timestamp", "livemode", "data"} and set(read["data"]) <= allowed
        assert "1000" not in json.dumps(read["data"]) and "Ltd" not in body.decode()
        webhooks.verify(webhook["public_key"], headers, body, now=clock.machine())


def test_the_log_shows_every_attempt_and_a_replay_sends_again(world: World) -> None:
    with receiving(500) as receiver:
        webhook = world.core.post("webhooks", {"url": receiver.url, "kinds": ["voucher.drafted"]}, 201)
        world.limit()
        world.draft("50.00")
        tell()
        (delivery,) = world.core.get(f"webhook-deliveries?webhook_id={webhook['id']}&state=pending")["data"]
        found = world.core.get(f"webhook-deliveries/{delivery['id']}")
        assert [attempt["status"] for attempt in found["log"]] == [500]
        path = f"webhook-deliveries/{delivery['id']}/replay"
        assert world.core.post(path)["state"] == "pending", "it waited for its next attempt"
        assert world.core.post(path, {}, 409)["code"] == "webhook.state", "it is being sent"
        tell()
        assert world.core.post(path)["state"] == "pending"
        tell()
    assert len(receiver.got) == 3
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {delivery["id"]}
    assert world.core.get("webhook-deliveries?state=failed")["data"] == []


def test_an_endpoint_is_stopped_started_and_given_another_key(world: World) -> None:
    webhook = world.core.post("webhooks", {"url": "http://127.0.0.1:9/", "kinds": ["voucher.*"]}, 201)
    path = f"webhooks/{webhook['id']}"
    assert world.core.post(f"{path}/rotate")["public_key"] != webhook["public_key"]
    assert world.core.post(f"{path}/disable")["state"] == "disabled"
    assert world.core.post(f"{path}/disable", {}, 409)["code"] == "webhook.state"
    assert world.core.post(f"{path}/enable")["state"] == "active"
    assert world.core.post(f"{path}/replay")["replayed"] == 0
    kinds = [event["type"] for event in world.core.get(f"events?subject={webhook['id']}")["data"]]
    assert kinds == ["webhook.changed"] * 4


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://localhost/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
def test_no_webhook_leads_inside_the_house(world: World, settings: Any, url: str) -> None:
    settings.WEBHOOK_LOOPBACK = False
    refused = world.core.post("webhooks", {"url": url, "kinds": ["voucher.*"]}, 422)
    assert refused["code"] in ("webhook.address_forbidden", "webhook.invalid")
    assert [error["pointer"] for error in refused["errors"]] == ["/url"]
    assert world.core.get("webhooks")["data"] == []


def test_somebody_elses_webhooks_are_not_there(world: World) -> None:
    webhook = world.core.post("webhooks", {"url": "http://127.0.0.1:9/", "kinds": ["voucher.*"]}, 201)
    assert world.supplier.get("webhooks")["data"] == []
    for act in ("disable", "enable", "rotate", "replay"):
        world.supplier.post(f"webhooks/{webhook['id']}/{act}", {}, 404)
        world.operator.post(f"webhooks/{webhook['id']}/{act}", {}, 404)


def test_a_machine_with_the_scope_registers_an_endpoint_in_its_name(world: World) -> None:
    from tests.interfaces.api.test_partners import signed_in

    client_id = clients.admit(world.cast.core, "webhooks:write")
    machine = signed_in(client_id)
    made = machine.post("webhooks", {"url": "http://127.0.0.1:9/", "kinds": ["voucher.*"]}, 201)
    assert made["client_id"] == clients.encode("cli", client_id)


def test_the_kinds_of_events_are_listed(world: World) -> None:
    assert {"voucher.accepted", "webhook.changed"} <= set(world.core.get("event-kinds")["data"])
    refused = world.core.post("webhooks", {"url": "http://127.0.0.1:9/", "kinds": ["voucher.sold"]}, 422)
    assert [error["pointer"] for error in refused["errors"]] == ["/kinds"]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox without outside parties."""
    monkeypatch.setattr(outside, "read", outside.Outside)


def test_the_operators_tester_moves_the_sandbox_forward_and_never_back(world: World, alone: None) -> None:
    assert world.core.get("sandbox/clock")["business_date"] == "2014-03-03"
    assert world.operator.post("sandbox/clock", {"date": "2014-03-31"})["business_date"] == "2014-03-31"
    assert world.core.get("sandbox/clock")["business_date"] == "2014-03-31"
    assert world.operator.post("sandbox/clock", {"date": "2014-03-30"}, 409)["code"] == "clock.not_movable"
    assert world.core.post("sandbox/clock", {"date": "2014-04-01"}, 403)["code"] == "party.not_permitted"
    slip = world.operator.post("sandbox/clock", {"date": "2041-04-01"}, 422)
    assert (slip["code"], slip["params"]["expected"]) == ("clock.too_far", "2015-04-01")
    assert world.core.get("sandbox/clock")["business_date"] == "2014-03-31"


def test_production_has_no_test_mode(world: World, settings: Any) -> None:
    settings.SANDBOX = False
    for refused in (
        world.operator.get("sandbox/clock", 403),
        world.operator.post("sandbox/clock", {"date": "2014-03-31"}, 403),
        world.operator.get("sandbox/faults?party=ALFA", 403),
        world.operator.post("sandbox/faults", {"party": "ALFA", "endpoint": "pain.001", "mode": "down"}, 403),
        world.operator.post("sandbox/faults/clear", {"party": "ALFA"}, 403),
    ):
        assert refused["code"] == "sandbox.only"


def test_an_outside_party_that_is_not_there_is_not_found(world: World, alone: None) -> None:
    refused = world.operator.post("sandbox/faults", {"party": "GAMMA", "endpoint": "pain.001", "mode": "down"}, 404)
    assert refused["code"] == "sandbox.party_unknown"


def test_what_an_endpoint_is_sent_is_what_the_description_says(world: World) -> None:
    told = world.core.get("openapi.json")["webhooks"]["event"]["post"]
    with receiving() as receiver:
        webhook = world.core.post("webhooks", {"url": receiver.url, "kinds": ["claim.*"]}, 201)
        tried = world.core.post(f"webhooks/{webhook['id']}/test", {}, 201)
        tell()
    assert world.core.get(f"webhook-deliveries/{tried['id']}")["state"] == "delivered"
    ((headers, body),) = receiver.got
    jsonschema_rs.validate(told["requestBody"]["content"]["application/json"]["schema"], json.loads(body))
    assert {one["name"] for one in told["parameters"]} <= set(headers)
    assert (json.loads(body)["type"], headers["webhook-id"]) == ("webhook.changed", tried["id"])
    webhooks.verify(webhook["public_key"], headers, body, now=clock.machine())
