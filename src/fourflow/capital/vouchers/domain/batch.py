"""A file of vouchers to issue: its cells, what is wrong with them, and an answer that no spreadsheet executes. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import InvalidOperation
from uuid import UUID

from fourflow.capital.vouchers.types import BatchInvalid, BatchRow, IssueRequest, RowProblem, RowRepeated
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import decode
from fourflow.platform.money import Money

#: columns of the file; the last two may be missing
COLUMNS = ("payable", "funder", "amount", "currency", "due_on", "term_reason", "contract_clause")
NEEDED = COLUMNS[:5]
MAX_ROWS = 1000
MAX_BYTES = 2_000_000
#: largest amount that a voucher may have here, in minor units: an absurd figure is a slip of the pen
MAX_MINOR = 10**15
#: what rows ask for → the first row that does
Seen = dict[tuple[object, ...], int]
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def read_rows(content: bytes) -> tuple[list[BatchRow], list[RowProblem]]:
    """Rows of a CSV file in UTF-8 or GB 18030, numbered as a spreadsheet numbers them (the header is row 1).

    Every bad cell is a problem with row, field, value and what was expected; a row with a problem is not among the rows. The
    same payable, amount and due date twice is a duplicate.

    :raises BatchInvalid: not readable as text, no header, columns missing or twice, no rows, or more than 1,000.
    """
    table = _table(content)
    rows: list[BatchRow] = []
    problems: list[RowProblem] = []
    seen: Seen = {}
    for number, cells in table:
        found = _read_row(number, cells)
        if isinstance(found, BatchRow):
            try:
                refuse_repeated(found, seen)
            except RowRepeated as error:
                found = [RowProblem(number, error.code, "payable", cells["payable"], str(error.params["expected"]))]
            else:
                rows.append(found)
                continue
        problems += found
    return rows, problems


def refuse_repeated(row: BatchRow, seen: Seen) -> None:
    """Remember what the row asks for; two vouchers that differ in nothing are one typed twice.

    :raises RowRepeated: an earlier row asks for the same.
    """
    asked = row.request
    earlier = seen.setdefault((asked.payable_id, asked.face, asked.due_on, asked.funder_id), row.row)
    if earlier != row.row:
        raise RowRepeated(row=earlier, expected=f"not row {earlier} again")


def _table(content: bytes) -> list[tuple[int, Mapping[str, str]]]:
    """Rows with their numbers; a blank line is no row and keeps its number."""
    if len(content) > MAX_BYTES:
        raise BatchInvalid(expected=f"up to {MAX_BYTES} bytes")
    read = csv.reader(io.StringIO(_text(content), newline=""))
    try:
        lines = [(number, line) for number, line in enumerate(read, 1) if any(cell.strip() for cell in line)]
    except csv.Error:  # one cell beyond what csv takes: a quotation mark that was never closed
        raise BatchInvalid(expected="cells of up to 131072 characters") from None
    if not lines:
        raise BatchInvalid(expected="a header and rows")
    header = [cell.strip().lower() for cell in lines[0][1]]
    missing = [name for name in NEEDED if name not in header]
    if missing or len(set(header)) != len(header):
        raise BatchInvalid(missing=missing, expected=list(COLUMNS))
    if not 1 <= len(lines) - 1 <= MAX_ROWS:
        raise BatchInvalid(rows=len(lines) - 1, expected=f"1 to {MAX_ROWS} rows")
    return [
        (number, {name: cell.strip() for name, cell in zip(header, _padded(line, len(header)), strict=False)})
        for number, line in lines[1:]
    ]


def _padded(line: list[str], width: int) -> list[str]:
    return line + [""] * (width - len(line))


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise BatchInvalid(expected="text in UTF-8 or GB 18030")


def _read_row(number: int, cells: Mapping[str, str]) -> BatchRow | list[RowProblem]:
    problems: list[RowProblem] = []

    def bad(field: str, expected: str) -> None:
        problems.append(RowProblem(number, "voucher.batch_row", field, cells[field][:200], expected))

    payable, funder = (_identifier(cells[name]) for name in ("payable", "funder"))
    if payable is None:
        bad("payable", "an identifier pay_…")
    if funder is None:
        bad("funder", "an identifier prt_…")
    face = _money(cells["amount"], cells["currency"])
    if face is None:
        bad("amount", "a positive amount with a currency, such as 1000.00 and CNY")
    due_on = _day(cells["due_on"])
    if due_on is None:
        bad("due_on", "a date such as 2026-03-31")
    if payable is None or funder is None or face is None or due_on is None:
        return problems
    request = IssueRequest(
        payable, funder, face, due_on, cells.get("term_reason", ""), cells.get("contract_clause", "")
    )
    return BatchRow(number, request)


def _identifier(text: str) -> UUID | None:
    prefix, _, rest = text.partition("_")
    try:
        return decode(prefix, text) if rest else UUID(text)
    except (FourflowError, ValueError):
        return None


def _money(amount: str, currency: str) -> Money | None:
    try:
        found = Money.parse(amount, currency.upper())
    except (FourflowError, ValueError, InvalidOperation, ArithmeticError):
        return None
    return found if 0 < found.minor <= MAX_MINOR else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def problem_file(problems: Iterable[RowProblem]) -> bytes:
    """The problems as CSV in UTF-8 with a byte-order mark; no cell begins so that a spreadsheet would execute it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("row", "code", "field", "value", "expected"))
    for problem in problems:
        cells = (problem.code, problem.field, problem.value, problem.expected)
        writer.writerow((problem.row, *(harmless(cell) for cell in cells)))
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A cell with an apostrophe before anything that a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_FORMULA) or cell.startswith(_STARTS_FORMULA) else cell
