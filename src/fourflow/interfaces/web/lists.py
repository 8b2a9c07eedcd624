"""Lists over the modules' pages: numbered keyset pages, pages after an id, and the whole list as an Excel file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from fourflow.interfaces.web import excel
from fourflow.interfaces.web.components.listing import Column, Filter, ListState, Pager, Row

MAX_PAGE = 200
EXPORT_ROWS = 10_000
T = TypeVar("T")


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


def state_of(
    request: HttpRequest, columns: Sequence[Column], filters: Sequence[Filter] = (), sort: str = ""
) -> ListState:
    """What the address asks for."""
    return ListState.parse(request.path, dict(request.GET.lists()), columns=columns, filters=filters, default_sort=sort)


def numbered(cursor: str) -> tuple[str, int]:
    """A web cursor as (the module's cursor, page number): ``"3.abc"``, or ``"17"`` where somebody typed a page."""
    number, _, rest = cursor.partition(".")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
    return rest, min(max(page, 1), MAX_PAGE)


def pager(number: int, next_cursor: str | None) -> Pager:
    """The neighbours of a numbered page."""
    return Pager(
        next_cursor=f"{number + 1}.{next_cursor}" if next_cursor and number < MAX_PAGE else "",
        previous_cursor=str(number - 1) if number > 1 else "",
        number=number,
    )


def after(
    cursor: str, limit: int, read: Callable[[UUID | None, int], Sequence[T]], key: Callable[[T], UUID]
) -> tuple[list[T], Pager]:
    """A page of a list that goes on after an id; one row more than asked tells of a next page."""
    rows = list(read(_id(cursor), limit + 1))
    more, rows = len(rows) > limit, rows[:limit]
    return rows, Pager(next_cursor=_text(key(rows[-1])) if more else "")


def _text(value: UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps(str(value)).encode()).decode().rstrip("=")


def _id(cursor: str) -> UUID | None:
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii", "replace") + b"=" * (-len(cursor) % 4))
        return UUID(str(json.loads(raw)))
    except ValueError:
        return None


def wants_file(request: HttpRequest) -> bool:
    return request.GET.get("format") == "xlsx"


def export(name: str, columns: Sequence[Column], state: ListState, rows: Iterable[Row]) -> HttpResponse:
    """The list as a workbook: the columns and filters of the address, up to 10,000 rows."""
    chosen = state.columns
    shown = [c for c in columns if not chosen or c.key in chosen or c.lead]
    return excel.response(name, excel.workbook(shown, rows, limit=EXPORT_ROWS))
