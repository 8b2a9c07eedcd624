"""What is late or lies unexplained raises an alert to whom it concerns, when the dated tolerances say so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import settlement as build
from tests.builders.settlement import NOON, arrives, booked, sent

from fourflow.capital.settlement import queries as settlement
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission, RoleKind
from fourflow.oversight.monitoring import queries
from fourflow.oversight.monitoring.types import Rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(db: None) -> build.Money4:
    return build.company()


def told(actor: Actor, rule: Rule, after: timedelta) -> list[bool]:
    """For each alert of the rule at that time: whether it is only near."""
    return [one.is_near for one in queries.alerts(actor=actor, now=NOON + after) if one.rule is rule]


def test_a_payment_that_is_under_way_too_long_is_told_to_its_sides_and_to_no_other(accounts: build.Money4) -> None:
    sent(accounts)
    view = Permission.PAYMENT_VIEW
    funder = build.person(accounts.funder.party_id, view, role=RoleKind.FUNDER)
    stranger = build.person(accounts.core.party_id, view, role=RoleKind.CORE)
    two_hours, a_minute = timedelta(hours=2), timedelta(minutes=1)
    assert told(funder, Rule.CASH_ARRIVES, two_hours - a_minute) == []
    assert told(funder, Rule.CASH_ARRIVES, two_hours) == [False]
    assert told(stranger, Rule.CASH_ARRIVES, two_hours) == []
    assert told(build.person(accounts.funder.party_id, role=RoleKind.FUNDER), Rule.CASH_ARRIVES, two_hours) == []


def test_a_payment_that_has_arrived_is_no_alert(accounts: build.Money4) -> None:
    payment = sent(accounts)
    arrives("ALFA", booked(accounts.funder, -payment.amount.minor, "b1", payment=payment))
    assert told(SYSTEM, Rule.CASH_ARRIVES, timedelta(days=9)) == []


def test_unmatched_cash_is_near_at_first_and_broken_after_its_days(accounts: build.Money4) -> None:
    arrives("BETA", booked(accounts.supplier, 55_555, "b9", text="for goods"))
    (opened,) = [one.opened_at for one in settlement.unmatched(actor=SYSTEM)]
    since = opened - NOON
    assert told(SYSTEM, Rule.CASH_PLACED, since + timedelta(days=3)) == [True]
    assert told(SYSTEM, Rule.CASH_PLACED, since + timedelta(days=4)) == [False]
