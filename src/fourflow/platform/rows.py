"""Rows that people fill in: a table's cells with what is wrong in them, and the bad rows back as a file. Pure.

The shape of every file of things to do: the bytes are read whole or refused whole (:func:`table`), each row becomes what it
asks for or its problems (:func:`sift`), and what is asked for is done all or none, or row by row
(:mod:`fourflow.platform.db.row_by_row`). Nothing here knows what the rows mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from fourflow.platform.errors import Conflict, FourflowError, Invalid
from fourflow.platform.ids import decode
from fourflow.platform.money import Money
from fourflow.platform.sheets import as_csv

T = TypeVar("T")
#: codes of refusals → the column that they are about, where they do not name it themselves
About = Mapping[str, str]
NAMED: About = MappingProxyType({})

MAX_ROWS = 1000
MAX_BYTES = 2_000_000
#: largest amount of a row, in minor units: an absurd figure is a slip of the pen
MAX_MINOR = 10**15
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class RowsInvalid(Invalid):
    """The file as a whole cannot be read: encoding, columns, number of rows."""

    code = "rows.invalid"


class RowsRefused(Conflict):
    """All or nothing was asked for, and a row has a problem; ``problems`` names them all."""

    code = "rows.refused"


class RowRepeated(Invalid):
    """An earlier ``row`` of the file asks for the same."""

    code = "rows.repeated"


class RowsMode(StrEnum):
    """ALL: every row or none. GOOD_ROWS: each row for itself, the bad ones are told."""

    ALL = "all"
    GOOD_ROWS = "good_rows"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row: a code for words at the edge, the field, the value as given, what was expected."""

    row: int
    code: str
    field: str = ""
    value: str = ""
    expected: str = ""

    @classmethod
    def of(cls, row: int, error: FourflowError, cells: Mapping[str, str], about: About = NAMED) -> RowProblem:
        """A refusal with the column that it is ``about`` (by its code, or as it says itself) and what stands there."""
        column = about.get(error.code) or str(error.params.get("field", ""))
        value = str(error.params.get("value", "")) or cells.get(column, "")
        return cls(row, error.code, column, value[:200], str(error.params.get("expected", "")))

    def to_body(self) -> dict[str, Any]:
        return {"row": self.row, "code": self.code, "field": self.field, "value": self.value, "expected": self.expected}


@dataclass(slots=True)
class Cells:
    """One row by its columns, numbered as a spreadsheet numbers it (the header is row 1); bad cells become problems."""

    row: int
    given: Mapping[str, str]
    problems: list[RowProblem] = field(default_factory=list)

    def bad(self, name: str, expected: str) -> None:
        """Remember that the cell of a column is not as expected."""
        self.problems.append(RowProblem(self.row, "rows.cell", name, self.given.get(name, "")[:200], expected))

    def text(self, name: str, *, needed: bool = False) -> str:
        found = self.given.get(name, "")
        if needed and not found:
            self.bad(name, "a value")
        return found

    def identifier(self, name: str, prefix: str) -> UUID | None:
        """``pay_…`` or a plain UUID."""
        found = identifier(self.given.get(name, ""))
        if found is None:
            self.bad(name, f"an identifier {prefix}_…")
        return found

    def money(self, amount: str = "amount", currency: str = "currency", *, zero: bool = False) -> Money | None:
        """A positive amount (``zero``: or nothing) up to ten trillion, in the currency of another column."""
        try:
            found = Money.parse(self.given.get(amount, ""), self.given.get(currency, "").upper())
        except (FourflowError, ValueError, InvalidOperation, ArithmeticError):
            found = None
        if found is None or not (0 if zero else 1) <= found.minor <= MAX_MINOR:
            self.bad(amount, f"a{'n' if zero else ' positive'} amount with a currency, such as 1000.00 and CNY")
            return None
        return found

    def day(self, name: str, *, needed: bool = True, latest: date | None = None) -> date | None:
        text = self.given.get(name, "")
        try:
            found = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            found = None
        if found is None and (needed or text):
            self.bad(name, "a date such as 2026-03-31")
        elif found is not None and latest is not None and found > latest:
            self.bad(name, f"not after {latest.isoformat()}")
        return found


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """A row that can be read: what it asks for, and its cells as they stand in the file (none: it came from no file)."""

    row: int
    wanted: T
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowsPlan(Generic[T]):
    """A dry run: rows that would be done, rows that change nothing (``known``), problems of the others. Nothing is written."""

    rows: tuple[Asked[T], ...]
    problems: tuple[RowProblem, ...]
    known: int = 0


