"""What an entry may say, before any database is asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from tests.builders.entries import at, entry, key, limit

from fourflow.capital.ledger.domain import batch
from fourflow.capital.ledger.domain.chart import CATALOGUE, book_parts, bounds
from fourflow.capital.ledger.domain.exports import cell, hledger_account
from fourflow.capital.ledger.domain.refusals import refusal
from fourflow.capital.ledger.types import (
    AlreadyResolved,
    AlreadyReversed,
    AmountNotPositive,
    Balance,
    BookKind,
    BooksDiffer,
    Chart,
    CurrenciesDiffer,
    Entry,
    EntryKind,
    EntryMalformed,
    LedgerRefused,
    SameAccount,
    Side,
    TransferId,
    book_of,
)
from fourflow.platform.money import Money

A, B = key(Chart.AP_VOUCHER), key(Chart.AP_OPEN)


@pytest.mark.parametrize("minor", [0, -1])
def test_an_amount_is_positive(minor: int) -> None:
    with pytest.raises(AmountNotPositive):
        entry(A, B, minor)


def test_both_accounts_are_of_one_book_and_one_currency_which_is_the_amounts() -> None:
    with pytest.raises(BooksDiffer):
        entry(A, key(owner=UUID(int=2)), 1)
    with pytest.raises(CurrenciesDiffer):
        entry(A, key(Chart.AP_OPEN, currency="USD"), 1)
    with pytest.raises(CurrenciesDiffer):
        Entry(A, B, Money(1, "USD"))
    with pytest.raises(SameAccount):
        entry(A, A, 1)


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        (EntryKind.POSTED, {"hold": TransferId(1)}, "hold"),
        (EntryKind.HOLD, {"hold": TransferId(1)}, "hold"),
        (EntryKind.POST, {}, "hold"),
        (EntryKind.VOID, {}, "hold"),
        (EntryKind.EXPIRE, {}, "hold"),
        (EntryKind.REVERSAL, {}, "reverses"),
        (EntryKind.POSTED, {"reverses": TransferId(1)}, "reverses"),
        (EntryKind.POSTED, {"expires_at": at(1)}, "expires_at"),
        (EntryKind.HOLD, {"expires_at": datetime(2014, 1, 1)}, "expires_at"),  # noqa: DTZ001
        (EntryKind.POSTED, {"narrative_code": ""}, "narrative_code"),
    ],
)
def test_fields_suit_the_kind(kind: EntryKind, fields: dict[str, object], wrong: str) -> None:
    with pytest.raises(EntryMalformed) as refused:
        entry(A, B, 1, kind, **fields)
    assert refused.value.params == {"field": wrong, "kind": kind.value}


def test_a_batch_becomes_arrays_that_no_text_can_break_out_of() -> None:
    made = [
        entry(A, B, 5, instrument=UUID(int=255), narrative_code='a"b\\c,{}'),
        entry(B, A, 6, EntryKind.HOLD, expires_at=at(0)),
    ]
    assert batch.columns(made, {A: 1, B: 2}) == [
        "{1,2}",
        "{2,1}",
        "{5,6}",
        "{posted,hold}",
        "{NULL,NULL}",
        '{NULL,"2014-03-03T04:00:00+00:00"}',
        "{000000000000000000000000000000ff,NULL}",
        '{"a\\"b\\\\c,{}","entry"}',
    ]


def test_transfer_ids_follow_from_the_batch() -> None:
    assert batch.posted(3, 2, replayed=False).transfer_ids == (3 << 16 | 1, 3 << 16 | 2)


def test_every_code_is_in_the_catalogue_with_both_names_and_a_book() -> None:
    assert set(CATALOGUE) == {code.value for code in Chart}
    for line in CATALOGUE.values():
        assert line.name_en and line.name_zh and line.books


def test_only_memo_accounts_are_bounded_and_on_their_abnormal_side() -> None:
    assert bounds(limit(Chart.LIMIT_SANCTIONED)) == (True, False)
    assert bounds(limit(Chart.LIMIT_AVAILABLE)) == (False, True)
    assert bounds(A) == (False, False)
    assert {line.code for line in CATALOGUE.values() if line.bounded} == {c for c in Chart if c.startswith("limit.")}


def test_the_code_of_a_book_names_kind_and_owner() -> None:
    assert book_parts(book_of(BookKind.MEMO, UUID(int=4))) == (BookKind.MEMO, UUID(int=4))


def test_what_is_available_leaves_out_holds_against_the_account() -> None:
    balance = Balance(*(Money(m, "CNY") for m in (100, 30, 5, 20)))
    assert (balance.net().minor, balance.net(Side.CREDIT).minor) == (70, -70)
    assert (balance.available(Side.DEBIT).minor, balance.available(Side.CREDIT).minor) == (50, -75)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_a_cell_that_would_run_as_a_formula_is_disarmed(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("a" + text) == "a" + text


def test_accounts_are_named_for_hledger_by_code_and_counterparty() -> None:
    assert hledger_account(key(counterparty=UUID(int=9))) == f"ap:voucher:{UUID(int=9)}"


def test_a_refusal_of_the_database_finds_its_error() -> None:
    assert isinstance(refusal("ledger_transfer_referred_once", "7 reversal"), AlreadyReversed)
    assert refusal("ledger_transfer_referred_once", "7 void").params == {"transfer": "7", "by": "void"}
    assert isinstance(refusal("ledger_transfer_referred_once", "7 void"), AlreadyResolved)
    assert refusal("ledger_hold_expired", "7").params == {"constraint": "ledger_hold_expired", "transfer": 7}
    assert isinstance(refusal("something_new", None), LedgerRefused)
