"""Rows → documents, for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from fourflow.platform.money import Money
from fourflow.trade.documents import models
from fourflow.trade.documents.domain import content
from fourflow.trade.documents.types import (
    Contract,
    Delivery,
    DeliveryLine,
    DocumentId,
    DocumentKind,
    DocumentRef,
    ImportId,
    Invoice,
    OrderLine,
    PurchaseOrder,
    StoredDocument,
)

D = TypeVar("D", PurchaseOrder, Delivery, Invoice, Contract)


def orders_of(rows: Iterable[models.Order]) -> dict[UUID, PurchaseOrder]:
    """The orders of header rows that the caller may see, by id."""
    rows = list(rows)
    lines: dict[UUID, list[OrderLine]] = defaultdict(list)
    currency = {row.id: row.currency for row in rows}
    for line in models.OrderLine.objects.filter(order_id__in=list(currency)).order_by("id"):
        price = None if line.unit_price is None else content.plain(line.unit_price)
        amount = Money(line.amount_minor, currency[line.order_id])
        lines[line.order_id].append(
            OrderLine(
                number=line.number,
                item=line.item,
                quantity=content.plain(line.quantity),
                unit=line.unit,
                unit_price=price,
                amount=amount,
                maker=line.maker,
                item_group=line.item_group,
            )
        )
    return {
        row.id: PurchaseOrder(
            number=row.number,
            seller=row.seller,
            currency=row.currency,
            lines=tuple(lines[row.id]),
            ordered_on=row.ordered_on,
            destination=row.destination,
            incoterm=row.incoterm,
            own_stock=row.own_stock,
            project=row.project,
            refs=content.refs_from(row.refs),
        )
        for row in rows
    }


def deliveries_of(rows: Iterable[models.Delivery]) -> dict[UUID, Delivery]:
    """The deliveries of header rows that the caller may see, by id."""
    rows = list(rows)
    lines: dict[UUID, list[DeliveryLine]] = defaultdict(list)
    currency = {row.id: row.currency for row in rows}
    for line in models.DeliveryLine.objects.filter(delivery_id__in=list(currency)).order_by("delivery_id", "position"):
        lines[line.delivery_id].append(
            DeliveryLine(
                order_line=line.order_line,
                item=line.item,
                quantity=content.plain(line.quantity),
                amount=Money(line.amount_minor, currency[line.delivery_id]),
                maker=line.maker,
                weight=content.figure_from(line.weight),
                freight=content.figure_from(line.freight),
            )
        )
    numbers = dict(models.Order.objects.filter(id__in={row.order_id for row in rows}).values_list("id", "number"))
    return {
        row.id: Delivery(
            number=row.number,
            order_number=numbers[row.order_id],
            seller=row.seller,
            currency=row.currency,
            delivered_on=row.delivered_on,
            lines=tuple(lines[row.id]),
            recorded_on=row.noted_on,
            scheduled_on=row.scheduled_on,
            transport=row.transport,
            own_stock=row.own_stock,
            refs=content.refs_from(row.refs),
        )
        for row in rows
    }


def papers_of(rows: Iterable[models.Paper]) -> dict[UUID, Invoice | Contract]:
    """The invoices and contracts of rows that the caller may see, by id."""
    rows = list(rows)
    refs: dict[UUID, list[DocumentRef]] = defaultdict(list)
    for ref in models.PaperRef.objects.filter(paper_id__in=[row.id for row in rows]).order_by("kind", "number"):
        refs[ref.paper_id].append(DocumentRef(DocumentKind(ref.kind), ref.number))
    return {row.id: _paper(row, tuple(refs[row.id])) for row in rows}


def _paper(row: models.Paper, refs: tuple[DocumentRef, ...]) -> Invoice | Contract:
    amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency)
    if row.kind == DocumentKind.INVOICE:
        assert amount is not None, "a check constraint says that an invoice has an amount"
        return Invoice(
            number=row.number,
            seller=row.seller,
            amount=amount,
            issued_on=row.dated_on,
            code=row.code,
            tax=None if row.tax_minor is None else Money(row.tax_minor, row.currency),
            due_on=row.due_on,
            refs=refs,
        )
    return Contract(
        number=row.number,
        seller=row.seller,
        signed_on=row.dated_on,
        valid_to=row.due_on,
        amount=amount,
        payment_days=row.payment_days,
        refs=refs,
    )


def stored(row: Any, document: D) -> StoredDocument[D]:
    """A document with its identity; its seller's party is the one that the buyer's names map to."""
    party = (
        models.PartyNameRow.objects.filter(buyer_id=row.buyer_id, name=row.seller)
        .values_list("party_id", flat=True)
        .first()
    )
    of_import = getattr(row, "of_import_id", None)
    return StoredDocument(
        id=DocumentId(row.id),
        buyer_id=row.buyer_id,
        seller_id=party,
        document=document,
        import_id=None if of_import is None else ImportId(of_import),
        recorded_at=row.recorded_at,
    )