@dataclass(frozen=True, slots=True)
class RowsDone:
    """What was made, in the order of the rows, and the rows that were left out."""

    ids: tuple[UUID, ...]
    problems: tuple[RowProblem, ...]

    def to_body(self) -> dict[str, Any]:
        """As the stored answer of a write keeps it."""
        return {"ids": [str(one) for one in self.ids], "problems": [one.to_body() for one in self.problems]}


def sift(
    rows: Iterable[Cells], parse: Callable[[Cells], T | None], same: Callable[[T], Hashable], *, about: str
) -> tuple[list[Asked[T]], list[RowProblem]]:
    """Rows that can be read, and the problems of the others; one that asks for the ``same`` as an earlier row is of these.

    ``parse`` gives None where it has found a problem; ``about`` is the column that is named where a row is repeated.
    """
    found: list[Asked[T]] = []
    problems: list[RowProblem] = []
    seen: dict[Hashable, int] = {}
    for cells in rows:
        wanted = parse(cells)
        if wanted is None or cells.problems:
            problems += cells.problems
            continue
        try:
            refuse_repeated(cells.row, same(wanted), seen)
        except RowRepeated as error:
            told = RowProblem(cells.row, error.code, about, cells.given.get(about, "")[:200], error.params["expected"])
            problems.append(told)
            continue
        found.append(Asked(cells.row, wanted, cells.given))
    return found, problems


def checked(
    rows: Iterable[Asked[T]], check: Callable[[T], None], *, about: About = NAMED
) -> tuple[list[Asked[T]], list[RowProblem]]:
    """Rows that pass a check which refuses by raising, and the refusals of the others."""
    found: list[Asked[T]] = []
    problems: list[RowProblem] = []
    for row in rows:
        try:
            check(row.wanted)
        except FourflowError as error:
            problems.append(RowProblem.of(row.row, error, row.cells, about))
            continue
        found.append(row)
    return found, problems


def in_order(*problems: Iterable[RowProblem]) -> tuple[RowProblem, ...]:
    """Problems of several checks, by row."""
    return tuple(sorted((one for some in problems for one in some), key=lambda problem: problem.row))


def refuse_repeated(row: int, asked: Hashable, seen: dict[Hashable, int]) -> None:
    """Remember what a row asks for; two that differ in nothing are one typed twice.

    :raises RowRepeated: an earlier row asks for the same.
    """
    earlier = seen.setdefault(asked, row)
    if earlier != row:
        raise RowRepeated(row=earlier, expected=f"not row {earlier} again")


def refuse_too_many(count: int) -> None:
    """:raises RowsInvalid: more than 1,000 rows."""
    if count > MAX_ROWS:
        raise RowsInvalid(rows=count, expected=f"1 to {MAX_ROWS} rows")


def table(content: bytes, *, needed: Sequence[str]) -> list[Cells]:
    """Rows of a workbook, or of a CSV file in UTF-8 or GB 18030; a blank line is no row and keeps its number.

    :raises RowsInvalid: not readable as text, no header, ``needed`` columns missing or one twice, no rows, or over 1,000.
    :raises fourflow.platform.sheets.FileUnreadable: it begins like a workbook and is none.
    :raises fourflow.platform.sheets.FileTooLarge: a workbook of more than 40 MB unpacked.
    """
    if len(content) > MAX_BYTES:
        raise RowsInvalid(expected=f"up to {MAX_BYTES} bytes")
    read = csv.reader(io.StringIO(_text(as_csv(content)), newline=""))
    try:
        lines = [(number, line) for number, line in enumerate(read, 1) if any(cell.strip() for cell in line)]
    except csv.Error:  # one cell beyond what csv takes: a quotation mark that was never closed
        raise RowsInvalid(expected="cells of up to 131072 characters") from None
    if len(lines) < 2:
        raise RowsInvalid(expected="a header and rows")
    header = [cell.strip().lower() for cell in lines[0][1]]
    missing = [name for name in needed if name not in header]
    if missing:
        raise RowsInvalid(value=[name[:60] for name in header][:60], expected=missing)
    if repeated := sorted({name[:60] for name in header if header.count(name) > 1}):
        raise RowsInvalid(value=repeated, expected="each column once")
    refuse_too_many(len(lines) - 1)
    return [
        Cells(number, {name: cell.strip() for name, cell in zip(header, _padded(line, len(header)), strict=False)})
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
    raise RowsInvalid(expected="text in UTF-8 or GB 18030")


def identifier(text: str) -> UUID | None:
    """``pay_…`` or a plain UUID as a key; None where it is neither."""
    prefix, _, rest = text.partition("_")
    try:
        return decode(prefix, text) if rest else UUID(text)
    except (FourflowError, ValueError):
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
