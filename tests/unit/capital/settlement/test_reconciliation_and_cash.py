"""Bank against our record, and what a payment does to two parties' cash."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.ledger.types import BookKind, book_of
from fourflow.capital.settlement.domain.cash import CashMovement, CashSide, CashUnplaced, returned
from fourflow.capital.settlement.domain.reconciliation import RecordedEntry, compare
from fourflow.capital.settlement.ports import RawMessage, Statement, StatementLine
from fourflow.capital.settlement.types import BankEntry, Difference, DifferenceKind, Direction, in_transit
from fourflow.platform.money import Money

DAY = date(2014, 3, 3)
K = DifferenceKind


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def booked(reference: str, signed: int) -> BankEntry:
    side = Direction.CREDIT if signed > 0 else Direction.DEBIT
    return BankEntry("200", "USD", reference, side, usd(abs(signed)), DAY, DAY)


def day(opening: int, closing: int, *entries: BankEntry) -> Statement:
    lines = tuple(StatementLine(i, e) for i, e in enumerate(entries, start=1))
    return Statement(RawMessage("camt.053", b""), "s1", "200", "USD", DAY, usd(opening), usd(closing), lines)


def ours(*entries: BankEntry, placed: bool = True) -> list[RecordedEntry]:
    return [RecordedEntry(e, placed) for e in entries]


def kinds(differences: tuple[Difference, ...]) -> list[DifferenceKind]:
    return [d.kind for d in differences]


@given(st.lists(st.integers(-1000, 1000).filter(bool), max_size=10), st.integers(-500, 500))
def test_a_statement_that_says_what_we_hold_has_no_difference(amounts: list[int], opening: int) -> None:
    entries = [booked(f"b{i}", amount) for i, amount in enumerate(amounts)]
    statement = day(opening, opening + sum(amounts), *entries)
    assert compare(statement, ours(*entries), usd(opening), {}) == ()


def test_a_line_that_only_the_bank_has_is_listed() -> None:
    (difference,) = compare(day(0, 500, booked("b1", 500)), [], usd(0), {})
    assert (difference.kind, difference.at_bank, difference.here) == (K.ONLY_AT_BANK, usd(500), None)


def test_an_entry_that_only_we_have_is_listed() -> None:
    (difference,) = compare(day(0, 0), ours(booked("b1", -500)), usd(0), {})
    assert (difference.kind, difference.here) == (K.ONLY_HERE, usd(-500))


def test_another_amount_and_another_side_are_told_apart() -> None:
    statement = day(0, 200, booked("b1", 500), booked("b2", -300))
    found = compare(statement, ours(booked("b1", 499), booked("b2", 300)), usd(0), {})
    assert kinds(found) == [K.AMOUNT_DIFFERS, K.DIRECTION_DIFFERS]


def test_a_booking_that_the_ledger_does_not_have_is_listed() -> None:
    entry = booked("b1", -500)
    assert kinds(compare(day(500, 0, entry), ours(entry, placed=False), usd(500), {})) == [K.NOT_BOOKED_IN_LEDGER]


def test_a_settlement_without_a_booking_is_listed() -> None:
    (difference,) = compare(day(0, 0), [], None, {"b9": usd(700)})
    assert (difference.kind, difference.here) == (K.NOT_AT_BANK_BUT_SETTLED, usd(-700))


def test_balances_must_follow_from_the_lines_and_from_the_day_before() -> None:
    entry = booked("b1", 500)
    found = compare(day(100, 601, entry), ours(entry), usd(99), {})
    assert [d.note for d in found] == ["opening_and_lines_miss_closing", "opening_is_not_last_closing"]


def test_a_payment_leaves_the_payers_bank_and_reaches_the_payees_bank_through_transit() -> None:
    payer, payee = CashSide(UUID(int=1), UUID(int=11)), CashSide(UUID(int=2), UUID(int=12))
    transit, subject = UUID(int=7), UUID(int=8)
    paid, received = CashMovement(payer, payee, usd(295_500), transit, subject).entries()
    assert (paid.debit, paid.credit) == (payer.transit(transit, "USD"), payer.bank("USD"))
    assert (received.debit, received.credit) == (payee.bank("USD"), payee.transit(transit, "USD"))
    assert paid.amount == received.amount == usd(295_500) and paid.instrument == subject


def test_the_operator_keeps_its_own_book_and_others_have_mirrors() -> None:
    payer, platform = CashSide(UUID(int=1), None), CashSide(UUID(int=2), UUID(int=12), is_platform=True)
    paid, received = CashMovement(payer, platform, usd(5), UUID(int=7), UUID(int=8)).entries()
    assert paid.debit.book == book_of(BookKind.MIRROR, UUID(int=1))
    assert received.debit.book == book_of(BookKind.MONEY, UUID(int=2))
    assert received.credit == in_transit(party_id=UUID(int=2), transit_id=UUID(int=7), currency="USD", is_platform=True)


def test_unmatched_money_is_owed_to_nobody_known_until_it_is_placed_or_has_gone_back() -> None:
    side, entry, payment = CashSide(UUID(int=2), UUID(int=12)), UUID(int=5), UUID(int=7)
    (came,) = CashUnplaced(side, usd(900), entry).entries()
    _paid, placed = CashMovement(side, side, usd(600), UUID(int=6), UUID(int=8), from_suspense=True).entries()
    (went,) = CashMovement(side, None, usd(300), payment, entry).entries()
    over = returned(side, usd(300), payment, entry)
    assert (came.debit, came.credit) == (side.bank("USD"), side.suspense("USD"))
    assert placed.debit == over.debit == side.suspense("USD")
    assert (went.debit, went.credit) == (side.transit(payment, "USD"), side.bank("USD")) and over.credit == went.debit
