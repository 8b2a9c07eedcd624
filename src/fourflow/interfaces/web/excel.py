"""Excel out and in. Long numbers are text, text is never a formula, amounts keep every digit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font

from fourflow.interfaces.web import texts
from fourflow.interfaces.web.components.listing import Column, Row
from fourflow.interfaces.web.components.records import Due, Ident, Link, Percent
from fourflow.interfaces.web.components.status import Status
from fourflow.platform import sheets
from fourflow.platform.money import Money, exponent
from fourflow.platform.sheets import MAX_ROWS, FileTooLarge, FileUnreadable

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 2 * 1024 * 1024
SHANGHAI = ZoneInfo("Asia/Shanghai")


def plain(value: object) -> tuple[object, str]:
    """A cell's value and Excel format, by its type; whatever is not a figure or a date is text."""
    if value is None:
        return "", "@"
    if isinstance(value, Money):
        places = exponent(value.currency)
        return value.decimal, "#,##0" + ("." + "0" * places if places else "")
    if isinstance(value, Percent):
        return value.of, "0.00%"
    if isinstance(value, Due):
        return value.on, "yyyy-mm-dd"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).replace(tzinfo=None), "yyyy-mm-dd hh:mm"
    if isinstance(value, date):
        return value, "yyyy-mm-dd"
    if isinstance(value, Status):
        return str(value.word), "@"
    if isinstance(value, Link):
        return value.whole or str(value.text), "@"
    if isinstance(value, Ident):
        return value.value, "@"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value, "General"
    return str(value), "@"


def _cell(sheet: Any, value: object) -> Cell:
    raw, form = plain(value)
    cell = WriteOnlyCell(sheet)
    if isinstance(raw, str):
        # control characters are not XML; data type and quote prefix keep "=…" a text in Excel and in what it saves
        cell.value = "".join(c for c in raw if c.isprintable() or c in "\n\t")[:32_000]
        cell.data_type = "s"
        cell.quotePrefix = raw[:1] in ("=", "+", "-", "@", "\t", "\r")
    else:
        cell.value = raw  # type: ignore[assignment]
    cell.number_format = form
    return cell


def workbook(columns: Sequence[Column], rows: Iterable[Row], *, limit: int = MAX_ROWS) -> bytes:
    """A sheet with a head; an amount's currency stands in a column of its own behind it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Fourflow")
    sheet.freeze_panes = "A2"
    heads: list[str] = []
    for column in columns:
        heads.append(str(column.label))
        if column.kind == "money" and not column.unit:
            heads.append("¤")
    sheet.append([_head(sheet, text) for text in heads])
    for number, row in enumerate(rows):
        if number >= limit:
            break
        cells = []
        for column in columns:
            value = row.cells.get(column.key)
            cells.append(_cell(sheet, value))
            if column.kind == "money" and not column.unit:
                cells.append(_cell(sheet, value.currency if isinstance(value, Money) else ""))
        sheet.append(cells)
    return _saved(book)


def _head(sheet: Any, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A plain sheet: templates for uploads and error files."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Fourflow")
    sheet.append([_head(sheet, text) for text in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def errors(name: str, heads: Sequence[str], given: str) -> HttpResponse:
    """The rows that a dry run refused, as its page sends them back (JSON, the reason last), as a workbook."""
    try:
        rows = json.loads(given)
    except ValueError:
        rows = []
    known = [row for row in rows if isinstance(row, list)][:MAX_ROWS] if isinstance(rows, list) else []
    return response(name, table(heads, [tuple(str(cell) for cell in row[: len(heads)]) for row in known]))


def uploaded(request: HttpRequest, most: int = MAX_BYTES) -> tuple[str, bytes]:
    """Name and bytes of the file of a form: a workbook or CSV, by its name and by how it begins.

    :raises FileTooLarge: more than ``most`` bytes. :raises FileUnreadable: none, or of another kind than its name says.
    """
    upload = request.FILES.get("file")
    if upload is None:
        raise FileUnreadable(expected=_("a file"))
    if (upload.size or 0) > most:
        raise FileTooLarge(value=upload.size)
    name, content = upload.name or "", upload.read()
    ending = name.rpartition(".")[2].lower()
    if ending not in ("xlsx", "csv") or sheets.is_workbook(content) is not (ending == "xlsx"):
        raise FileUnreadable(expected=".xlsx, .csv")
    return name, content


def response(name: str, content: bytes) -> HttpResponse:
    """A workbook for download; ``name`` without its ending."""
    answer = HttpResponse(content, content_type=MEDIA)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    answer["Cache-Control"] = "no-store"
    return answer


def read(content: bytes, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of an uploaded workbook or CSV file as texts by head, in lower case, each with its number in the spreadsheet.

    :raises FileTooLarge: over 2 MB, 1,000 rows, or 40 MB unpacked (a zip bomb).
    :raises FileUnreadable: neither of the two, not UTF-8, without a needed column, or without rows.
    """
    if len(content) > MAX_BYTES:
        raise FileTooLarge(value=len(content))
    rows = sheets.read_workbook(content) if sheets.is_workbook(content) else _read_csv(content)
    head = [sheets.text(value).strip().lower() for value in next(rows, [])]
    missing = [name for name in needed if name not in head]
    if missing:
        raise FileUnreadable(expected=_("the columns %(names)s") % {"names": texts.listed(missing)})
    found: list[tuple[int, dict[str, str]]] = []
    for number, values in enumerate(rows, 2):
        cells: Mapping[str, str] = dict(zip(head, (sheets.text(value).strip() for value in values), strict=False))
        if any(cells.values()):
            found.append((number, dict(cells)))
        if len(found) > MAX_ROWS:
            raise FileTooLarge(value=len(found))
    if not found:
        raise FileUnreadable(expected=_("a header and rows"))
    return found


def _read_csv(content: bytes) -> Iterator[Sequence[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(expected="UTF-8") from error
    if "\0" in text:
        raise FileUnreadable(expected="UTF-8")
    try:
        yield from csv.reader(io.StringIO(text))
    except csv.Error as error:
        raise FileUnreadable(reason=str(error)) from error
