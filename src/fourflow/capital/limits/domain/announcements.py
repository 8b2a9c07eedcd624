"""A file of credit lines to announce: what its rows ask for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from fourflow.capital.limits.types import ANNOUNCEMENT_NEEDED, Announcement
from fourflow.platform.rows import Asked, Cells, RowProblem, sift, table

LONGEST_SOURCE = 500


def read_rows(
    content: bytes, cores: Callable[[set[str]], Mapping[str, UUID]]
) -> tuple[list[Asked[Announcement]], list[RowProblem]]:
    """Rows of a file that can be read, and every bad cell of the others with row, field, value and what was expected.

    ``cores`` finds the core enterprises that cells name. A core and currency stand in one row: two would be two announcements
    at once.

    :raises fourflow.platform.rows.RowsInvalid: the file as a whole cannot be read.
    """

    rows = table(content, needed=ANNOUNCEMENT_NEEDED)
    known = cores({cells.given["core"] for cells in rows})

    def parse(cells: Cells) -> Announcement | None:
        return _announcement(cells, known.get(cells.given["core"]))

    return sift(rows, parse, lambda asked: (asked.core_id, asked.sanctioned.currency), about="core")


def _announcement(cells: Cells, core: UUID | None) -> Announcement | None:
    if core is None:
        cells.bad("core", "a core enterprise by its registered number, its name or its identifier prt_…")
    sanctioned = cells.money("sanctioned", zero=True)
    begins, ends = cells.day("valid_from"), cells.day("valid_to", needed=False)
    source = cells.text("source", needed=True)
    if len(source) > LONGEST_SOURCE:
        cells.bad("source", f"at most {LONGEST_SOURCE} characters")
    if cells.problems or core is None or sanctioned is None or begins is None:
        return None
    return Announcement(core, sanctioned, begins, ends, source)
