"""What is late or lies unexplained raises an alert to whom it concerns, when the dated tolerances say so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import settlement as build
from tests.builders.settlement import DAY, NOON, arrives, booked, expected, placed, says, sent

from fourflow.capital.settlement import operations
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import AnswerStatus, Share
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission, RoleKind
from fourflow.oversight.monitoring import queries
from fourflow.oversight.monitoring.types import Alert, Ended, Ending, Rule
from fourflow.platform.db.ordering import PageInvalid

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


def ended(actor: Actor, until: int = 30, size: int = 50) -> list[Ended]:
    """What ended in the days from the first one on, read a page at a time."""
    found: list[Ended] = []
    last = DAY + timedelta(until)
    while page := queries.ended(
        actor=actor, since=DAY, until=last, today=last, after=found[-1].key if found else "", limit=size
    ):
        found += page
    return found


def broken(actor: Actor, size: int) -> list[Alert]:
    """What is broken nine days on, read a page at a time."""
    found: list[Alert] = []
    while page := queries.alerts(
        actor=actor, now=NOON + timedelta(9), after=found[-1].key if found else "", limit=size
    ):
        found += page
    return found


def stories(accounts: build.Money4) -> None:
    """Five payments of which two arrive late and one is refused late, cash placed late and cash placed at once."""
    payments = [sent(accounts, reference=f"fin-{number}") for number in range(5)]
    for payment, minutes in zip(payments[:3], (119, 120, 60 * 24 * 3 + 5), strict=True):
        paid = booked(accounts.funder, -payment.amount.minor, f"b{minutes}", payment=payment)
        arrives("ALFA", paid, at=NOON + timedelta(minutes=minutes))
    no = says(payments[3], AnswerStatus.REJECTED)
    operations.apply_reply(actor=SYSTEM, bank_code="ALFA", reply=no, effective_at=NOON + timedelta(hours=5))
    for number in range(3):
        arrives("BETA", booked(accounts.supplier, 900, f"s{number}", payer="Stranger Ltd"))
    wanted = expected(accounts, 10_000)
    may = (Permission.PAYMENT_MATCH, Permission.PAYMENT_MATCH_CHECK)
    maker, checker = (build.person(accounts.supplier.party_id, *may, role=RoleKind.SUPPLIER) for _ in range(2))
    (first, *_rest) = settlement.unmatched(actor=SYSTEM)
    placed(maker, checker, first.entry_id, [Share(wanted.id, build.usd(900))])


def test_how_what_was_broken_ended_is_read_from_the_facts(accounts: build.Money4) -> None:
    stories(accounts)
    found = ended(SYSTEM)
    assert [(one.rule, one.ending, one.minutes, one.days_late) for one in found] == [
        (Rule.CASH_ARRIVES, Ending.ARRIVED, 60 * 24 * 3 + 5, 3),
        (Rule.CASH_ARRIVES, Ending.NOT_PAID, 300, 0),
        (Rule.CASH_ARRIVES, Ending.ARRIVED, 120, 0),
        (Rule.CASH_PLACED, Ending.PLACED, None, 0),
    ]
    assert found[1].words == "AM04" and found[3].who == "Stranger Ltd"
    assert [one.ending for one in queries.ended(actor=SYSTEM, since=DAY, until=DAY, today=DAY)] == [
        Ending.NOT_PAID, Ending.ARRIVED, Ending.PLACED,
    ]  # fmt: skip
    only = queries.ended(actor=SYSTEM, since=DAY, until=DAY, today=DAY, rule=Rule.CASH_PLACED)
    assert [one.key for one in only] == [found[3].key]
    ticked = [found[0].key, found[3].key, "nothing"]
    again = queries.ended(actor=SYSTEM, since=DAY, until=DAY + timedelta(9), today=DAY + timedelta(9), only=ticked)
    assert [one.key for one in again] == ticked[:2]


def test_what_ended_is_seen_by_whom_it_concerned_and_by_no_other(accounts: build.Money4) -> None:
    stories(accounts)
    funder = build.person(accounts.funder.party_id, Permission.PAYMENT_VIEW, role=RoleKind.FUNDER)
    supplier = build.person(accounts.supplier.party_id, role=RoleKind.SUPPLIER)
    assert [one.rule for one in ended(funder)] == [Rule.CASH_ARRIVES] * 3
    assert [one.rule for one in ended(supplier)] == [Rule.CASH_PLACED], "payments are for who may view them"
    assert ended(build.person(accounts.core.party_id, Permission.PAYMENT_VIEW, role=RoleKind.CORE)) == []


def test_both_lists_go_on_page_after_page_and_leave_nothing_out(accounts: build.Money4) -> None:
    stories(accounts)
    for read in (lambda size: ended(SYSTEM, size=size), lambda size: broken(SYSTEM, size)):
        whole = [one.key for one in read(50)]
        assert len(whole) == len(set(whole)) >= 3
        for size in (1, 2, 3):
            assert [one.key for one in read(size)] == whole, size
    with pytest.raises(PageInvalid):
        queries.alerts(actor=SYSTEM, now=NOON, after="zzz")
    with pytest.raises(PageInvalid):
        queries.ended(actor=SYSTEM, since=DAY, until=DAY, today=DAY, after=f"cash_placed.{'0' * 32}")


def test_what_a_bank_contradicted_ends_with_what_a_person_stated(accounts: build.Money4) -> None:
    payment = sent(accounts)
    for status, report in ((AnswerStatus.SETTLED, "r1"), (AnswerStatus.REJECTED, "r2")):
        operations.apply_reply(
            actor=SYSTEM, bank_code="ALFA", reply=says(payment, status, "b1", report=report), effective_at=NOON
        )
    (item,) = settlement.exceptions(actor=SYSTEM)
    later = NOON + timedelta(days=2)
    operations.resolve_exception(actor=SYSTEM, exception_id=item.id, resolution="the bank erred", effective_at=later)
    (one,) = [each for each in ended(SYSTEM) if each.rule is Rule.BANK_CONSISTENT]
    assert (one.ending, one.words, one.days_late, one.who) == (Ending.RESOLVED, "the bank erred", 2, "ALFA")
    assert [each for each in ended(build.person(accounts.funder.party_id, role=RoleKind.FUNDER)) if each.who] == []
