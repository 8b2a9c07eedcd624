"""Lists: what a page's list consists of, read and drawn a page at a time, on screen or whole as an Excel file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.web import excel, saved_views
from fourflow.interfaces.web.addresses import read
from fourflow.interfaces.web.components.listing import (
    BulkAction,
    Choice,
    Column,
    Filter,
    Listing,
    ListState,
    Pager,
    Row,
    SavedView,
    shown,
)
from fourflow.interfaces.web.components.records import Empty, Link, Problem
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.errors import error_page
from fourflow.interfaces.web.people import Visitor
from fourflow.platform.ids import decode
from fourflow.platform.money import EXPONENTS, Money

MAX_PAGE = 200
EXPORT_ROWS = 10_000
EXPORT_PAGE = 200


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


T = TypeVar("T", bound=HasId)
V = TypeVar("V")
K = TypeVar("K", bound=Enum)
Read = Callable[[ListState], tuple[Sequence[V], Pager]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[V]):
    """A page's list. ``read`` gives a page of what the state asks for (see :func:`after` and :func:`whole`), ``draw`` makes
    rows of it, with what a column of names needs in one look-up; both run inside ``visitor.reading()``.

    ``empty`` says what it means when there is nothing at all; when nothing fits the filters, that is said here.
    Rows are ticked to sum them up and to go on with these alone, or for ``bulk``, which is posted to ``bulk_url``.
    """

    id: str
    title: Words
    columns: tuple[Column, ...]
    read: Read[V]
    draw: Callable[[Sequence[V]], Sequence[Row]]
    empty: Empty
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    search: Words = ""
    views: Callable[[ListState], tuple[SavedView, ...]] = lambda state: ()
    actions: tuple[Link, ...] = ()
    bulk: tuple[BulkAction, ...] = ()
    bulk_url: str = ""

    def state(self, request: HttpRequest) -> ListState:
        """What the address asks for."""
        query = dict(request.GET.lists())
        return ListState.parse(request.path, query, columns=self.columns, filters=self.filters, default_sort=self.sort)

    def rows(self, state: ListState) -> tuple[tuple[Row, ...], Pager]:
        found, pager = self.read(state)
        return tuple(self.draw(found)), pager

    def everything(self, state: ListState) -> Iterator[Row]:
        """All rows behind the address, page by page."""
        state = replace(state, limit=EXPORT_PAGE, cursor="")
        while True:
            rows, pager = self.rows(state)
            yield from rows
            if not pager.next_cursor:
                return
            state = replace(state, cursor=pager.next_cursor)


def show(
    request: HttpRequest,
    visitor: Visitor,
    table: Table[Any],
    template: str = "web/pages/list.html",
    **context: Any,
) -> HttpResponse:
    """The list as a page or, with ``format=xlsx``, as a file; the reader's default view where the address asks nothing."""
    state = table.state(request)
    refused = state.refusals(table.filters, searched=bool(table.search))
    if refused and wants_file(request):
        told = [Problem(each, where=name) for name, each in zip(refused, _reasons(table, state, refused), strict=True)]
        return error_page(request, 422, told, code="filter.invalid")
    if wants_file(request):
        with visitor.reading():
            return excel.response(table.id, _file(table, state))
    with visitor.reading():
        kept = saved_views.of(visitor, request.path)
        if not request.GET and (first := next((one for one in kept if one.is_default), None)):
            return redirect(first.url())
        rows, pager = ((), Pager()) if refused else table.rows(state)
    if not table.bulk:
        rows = tuple(replace(row, amount=_amount(table, row)) for row in rows)
    listing = Listing(
        id=table.id,
        caption=table.title,
        columns=table.columns,
        rows=rows,
        state=state,
        pager=pager,
        filters=table.filters,
        views=_views(table, state, kept),
        search=table.search,
        totals=_totals(table, rows) if state.only else {},
        bulk=_bulk(table, rows),
        bulk_url=table.bulk_url,
        empty=_empty(table, state, refused),
        actions=table.actions,
        export=not refused,
        keeps=not refused,
        dated=_dated(table, state),
        refused=frozenset(refused),
    )
    return render(request, template, {"title": table.title, "listing": listing, **context})


