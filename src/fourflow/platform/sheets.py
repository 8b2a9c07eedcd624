"""Tables that people fill in: the first sheet of a workbook as rows of texts, read without trust in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from fourflow.platform.errors import Invalid

MAX_ROWS = 1000
MAX_COLUMNS = 40
MAX_UNPACKED = 40 * 1024 * 1024
#: what unpacking and parsing raise for a file that is none; a wrong XML is a SyntaxError
_UNREADABLE = (BadZipFile, KeyError, ValueError, IndexError, TypeError, AttributeError, OSError, EOFError, SyntaxError)


class FileUnreadable(Invalid):
    """Neither a workbook nor a CSV file in UTF-8, or without the columns that are needed."""

    code = "upload.unreadable"


class FileTooLarge(Invalid):
    """More bytes or rows than an upload may have, packed or unpacked."""

    code = "upload.too_large"


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin like a packed workbook."""
    return content[:2] == b"PK"


def read_workbook(content: bytes) -> Iterator[Sequence[object]]:
    """The rows of the first sheet up to their last filled cell.

    At most two more than a thousand, so that a reader can tell that there are too many.

    :raises FileTooLarge: more than 40 MB unpacked (a zip bomb).
    :raises FileUnreadable: no workbook.
    """
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise FileTooLarge(value="unpacked")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for row in sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS):
            width = max((number for number, value in enumerate(row, 1) if value is not None), default=0)
            yield row[:width]
    except (*_UNREADABLE, InvalidFileException) as error:
        raise FileUnreadable(reason=str(error)[:80]) from error


def text(value: object) -> str:
    """A cell as somebody would have typed it: days as ISO dates, figures with every digit."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return str(value)


def as_csv(content: bytes) -> bytes:
    """A workbook as CSV in UTF-8, row for row; anything else as it is.

    :raises FileTooLarge: more than 40 MB unpacked.
    :raises FileUnreadable: it begins like a workbook and is none.
    """
    if not is_workbook(content):
        return content
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[text(value) for value in row] for row in read_workbook(content)])
    return out.getvalue().encode()
