"""Who makes a report: what shows lists to people."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fourflow.oversight.reports.types import Reader


class Maker(Protocol):
    """What the reader would get as a file at an address, with the rights that he has at that moment."""

    def __call__(self, *, reader: Reader, address: str, now: datetime) -> bytes:
        """A workbook.

        :raises fourflow.oversight.reports.types.ReportRefused: the reader may not see it (any more), or it is no report.
        """
