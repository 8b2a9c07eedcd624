"""Webhooks through the operations and a real receiver on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from tests.builders import clients as build
from tests.builders import parties
from tests.builders.clients import Receiver, receiving
from tests.builders.parties import NOON, Firm
from tests.builders.refusals import refuse

from fourflow.foundation.clients import jobs, operations, queries
from fourflow.foundation.clients.adapters.http_webhook.courier import HttpCourier
from fourflow.foundation.clients.ports import Posted
from fourflow.foundation.clients.types import (
    AddressForbidden,
    ClientNotFound,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointInvalid,
    EndpointState,
    WebhookStateWrong,
)
from fourflow.foundation.parties.types import SYSTEM, NotPermitted
from fourflow.platform import clock
from fourflow.platform.crypto import webhooks
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import RecordedEvent, kinds
from fourflow.platform.ids import decode

pytestmark = pytest.mark.django_db

COURIER = HttpCourier(loopback=True, seconds=5)


@pytest.fixture
def op(db: None) -> Firm:
    return parties.operator()


@pytest.fixture
def firm(op: Firm) -> Firm:
    return parties.supplier(op)


def register(firm: Firm, url: str, *wanted: str, **changes: Any) -> Endpoint:
    given = {"actor": firm.maker, "effective_at": NOON, "known": kinds(), "loopback": True, **changes}
    return operations.register(url=url, kinds=wanted or ("client.*",), **given)


def happen(firm: Firm, times: int = 1) -> None:
    """Something that the firm may see, numbered."""
    for _ in range(times):
        operations.propose(terms=build.terms(), actor=firm.maker, effective_at=NOON)
    events.sequence()


def write(event: RecordedEvent) -> bytes:
    return json.dumps({"type": event.kind}).encode()


def tell(after: timedelta = timedelta(0)) -> int:
    """What the worker does, as if so much time had gone by."""
    operations.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
    if after:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("update clients_delivery set due_at = due_at - %s where due_at is not null", [after])
    return jobs.send_due(COURIER, write)


def only(firm: Firm) -> Delivery:
    (one,) = queries.deliveries(actor=firm.maker)
    return queries.delivery(actor=firm.maker, delivery_id=one.id)


def ids(receiver: Receiver) -> list[str]:
    return [headers["webhook-id"] for headers, _ in receiver.got]


def test_what_the_organisation_may_see_reaches_its_endpoint_signed(firm: Firm) -> None:
    with receiving() as receiver:
        endpoint = register(firm, receiver.url)
        happen(firm)
        assert tell() == 1
    delivery = only(firm)
    headers, body = receiver.got[0]
    assert (delivery.state, [attempt.status for attempt in delivery.log]) == (DeliveryState.DELIVERED, [204])
    assert webhooks.verify(endpoint.public_key, headers, body, now=clock.machine()) == headers["webhook-id"]
    assert decode("whd", headers["webhook-id"]) == delivery.id
    assert body == b'{"type": "client.proposed"}'


def test_who_oversees_is_told_of_everything_on_the_business_days_of_its_role_only(op: Firm, firm: Firm) -> None:
    overseer = parties.regulator(op)
    with receiving() as receiver:
        register(overseer, receiver.url)
        told = []
        for day in (parties.SINCE - timedelta(days=1), parties.SINCE):
            happen(firm)
            operations.fan_out(actor=SYSTEM, now=clock.machine(), today=day)
            told.append(len(queries.deliveries(actor=overseer.maker)))
    assert told == [0, 1]


def test_nobody_is_told_of_what_is_anothers_of_other_kinds_or_of_the_past(op: Firm, firm: Firm) -> None:
    other = parties.supplier(op, "supplier-two")
    happen(firm)
    with receiving() as receiver:
        register(other, f"{receiver.url}/stranger")
        register(firm, f"{receiver.url}/other-kinds", "party.*")
        register(firm, f"{receiver.url}/own")
        happen(firm)
        tell()
    assert [delivery.kind for delivery in queries.deliveries(actor=other.maker)] == []
    assert [delivery.kind for delivery in queries.deliveries(actor=firm.maker)] == ["client.proposed"]
    assert len(receiver.got) == 1


def test_the_operator_who_sees_all_is_told_of_all(op: Firm, firm: Firm) -> None:
    with receiving() as receiver:
        register(op, receiver.url)
        happen(firm)
        tell()
    assert len(receiver.got) == 1


def test_an_event_becomes_one_delivery_however_often_it_is_looked_for(firm: Firm) -> None:
    with receiving() as receiver:
        endpoint = register(firm, receiver.url)
        happen(firm, 3)
        for _ in range(3):
            tell()
    refuse("update clients_endpoint set position = -1 where id = %s", endpoint.id, constraint="endpoint_fixed")
    assert len(set(ids(receiver))) == len(receiver.got) == 3


def test_a_failed_delivery_is_tried_again_later_under_the_same_id(firm: Firm) -> None:
    with receiving(500, 302) as receiver:
        register(firm, receiver.url)
        happen(firm)
        tell()
        assert tell() == 0, "not due yet"
        assert only(firm).state is DeliveryState.PENDING
        tell(after=timedelta(seconds=6))
        tell(after=timedelta(minutes=6))
    delivery = only(firm)
    assert [attempt.status for attempt in delivery.log] == [500, 302, 204]
    assert delivery.state is DeliveryState.DELIVERED
    assert len(set(ids(receiver))) == 1


class Killed(BaseException):
    """As if the process had been killed."""


class Dying:
    """Posts, and dies before it can write down what was answered."""

    def require_reachable(self, url: str) -> None:
        """Nothing to look at."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        COURIER.post(url, body, headers)
        raise Killed