def _file(table: Table[Any], state: ListState) -> bytes:
    return excel.workbook(shown(table.columns, state), table.everything(state), limit=EXPORT_ROWS)


def _views(table: Table[Any], state: ListState, kept: Sequence[saved_views.View]) -> tuple[SavedView, ...]:
    """The list's own views, then the reader's; none where there is only the list itself."""
    built = table.views(state)
    if not built and kept:
        everything = state.url(q="", filters={}, sort="", columns=(), only=(), view="all")
        built = (SavedView(_("All"), everything, not state.narrowed and state.view in ("", "all")),)
    if any(one.id_text == state.view for one in kept):
        built = tuple(replace(one, current=False) for one in built)
    mine = []
    for view in kept:
        # a view without dates keeps those that are set: people look at one period through several views
        asks_dates = any(each.kind == "date" and each.name in view.asks() for each in table.filters)
        more = {} if asks_dates else {name: state.filters[name] for name in _dated(table, state)}
        current = view.id_text == state.view
        mine.append(SavedView(view.name, view.url(more), current, own=True, default=view.is_default, dated=asks_dates))
    return (*built, *mine)


def _dated(table: Table[Any], state: ListState) -> tuple[str, ...]:
    """The date filters that are set: whoever keeps a view says whether it keeps them."""
    return tuple(each.name for each in table.filters if each.kind == "date" and each.name in state.filters)


def _totals(table: Table[Any], rows: Sequence[Row]) -> dict[str, tuple[Money, ...]]:
    """The sum of each column of amounts, by currency: what the page added up while ticking, from the rows themselves."""
    found: dict[str, tuple[Money, ...]] = {}
    for column in table.columns:
        sums: dict[str, Money] = {}
        for row in rows:
            value = row.cells.get(column.key)
            if isinstance(value, Money):
                sums[value.currency] = sums.get(value.currency, Money.zero(value.currency)) + value
        if sums:
            found[column.key] = tuple(sums[currency] for currency in sorted(sums))
    return found


def _bulk(table: Table[Any], rows: Sequence[Row]) -> tuple[BulkAction, ...]:
    """What can be done with ticked rows: what the list offers, where one of them may be ticked; else to see them alone."""
    if table.bulk:
        return table.bulk if any(not row.locked for row in rows) else ()
    return (BulkAction("", _("Show only these"), primary=True),)


def _amount(table: Table[Any], row: Row) -> Money | None:
    """What ticking adds up: the first amount of the row."""
    found = (row.cells.get(column.key) for column in table.columns if column.kind == "money")
    return next((value for value in found if isinstance(value, Money)), None)


def _narrowed(table: Table[Any], state: ListState) -> bool:
    """Whether less is shown than there is; turning to another of the list's own views is no filter."""
    return bool(state.q or state.only or any(f.kind != "view" and f.name in state.filters for f in table.filters))


def _empty(table: Table[Any], state: ListState, refused: Mapping[str, str]) -> Empty:
    """Why there is no row."""
    if refused:
        told = " ".join(_reasons(table, state, refused))
        return replace(_nothing(state), title=_("Nothing is shown: a filter of the address cannot be read"), text=told)
    return _nothing(state) if _narrowed(table, state) else table.empty


def _reasons(table: Table[Any], state: ListState, refused: Mapping[str, str]) -> list[str]:
    """For each refused filter a sentence: what the address says, and what was expected."""
    labels = {each.name: str(each.label) for each in table.filters}
    return [
        _("“%(name)s: %(value)s” – expected %(expected)s.")
        % {"name": labels.get(name, name), "value": state.filters.get(name, state.q), "expected": expected}
        for name, expected in refused.items()
    ]


