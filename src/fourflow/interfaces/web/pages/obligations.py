"""What issuer and supplier still do about a voucher: withdraw or cancel it, reduce it by a credit note, pay it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import (
    TERMS_VERSION,
    Holding,
    HoldingId,
    HoldingState,
    Voucher,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web.acts import Act, Facts, Signing, conduct
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.records import Check
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.pages.objections import crumbs, voucher_act_facts
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.money import Money

PAYABLE = (VoucherState.MATURING, VoucherState.OVERDUE, VoucherState.DEFAULTED)


def _voucher(visitor: Visitor, voucher_id: UUID) -> Voucher:
    with visitor.reading() as actor:
        return queries.get(actor=actor, voucher_id=VoucherId(voucher_id))


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_CANCEL)
def withdraw(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """The issuer takes an offer back before the receiver answered."""
    voucher = _voucher(visitor, voucher_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.withdraw_offer(
            voucher_id=voucher.id, actor=visitor.actor, effective_at=visitor.now, reason=values["reason"]
        )
        return {"id": str(voucher.id)}

    act = Act(
        title=_("Withdraw the offer"),
        operation="voucher.withdraw",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Withdrawn."),
        button=_("Withdraw"),
        fields=(Field("reason", _("Reason"), "area", maximum=500),),
        facts=voucher_act_facts(voucher),
        amount=lambda values: voucher.face,
        label=_("Not promised any more"),
        consequence=_("Credit line and payable are free again."),
        blocked="" if voucher.state is VoucherState.OFFERED else _("This is answered."),
        crumbs=crumbs(voucher),
        about={"voucher": str(voucher.id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_VIEW)
def cancel(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """An accepted, unsplit, unfinanced voucher: the issuer signs that it shall be cancelled, then the receiver agrees."""
    with visitor.reading() as actor:
        voucher = queries.get(actor=actor, voucher_id=VoucherId(voucher_id))
        parts = queries.parts(actor=actor, voucher_id=voucher.id)
    issues = voucher.issuer_id == visitor.id
    asked = voucher.cancel_by is not None and voucher.cancel_by >= visitor.today
    whole = len(parts) == 1 and parts[0].state is HoldingState.ACTIVE

    def run(_values: Values, signature: Signature | None) -> dict[str, Any]:
        assert signature is not None
        step = operations.ask_to_cancel if issues else operations.agree_to_cancel
        step(voucher_id=voucher.id, actor=visitor.actor, effective_at=visitor.now, signature=signature)
        return {"id": str(voucher.id)}

    blocked = ""
    if voucher.state is not VoucherState.ACTIVE:
        blocked = _("Only an accepted voucher is cancelled by both sides.")
    elif issues and asked:
        blocked = _("You have signed; the holder's word is still missing.")
    elif not issues and not asked:
        blocked = _("The issuer has not signed for the cancellation.")
    act = Act(
        title=_("Cancel the voucher"),
        operation="voucher.ask_to_cancel" if issues else "voucher.agree_to_cancel",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Signed. The holder has to agree.") if issues else _("Cancelled."),
        button=_("Sign and ask to cancel") if issues else _("Sign and cancel"),
        facts=[*voucher_act_facts(voucher), (_("Decide by"), voucher.cancel_by if asked else None)],
        amount=lambda values: voucher.face,
        label=_("To be cancelled"),
        checks=(
            Check(_("In one piece, not passed on and not financed"), "pass" if whole else "fail"),
            Check(_("The issuer has signed"), "pass" if asked else "wait"),
        ),
        consequence=_("Nothing happens before the holder agrees.")
        if issues
        else _("The debt ends by new entries; credit line and payable are free again."),
        blocked=blocked,
        signed=Signing(lambda values: operations.cancel_content(voucher), TERMS_VERSION),
        crumbs=crumbs(voucher),
        about={"voucher": str(voucher.id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.LIMIT_SET)
def acknowledge(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """The bank of the line has examined a long term and finds it reasonable."""
    voucher = _voucher(visitor, voucher_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.acknowledge_term(
            voucher_id=voucher.id, actor=visitor.actor, effective_at=visitor.now, reason=values["reason"]
        )
        return {"id": str(voucher.id)}

    act = Act(
        title=_("Acknowledge the term"),
        operation="voucher.acknowledge_term",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Acknowledged. The issuer's second person may check it now."),
        button=_("Acknowledge"),
        fields=(Field("reason", _("Examination"), "area", help=_("Why the term is reasonable."), maximum=500),),
        facts=[*voucher_act_facts(voucher), (_("Reason of the term"), voucher.term_reason)],
        amount=lambda values: voucher.face,
        label=_("Promised on your line"),
        blocked="" if awaits_acknowledgement(voucher) else _("There is nothing to acknowledge."),
        crumbs=crumbs(voucher),
        about={"voucher": str(voucher.id)},
    )
    return conduct(request, visitor, act)


def awaits_acknowledgement(voucher: Voucher) -> bool:
    """Whether a draft with a long term waits for its bank."""
    return voucher.state is VoucherState.DRAFT and bool(voucher.term_reason) and voucher.term_acknowledged_by is None


def _credit_fields(most: Money) -> tuple[Field, ...]:
    return (
        Field("amount", _("Amount"), "money", unit=most.currency, initial=(f"{most.decimal}",), maximum=24),
        Field("document", _("Credit note"), help=_("The number of the credit note (red invoice)."), maximum=80),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_CREDIT)
def credit(request: HttpRequest, visitor: Visitor, holding_id: UUID) -> HttpResponse:
    """A credit note of the first supplier takes a part of the debt away while that supplier still holds it."""
    with visitor.reading() as actor:
        part = queries.holding(actor=actor, holding_id=HoldingId(holding_id))
        voucher = queries.get(actor=actor, voucher_id=part.voucher_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operations.apply_credit_note(
            holding_id=part.id,
            amount=values["amount"],
            document=values["document"],
            actor=visitor.actor,
            effective_at=visitor.now,
        )
        return {"id": str(made.id)}

    act = Act(
        title=_("Apply a credit note"),
        operation="holding.credit_note",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Applied: the debt is smaller by it."),
        button=_("Apply"),
        fields=_credit_fields(part.amount),
        facts=voucher_act_facts(voucher, part),
        amount=lambda values: values["amount"],
        label=_("Not owed any more"),
        consequence=_("This part of the debt ends for good; goods that came back cannot be financed again."),
        crumbs=crumbs(voucher, part),
        about={"part": str(part.id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_CREDIT)
def credit_outside(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """A credit note after transfer or financing: the supplier owes it to the core; holders are not touched."""
    voucher = _voucher(visitor, voucher_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.settle_credit_note_outside(
            voucher_id=voucher.id,
            amount=values["amount"],
            document=values["document"],
            actor=visitor.actor,
            effective_at=visitor.now,
        )
        return {"id": str(voucher.id)}

    act = Act(
        title=_("Settle a credit note outside"),
        operation="voucher.credit_note_outside",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Recorded: you owe it to the issuer."),
        button=_("Record"),
        fields=_credit_fields(voucher.outstanding),
        facts=voucher_act_facts(voucher),
        amount=lambda values: values["amount"],
        label=_("You owe the issuer"),
        consequence=_("The voucher stays as it is: its holders are paid in full, and you pay the issuer."),
        crumbs=crumbs(voucher),
        about={"voucher": str(voucher.id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_RELEASE)
def pay(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """The issuer releases a payment of a due or overdue voucher, whole or in part, shared pro rata."""
    with visitor.reading() as actor:
        voucher = queries.get(actor=actor, voucher_id=VoucherId(voucher_id))
        parts = queries.parts(actor=actor, voucher_id=voucher.id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        amount: Money = values["amount"]
        operations.release_payment(
            voucher_id=voucher.id,
            amount=None if amount == voucher.outstanding else amount,
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(voucher.id)}

    due = voucher.outstanding
    act = Act(
        title=_("Release a payment"),
        operation="voucher.release_payment",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Released. The register counts it once your bank has paid."),
        button=_("Release"),
        fields=(
            Field(
                "amount",
                _("Amount"),
                "money",
                help=_("All that is outstanding, or a part of it: each holder gets its share."),
                unit=due.currency,
                initial=(f"{due.decimal}",),
                maximum=24,
            ),
        ),
        facts=voucher_act_facts(voucher),
        shown=lambda values: _payees(parts),
        amount=lambda values: values["amount"],
        label=_("Paid from your account"),
        consequence=_("The order goes to your bank and cannot be called back."),
        blocked="" if voucher.state in PAYABLE else _("Nothing is due on it now."),
        confirmed=True,
        crumbs=crumbs(voucher),
        about={"voucher": str(voucher.id)},
    )
    return conduct(request, visitor, act)


def _payees(parts: Sequence[Holding]) -> Facts:
    """Who waits for what; a part payment is shared in this proportion."""
    open_ = [part for part in parts if part.state.is_live and part.outstanding]
    names = parties.names({part.payee_id for part in open_})
    return [(names.get(part.payee_id, ""), part.outstanding) for part in open_]
