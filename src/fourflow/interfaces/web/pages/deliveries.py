"""Deliveries that make something payable, and putting the payable of one before its debtor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.claims import operations
from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ConfirmedPayable, DocumentRef, Scheme, Underlying
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, narrowing
from fourflow.interfaces.web.acts import Act, conduct
from fourflow.interfaces.web.addresses import is_id, text, to
from fourflow.interfaces.web.addresses import read as read_id
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row, SavedView
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field
from fourflow.interfaces.web.pages import payables
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.platform import calendar
from fourflow.trade.documents import queries as documents
from fourflow.trade.documents.types import Delivery, DocumentSummary, StoredDocument


@require_GET
@page(Permission.DOCUMENT_VIEW)
def deliveries(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Deliveries with what became of them: open ones lead to the form, the others to their payable."""

    def read(state: ListState) -> tuple[Sequence[DocumentSummary], Pager]:
        where = documents.Filters(
            number=state.q,
            day_from=day(state.filters.get("delivered[gte]", "")),
            day_to=day(state.filters.get("delivered[lte]", "")),
            own_stock=False,
            import_id=read_id("import", state.filters.get("import", "")),
        )
        found = documents.deliveries(
            visitor.actor,
            filters=where,
            sort=state.sort,
            cursor=state.cursor if is_id(state.cursor) else "",
            only=lists.only(state),
            limit=state.limit,
        )
        return found.items, Pager(next_cursor=found.next_cursor)

    def draw(found: Sequence[DocumentSummary]) -> list[Row]:
        return [_row(visitor, one, payable) for one, payable in zip(found, _owed(visitor, found), strict=True)]

    may = visitor.can(Permission.IMPORT_ORDERS)
    actions = (Link(_("From a file"), "/deliveries/file"),) if may else ()
    table = lists.Table(
        id="deliveries",
        title=_("Deliveries"),
        columns=(
            Column("number", _("Delivery"), lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("order", _("Order"), sortable=False),
            Column("seller", _("Seller"), sortable=False),
            Column("amount", _("Amount"), "money"),
            Column("delivered", _("Delivered"), "date"),
        ),
        filters=(
            Filter("delivered[gte]", _("Delivered from"), "date"),
            Filter("delivered[lte]", _("Delivered until"), "date"),
            Filter("import", _("File"), "view", of="import"),
        ),
        views=_views,
        actions=actions,
        sort="-delivered",
        search=_("Number, from its beginning"),
        read=read,
        draw=draw,
        empty=Empty(
            "first",
            _("No delivery here"),
            _("Deliveries come from the buyer's orders, by a file or by the API."),
            *actions,
        ),
    )
    return lists.show(request, visitor, table)


def _views(state: ListState) -> tuple[SavedView, ...]:
    """Beside all deliveries those that one file brought, where the address names one."""
    file = state.filters.get("import", "")
    if not file:
        return ()
    return (
        SavedView(_("All"), state.url(filters={}, view="all")),
        SavedView(_("From the file"), state.url(), current=True),
    )


def _owed(visitor: Visitor, items: Sequence[DocumentSummary]) -> list[ConfirmedPayable | None]:
    """The payable of each delivery that has one. Deliveries of other buyers show theirs on the list of payables."""
    buyer = buyer_name(visitor.id, visitor.today)
    wanted = [_underlying(buyer, one.order_number, one.number) for one in items]
    return claims.payables_on(actor=visitor.actor, underlyings=wanted)


def _underlying(buyer: str, order: str, delivery: str) -> Underlying:
    return Underlying(Scheme.PO_ASN, {"buyer": buyer, "order": order, "delivery": delivery})


def buyer_name(party_id: UUID, today: date) -> str:
    """How a document names its buyer: the registration number that is the same for everybody."""
    known = parties.views([party_id], today)[party_id].identifiers
    return known[0].value if known else str(party_id)


def _row(visitor: Visitor, one: DocumentSummary, payable: ConfirmedPayable | None) -> Row:
    address = to("delivery", one.id, "/confirm") if visitor.can(Permission.CLAIM_RECORD) else ""
    return Row(
        text("delivery", one.id),
        {
            "number": one.number,
            "state": payables.STATES[payable.state] if payable else _open(one, visitor.today),
            "order": one.order_number,
            "seller": one.seller,
            "amount": one.amount,
            "delivered": one.dated_on,
        },
        to("payable", payable.id) if payable else address,
    )


def _open(one: DocumentSummary, today: date) -> Status:
    """Nothing is owed yet: it waits to be confirmed, or goods are announced that have not come."""
    if one.dated_on and one.dated_on > today:
        return Status(pg("state", "Not yet delivered"), "neutral", True)
    return Status(pg("state", "Open"), "warn", True)


@require_GET
@page(Permission.DOCUMENT_VIEW)
def delivery(request: HttpRequest, visitor: Visitor, delivery_id: UUID) -> HttpResponse:
    """What one delivery brought, line by line: for buyer and seller, and for the bank that is asked to finance it."""
    with visitor.reading() as actor:
        found = documents.delivery(actor, delivery_id)
        names = parties.names([found.buyer_id])
    one = found.document
    context = {
        "title": f"{one.order_number}/{one.number}",
        "crumbs": (Link(_("Deliveries"), "/deliveries"),),
        "facts": [
            (_("Buyer"), names.get(found.buyer_id, "")),
            (_("Seller"), one.seller),
            (_("Order"), one.order_number),
            (_("Delivered"), one.delivered_on),
            (_("Announced for"), one.scheduled_on),
            (_("Noted by the buyer on"), one.recorded_on),
            (_("Transport"), one.transport),
        ],
        "delivery": one,
    }
    return render(request, "web/pages/delivery.html", context)


@require_http_methods(["GET", "POST"])
@page(Permission.CLAIM_RECORD)
def confirm(request: HttpRequest, visitor: Visitor, delivery_id: UUID) -> HttpResponse:
    """Register the claim of one delivery and put its payable before the debtor, whose second person signs it."""
    with visitor.reading() as actor:
        found = documents.delivery(actor, delivery_id)
        names = parties.names([found.buyer_id, visitor.id])
        choices, narrowed = [Choice(text("party", visitor.id), names.get(visitor.id, ""))], None
        if found.buyer_id == visitor.id:
            # on what is owed to anybody else no voucher may be issued
            of: Any = {"field": "creditor", "programme_id": visitor.id}
            sellers, narrowed = narrowing.firms(request, actor, RoleKind.SUPPLIER, **of)
            choices = [Choice(text("party", one.id), one.name) for one in sellers if one.id != visitor.id]
    delivery = found.document
    reference = DocumentRef("delivery", f"{delivery.order_number}/{delivery.number}", delivery_id)

    def run(values: Mapping[str, Any], _signature: object) -> dict[str, Any]:
        buyer = buyer_name(found.buyer_id, visitor.today)
        claim = operations.register_claim(
            underlying=_underlying(buyer, delivery.order_number, delivery.number),
            debtor_id=found.buyer_id,
            creditor_id=_party(values["creditor"]),
            amount=delivery.amount,
            actor=visitor.actor,
            effective_at=visitor.now,
            documents=[reference],
        )
        proposed = operations.propose_payable(
            claim_id=claim.id,
            amount=values["amount"],
            due_date=values["due_date"],
            delivered_on=delivery.delivered_on,
            documents=[reference],
            actor=visitor.actor,
            effective_at=visitor.now,
        )
        return {"id": str(proposed.id)}

    act = Act(
        title=_("Confirm delivery %(number)s") % {"number": delivery.number},
        operation="payable.propose",
        run=run,
        to=lambda done: to("payable", UUID(done["id"])),
        done=_("Proposed. A second person of the debtor signs it."),
        button=_("Propose the payable"),
        fields=_fields(visitor, found, choices),
        facts=[
            (_("Buyer"), names.get(found.buyer_id, "")),
            (_("Seller"), delivery.seller),
            (_("Order"), delivery.order_number),
            (_("Delivery"), Link(delivery.number, to("delivery", delivery_id))),
            (_("Delivered"), delivery.delivered_on),
            (_("Worth of the delivery"), delivery.amount),
        ],
        amount=lambda values: values["amount"],
        label=_("To be owed on this delivery"),
        consequence=_("The delivery is registered once and for all; nobody is bound before the second signature."),
        crumbs=(Link(_("Deliveries"), "/deliveries"),),
        about={"delivery": str(delivery_id)},
        narrowing=narrowed,
    )
    return conduct(request, visitor, act)


def _party(value: str) -> UUID:
    found = read_id("party", value)
    assert found is not None, "the form offers parties only"
    return found


def _fields(visitor: Visitor, found: StoredDocument[Delivery], choices: Sequence[Choice]) -> tuple[Field, ...]:
    delivery = found.document
    named = [choice.value for choice in choices if choice.label == delivery.seller]
    seller = text("party", found.seller_id) if found.seller_id else next(iter(named), "")
    due = _due(delivery.delivered_on, visitor.today)
    return (
        Field(
            "creditor",
            _("Creditor"),
            "choice",
            help=_("The registered firm that sold the goods, of your programme's suppliers."),
            choices=tuple(choices),
            initial=(seller,),
            known_as=("creditor_id",),
        ),
        Field(
            "amount",
            _("Amount"),
            "money",
            help=_("Up to what the delivery is worth."),
            unit=delivery.currency,
            initial=(f"{delivery.amount.decimal}",),
            maximum=24,
        ),
        Field(
            "due_date",
            _("Due"),
            "day",
            help=_("Proposed: the last business day within the statutory days after delivery."),
            initial=(due.isoformat(),),
        ),
    )


def _due(delivered: date, today: date) -> date:
    """The last business day of the statutory term, on which a voucher needs no clause of a contract; never before tomorrow."""
    days = calendar.load("CN")
    last = delivered + timedelta(days=parameters.integer(Key.STATUTORY_DAYS, today))
    while last > today and not days.is_business_day(last):
        last -= timedelta(days=1)
    return last if last > today else days.next_business_day(today + timedelta(days=1))
