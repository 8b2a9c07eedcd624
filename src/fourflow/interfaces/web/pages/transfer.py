"""Passing a part on: preview of the resulting parts, then the signed offer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import TERMS_VERSION, Holding, HoldingId, HoldingState, Voucher
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import PartyNotFound, Permission
from fourflow.interfaces.web import doors, reading, refusals
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.records import Decision
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.components.voucher_tree import Node
from fourflow.interfaces.web.pages.voucher import standing
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_TRANSFER)
def transfer(request: HttpRequest, visitor: Visitor, holding_id: UUID) -> HttpResponse:
    """GET with amount, receiver and basis shows the preview; POST signs and offers."""
    refused, code = None, 200
    if request.method == "POST":
        try:
            return _offer(request, visitor, HoldingId(holding_id))
        except FourflowError as error:
            code = refusals.status_of(error)
            if code == 404 and error.code != "party.not_found":
                raise
            refused = refusals.banner(error)
    with visitor.reading() as actor:
        holding = queries.holding(actor=actor, holding_id=HoldingId(holding_id))
        voucher = queries.get(actor=actor, voucher_id=holding.voucher_id)
        names = parties.names([voucher.issuer_id, holding.holder_id])
        barring = queries.overlays(actor=actor, voucher_id=voucher.id, open_only=True)
    given = request.POST if request.method == "POST" else request.GET
    free = holding.state is HoldingState.ACTIVE and holding.holder_id == visitor.id and not barring
    fit = operations.receivers(holding_id=holding.id, actor=visitor.actor, today=visitor.today) if free else ()
    context: dict[str, Any] = {
        "holding": holding,
        "voucher": voucher,
        "debtor": names.get(voucher.issuer_id, ""),
        "receivers": [(text("party", one.id), one.name) for one in fit],
        "given": {name: given.get(name, "") for name in ("amount", "receiver", "basis", "identifier")},
        "refused": refused,
        "banners": [standing(visitor, one) for one in barring],
        "free": free,
        "address": to("holding", holding.id),
        "maximum": holding.amount,
    }
    if given.get("amount") and refused is None:
        try:
            context |= _preview(request, visitor, holding, voucher, names)
        except FourflowError as error:
            context["refused"], code = refusals.banner(error), refusals.status_of(error)
    return render(request, "web/pages/transfer.html", context, status=code)


def _receiver(request: HttpRequest, visitor: Visitor) -> UUID:
    """From the list of firms one knows, or by a registration number typed in whole.

    :raises PartyNotFound: neither.
    """
    given = request.POST if request.method == "POST" else request.GET
    if typed := given.get("identifier", "").strip():
        if (found := parties.registered_as(typed, visitor.today)) is None:
            raise PartyNotFound(field="identifier")
        return found.id
    if (chosen := read("party", given.get("receiver", ""))) is None:
        raise PartyNotFound(field="receiver")
    return chosen


def _preview(
    request: HttpRequest, visitor: Visitor, holding: Holding, voucher: Voucher, names: dict[UUID, str]
) -> dict[str, Any]:
    """What will stand in the register if the receiver accepts, and what is signed for it."""
    receiver = _receiver(request, visitor)
    amount = reading.amount(request.GET["amount"], holding.amount.currency)
    basis = request.GET.get("basis", "").strip()
    content, rest = operations.plan_transfer(
        holding_id=holding.id,
        receiver_id=receiver,
        amount=amount,
        trade_basis=basis,
        actor=visitor.actor,
        today=visitor.today,
    )
    name = parties.names([receiver]).get(receiver, "")
    parts = (
        Node(name, amount, status("holding", "locked_transfer"), _("until accepted"), kept=amount.minor),
        *(
            (Node(names.get(holding.holder_id, ""), rest, status("holding", "active"), kept=rest.minor),)
            if rest
            else ()
        ),
    )
    root = Node(
        names.get(holding.holder_id, ""),
        holding.amount,
        note=_("today"),
        kept=rest.minor,
        passed=amount.minor,
        here=True,
        children=parts,
    )
    area = Decision(
        action=request.path,
        amount=amount,
        label=_("You pass on to %(name)s") % {"name": name},
        approve=_("Sign and offer"),
        token=doors.token(),
        consequence=_("The part is locked until the other side accepts, rejects, or its time is over."),
        digest=doors.shown(content),
        opinion=False,
        hidden=(("receiver", text("party", receiver)), ("basis", basis), ("amount", f"{amount.decimal}")),
    )
    return {"preview": root, "decision": area}


def _offer(request: HttpRequest, visitor: Visitor, key: HoldingId) -> HttpResponse:
    with visitor.reading() as actor:
        holding = queries.holding(actor=actor, holding_id=key)
    receiver = _receiver(request, visitor)
    amount: Money = reading.amount(request.POST.get("amount", ""), holding.amount.currency)
    basis = request.POST.get("basis", "").strip()
    doors.confirm(request, visitor)

    def run() -> dict[str, str]:
        content = operations.transfer_content(key, receiver, amount, basis)
        part = operations.offer_transfer(
            holding_id=key,
            receiver_id=receiver,
            amount=amount,
            trade_basis=basis,
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
            signature=doors.sign(request, visitor, content, TERMS_VERSION),
        )
        return {"id": str(part.id)}

    done = doors.perform(request, visitor, "holding.offer", run, holding=str(key))
    messages.success(request, _("Offered. The other side answers."))
    return redirect(to("holding", UUID(done.result["id"])))
