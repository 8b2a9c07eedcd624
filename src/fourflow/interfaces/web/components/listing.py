"""Lists: what the address says (sort, filter, page, columns) and what the table shows. Pure.

The address is the state: every power of a list is a plain link or a GET form, so a view can be shared, bookmarked,
exported and used without JavaScript. Parameter names are those of the JSON API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from fourflow.interfaces.web import texts
from fourflow.interfaces.web.addresses import PREFIXES, read
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.reading import day
from fourflow.platform.money import Money

SIZES = (25, 50, 100, 200)
MOST_TICKED = 100
#: what an address may say besides filters
_OWN = frozenset({"q", "sort", "cursor", "limit", "columns", "view", "id", "format"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``kind`` aligns: text, money, number, date, status, id. ``unit`` moves the currency into the head."""

    key: str
    label: Words
    kind: str = "text"
    sortable: bool = True
    shown: bool = True
    unit: str = ""
    lead: bool = False  # what names the row; heads the card on a phone
    corner: bool = False  # upper right of the card on a phone
    phone: bool = True

    @property
    def right(self) -> bool:
        return self.kind in ("money", "number")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: ``kind`` is choice (with choices), text or date, or view: then the list's own views set it, no field.

    Its name is the API's, such as ``due[gte]``; only ``status`` is called ``state`` there, and taken under both. ``of`` names
    the kind of object whose id it takes, ``one`` that it takes one choice, not several with commas between, ``besides`` what an
    address may say that the field does not offer.
    """

    name: str
    label: Words
    kind: str = "choice"
    choices: tuple[Choice, ...] = ()
    of: str = ""
    one: bool = False
    besides: frozenset[str] = frozenset()

    @property
    def also(self) -> str:
        """The API's name, where it is another one: an address of the API's asks a page the same."""
        return "state" if self.name == "status" else self.name

    def takes(self, value: str) -> bool:
        """Whether the value is one of the filter's: a filter that does not know what it was given would show everything."""
        if self.kind == "date":
            return day(value) is not None
        if self.of:
            return read(self.of, value) is not None
        if self.kind == "text":
            return True
        known = {part for choice in self.choices for part in (choice.value, *choice.value.split(","))}
        return value in known or (not self.one and (known | self.besides).issuperset(value.split(",")))

    @property
    def expected(self) -> str:
        """What the filter takes, as an address says it."""
        if self.kind == "date":
            return _("a day such as 2014-06-30")
        if self.of:
            return _("a number such as %(prefix)s_…") % {"prefix": PREFIXES[self.of]}
        return ", ".join(choice.value for choice in self.choices)

    def words(self, value: str) -> Words:
        """The label of a choice; of several with commas between, the labels."""
        known = {choice.value: choice.label for choice in self.choices}
        if value in known or "," not in value:
            return known.get(value, value)
        return texts.listed(str(known.get(one, one)) for one in value.split(","))


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address asks for. ``sort`` is a column key, with a minus in front for descending; ``only`` names the rows
    that were ticked, where nothing else is to be shown."""

    path: str
    sort: str = ""
    cursor: str = ""
    limit: int = 50
    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    view: str = ""
    only: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls,
        path: str,
        query: Mapping[str, Sequence[str]],
        *,
        columns: Sequence[Column],
        filters: Sequence[Filter] = (),
        default_sort: str = "",
        default_limit: int = 50,
    ) -> ListState:
        """Read a query (``request.GET.lists()`` as a dict). A page or order that there is not falls back to the first; a filter
        that the list does not have stays, for :meth:`Listing.refusals` to name."""

        def first(name: str) -> str:
            values = query.get(name) or [""]
            return values[0].strip()[:200]

        sortable = {column.key for column in columns if column.sortable}
        known = {column.key for column in columns}
        given = {each.name: first(each.name) or first(each.also) for each in filters}
        taken = _OWN.union(given, (each.also for each in filters))
        given |= {name[:64]: first(name) for name in query if name not in taken}
        sort = first("sort")
        limit = first("limit")
        asked = tuple(key for key in query.get("columns", ()) if key in known)
        return cls(
            path=path,
            sort=sort if sort.removeprefix("-") in sortable else default_sort,
            cursor=first("cursor"),
            limit=int(limit) if limit.isascii() and limit.isdigit() and int(limit) in SIZES else default_limit,
            q=first("q"),
            filters={name: value for name, value in given.items() if value},
            columns=asked,
            view=first("view"),
            only=tuple(dict.fromkeys(one.strip()[:64] for one in query.get("id", ()) if one.strip()))[:MOST_TICKED],
        )

    def refusals(self, filters: Sequence[Filter], *, searched: bool) -> dict[str, str]:
        """The filters of the address that the list does not know, or whose value it cannot read: name → what was expected.

        As long as there is one, nothing may be shown: without it more would be shown than was asked for.
        """
        known = {each.name: each for each in filters}
        found = {
            name: known[name].expected
            if name in known
            else _("one of its filters: %(names)s") % {"names": _names(known)}
            for name, value in self.filters.items()
            if name not in known or not known[name].takes(value)
        }
        return found if searched or not self.q else found | {"q": _("no search: this list has none")}

    def url(self, **changes: object) -> str:
        """The same list with something changed; anything but a new cursor goes back to the first page."""
        if "cursor" not in changes:
            changes["cursor"] = ""
        pairs = replace(self, **changes).pairs()  # type: ignore[arg-type]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def pairs(self, *, without: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Name and value of everything that is set, in a fixed order."""
        found = [("q", self.q), *self.filters.items(), ("view", self.view), ("sort", self.sort)]
        found += [("columns", key) for key in self.columns]
        found += [("id", one) for one in self.only]
        found += [("limit", str(self.limit) if self.limit != 50 else ""), ("cursor", self.cursor)]
        return [(name, value) for name, value in found if value and name not in without]

    def without_filter(self, name: str) -> str:
        return self.url(filters={key: value for key, value in self.filters.items() if key != name})

    def export_url(self, kind: str = "xlsx") -> str:
        pairs = [*self.pairs(without=("cursor", "limit")), ("format", kind)]
        return f"{self.path}?{urlencode(pairs)}"

    @property
    def subscribe_url(self) -> str:
        """Where this list, as it is asked for, becomes a report that is made again and again."""
        pairs = self.pairs(without=("cursor", "limit", "id"))
        address = f"{self.path}?{urlencode(pairs)}" if pairs else self.path
        return f"/schedules/new?{urlencode({'address': address})}"

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.filters or self.only)


