"""Bytes of a CSV file → header and rows, or one clear reason why not."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fourflow.trade.documents.types import FileRefused

MAX_BYTES = 256 * 1024 * 1024
MAX_LINE = 64 * 1024
"""Characters of a physical line. The real file's longest has 600."""
MAX_ROWS = 2_000_000

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CANDIDATES = ("cp1252", "gb18030", "big5", "shift_jis")
ENCODINGS = ("utf-8", "utf-16", "cp1252", "iso8859-1", "gb18030", "gbk", "big5", "shift_jis")
"""What a sender may name, by Python's own names; codecs that are no character sets are not among them."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """A decoded file: its columns and its text, header included. `encoding` is the one that it was read with."""

    columns: tuple[str, ...]
    text: str
    encoding: str
    had_bom: bool

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows after the header as (spreadsheet row number, cells); blank lines count as rows but are left out.

        :raises FileRefused: a quote is never closed, or there are more rows than allowed.
        """
        number = 0
        try:
            for number, cells in enumerate(_reader(self.text), start=1):
                if number > MAX_ROWS + 1:
                    raise FileRefused(reason="too_many_rows", expected=f"at most {MAX_ROWS} rows")
                if number > 1 and cells:
                    yield number, cells
        except csv.Error as error:
            raise FileRefused(reason="csv_malformed", row=number + 1, value=str(error)) from error


def _reader(text: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def _row_of(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def decode(content: bytes, encoding: str | None) -> tuple[str, str, bool]:
    """Text, the encoding used, and whether there was a byte order mark.

    Only UTF-8 is taken without being told. For anything else the refusal names the encodings that would fit, and the
    sender says which one it is: a guess could turn one name into another in silence.

    :raises FileRefused: empty, too large, a NUL byte, or not in this encoding.
    """
    if encoding is not None:
        encoding = _known(encoding)
    if len(content) > MAX_BYTES:
        raise FileRefused(reason="too_large", value=len(content), expected=f"at most {MAX_BYTES} bytes")
    if encoding is None and content.startswith(_UTF16):
        raise FileRefused(reason="encoding", value="utf-16", expected="utf-8", candidates=["utf-16"])
    had_bom = content.startswith(codecs.BOM_UTF8) and encoding in (None, "utf-8")
    body = content[3:] if had_bom else content
    if not body.strip():
        raise FileRefused(reason="empty", expected="a header and at least one row")
    try:
        text = body.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        at = error.start
        raise FileRefused(
            reason="encoding",
            row=_row_of(body, at),
            value=body[at : at + 4].hex(" "),
            expected=encoding or "utf-8",
            candidates=[] if encoding else [name for name in _CANDIDATES if _decodes(body, name)],
        ) from error
    if "\0" in text:
        raise FileRefused(reason="nul_byte", row=text.count("\n", 0, text.index("\0")) + 1, expected="text")
    return text.removeprefix("\ufeff"), encoding or "utf-8", had_bom


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        name = ""
    name = "utf-8" if name == "utf-8-sig" else name
    if name not in ENCODINGS:
        raise FileRefused(reason="encoding", value=encoding[:40], expected=list(ENCODINGS))
    return name


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _check_line_lengths(text: str) -> None:
    start, row = 0, 1
    while (end := text.find("\n", start)) != -1 or start < len(text):
        end = len(text) if end == -1 else end
        if end - start > MAX_LINE:
            raise FileRefused(reason="line_too_long", row=row, value=end - start, expected=f"at most {MAX_LINE}")
        start, row = end + 1, row + 1


def open_csv(content: bytes, *, required: Sequence[str], encoding: str | None = None) -> CsvText:
    """Decode a file and check its header; the order of the columns does not matter.

    :raises FileRefused: see :class:`FileRefused` for the reasons.
    """
    text, used, had_bom = decode(content, encoding)
    _check_line_lengths(text)
    try:
        header = next(_reader(text), [])
    except csv.Error as error:
        raise FileRefused(reason="csv_malformed", row=1, value=str(error)) from error
    columns = tuple(name.strip() for name in header)
    if not any(columns):
        raise FileRefused(reason="no_header", row=1, expected=list(required))
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise FileRefused(reason="columns_repeated", row=1, value=[name[:60] for name in repeated])
    missing = [name for name in required if name not in columns]
    if missing:
        raise FileRefused(reason="columns_missing", row=1, value=[c[:60] for c in columns][:60], expected=missing)
    return CsvText(columns, text, used, had_bom)
