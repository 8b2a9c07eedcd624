"""Posting: all or none, once per reference, holds in two steps, reversal once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from tests.builders.entries import at, entry, key, limit
from tests.builders.ledger import post, post_one

from fourflow.capital.ledger import operations, queries
from fourflow.capital.ledger.types import (
    AccountClosed,
    AccountKey,
    AccountNotAtZero,
    AccountNotFound,
    AlreadyResolved,
    AlreadyReversed,
    AmountTooLarge,
    BatchSizeWrong,
    BookNotFound,
    Chart,
    CreditsExceedDebits,
    DebitsExceedCredits,
    EntryKind,
    EntryMalformed,
    ExceedsHold,
    HoldExpired,
    HoldNotDue,
    InputDiffers,
    LedgerRefused,
    NotAHold,
    NotReversible,
    ReferenceMissing,
    Side,
    TransferId,
    TransferNotFound,
    UnknownChartCode,
    WrongBook,
)
from fourflow.platform.errors import Kind

pytestmark = pytest.mark.django_db

A, B = key(Chart.AP_VOUCHER), key(Chart.AP_OPEN)


def totals(account: AccountKey) -> tuple[int, int, int, int]:
    """Debits and credits posted, debits and credits pending."""
    b = queries.balance(account)
    return b.debits_posted.minor, b.credits_posted.minor, b.debits_pending.minor, b.credits_pending.minor


@pytest.fixture
def oracle(shared: Path) -> dict[str, Any]:
    cases = json.loads((shared / "oracles" / "loan_cases.json").read_text())["cases"]
    return next(case for case in cases if case["id"] == "TB-01-two-phase")


def test_seven_transfers_of_the_oracle_hold_and_post_what_it_says(oracle: dict[str, Any]) -> None:
    a1, a2 = key(Chart.DEPOSITS), key(Chart.LOAN)
    ids = {}
    for event in oracle["events"]:
        pending = event.get("pending", False)
        more = {"expires_at": at(event["timeout_s"])} if "timeout_s" in event else {}
        made = entry(a1, a2, event["amount"], EntryKind.HOLD if pending else EntryKind.POSTED, **more)
        ids[event["id"]] = post_one(made, when=at(0))

    expected = oracle["expected"]["before_resolve"]
    assert totals(a1) == (expected["A1"]["debits_posted"], 0, expected["A1"]["debits_pending"], 0)
    assert totals(a2) == (0, expected["A2"]["credits_posted"], 0, expected["A2"]["credits_pending"])

    t2 = queries.transfers([ids["T2"]])[0]
    post(entry(a1, a2, 13, EntryKind.POST, hold=t2.id), when=at(0.5))  # 13 of 15: 13 posted, 2 released
    assert totals(a1) == (28, 0, 39, 0)
    with pytest.raises(AlreadyResolved) as refused:
        post(t2.post(), when=at(0.6))
    assert refused.value.params["by"] == "post"


def test_a_resolved_hold_says_how_it_was_resolved() -> None:
    voided, lapsed = (post_one(entry(A, B, 15, EntryKind.HOLD, expires_at=at(s)), when=at(0)) for s in (9, 1))
    first = queries.transfers([voided])[0]
    post(first.void(), when=at(0.1))
    operations.expire_due(now=at(2))
    outcomes = [hold.resolved_kind for hold in queries.transfers([voided, lapsed])]
    assert outcomes == [EntryKind.VOID, EntryKind.EXPIRE]


@pytest.mark.parametrize("again", ["post", "void"])
@pytest.mark.parametrize("before", ["post", "void"])
def test_a_hold_is_never_resolved_twice(before: str, again: str) -> None:
    hold = queries.transfers([post_one(entry(A, B, 15, EntryKind.HOLD))])[0]
    post(getattr(hold, before)())
    with pytest.raises(AlreadyResolved) as refused:
        post(getattr(hold, again)())
    assert refused.value.params == {"transfer": str(hold.id), "by": before}


def test_a_hold_is_not_resolved_twice_within_one_batch() -> None:
    hold = queries.transfers([post_one(entry(A, B, 15, EntryKind.HOLD))])[0]
    with pytest.raises(AlreadyResolved):
        post(hold.void(), hold.post())


def test_no_more_is_posted_than_was_held() -> None:
    hold = post_one(entry(A, B, 15, EntryKind.HOLD))
    with pytest.raises(ExceedsHold):
        queries.transfers([hold])[0].post(entry(A, B, 16).amount)
    with pytest.raises(ExceedsHold):
        post(entry(A, B, 16, EntryKind.POST, hold=hold))


def test_a_hold_is_given_up_whole() -> None:
    hold = post_one(entry(A, B, 15, EntryKind.HOLD))
    with pytest.raises(EntryMalformed):
        post(entry(A, B, 14, EntryKind.VOID, hold=hold))


def test_a_hold_is_resolved_by_its_own_two_accounts() -> None:
    hold = post_one(entry(A, B, 15, EntryKind.HOLD))
    with pytest.raises(NotAHold):
        post(entry(A, key(Chart.REVENUE), 15, EntryKind.POST, hold=hold))


def test_only_a_hold_is_posted_or_given_up() -> None:
    posting = post_one(entry(A, B, 15))
    with pytest.raises(NotAHold):
        queries.transfers([posting])[0].void()
    with pytest.raises(NotAHold):
        post(entry(A, B, 15, EntryKind.POST, hold=posting))


def test_a_hold_or_transfer_that_does_not_exist_is_not_found() -> None:
    for unknown in (
        entry(A, B, 1, EntryKind.POST, hold=TransferId(5)),
        entry(A, B, 1, EntryKind.REVERSAL, reverses=TransferId(5)),
    ):
        with pytest.raises(TransferNotFound), savepoint():
            post(unknown)


def test_a_lapsed_hold_is_not_posted_but_may_be_given_up() -> None:
    hold = queries.transfers([post_one(entry(A, B, 15, EntryKind.HOLD, expires_at=at(10)))])[0]
    with pytest.raises(HoldExpired), savepoint():
        post(hold.post(), when=at(10))
    post(hold.void(), when=at(11))
    assert totals(A) == (0, 0, 0, 0)


def test_a_hold_does_not_lapse_before_its_date_nor_without_one() -> None:
    dated, undated = queries.transfers(
        [post_one(entry(A, B, 15, EntryKind.HOLD, expires_at=at(10))), post_one(entry(A, B, 15, EntryKind.HOLD))]
    )
    for hold in (dated, undated):
        with pytest.raises(HoldNotDue), savepoint():
            post(hold.expire(), when=at(9))


def test_the_sweeper_lets_due_holds_lapse_at_their_own_instant_and_finds_nothing_the_second_time() -> None:
    first = post_one(
        entry(A, B, 15, EntryKind.HOLD, expires_at=at(10)), entry(A, B, 2, EntryKind.HOLD, expires_at=at(10))
    )
    post(entry(A, B, 7, EntryKind.HOLD, expires_at=at(20)), entry(A, B, 9, EntryKind.HOLD, expires_at=at(99)))
    assert [len(batch.transfer_ids) for batch in operations.expire_due(now=at(20))] == [2, 1]
    assert operations.expire_due(now=at(20)) == []
    assert totals(A) == (0, 0, 9, 0)
    lapsed = queries.transfers([first])[0].resolved_by
    assert lapsed is not None
    assert queries.transfers([lapsed])[0].effective_at == at(10)


def test_the_same_reference_with_the_same_input_answers_the_stored_batch_and_moves_nothing() -> None:
    first = post(entry(A, B, 100), entry(A, B, 5, EntryKind.HOLD), reference="voucher:1")
    again = post(entry(A, B, 100), entry(A, B, 5, EntryKind.HOLD), reference="voucher:1")
    assert not first.replayed and again.replayed
    assert (first.batch_id, first.transfer_ids) == (again.batch_id, again.transfer_ids)
    assert totals(A) == (100, 0, 5, 0)


@pytest.mark.parametrize(
    "other",
    [
        [entry(A, B, 101)],
        [entry(B, A, 100)],
        [entry(A, B, 100, EntryKind.HOLD)],
        [entry(A, B, 100, instrument=UUID(int=3))],
        [entry(A, B, 100, narrative_code="other")],
        [entry(A, B, 100), entry(A, B, 1)],
    ],
)
def test_the_same_reference_with_other_input_is_refused(other: list[Any]) -> None:
    post(entry(A, B, 100), reference="voucher:1")
    with pytest.raises(InputDiffers) as refused:
        post(*other, reference="voucher:1")
    assert refused.value.kind is Kind.INPUT_DIFFERS
    assert totals(A) == (100, 0, 0, 0)


def test_the_same_reference_at_another_date_is_refused() -> None:
    post(entry(A, B, 100), reference="voucher:1", when=at(0))
    with pytest.raises(InputDiffers):
        post(entry(A, B, 100), reference="voucher:1", when=at(1))


def test_of_linked_entries_all_are_posted_or_none() -> None:
    sanctioned, available = limit(Chart.LIMIT_SANCTIONED), limit(Chart.LIMIT_AVAILABLE)
    with pytest.raises(CreditsExceedDebits), savepoint():
        post(entry(A, B, 100), entry(limit(Chart.LIMIT_BLOCKED), available, 1), reference="x")
    assert totals(A) == (0, 0, 0, 0)
    assert queries.by_reference("x") == []
    post(entry(available, sanctioned, 1), entry(limit(Chart.LIMIT_BLOCKED), available, 1), reference="x")


def test_a_bounded_account_counts_holds_at_once_and_the_refusal_names_it() -> None:
    available, blocked = limit(Chart.LIMIT_AVAILABLE), limit(Chart.LIMIT_BLOCKED)
    post(entry(available, limit(Chart.LIMIT_SANCTIONED), 100))
    post(entry(blocked, available, 70, EntryKind.HOLD))
    with pytest.raises(CreditsExceedDebits) as refused, savepoint():
        post(entry(blocked, available, 31))
    assert refused.value.params["account"] == "limit.available"
    assert queries.balance(available).available(Side.DEBIT).minor == 30
    post(entry(blocked, available, 30))


def test_a_bounded_liability_is_not_overdrawn_either() -> None:
    with pytest.raises(DebitsExceedCredits):
        post(entry(limit(Chart.LIMIT_SANCTIONED), limit(Chart.LIMIT_EXCESS), 1))


def test_a_posting_is_reversed_once_and_whole() -> None:
    posting = queries.transfers([post_one(entry(A, B, 100))])[0]
    with pytest.raises(NotReversible), savepoint():
        post(entry(B, A, 99, EntryKind.REVERSAL, reverses=posting.id))
    with pytest.raises(NotReversible), savepoint():
        post(entry(A, B, 100, EntryKind.REVERSAL, reverses=posting.id))
    back = post_one(posting.reversal())
    assert totals(A) == (100, 100, 0, 0)
    with pytest.raises(AlreadyReversed), savepoint():
        post(posting.reversal())
    with pytest.raises(NotReversible):
        queries.transfers([back])[0].reversal()


def test_neither_a_hold_nor_a_reversal_is_reversed() -> None:
    hold = post_one(entry(A, B, 100, EntryKind.HOLD))
    back = post_one(queries.transfers([post_one(entry(A, B, 3))])[0].reversal())
    for target, made in (
        (hold, entry(B, A, 100, EntryKind.REVERSAL, reverses=hold)),
        (back, entry(A, B, 3, EntryKind.REVERSAL, reverses=back)),
    ):
        with pytest.raises(NotReversible), savepoint():
            post(made)
        assert queries.transfers([target])[0].resolved_by is None


def test_nothing_refers_to_what_takes_effect_later() -> None:
    hold = queries.transfers([post_one(entry(A, B, 15, EntryKind.HOLD), when=at(5))])[0]
    with pytest.raises(LedgerRefused) as refused:
        post(hold.post(), when=at(4))
    assert refused.value.params["constraint"] == "ledger_refers_to_the_past"


def test_a_closed_account_takes_nothing_until_it_is_reopened() -> None:
    posting = queries.transfers([post_one(entry(A, B, 5))])[0]
    with pytest.raises(AccountNotAtZero), savepoint():
        operations.close_account(account=A)
    post(posting.reversal())
    operations.close_account(account=A)
    with pytest.raises(AccountClosed), savepoint():
        post(entry(A, B, 5))
    operations.reopen_account(account=A)
    post(entry(A, B, 5))


def test_an_account_that_was_never_used_cannot_be_closed() -> None:
    with pytest.raises(AccountNotFound):
        operations.close_account(account=key(Chart.REVENUE, owner=UUID(int=99)))


def test_one_batch_moves_several_books_and_currencies_that_balance_each() -> None:
    dollars = entry(key(Chart.AR_VOUCHER, currency="USD"), key(Chart.AR_OPEN, currency="USD"), 7)
    other = entry(key(Chart.AR_VOUCHER, owner=UUID(int=2)), key(Chart.AR_OPEN, owner=UUID(int=2)), 9)
    post(entry(A, B, 100), dollars, other)
    assert (totals(dollars.debit)[0], totals(other.debit)[0], totals(A)[0]) == (7, 9, 100)


def test_accounts_of_several_counterparties_are_kept_apart() -> None:
    one, two, none = (key(counterparty=c) for c in (UUID(int=5), UUID(int=6), None))
    post(entry(one, B, 1), entry(two, B, 2), entry(none, B, 4))
    post(entry(one, B, 1), entry(two, B, 2), entry(none, B, 4))
    assert [totals(k)[0] for k in (one, two, none)] == [2, 4, 8]


def test_an_unknown_code_a_wrong_book_or_no_book_at_all_is_refused() -> None:
    for wrong, error in (
        (AccountKey(A.book, "made.up", "CNY"), UnknownChartCode),
        (AccountKey(A.book, Chart.LIMIT_BLOCKED.value, "CNY"), WrongBook),
        (AccountKey(type(A.book)("book of mine"), Chart.BANK.value, "CNY"), BookNotFound),
    ):
        with pytest.raises(error):
            post(entry(wrong, AccountKey(wrong.book, Chart.BANK.value, "CNY", UUID(int=1)), 1))


def test_a_batch_has_a_reference_and_between_one_and_ten_thousand_entries() -> None:
    with pytest.raises(BatchSizeWrong):
        post()
    with pytest.raises(BatchSizeWrong):
        post(*[entry(A, B, 1)] * 10_001)
    with pytest.raises(ReferenceMissing):
        operations.post_many([entry(A, B, 1)], reference="", effective_at=at(0))


def test_a_balance_does_not_leave_sixty_four_bits() -> None:
    most = 1 << 62
    post(entry(A, B, most))
    with pytest.raises(AmountTooLarge):
        post(entry(A, B, most))


def test_an_account_whose_opening_was_rolled_back_is_opened_again() -> None:
    fresh = key(Chart.SUSPENSE, owner=UUID(int=44))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        post(entry(fresh, key(Chart.BANK, owner=UUID(int=44)), 1))
        raise ZeroDivisionError
    post(entry(fresh, key(Chart.BANK, owner=UUID(int=44)), 2))
    assert totals(fresh)[0] == 2


def test_transfers_are_found_by_reference_and_by_instrument() -> None:
    voucher = UUID(int=77)
    posted = post(entry(A, B, 5, instrument=voucher), entry(A, B, 6, EntryKind.HOLD, instrument=voucher), reference="r")
    assert tuple(t.id for t in queries.by_reference("r")) == posted.transfer_ids
    assert tuple(t.id for t in queries.of_instrument(voucher)) == posted.transfer_ids
    assert [t.amount.minor for t in queries.open_holds(voucher)] == [6]


def savepoint() -> Any:
    """A savepoint, so that the test goes on after the database has refused."""
    return transaction.atomic()