def _names(filters: Iterable[str]) -> str:
    return texts.listed(filters) or "–"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: cells by column key (Money, date, Due, Status, Link, Ident, number or text).

    ``amount`` is what the bulk bar adds up; ``locked`` names why the row cannot be ticked.
    """

    id: str
    cells: Mapping[str, object]
    href: str = ""
    amount: Money | None = None
    locked: Words = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Cursors of the neighbours; a total only when it was asked for. ``number`` is the page's, where pages are numbered:
    then a number is also a cursor, and a reader may type one."""

    next_cursor: str = ""
    previous_cursor: str = ""
    total: int | None = None
    number: int | None = None

    @property
    def many(self) -> bool:
        """Whether there is another page than this one."""
        return bool(self.next_cursor or self.previous_cursor)


@dataclass(frozen=True, slots=True)
class BulkAction:
    name: str
    label: Words
    primary: bool = False


@dataclass(frozen=True, slots=True)
class SavedView:
    label: Words
    href: str
    current: bool = False
    count: int | None = None
    own: bool = False  # the reader's own, who may rename or delete it
    default: bool = False
    dated: bool = False  # it keeps a date of its own


def shown(columns: Sequence[Column], state: ListState) -> tuple[Column, ...]:
    """The columns chosen in the address, in their own order; the leading column always shows."""
    chosen = state.columns
    return tuple(c for c in columns if (c.key in chosen or c.lead if chosen else c.shown))


