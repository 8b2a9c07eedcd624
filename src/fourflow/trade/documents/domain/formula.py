"""Spreadsheet formulas hidden in text (CSV injection, OWASP): found on the way in, made harmless on the way out.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@`` (their full-width forms too in East Asian
locales), or with a tab, CR or LF before one. An apostrophe in front makes it text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_ACTIVE = re.compile(r" *[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_QUOTED = re.compile(r"'+ *[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-][0-9]+(\.[0-9]+)?\Z")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run this text. A plain signed number (``-12.50``) is not a formula."""
    return bool(_ACTIVE.match(text)) and not _NUMBER.match(text)


def neutralise(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet might run it; see :func:`restore`."""
    return "'" + text if is_formula(text) or _QUOTED.match(text) else text


def restore(text: str) -> str:
    """The inverse of :func:`neutralise`: takes away the one apostrophe that it put there."""
    return text[1:] if _QUOTED.match(text) and not _NUMBER.match(text[1:]) else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV for people: UTF-8 with BOM (so that Excel shows Chinese), CRLF, every cell neutralised."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutralise(name) for name in header])
    writer.writerows([neutralise(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")
