"""A file of vouchers to issue: what its rows ask for. Pure."""

from __future__ import annotations

from collections.abc import Hashable

from fourflow.capital.vouchers.types import IssueRequest
from fourflow.platform.rows import Asked, Cells, RowProblem, sift, table

#: columns of the file; the last two may be missing
COLUMNS = ("payable", "funder", "amount", "currency", "due_on", "term_reason", "contract_clause")
NEEDED = COLUMNS[:5]


def read_rows(content: bytes) -> tuple[list[Asked[IssueRequest]], list[RowProblem]]:
    """Rows of a file that can be read, and every bad cell of the others with row, field, value and what was expected.

    The same payable, amount, due date and funder twice is a duplicate.

    :raises fourflow.platform.rows.RowsInvalid: the file as a whole cannot be read.
    """
    return sift(table(content, needed=NEEDED), _read_row, asked_for, about="payable")


def asked_for(request: IssueRequest) -> Hashable:
    """What makes two rows one voucher typed twice."""
    return request.payable_id, request.face, request.due_on, request.funder_id


def _read_row(cells: Cells) -> IssueRequest | None:
    payable, funder = cells.identifier("payable", "pay"), cells.identifier("funder", "prt")
    face, due_on = cells.money(), cells.day("due_on")
    if payable is None or funder is None or face is None or due_on is None:
        return None
    return IssueRequest(payable, funder, face, due_on, cells.text("term_reason"), cells.text("contract_clause"))