@dataclass(frozen=True, slots=True)
class HeadCell:
    column: Column
    href: str
    aria_sort: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list; drawn by ``{% listing %}``."""

    id: str
    caption: Words
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    state: ListState
    pager: Pager = Pager()
    filters: tuple[Filter, ...] = ()
    views: tuple[SavedView, ...] = ()
    search: Words = ""
    bulk_url: str = ""
    bulk: tuple[BulkAction, ...] = ()
    bulk_limit: int = 100
    totals: Mapping[str, tuple[Money, ...]] = field(default_factory=dict)
    export: bool = True
    empty: Empty | None = None
    actions: tuple[Link, ...] = ()
    keeps: bool = False  # whether the reader may keep views of it
    dated: tuple[str, ...] = ()  # the date filters that are set
    refused: frozenset[str] = frozenset()  # filters of the address that the list does not know or cannot read

    @property
    def shown(self) -> tuple[Column, ...]:
        return shown(self.columns, self.state)

    @property
    def shown_keys(self) -> frozenset[str]:
        return frozenset(column.key for column in self.shown)

    @property
    def head(self) -> tuple[HeadCell, ...]:
        return tuple(self._head(column) for column in self.shown)

    def _head(self, column: Column) -> HeadCell:
        sort = self.state.sort
        if not column.sortable:
            return HeadCell(column, "", "")
        if sort == column.key:
            return HeadCell(column, self.state.url(sort=f"-{column.key}"), "ascending")
        if sort == f"-{column.key}":
            return HeadCell(column, self.state.url(sort=column.key), "descending")
        return HeadCell(column, self.state.url(sort=f"-{column.key}" if column.right else column.key), "")

    @property
    def chips(self) -> tuple[tuple[Words, Words, str], ...]:
        """Label, value and the address without it, for each filter that is set; where it is refused, whatever sets it."""
        known = {each.name: each for each in self.filters}
        return tuple(
            (
                known[name].label if name in known else name,
                known[name].words(value) if name in known else value,
                self.state.without_filter(name),
            )
            for name, value in self.state.filters.items()
            if name in self.refused or known[name].kind != "view"
        )

    @property
    def hidden_pairs(self) -> list[tuple[str, str]]:
        """What the filter form must carry along besides its own fields. Swapped with the rows, so never stale."""
        return self.state.pairs(without=("q", "cursor", *(each.name for each in self.fields)))

    @property
    def fields(self) -> tuple[Filter, ...]:
        """The filters that are fields of the form."""
        return tuple(each for each in self.filters if each.kind != "view")

    @property
    def every_url(self) -> str:
        return self.state.url(only=())

    @property
    def pairs_without_cursor(self) -> list[tuple[str, str]]:
        return self.state.pairs(without=("cursor",))

    @property
    def pairs_without_columns(self) -> list[tuple[str, str]]:
        return self.state.pairs(without=("columns", "cursor"))

    @property
    def pairs_without_ticks(self) -> list[tuple[str, str]]:
        return self.state.pairs(without=("id", "cursor"))

    @property
    def clear_search_url(self) -> str:
        return self.state.url(q="")

    @property
    def asked(self) -> str:
        """Which rows are asked for, whatever page and order shows them: as long as it stands, ticks are kept."""
        return urlencode(self.state.pairs(without=("cursor", "sort", "limit", "columns")))

    @property
    def clear_url(self) -> str:
        return self.state.url(q="", filters={}, view="", only=())

    @property
    def kept(self) -> SavedView | None:
        """The reader's own view that the page shows."""
        return next((view for view in self.views if view.own and view.current), None)

    @property
    def query(self) -> str:
        """What a view keeps of the address: everything but the page, the ticks and the view's own name."""
        return urlencode(self.state.pairs(without=("cursor", "view", "id")))

    @property
    def next_url(self) -> str:
        return self.state.url(cursor=self.pager.next_cursor) if self.pager.next_cursor else ""

    @property
    def previous_url(self) -> str:
        return self.state.url(cursor=self.pager.previous_cursor) if self.pager.previous_cursor else ""

    @property
    def first_url(self) -> str:
        return self.state.url(cursor="") if self.state.cursor else ""

    @property
    def trigger(self) -> str:
        """When the filter form submits itself. Each source is named: ``change`` on any input would fire on blur too."""
        parts = ["submit"]
        if self.search:
            parts.append(f"input changed delay:300ms from:#{self.id}-q")
        parts += [f"change from:#{self.id}-f{n}" for n in range(1, len(self.fields) + 1)]
        return ", ".join(parts)
