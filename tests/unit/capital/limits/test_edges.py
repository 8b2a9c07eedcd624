"""Edges of lines and uses that a change by one would move."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, book_of
from fourflow.capital.limits.domain import entries, position, use
from fourflow.capital.limits.domain.use import UseAmounts
from fourflow.capital.limits.types import Limit, LimitId, Stage, UseExceeded
from fourflow.platform.money import Money


def test_the_smallest_unit_can_be_drawn_and_given_back() -> None:
    drawn, minor = use.utilise(UseAmounts(1, 0), 1)
    assert (drawn, minor) == (UseAmounts(0, 1), 1)
    freed, parts = use.release(UseAmounts(1, 0), 1, Stage.BLOCKED)
    assert (freed, parts) == (UseAmounts(0, 0, 1), ((Stage.BLOCKED, 1),))


def test_a_use_keeps_its_amount_whatever_stage_it_is_in() -> None:
    assert UseAmounts(5, 3, 2).amount == 10


def test_no_stage_gives_back_more_than_it_holds() -> None:
    with pytest.raises(UseExceeded):
        use.release(UseAmounts(5, 3), 6, Stage.BLOCKED)


def test_a_reduction_by_the_smallest_unit_moves_that_unit_out_of_what_is_available() -> None:
    before = position.Position(sanctioned=10, blocked=2, utilised=3)
    _, shifts = position.resanction(before, 9)
    assert [(s.debit, s.credit, s.minor) for s in shifts] == [(Chart.LIMIT_SANCTIONED, Chart.LIMIT_AVAILABLE, 1)]


def test_a_shift_becomes_an_entry_of_the_funders_memo_book_about_the_core() -> None:
    limit_id, funder, core = LimitId(UUID(int=1)), UUID(int=2), UUID(int=3)
    usd = [Money(minor, "USD") for minor in (10, 2, 3)]
    limit = Limit(limit_id, funder, core, *usd, date(2014, 1, 1), None, False)
    (made,) = entries.of(limit, (position.Shift(Chart.LIMIT_BLOCKED, Chart.LIMIT_AVAILABLE, 2),), "limit.blocked")
    book = book_of(BookKind.MEMO, funder)
    assert made.debit == AccountKey(book, Chart.LIMIT_BLOCKED.value, "USD", core)
    assert made.credit == AccountKey(book, Chart.LIMIT_AVAILABLE.value, "USD", core)
    assert (made.amount, made.instrument, made.narrative_code) == (Money(2, "USD"), limit_id, "limit.blocked")
