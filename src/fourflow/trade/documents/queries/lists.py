"""Lists, newest first, page by page with a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from fourflow.platform.db.ordering import in_order
from fourflow.platform.db.visibility import Viewer
from fourflow.platform.money import Money
from fourflow.trade.documents import models
from fourflow.trade.documents.types import DocumentId, DocumentInvalid, DocumentKind, DocumentPage, DocumentSummary

MAX_PAGE = 200
#: what deliveries may be sorted by
DELIVERY_SORTS = {"delivered": "delivered_on", "amount": "amount_minor", "number": "number"}
#: what invoices and contracts may be sorted by
PAPER_SORTS = {"issued": "dated_on", "number": "number"}


@dataclass(frozen=True, slots=True)
class Filters:
    """`number` matches the beginning of an own or order number, letter case aside; days are inclusive.

    `import_id`: what one file brought (orders and deliveries only).
    """

    number: str = ""
    seller: str = ""
    day_from: date | None = None
    day_to: date | None = None
    own_stock: bool | None = None
    import_id: UUID | None = None


NO_FILTERS = Filters()


def orders(actor: Viewer, *, filters: Filters = NO_FILTERS, cursor: str = "", limit: int = 50) -> DocumentPage:
    """Orders that the organisation may see, the last recorded first.

    :raises DocumentInvalid: a cursor that this list did not give.
    """
    rows = _filtered(models.Order.objects.visible_to(actor), filters, "ordered_on", ["number"])
    if cursor:
        rows = rows.filter(id__lt=_id(cursor))
    sums = models.OrderLine.objects.filter(order_id=OuterRef("id")).order_by().values("order_id")
    rows = rows.annotate(
        sum_minor=Subquery(sums.annotate(total=Sum("amount_minor")).values("total")),
        line_total=Subquery(sums.annotate(total=Count("id")).values("total")),
    )
    page = list(rows.order_by("-id")[: _bounded(limit) + 1])
    items = [
        DocumentSummary(
            id=DocumentId(row.id),
            kind=DocumentKind.ORDER,
            number=row.number,
            order_number=row.number,
            seller=row.seller,
            dated_on=row.ordered_on,
            amount=Money(int(row.sum_minor or 0), row.currency),
            lines=row.line_total or 0,
            own_stock=row.own_stock,
        )
        for row in page
    ]
    return _page(items, limit, lambda item: str(item.id))


def deliveries(
    actor: Viewer,
    *,
    filters: Filters = NO_FILTERS,
    sort: str = "-delivered",
    cursor: str = "",
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> DocumentPage:
    """Deliveries that the organisation may see, the latest day first or by ``DELIVERY_SORTS``.

    :raises DocumentInvalid: a cursor that this list did not give.
    :raises PageInvalid: an order that this list does not have.
    """
    after = _id(cursor) if cursor else None
    seen = in_order(models.Delivery.objects.visible_to(actor), sort, DELIVERY_SORTS, after=after, only=only)
    rows = _filtered(seen.select_related("order"), filters, "delivered_on", ["number", "order__number"])
    page = list(rows[: _bounded(limit) + 1])
    items = [
        DocumentSummary(
            id=DocumentId(row.id),
            kind=DocumentKind.DELIVERY,
            number=row.number,
            order_number=row.order.number,
            seller=row.seller,
            dated_on=row.delivered_on,
            amount=Money(row.amount_minor, row.currency),
            lines=row.line_count,
            own_stock=row.own_stock,
        )
        for row in page
    ]
    return _page(items, limit, lambda item: str(item.id))


def papers(
    actor: Viewer,
    *,
    kind: DocumentKind,
    filters: Filters = NO_FILTERS,
    sort: str = "-issued",
    cursor: str = "",
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> DocumentPage:
    """Invoices or contracts that the organisation may see, the latest day first or by ``PAPER_SORTS``.

    :raises DocumentInvalid: a cursor that this list did not give.
    :raises PageInvalid: an order that this list does not have.
    """
    after = _id(cursor) if cursor else None
    seen = in_order(models.Paper.objects.visible_to(actor), sort, PAPER_SORTS, after=after, only=only)
    page = list(_filtered(seen.filter(kind=kind.value), filters, "dated_on", ["number"])[: _bounded(limit) + 1])
    items = [
        DocumentSummary(
            id=DocumentId(row.id),
            kind=kind,
            number=row.number,
            order_number="",
            seller=row.seller,
            dated_on=row.dated_on,
            amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency),
            lines=0,
            due_on=row.due_on,
        )
        for row in page
    ]
    return _page(items, limit, lambda item: str(item.id))


def _filtered(rows: QuerySet[Any], filters: Filters, day: str, numbers: Sequence[str]) -> QuerySet[Any]:
    if filters.number:
        match = Q()
        for name in numbers:
            match |= Q(**{f"{name}__istartswith": filters.number})
        rows = rows.filter(match)
    if filters.seller:
        rows = rows.filter(seller=filters.seller)
    if filters.day_from:
        rows = rows.filter(**{f"{day}__gte": filters.day_from})
    if filters.day_to:
        rows = rows.filter(**{f"{day}__lte": filters.day_to})
    if filters.own_stock is not None:
        rows = rows.filter(own_stock=filters.own_stock)
    if filters.import_id is not None:
        rows = rows.filter(of_import_id=filters.import_id)
    return rows


def _bounded(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))


def _page(items: list[DocumentSummary], limit: int, cursor_of: Any) -> DocumentPage:
    size = _bounded(limit)
    if len(items) <= size:
        return DocumentPage(tuple(items))
    return DocumentPage(tuple(items[:size]), cursor_of(items[size - 1]))


def _id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise DocumentInvalid(field="cursor", value=cursor[:80], expected="a cursor of this list") from None