def test_who_is_killed_between_sending_and_writing_it_down_sends_the_same_again(firm: Firm) -> None:
    with receiving() as receiver:
        register(firm, receiver.url)
        happen(firm)
        operations.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        with pytest.raises(Killed):
            jobs.send_due(Dying(), write)
        assert only(firm).attempts == 0
        assert tell() == 1
    assert len(receiver.got) == 2 and len(set(ids(receiver))) == 1
    assert receiver.got[0][1] == receiver.got[1][1]
    assert only(firm).state is DeliveryState.DELIVERED


def test_an_endpoint_that_is_gone_is_disabled_at_once(firm: Firm) -> None:
    with receiving(410) as receiver:
        endpoint = register(firm, receiver.url)
        happen(firm)
        tell()
        happen(firm)
        assert tell() == 0
    found = queries.endpoint(actor=firm.maker, endpoint_id=endpoint.id)
    assert (found.state, found.reason) == (EndpointState.DISABLED, "gone")
    assert only(firm).state is DeliveryState.FAILED


def exhaust(times: int = 10) -> None:
    for _ in range(times):
        tell(after=timedelta(days=2))


def test_an_endpoint_that_fails_through_the_whole_schedule_is_disabled_and_what_happens_meanwhile_waits(
    firm: Firm,
) -> None:
    with receiving(*[503] * 10) as receiver:
        endpoint = register(firm, receiver.url)
        happen(firm)
        exhaust()
        found = queries.endpoint(actor=firm.maker, endpoint_id=endpoint.id)
        assert (found.state, found.reason) == (EndpointState.DISABLED, "failing")
        assert only(firm).attempts == 10
        happen(firm)
        assert tell() == 0
        operations.enable(endpoint_id=endpoint.id, actor=firm.maker, effective_at=NOON)
        assert tell() == 1
    states = [delivery.state for delivery in queries.deliveries(actor=firm.maker)]
    assert states == [DeliveryState.DELIVERED, DeliveryState.FAILED]


def test_one_message_that_an_endpoint_cannot_take_does_not_disable_it(firm: Firm) -> None:
    with receiving(500, 204, *[500] * 9) as receiver:
        endpoint = register(firm, receiver.url)
        happen(firm)
        tell()
        happen(firm)
        tell()
        exhaust(9)
    assert len(receiver.got) == 11
    assert queries.endpoint(actor=firm.maker, endpoint_id=endpoint.id).state is EndpointState.ACTIVE


def test_what_failed_or_was_lost_is_sent_again_on_request(op: Firm, firm: Firm) -> None:
    with receiving(410) as receiver:
        endpoint = register(firm, receiver.url)
        happen(firm)
        tell()
        operations.enable(endpoint_id=endpoint.id, actor=firm.maker, effective_at=NOON)
        assert operations.replay_failed(endpoint_id=endpoint.id, actor=firm.maker, now=clock.machine()) == 1
        tell()
        operations.replay(delivery_id=only(firm).id, actor=firm.maker, now=clock.machine())
        with pytest.raises(WebhookStateWrong):
            operations.replay(delivery_id=only(firm).id, actor=firm.maker, now=clock.machine())
        tell()
    assert [attempt.status for attempt in only(firm).log] == [410, 204, 204]
    assert len(set(ids(receiver))) == 1
    for stranger in (parties.supplier(op, "supplier-two").maker, op.maker):
        with pytest.raises(ClientNotFound):
            operations.replay(delivery_id=only(firm).id, actor=stranger, now=clock.machine())
        with pytest.raises(ClientNotFound):
            operations.replay_failed(endpoint_id=endpoint.id, actor=stranger, now=clock.machine())


