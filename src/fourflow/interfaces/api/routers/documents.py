"""Trade documents: orders, deliveries, invoices and contracts, read and registered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Line, Money, Page, Part, Shown
from fourflow.interfaces.api.ids import DeliveryId, DocumentId, OrderId, PartyId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import one, page, read, reads, reply, show, writes
from fourflow.interfaces.api.routers.document_bodies import (
    ContractRequest,
    DeliveryBody,
    DeliveryRequest,
    InvoiceRequest,
    OrderBody,
    OrderRequest,
    PaperBody,
)
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.trade.documents import operations, queries
from fourflow.trade.documents.types import (
    DocumentKind,
    DocumentPage,
    PartyName,
)

router = Router(tags=["documents"])
Size = Annotated[int, Query(ge=1, le=200)]


class OrderRow(Shown):
    id: OrderId
    number: str
    order_number: str
    seller: str
    dated_on: date | None
    amount: Money | None
    lines: int
    own_stock: bool


class DeliveryRow(OrderRow):
    id: DeliveryId


class PaperRow(OrderRow):
    id: DocumentId
    kind: DocumentKind


class OrderPage(Page):
    data: list[OrderRow]


class DeliveryPage(Page):
    data: list[DeliveryRow]


class PaperPage(Page):
    data: list[PaperRow]


class NameBody(Part):
    """A name as documents write it, the firm it means, and the party it was mapped to."""

    name: str
    firm: str
    group: str
    reason: str
    party_id: PartyId | None


class NameList(Shown):
    data: list[NameBody]


class NameRequest(Body):
    name: Line
    party_id: PartyId


def _list(
    request: HttpRequest, query: Callable[[], DocumentPage], model: type[Page], row: type[OrderRow]
) -> HttpResponse:
    found = read(request, query)
    return page(request, model, [show(row, item) for item in found.items], found.next_cursor or None)


@router.get("/orders", **reads(OrderPage))
def list_orders(
    request: HttpRequest, q: Line = "", seller: Line = "", cursor: str = "", limit: Size = 50
) -> HttpResponse:
    """Orders, the last recorded first; ``q`` begins a number."""
    actor, filters = caller(request).actor, queries.Filters(number=q, seller=seller)
    return _list(
        request, lambda: queries.orders(actor, filters=filters, cursor=cursor, limit=limit), OrderPage, OrderRow
    )


@router.post("/orders", **writes(OrderBody, 201))
def register_order(request: HttpRequest, body: OrderRequest) -> HttpResponse:
    """Record an order of the organisation, or further lines of one; the same again changes nothing."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.register_order(order=body.to_type(), actor=who.actor, effective_at=who.now))

    return one(request, "order", about(perform(request, "order.register", body.plain(), run)), 201)


@router.get("/orders/{order_id}", **reads(OrderBody))
def get_order(request: HttpRequest, order_id: OrderId) -> HttpResponse:
    """One order with its lines."""
    return one(request, "order", order_id)


@shows("order")
def _order(who: Caller, order_id: UUID) -> OrderBody:
    return show(OrderBody, queries.order(who.actor, order_id))


@router.get("/deliveries", **reads(DeliveryPage))
def list_deliveries(
    request: HttpRequest,
    q: Line = "",
    seller: Line = "",
    day_from: Annotated[date | None, Query(alias="delivered[gte]")] = None,
    day_to: Annotated[date | None, Query(alias="delivered[lte]")] = None,
    sort: str = "-delivered",
    cursor: str = "",
    limit: Size = 50,
) -> HttpResponse:
    """Deliveries, the latest day first or by ``sort``: delivered, amount, number."""
    actor = caller(request).actor
    filters = queries.Filters(number=q, seller=seller, day_from=day_from, day_to=day_to)

    def query() -> DocumentPage:
        return queries.deliveries(actor, filters=filters, sort=sort, cursor=cursor, limit=limit)

    return _list(request, query, DeliveryPage, DeliveryRow)


@router.post("/deliveries", **writes(DeliveryBody, 201))
def register_delivery(request: HttpRequest, body: DeliveryRequest) -> HttpResponse:
    """Record a delivery of a known order; the same again changes nothing."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.register_delivery(delivery=body.to_type(), actor=who.actor, effective_at=who.now))

    return one(request, "delivery", about(perform(request, "delivery.register", body.plain(), run)), 201)


@router.get("/deliveries/{delivery_id}", **reads(DeliveryBody))
def get_delivery(request: HttpRequest, delivery_id: DeliveryId) -> HttpResponse:
    """One delivery with its lines."""
    return one(request, "delivery", delivery_id)


@shows("delivery")
def _delivery(who: Caller, delivery_id: UUID) -> DeliveryBody:
    return show(DeliveryBody, queries.delivery(who.actor, delivery_id))


@router.get("/papers", **reads(PaperPage))
def list_papers(
    request: HttpRequest,
    kind: DocumentKind = DocumentKind.INVOICE,
    q: Line = "",
    cursor: str = "",
    limit: Size = 50,
) -> HttpResponse:
    """Invoices or contracts, the latest day first."""
    actor, filters = caller(request).actor, queries.Filters(number=q)

    def query() -> DocumentPage:
        return queries.papers(actor, kind=kind, filters=filters, cursor=cursor, limit=limit)

    return _list(request, query, PaperPage, PaperRow)


@router.post("/invoices", **writes(PaperBody, 201))
def register_invoice(request: HttpRequest, body: InvoiceRequest) -> HttpResponse:
    """Record an invoice to the organisation; the same again changes nothing."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.register_invoice(invoice=body.to_type(), actor=who.actor, effective_at=who.now))

    return one(request, "document", about(perform(request, "invoice.register", body.plain(), run)), 201)


@router.post("/contracts", **writes(PaperBody, 201))
def register_contract(request: HttpRequest, body: ContractRequest) -> HttpResponse:
    """Record a contract of the organisation with a seller; the same again changes nothing."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.register_contract(contract=body.to_type(), actor=who.actor, effective_at=who.now))

    return one(request, "document", about(perform(request, "contract.register", body.plain(), run)), 201)


@router.get("/papers/{document_id}", **reads(PaperBody))
def get_paper(request: HttpRequest, document_id: DocumentId) -> HttpResponse:
    """One invoice or contract."""
    return one(request, "document", document_id)


@shows("document")
def _paper(who: Caller, paper_id: UUID) -> PaperBody:
    return show(PaperBody, queries.paper(who.actor, paper_id))


@router.get("/party-names", **reads(NameList))
def list_party_names(request: HttpRequest) -> HttpResponse:
    """The names in the organisation's documents with what they mean."""
    actor = caller(request).actor
    found: tuple[PartyName, ...] = read(request, lambda: queries.party_names(actor))
    return reply(request, NameList(data=[NameBody.model_validate(name) for name in found]))


@router.post("/party-names", **writes(NameBody))
def map_party_name(request: HttpRequest, body: NameRequest) -> HttpResponse:
    """Say which party a name in the organisation's documents means."""
    who = caller(request)

    def run() -> dict[str, Any]:
        operations.map_party(name=body.name, party_id=body.party_id, actor=who.actor, effective_at=who.now)
        return {"name": body.name}

    done = perform(request, "party_name.map", body.plain(), run)
    found = read(request, lambda: queries.party_names(who.actor))
    return reply(request, next(NameBody.model_validate(name) for name in found if name.name == done.result["name"]))
