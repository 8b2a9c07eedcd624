"""Lists in an order that an address names, going on behind the row that was seen last.

A list is ordered by one column and, where that is equal, by id. A cursor is the id of a row, so the same cursor goes on in
any order; the position is compared as a row, ``(column, id) < (value, id)``, for an index to begin there.

A sweep takes all of its rows, :func:`page_by_page`: those that cannot move yet hold up none that stand behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from fourflow.platform.errors import Invalid

Q = TypeVar("Q", bound=QuerySet[Any])
Row = TypeVar("Row")


class PageInvalid(Invalid):
    """A cursor, sort or page size that this list does not have."""

    code = "page.invalid"


def in_order(
    rows: Q, sort: str, sorts: Mapping[str, str], *, after: UUID | None = None, only: Collection[UUID] | None = None
) -> Q:
    """What ``visible_to`` gave, before it is narrowed: in an order, behind the row ``after``, or ``only`` these rows.

    :param sort: a name of ``sorts``, a minus in front for descending; ``""`` is the newest first.
    :param sorts: the names of an address → columns that are never null.
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
    position = rows.filter(pk=after).values_list(column, "id").first()
    if position is None:
        raise PageInvalid(field="cursor", value=str(after))
    beyond = TupleLessThan if descending else TupleGreaterThan
    return found.filter(beyond(Tuple(column, "id"), position))


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
