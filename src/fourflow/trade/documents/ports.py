"""What a reader of another system's documents offers."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from fourflow.trade.documents.types import SourceReading


class DocumentSource(Protocol):
    """Turns the bytes of one file into documents and a problem for whatever in it is not as it should be.

    A source knows the format and nothing of the database. It never mends in silence: each change of a value is a
    problem with severity NOTE. A row that it refuses refuses the other rows of the same delivery, because an amount
    without one of its lines would be a wrong amount.
    """

    @property
    def name(self) -> str:
        """Stable name of the format, stored with each import (``"scms"``)."""
        ...

    def read(self, content: bytes, *, today: date, encoding: str | None = None) -> SourceReading:
        """Read a whole file.

        :param today: dates of things done may not lie after this day.
        :param encoding: the encoding that the sender states; None = UTF-8, checked.
        :raises FileRefused: the file cannot be read as a whole.
        """
        ...
