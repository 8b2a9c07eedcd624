"""Who pays late says by when, through the API: kept or broken is what the payments say, and overdue stays overdue."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.builders import parties
from tests.builders.api import World, money, prt, raw
from tests.builders.vouchers import Company

from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import calendar, clock

#: vouchers of the world fall due on this day, a Wednesday
DUE = parties.TODAY + timedelta(days=58)
WHY = "our customer pays us on the 20th"


@pytest.fixture
def late(world: World) -> tuple[World, str]:
    """A voucher that its issuer did not pay on the due date, nine days on."""
    world.limit()
    voucher = world.accepted("1000.00")
    own = VoucherId(raw("voucher", voucher["id"]))
    vouchers.begin_maturity(voucher_id=own, effective_at=clock.instant_of(DUE))
    vouchers.mark_overdue(voucher_id=own, effective_at=clock.instant_of(DUE + timedelta(1)))
    clock.move_to(clock.instant_of(DUE + timedelta(9)))
    return world, voucher["id"]


def business_day(days: int) -> date:
    return calendar.load("CN").next_business_day(DUE + timedelta(days))


def test_a_promise_is_seen_by_whom_the_voucher_concerns_and_broken_once_its_day_is_over(
    late: tuple[World, str],
) -> None:
    world, voucher = late
    day = business_day(20)
    body = {"pays_on": day.isoformat(), "reason": WHY}
    made = world.core.post(f"vouchers/{voucher}/promises", body, 201)
    said = {
        "id": made["id"],
        "livemode": False,
        "voucher_id": voucher,
        "issuer_id": prt(world.cast.core),
        "said_on": (DUE + timedelta(9)).isoformat(),
        "due_on": DUE.isoformat(),
        "pays_on": day.isoformat(),
        "amount": money("1000.00"),
        "reason": WHY,
        "outcome": "open",
        "outstanding": money("1000.00"),
        "paid_on": None,
    }
    assert made == said
    for who in (world.core, world.supplier, world.funder, world.operator, world.regulator):
        assert who.get(f"promises?voucher_id={voucher}")["data"] == [said]
    assert world.second.get("promises")["data"] == [], "a stranger's vouchers are not there"
    told = world.supplier.get(f"events?subject={voucher}")["data"]
    assert (told[-1]["type"], told[-1]["data"]["pays_on"], told[-1]["data"]["reason"]) == (
        "voucher.promised",
        day.isoformat(),
        WHY,
    )
    seen = world.supplier.get(f"vouchers/{voucher}")
    assert (seen["state"], seen["outstanding"]) == ("overdue", money("1000.00")), "a promise changes nothing"

    clock.move_to(clock.instant_of(day))
    assert world.supplier.get("promises")["data"][0]["outcome"] == "open", "its day counts whole"
    clock.move_to(clock.instant_of(day + timedelta(1)))
    again = world.core.post(f"vouchers/{voucher}/promises", {**body, "pays_on": business_day(40).isoformat()}, 201)
    found = world.supplier.get("promises")["data"]
    assert [(one["id"], one["outcome"]) for one in found] == [(again["id"], "open"), (made["id"], "broken")]
    first = world.funder.get("promises?limit=1")
    assert (
        first["next_cursor"]
        and world.funder.get(f"promises?limit=1&cursor={first['next_cursor']}")["data"] == found[1:]
    )
    by_outcome = {one: len(world.operator.get(f"promises?outcome={one}")["data"]) for one in ("open", "kept", "broken")}
    assert by_outcome == {"open": 1, "kept": 0, "broken": 1}

    paid = world.funder.get(f"promises?issuer_id={prt(world.cast.core)}")["data"]
    assert [one["paid_on"] for one in paid] == [None, None]
    here = Company(world.cast).on(business_day(30))
    for part in queries.parts(actor=SYSTEM, voucher_id=VoucherId(raw("voucher", voucher))):
        here.redeem(part)
    kept = world.supplier.get("promises")["data"]
    assert [(one["outcome"], one["paid_on"]) for one in kept] == [
        ("kept", business_day(30).isoformat()),
        ("broken", business_day(30).isoformat()),
    ]
    assert kept[0]["outstanding"] == money("0.00") and kept[0]["amount"] == money("1000.00")
    refused = world.core.post(f"vouchers/{voucher}/promises", {**body, "pays_on": business_day(45).isoformat()}, 409)
    assert refused["code"] == "voucher.state", "nothing is owed any more"


def test_what_is_no_promise_is_refused_with_its_field_and_leaves_nothing_behind(late: tuple[World, str]) -> None:
    world, voucher = late
    path, good = f"vouchers/{voucher}/promises", {"pays_on": business_day(20).isoformat(), "reason": WHY}
    today = DUE + timedelta(9)
    days = {
        today - timedelta(1): f"after {today.isoformat()}",
        today: f"after {today.isoformat()}",
        today + timedelta(91): f"up to {(today + timedelta(90)).isoformat()}",
        date(2014, 5, 17): "2014-05-19",
    }
    for day, expected in days.items():
        refused = world.core.post(path, {**good, "pays_on": day.isoformat()}, 422)
        (wrong,) = refused["errors"]
        assert (refused["code"], wrong["pointer"]) == ("voucher.promise_day_invalid", "/pays_on"), day
        assert refused["params"] == {"value": day.isoformat(), "expected": expected}
    assert world.core.post(path, {**good, "reason": "  "}, 422)["errors"][0]["pointer"] == "/reason"
    assert world.core.post(path, {**good, "pays_on": "soon"}, 422)["errors"][0]["pointer"] == "/pays_on"
    assert world.supplier.post(path, good, 403)["code"] == "party.not_permitted"
    assert world.funder.post(path, good, 403)["code"] == "party.not_permitted"
    assert world.second.post(path, good, 404)["code"] == "voucher.not_found"
    assert world.core.get("promises")["data"] == []

    made = world.core.post(path, good, 201, key="promise-1")
    assert world.core.post(path, good, 201, key="promise-1") == made, "a repeat is answered, not done twice"
    other = world.core.post(path, {**good, "reason": "another"}, 422, key="promise-1")
    assert other["code"] == "idempotency.input_differs"
    assert len(world.core.get("promises")["data"]) == 1


def test_an_issuer_that_knows_it_will_be_late_says_so_before_the_due_date(world: World) -> None:
    world.limit()
    voucher = world.accepted("1000.00")
    path = f"vouchers/{voucher['id']}/promises"
    refused = world.core.post(path, {"pays_on": DUE.isoformat(), "reason": WHY}, 422)
    assert refused["params"]["expected"] == f"after {DUE.isoformat()}", "what is paid on the due date needs no promise"
    made = world.core.post(path, {"pays_on": business_day(5).isoformat(), "reason": WHY}, 201)
    assert (made["outcome"], made["due_on"]) == ("open", DUE.isoformat())
    assert world.supplier.get(f"vouchers/{voucher['id']}")["state"] == "active"
