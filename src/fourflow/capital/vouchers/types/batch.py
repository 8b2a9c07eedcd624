"""Issue from a file: rows, plans, problems."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fourflow.capital.vouchers.types.voucher import IssueRequest, Voucher


class BatchMode(StrEnum):
    """ALL: every row or none. GOOD_ROWS: each row for itself, the bad ones are told."""

    ALL = "all"
    GOOD_ROWS = "good_rows"


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A row of a file that says what is to be issued; ``row`` as a spreadsheet numbers it."""

    row: int
    request: IssueRequest


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row: a code for words at the edge, the field, the value as given, what was expected."""

    row: int
    code: str
    field: str = ""
    value: str = ""
    expected: str = ""

    def to_body(self) -> dict[str, Any]:
        return {"row": self.row, "code": self.code, "field": self.field, "value": self.value, "expected": self.expected}


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row that would become a voucher; the maker signs :meth:`Voucher.content`."""

    row: int
    request: IssueRequest
    voucher: Voucher


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A dry run: the vouchers that would be drafted, and what stands in the way of the other rows. Nothing is written."""

    planned: tuple[PlannedRow, ...]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What was drafted, and what was not."""

    drafted: tuple[Voucher, ...]
    problems: tuple[RowProblem, ...]
