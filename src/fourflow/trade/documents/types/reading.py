"""What reading a file gives: documents, the problems found on the way, and what the names in it mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fourflow.trade.documents.types.documents import Delivery, PurchaseOrder

#: the table that people fill in, a row for each line of a delivery (the source ``table``), in the order of its template
TABLE_COLUMNS = (
    "order",
    "line",
    "item",
    "quantity",
    "unit",
    "amount",
    "currency",
    "seller",
    "delivery",
    "delivered_on",
)
#: the table of invoices, in the order of its template; what follows the currency and the day of issue may be missing
INVOICE_COLUMNS = ("number", "seller", "amount", "currency", "issued_on", "due_on", "tax", "code", "order", "delivery")
INVOICE_NEEDED = INVOICE_COLUMNS[:5]


class Severity(StrEnum):
    """What a problem does to its row.

    ``ERROR`` refuses the row; ``WARNING`` keeps the row and doubts the value; ``NOTE`` tells what was mended, resolved
    or declared missing by the source itself.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing found in one field of one row.

    `row` is the spreadsheet's row number (the header is row 1; 0 = the file as a whole), `line` the source's own
    number of the line. `value` is as found, cut to 120 characters; `expected` a short pattern or text;
    `became` what the value was turned into, for what was mended or resolved.
    """

    code: str
    severity: Severity
    row: int
    field: str = ""
    value: str = ""
    expected: str = ""
    line: str = ""
    became: str = ""


@dataclass(frozen=True, slots=True)
class FirmName:
    """What is known of a name as written: which firm it means, that firm's group (``""`` = none known), and why."""

    name: str
    firm: str
    group: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What a source made of a file: documents, problems, and the rows that were refused.

    `rows_read` = rows of good documents + `rows_refused`. `rejects` are the refused rows as CSV with the columns of
    the file and their reasons, safe to open in a spreadsheet; empty where nothing was refused.
    """

    rows_read: int
    rows_refused: int
    orders: tuple[PurchaseOrder, ...]
    deliveries: tuple[Delivery, ...]
    problems: tuple[RowProblem, ...]
    names: tuple[FirmName, ...] = ()
    rejects: bytes = b""
    sha256: str = ""
    encoding: str = "utf-8"

    def count(self, severity: Severity) -> int:
        return sum(problem.severity is severity for problem in self.problems)

    def counts_by_code(self) -> dict[str, int]:
        """How often each problem code occurs, by code."""
        counts: dict[str, int] = {}
        for problem in self.problems:
            counts[problem.code] = counts.get(problem.code, 0) + 1
        return dict(sorted(counts.items()))
