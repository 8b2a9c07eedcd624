"""Files of credit lines: what is read of a row, and what is told of its cells."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from fourflow.capital.limits.domain import announcements
from fourflow.capital.limits.types import Announcement
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money
from fourflow.platform.rows import Asked, RowProblem

CORE = new_id()
HEADER = "core,sanctioned,currency,valid_from,source,valid_to"


def read(*rows: str) -> tuple[list[Asked[Announcement]], list[RowProblem]]:
    def cores(named: set[str]) -> dict[str, UUID]:
        return {name: CORE for name in named if name == "Core"}

    return announcements.read_rows("\n".join([HEADER, *rows]).encode(), cores)


def test_a_row_is_an_announcement_with_or_without_an_end() -> None:
    rows, problems = read("Core,1000.00,cny,2026-01-01,CR-1,", "Core,0,USD,2026-01-01,CR-2,2026-12-31")
    assert problems == [] and [one.row for one in rows] == [2, 3]
    assert rows[0].wanted == Announcement(CORE, Money(100_000, "CNY"), date(2026, 1, 1), None, "CR-1")
    assert rows[1].wanted == Announcement(CORE, Money(0, "USD"), date(2026, 1, 1), date(2026, 12, 31), "CR-2")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("Nobody,1000.00,CNY,2026-01-01,CR-1,", "core"),
        ("Core,-1,CNY,2026-01-01,CR-1,", "sanctioned"),
        ("Core,1000.00,CNY,soon,CR-1,", "valid_from"),
        ("Core,1000.00,CNY,,CR-1,", "valid_from"),
        ("Core,1000.00,CNY,2026-01-01,,", "source"),
        (f"Core,1000.00,CNY,2026-01-01,{'x' * 501},", "source"),
        ("Core,1000.00,CNY,2026-01-01,CR-1,never", "valid_to"),
    ],
)
def test_a_bad_cell_is_told_by_row_and_field_and_the_others_are_read(row: str, field: str) -> None:
    rows, problems = read(row, "Core,1000.00,CNY,2026-01-01,CR-1,")
    assert [(one.row, one.field) for one in problems] == [(2, field)] and problems[0].expected
    assert [one.row for one in rows] == [3]


def test_the_longest_source_is_taken_whole() -> None:
    rows, problems = read(f"Core,1000.00,CNY,2026-01-01,{'x' * 500},")
    assert problems == [] and rows[0].wanted.source == "x" * 500


def test_one_core_and_currency_stand_in_one_row() -> None:
    rows, problems = read("Core,1.00,CNY,2026-01-01,A,", "Core,2.00,CNY,2026-01-01,B,", "Core,3.00,USD,2026-01-01,C,")
    assert [(one.row, one.field) for one in problems] == [(3, "core")]
    assert [one.wanted.source for one in rows] == ["A", "C"]