def _nothing(state: ListState) -> Empty:
    return Empty(
        "filtered",
        _("Nothing fits these filters"),
        _("Take a filter away, or all of them."),
        Link(_("Clear"), state.url(q="", filters={}, view="all", only=())),
    )


def numbered(cursor: str) -> tuple[str, int]:
    """A web cursor as (the module's cursor, page number): ``"3.abc"``, or ``"17"`` where somebody typed a page."""
    number, _mark, rest = cursor.partition(".")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
    return rest, min(max(page, 1), MAX_PAGE)


def pager(number: int, next_cursor: str | None) -> Pager:
    """The neighbours of a numbered page."""
    return Pager(
        next_cursor=f"{number + 1}.{next_cursor}" if next_cursor and number < MAX_PAGE else "",
        previous_cursor=str(number - 1) if number > 1 else "",
        number=number,
    )


def after(state: ListState, read: Callable[[UUID | None, int], Sequence[T]]) -> tuple[list[T], Pager]:
    """A page of a list that goes on after an id; one row more than asked tells of a next page."""
    rows = list(read(_id(state.cursor), state.limit + 1))
    more, rows = len(rows) > state.limit, rows[: state.limit]
    return rows, Pager(next_cursor=_text(rows[-1].id) if more else "")


def whole(state: ListState, rows: Sequence[Row]) -> tuple[list[Row], Pager]:
    """A page of a list that is short enough to be read and drawn whole: sorted by any of its columns, numbered."""
    found = [row for row in rows if not state.only or row.id in state.only]
    if key := state.sort.removeprefix("-"):
        found.sort(key=lambda row: _rank(row.cells.get(key)), reverse=state.sort.startswith("-"))
    number = numbered(state.cursor)[1]
    start = (number - 1) * state.limit
    following = str(number + 1) if len(found) > start + state.limit else ""
    previous = str(number - 1) if number > 1 else ""
    return found[start : start + state.limit], Pager(
        following, previous, number=number if following or previous else None
    )


def _rank(value: object) -> tuple[bool, Decimal, str]:
    """Where a cell stands in its column: figures by value, days and instants by time, the rest by its letters."""
    raw, _form = excel.plain(value)
    if isinstance(raw, int | Decimal):
        return True, Decimal(raw), ""
    if raw is None or raw == "":
        return False, Decimal(), ""
    return True, Decimal(), str(raw).casefold()


def pointed(
    request: HttpRequest, name: str, label: Words, kind: str, called: Callable[[UUID], str]
) -> tuple[Filter, ...]:
    """The filter by one object, where the address has it: another page's figure leads here, and no reader chooses it."""
    given = request.GET.get(name, "").strip()
    if not given:
        return ()
    found = read(kind, given)
    return (Filter(name, label, "choice", (Choice(given, called(found)),) if found else (), of=kind),)


def of_firms(request: HttpRequest, *firms: tuple[str, Words]) -> tuple[Filter, ...]:
    """:func:`pointed` for firms, by the names of their filters with what these are called."""
    return tuple(
        each
        for name, label in firms
        for each in pointed(request, name, label, "party", lambda one: parties.names([one]).get(one, ""))
    )


def of_currency(request: HttpRequest) -> tuple[Filter, ...]:
    """The filter by currency, where the address has it: a sum of another page is of one currency and leads here."""
    if "currency" not in request.GET:
        return ()
    return (Filter("currency", _("Currency"), "choice", tuple(Choice(one, one) for one in EXPONENTS), one=True),)


def only(state: ListState) -> list[UUID] | None:
    """The ticked rows; None where the address names none. What is no id is no row."""
    if not state.only:
        return None
    found = []
    for one in state.only:
        try:
            found.append(decode(one[:3], one) if one[3:4] == "_" else UUID(one))
        except ValueError:
            continue
    return found


def chosen(state: ListState, name: str, kinds: type[K]) -> list[K]:
    """The values of a filter that its vocabulary knows; several are parted by commas."""
    known = {str(kind.value) for kind in kinds}
    return [kinds(one) for one in state.filters.get(name, "").split(",") if one in known]


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
