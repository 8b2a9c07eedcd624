"""Lists in an order that an address names, going on behind the row that was seen last.

A list is ordered by one column and, where that is equal, by id. A cursor is the id of a row, so the same cursor goes on in
any order; the position is compared as a row, ``(column, id) < (value, id)``, for an index to begin there.

A sweep takes all of its rows, :func:`every`: those that cannot move yet hold up none that stand behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from fourflow.platform.errors import Invalid

Q = TypeVar("Q", bound=QuerySet[Any])
Row = TypeVar("Row")
M = TypeVar("M", bound=Model)

#: how many rows a sweep reads at a time
AT_ONCE = 200


class PageInvalid(Invalid):
    """A cursor, sort or page size that this list does not have."""

    code = "page.invalid"


def in_order(
    rows: Q,
    sort: str,
    sorts: Mapping[str, str],
    *,
    after: UUID | None = None,
    only: Collection[UUID] | None = None,
    among: Q | None = None,
) -> Q:
    """What ``visible_to`` gave, before it is narrowed: in an order, behind the row ``after``, or ``only`` these rows.

    :param sort: a name of ``sorts``, a minus in front for descending; ``""`` is the newest first.
    :param sorts: the names of an address → columns that are never null.
    :param among: where the row ``after`` is looked for, if ``rows`` are only a part of what the actor sees.
    :raises PageInvalid: a sort that the list does not have, or a row that the actor may not see.
    """
    name, descending = sort.removeprefix("-"), sort.startswith("-") or not sort
    if name and name not in sorts:
        raise PageInvalid(field="sort", value=sort[:80], expected=sorted(sorts))
    column, mark = sorts.get(name, ""), "-" if descending else ""
    found = rows.order_by(f"{mark}{column}", f"{mark}id") if column else rows.order_by("-id")
    if only is not None:
        found = found.filter(pk__in=list(only))
    if after is None:
        return found
    if not column:
        return found.filter(id__lt=after)
    # of the rows that the actor sees: where another's row stands in an order would tell what is in it
    position = (rows if among is None else among).filter(pk=after).values_list(column, "id").first()
    if position is None:
        raise PageInvalid(field="cursor", value=str(after))
    beyond = TupleLessThan if descending else TupleGreaterThan
    return found.filter(beyond(Tuple(column, "id"), position))


#: behind which row a list of what ended goes on: when it ended, and its key
Before = tuple[date | datetime, UUID] | None


def latest(rows: Q, column: str, *, since: date | datetime, until: date | datetime, before: Before, limit: int) -> Q:
    """Of a span of time (``until`` is excluded) the latest first, where that is equal by key; behind the row ``before``."""
    found = rows.filter(**{f"{column}__gte": since, f"{column}__lt": until}).order_by(f"-{column}", "-pk")
    if before is not None:
        found = found.filter(TupleLessThan(Tuple(column, "pk"), before))
    return found[:limit]


def page_by_page(page: Callable[[Row | None], Sequence[Row]], size: int) -> Iterator[Row]:
    """All rows, however many: the next page is read when the last one is used up. A short page is the last.

    :param page: up to ``size`` rows in a fixed order, behind the row given (None: the first ones).
    """
    last: Row | None = None
    while True:
        found = page(last)
        yield from found
        if len(found) < size:
            return
        last = found[-1]


def every(rows: QuerySet[M], column: str) -> Iterator[M]:
    """All rows of a sweep by a column that is never null and, where that is equal, by key: a page at a time, so that each is
    read not long before it is taken."""

    def page(last: M | None) -> list[M]:
        found = rows.order_by(column, "pk")
        if last is not None:
            found = found.filter(TupleGreaterThan(Tuple(column, "pk"), (getattr(last, column), last.pk)))
        return list(found[:AT_ONCE])

    return page_by_page(page, AT_ONCE)
