"""The end of the day: what the bank states against what we hold."""

from __future__ import annotations

import pytest
from tests.builders import settlement as build
from tests.builders.settlement import DAY, NOON, arrives, booked, expected, sent, usd

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.ports import RawMessage, Statement, StatementLine
from fourflow.capital.settlement.types import BankAccount, BankEntry, DifferenceKind, Reconciliation
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(db: None) -> build.Money4:
    return build.company()


def stated(account: BankAccount, opening: int, *entries: BankEntry, closing: int | None = None) -> Statement:
    moved = sum(e.amount.minor if e.direction == "credit" else -e.amount.minor for e in entries)
    name = new_id().hex
    return Statement(
        message=RawMessage("camt.053.001.08", name.encode(), name),
        statement_id=name,
        account_number=account.number,
        currency="USD",
        day=DAY,
        opening=usd(opening),
        closing=usd(opening + moved if closing is None else closing),
        lines=tuple(StatementLine(i, e) for i, e in enumerate(entries, start=1)),
    )


def compared(bank: str, *statements: Statement) -> Reconciliation:
    for statement in statements:
        operations.record_statement(actor=SYSTEM, bank_code=bank, statement=statement, effective_at=NOON)
    return operations.reconcile(actor=SYSTEM, bank_code=bank, day=DAY, effective_at=NOON)


def test_a_day_of_a_payment_and_a_receipt_reconciles_to_nothing(accounts: build.Money4) -> None:
    payment = sent(accounts, 700)
    expected(accounts, 300)
    debit = booked(accounts.funder, -700, "b1", payment=payment)
    credit, paid = (
        booked(accounts.supplier, 700, "b2", payment=payment),
        booked(accounts.supplier, 300, "b3", text="VCH-1"),
    )
    arrives("ALFA", debit)
    arrives("BETA", credit, paid)
    salaries = booked(accounts.funder, -555, "own-1", text="salaries")
    assert compared("ALFA", stated(accounts.funder, 9000, debit, salaries)).is_clean
    assert compared("BETA", stated(accounts.supplier, 0, credit, paid)).is_clean
    assert [r.lines for r in queries.reconciliations(actor=SYSTEM)] == [2, 2]


@pytest.mark.requirement("R049")
def test_every_disagreement_is_listed(accounts: build.Money4) -> None:
    arrives("BETA", booked(accounts.supplier, 300, "b1"), booked(accounts.supplier, 5, "b2"))
    statement = stated(
        accounts.supplier, 0, booked(accounts.supplier, 300, "b1"), booked(accounts.supplier, 9, "b3"), closing=1
    )
    result = compared("BETA", statement)
    assert sorted(d.kind.value for d in result.differences) == sorted(
        [
            DifferenceKind.BALANCE_DOES_NOT_FOLLOW,
            DifferenceKind.ONLY_AT_BANK,
            DifferenceKind.ONLY_HERE,
        ]
    )
    (shown,) = queries.reconciliations(actor=SYSTEM, bank_code="BETA")
    assert len(shown.differences) == 3


def test_a_booking_that_no_notification_brought_is_taken_from_the_statement(accounts: build.Money4) -> None:
    waiting = expected(accounts, 300)
    statement = stated(accounts.supplier, 0, booked(accounts.supplier, 300, "b1", text="VCH-1"))
    assert [d.kind for d in compared("BETA", statement).differences] == [DifferenceKind.ONLY_AT_BANK]
    taken = operations.take_in_statement(actor=SYSTEM, bank_code="BETA", statement=statement, effective_at=NOON)
    assert taken == 1 and compared("BETA", statement).is_clean
    assert [e.received for e in queries.expectations(actor=SYSTEM) if e.id == waiting.id] == [usd(300)]


@pytest.mark.requirement("R049")
def test_a_settlement_that_the_bank_does_not_state_is_listed(accounts: build.Money4) -> None:
    payment = sent(accounts, 700)
    settled = build.says(payment, build.AnswerStatus.SETTLED, "b1")
    operations.apply_reply(actor=SYSTEM, bank_code="ALFA", reply=settled, effective_at=NOON)
    result = compared("ALFA", stated(accounts.funder, 9000))
    assert [(d.kind, d.here) for d in result.differences] == [(DifferenceKind.NOT_AT_BANK_BUT_SETTLED, usd(-700))]


def test_the_same_statement_twice_is_kept_once(accounts: build.Money4) -> None:
    statement = stated(accounts.supplier, 0)
    assert compared("BETA", statement, statement).accounts == 1
