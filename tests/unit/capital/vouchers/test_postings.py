"""What each fact of the register proposes to the books of those concerned: one balanced line a party, under its code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.ledger.types import BookKind, Chart, Entry, book_of
from fourflow.capital.vouchers.domain import postings
from fourflow.capital.vouchers.types import Holding, HoldingId, HoldingState, Voucher, VoucherId, VoucherState
from fourflow.platform.money import Money

CORE, FIRST, SECOND, BANK, PAYMENT = (UUID(int=number) for number in range(1, 6))
NAMES = {CORE: "core", FIRST: "first", SECOND: "second", BANK: "bank", PAYMENT: "payment", None: ""}
FACE = Money(100_000, "USD")
VOUCHER = Voucher(
    id=VoucherId(UUID(int=10)),
    number="V1",
    payable_id=UUID(int=11),
    claim_id=UUID(int=12),
    issuer_id=CORE,
    receiver_id=FIRST,
    funder_id=BANK,
    face=FACE,
    issued_on=date(2014, 3, 3),
    due_on=date(2014, 8, 29),
    delivered_on=None,
    statutory_due_on=None,
    offer_expires_on=None,
    state=VoucherState.ACTIVE,
    redeemed=Money(0, "USD"),
    cancelled=Money(0, "USD"),
)
PART = Holding(HoldingId(UUID(int=13)), VOUCHER.id, FIRST, FACE, Money(0, "USD"), None, (), 1, HoldingState.ACTIVE)
OWNERS = {book_of(BookKind.MIRROR, party): name for party, name in NAMES.items() if party}


def lines(entries: Iterable[Entry]) -> list[tuple[str, str, str, int]]:
    """(whose book, debit, credit, minor units); an account is its code and its counterparty's name."""
    found = []
    for one in entries:
        debit, credit = (f"{key.chart_code} {NAMES[key.counterparty]}".strip() for key in (one.debit, one.credit))
        assert {one.debit.currency, one.credit.currency} == {one.amount.currency}
        found.append((OWNERS[one.debit.book], debit, credit, one.amount.minor))
    return found


def about(entries: Iterable[Entry]) -> tuple[str, UUID | None]:
    """The narrative and the instrument that all entries share."""
    ((narrative, instrument),) = {(one.narrative_code, one.instrument) for one in entries}
    return narrative, instrument


def test_acceptance_turns_the_open_item_into_a_voucher_on_both_sides() -> None:
    made = postings.accepted(VOUCHER)
    assert lines(made) == [
        ("core", "ap.open first", "ap.voucher first", 100_000),
        ("first", "ar.voucher core", "ar.open core", 100_000),
    ]
    assert about(made) == ("voucher.accepted", VOUCHER.id)


def test_cancelling_takes_acceptance_back_by_new_entries() -> None:
    made = postings.cancelled(VOUCHER)
    assert lines(made) == [
        ("core", "ap.voucher first", "ap.open first", 100_000),
        ("first", "ar.open core", "ar.voucher core", 100_000),
    ]
    assert about(made) == ("voucher.cancelled", VOUCHER.id)


def test_a_transfer_pays_the_holders_supplier_and_gives_the_core_another_creditor() -> None:
    made = postings.transferred(VOUCHER, FIRST, SECOND, Money(40_000, "USD"), PART.id)
    assert lines(made) == [
        ("first", "ap.open second", "ar.voucher core", 40_000),
        ("second", "ar.voucher core", "ar.open first", 40_000),
        ("core", "ap.voucher first", "ap.voucher second", 40_000),
    ]
    assert about(made[:2]) == ("holding.transferred", PART.id)
    assert about(made[2:]) == ("holding.new_creditor", PART.id)


def test_redemption_pays_the_holder_but_leaves_a_financed_part_to_its_financing() -> None:
    core = ("core", "ap.voucher first", "in_transit payment", 100_000)
    made = postings.redeemed(VOUCHER, PART, FACE, PAYMENT)
    assert lines(made) == [core, ("first", "in_transit payment", "ar.voucher core", 100_000)]
    assert about(made) == ("voucher.redeemed", PART.id)
    assert lines(postings.redeemed(VOUCHER, replace(PART, pledgee_id=BANK), FACE, PAYMENT)) == [core]


def test_a_credit_note_lowers_the_voucher_while_the_first_supplier_still_holds_it() -> None:
    made = postings.credited(VOUCHER, Money(7, "USD"), PART.id)
    assert lines(made) == [
        ("core", "ap.voucher first", "inventory", 7),
        ("first", "revenue", "ar.voucher core", 7),
    ]
    assert about(made) == ("voucher.credited", PART.id)


def test_a_credit_note_after_a_transfer_is_settled_between_the_two_and_touches_no_voucher() -> None:
    made = postings.credited_outside(VOUCHER, Money(7, "USD"))
    assert lines(made) == [
        ("first", "revenue", "payable.other core", 7),
        ("core", "receivable.other first", "inventory", 7),
    ]
    assert about(made) == ("voucher.credited_outside", VOUCHER.id)


@given(st.integers(1, 99_999))
def test_over_a_whole_life_the_voucher_accounts_are_empty_in_every_book(passed: int) -> None:
    part, rest = Money(passed, "USD"), FACE - Money(passed, "USD")
    life = [
        *postings.accepted(VOUCHER),
        *postings.transferred(VOUCHER, FIRST, SECOND, part, PART.id),
        *postings.redeemed(VOUCHER, replace(PART, holder_id=SECOND, amount=part), part, PAYMENT),
        *postings.credited(VOUCHER, rest, PART.id),
    ]
    left: Counter[tuple[str, str, UUID | None]] = Counter()
    for one in life:
        left[(one.debit.book, one.debit.chart_code, one.debit.counterparty)] += one.amount.minor
        left[(one.credit.book, one.credit.chart_code, one.credit.counterparty)] -= one.amount.minor
    in_vouchers = {key: minor for key, minor in left.items() if key[1] in (Chart.AP_VOUCHER, Chart.AR_VOUCHER)}
    assert in_vouchers and not any(in_vouchers.values())
