"""The receiver's answer to an offered voucher or to an offered part."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import TERMS_VERSION, Holding, HoldingId, HoldingState, VoucherId, VoucherState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, refusals
from fourflow.interfaces.web.addresses import link, to
from fourflow.interfaces.web.components.records import Check, Decision
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.pages import decisions
from fourflow.interfaces.web.pages.voucher import legal_chain
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_ACCEPT)
def voucher(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """Accept or reject an offered voucher."""
    refused, code = None, 200
    key = VoucherId(voucher_id)
    if request.method == "POST":
        try:
            return _answer_voucher(request, visitor, key)
        except FourflowError as error:
            refused, code = refusals.told(error)
    with visitor.reading() as actor:
        found = queries.get(actor=actor, voucher_id=key)
        acts = queries.acts(actor=actor, voucher_id=key)
        names = parties.names([found.issuer_id, found.receiver_id, found.funder_id, *(a.organisation_id for a in acts)])
    issuer = names.get(found.issuer_id, "")
    area = Decision(
        action=request.path,
        amount=found.face,
        label=_("%(name)s promises you") % {"name": issuer},
        approve=_("Sign and accept"),
        reject=_("Reject"),
        token=doors.token(),
        checks=_checks(bool(acts), found.due_on.isoformat()),
        blocked=""
        if found.state is VoucherState.OFFERED and found.receiver_id == visitor.id
        else _("This is answered."),
        consequence=_("Accepting makes the debt due to you: you can hold it, pass it on or turn it into cash."),
        digest=doors.shown(found.content()),
    )
    context = {
        "title": _("Voucher from %(name)s") % {"name": issuer},
        "state": status("voucher", found.state.value),
        "facts": decisions.voucher_facts(found, names),
        "decision": area,
        "refused": refused,
        "link": link("voucher", found.id, _("Open the voucher")),
        "chain": legal_chain(acts, names, {}, None),
    }
    return render(request, "web/pages/decision.html", context, status=code)


def _checks(signed: bool, due: str) -> tuple[Check, ...]:
    return (
        Check(_("Two people of the issuer signed the promise"), "pass" if signed else "wait"),
        Check(_("A bank's credit line is blocked for it"), "pass"),
        Check(_("Payment is due on a fixed day"), "pass", due),
    )


def _answer_voucher(request: HttpRequest, visitor: Visitor, key: VoucherId) -> HttpResponse:
    accepts = request.POST.get("outcome") == "approve"
    reason = request.POST.get("opinion", "").strip()[:1000]
    if accepts:
        doors.confirm(request, visitor)

    def run() -> dict[str, str]:
        if not accepts:
            operations.reject(voucher_id=key, actor=visitor.actor, effective_at=visitor.now, reason=reason)
            return {"id": str(key)}
        content = queries.get(actor=visitor.actor, voucher_id=key).content()
        signature = doors.sign(request, visitor, content, TERMS_VERSION)
        operations.accept(voucher_id=key, actor=visitor.actor, effective_at=visitor.now, signature=signature)
        return {"id": str(key)}

    doors.perform(request, visitor, "voucher.answer", run, voucher=str(key))
    messages.success(request, _("Accepted: the voucher is yours.") if accepts else _("Rejected."))
    return redirect(to("voucher", key))


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_ACCEPT)
def part(request: HttpRequest, visitor: Visitor, holding_id: UUID) -> HttpResponse:
    """Accept or reject a part that its holder offers."""
    refused, code = None, 200
    key = HoldingId(holding_id)
    if request.method == "POST":
        try:
            return _answer_part(request, visitor, key)
        except FourflowError as error:
            refused, code = refusals.told(error)
    with visitor.reading() as actor:
        found, links = queries.chain(actor=actor, holding_id=key)
        own = links[-1].holding
        acts = [a for a in queries.acts(actor=actor, voucher_id=found.id) if a.holding_id is None]
        acts += [act for one in links for act in one.acts]
        names = parties.names(
            {found.issuer_id, found.receiver_id, found.funder_id, own.holder_id, *(a.organisation_id for a in acts)}
        )
    holder = names.get(own.holder_id, "")
    waits = own.state is HoldingState.LOCKED_TRANSFER and own.receiver_id == visitor.id
    area = Decision(
        action=request.path,
        amount=own.amount,
        label=_("%(name)s passes on to you") % {"name": holder},
        approve=_("Sign and accept"),
        reject=_("Reject"),
        token=doors.token(),
        checks=_checks(bool(acts), found.due_on.isoformat()),
        blocked="" if waits else _("This is answered."),
        consequence=_("Accepting makes you the core enterprise's creditor for this part."),
        digest=doors.shown(_content(own)),
    )
    facts = [
        (_("From"), holder),
        (_("Trade behind it"), own.trade_basis),
        (_("Amount"), own.amount),
        *decisions.voucher_facts(found, names),
    ]
    context = {
        "title": _("Transfer from %(name)s") % {"name": holder},
        "state": status("holding", own.state.value),
        "facts": facts,
        "decision": area,
        "refused": refused,
        "link": link("voucher", found.id, short(found.number)),
        "chain": legal_chain(acts, names, {}, None),
    }
    return render(request, "web/pages/decision.html", context, status=code)


def _content(own: Holding) -> dict[str, object]:
    receiver = own.receiver_id or own.holder_id
    return operations.transfer_content(own.id, receiver, own.amount, own.trade_basis)


def _answer_part(request: HttpRequest, visitor: Visitor, key: HoldingId) -> HttpResponse:
    accepts = request.POST.get("outcome") == "approve"
    reason = request.POST.get("opinion", "").strip()[:1000]
    if accepts:
        doors.confirm(request, visitor)

    def run() -> dict[str, str]:
        if not accepts:
            operations.reject_transfer(holding_id=key, actor=visitor.actor, effective_at=visitor.now, reason=reason)
            return {"id": str(key)}
        content = _content(queries.holding(actor=visitor.actor, holding_id=key))
        received = operations.accept_transfer(
            holding_id=key,
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
            signature=doors.sign(request, visitor, content, TERMS_VERSION),
        )
        return {"id": str(received.id)}

    done = doors.perform(request, visitor, "holding.answer", run, holding=str(key))
    messages.success(request, _("Accepted: this part is yours.") if accepts else _("Rejected."))
    return redirect(to("holding", UUID(done.result["id"])) if accepts else "/inbox")
