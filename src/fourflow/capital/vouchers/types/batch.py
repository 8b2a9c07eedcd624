"""Issue from a file: plans of rows and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from fourflow.capital.vouchers.types.voucher import IssueRequest, Voucher
from fourflow.platform.rows import RowProblem


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