def test_who_has_mended_the_receiver_does_not_wait_for_the_next_attempt(firm: Firm) -> None:
    with receiving(500, 500) as receiver:
        endpoint = register(firm, receiver.url)
        happen(firm)
        tell()
        happen(firm)
        tell()
        assert tell() == 0, "both wait"
        first, second = queries.deliveries(actor=firm.maker)
        assert not first.is_being_sent(clock.machine())
        operations.replay(delivery_id=first.id, actor=firm.maker, now=clock.machine())
        with pytest.raises(WebhookStateWrong):
            operations.replay(delivery_id=first.id, actor=firm.maker, now=clock.machine())
        assert operations.replay_failed(endpoint_id=endpoint.id, actor=firm.maker, now=clock.machine()) == 1
        assert tell() == 2
    assert {delivery.state for delivery in queries.deliveries(actor=firm.maker)} == {DeliveryState.DELIVERED}
    assert len(receiver.got) == 4 and second.attempts == 1


def test_after_a_change_of_keys_both_sign_for_a_day(firm: Firm) -> None:
    with receiving() as receiver:
        old = register(firm, receiver.url)
        new = operations.rotate(endpoint_id=old.id, actor=firm.maker, effective_at=NOON, now=clock.machine())
        happen(firm)
        tell()
        headers, body = receiver.got[0]
        for endpoint in (old, new):
            assert webhooks.verify(endpoint.public_key, headers, body, now=clock.machine())
        earlier = clock.machine() - timedelta(days=1, seconds=1)
        operations.rotate(endpoint_id=old.id, actor=firm.maker, effective_at=NOON, now=earlier)
        happen(firm)
        tell()
    signatures = [headers["webhook-signature"].count("v1a,") for headers, _ in receiver.got]
    assert signatures == [2, 2], "two keys before, and the first one's day is not over yet"


def test_a_signing_key_stands_sealed(firm: Firm) -> None:
    from django.db import connection

    register(firm, "http://127.0.0.1:9/")
    with connection.cursor() as cursor:
        cursor.execute("select seed from clients_signing_key")
        ((seed,),) = cursor.fetchall()
    assert b"whsk_" not in bytes(seed)


def test_only_who_edits_webhooks_registers_and_only_outside_addresses(op: Firm, firm: Firm) -> None:
    with pytest.raises(NotPermitted):
        register(firm, "https://partner.example/", actor=firm.viewer)
    for url in ("https://127.0.0.1/", "https://10.0.0.8/", "https://169.254.169.254/latest/meta-data"):
        with pytest.raises(AddressForbidden):
            register(firm, url, loopback=False)
    with pytest.raises(EndpointInvalid):
        register(firm, "https://partner.example/", "voucher.sold")
    for number in range(10):
        register(firm, f"https://partner.example/{number}")
    with pytest.raises(EndpointInvalid):
        register(firm, "https://partner.example/11")


def test_an_endpoint_that_turned_inside_after_its_registration_is_not_called(firm: Firm) -> None:
    with receiving() as receiver:
        register(firm, receiver.url)
        happen(firm)
        operations.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        jobs.send_due(HttpCourier(loopback=False), write)
    assert receiver.got == []
    assert [attempt.error for attempt in only(firm).log] == ["address forbidden"] or [
        attempt.error for attempt in only(firm).log
    ] == ["name does not resolve"]


def test_the_log_of_attempts_is_never_rewritten(firm: Firm) -> None:
    with receiving() as receiver:
        register(firm, receiver.url)
        happen(firm)
        tell()
    delivery = only(firm)
    from django.db import DatabaseError, connection, transaction

    for sql in (
        "update clients_attempt set status = 200",
        "delete from clients_attempt",
        "delete from clients_delivery",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    refuse("update clients_delivery set attempts = 0 where id = %s", delivery.id, constraint="delivery_fixed")


def test_a_delivery_that_cannot_be_recorded_leaves_the_others_of_its_round_recorded(op: Firm, firm: Firm) -> None:
    with receiving() as receiver:
        register(firm, receiver.url)
        happen(firm, 2)
        operations.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        first, second = queries.deliveries(actor=firm.maker)

        class Breaking(HttpCourier):
            def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
                if decode("whd", headers["webhook-id"]) == first.id:
                    raise RuntimeError("broken")
                return super().post(url, body, headers)

        with pytest.raises(RuntimeError):
            jobs.send_due(Breaking(loopback=True, seconds=5), write)
    states = {one.id: one.state for one in queries.deliveries(actor=firm.maker)}
    assert states == {first.id: DeliveryState.PENDING, second.id: DeliveryState.DELIVERED}
