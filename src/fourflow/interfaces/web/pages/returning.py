"""Money that belongs to nobody goes back to whoever paid it: one person proposes, a second one sends it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import EntryNotFound, UnmatchedCash
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page

UNMATCHED = "/unmatched"


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_MATCH)
def propose(request: HttpRequest, visitor: Visitor, entry_id: UUID) -> HttpResponse:
    """A first person says why the money belongs to nobody here; the whole of it is to go back."""
    cash = _cash(request, visitor, entry_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.propose_return(
            actor=visitor.actor,
            entry_id=entry_id,
            amount=cash.rest if cash else None,
            reason=values["reason"],
            effective_at=visitor.now,
        )
        return {"id": str(entry_id)}

    act = Act(
        title=_("Send unmatched cash back"),
        operation="suspense.propose_return",
        run=run,
        to=lambda done: UNMATCHED,
        done=_("Proposed. A second person sends it back."),
        button=_("Propose"),
        fields=(Field("reason", _("Why it belongs to nobody here"), "area", maximum=200),),
        facts=_facts(cash),
        amount=lambda values: cash.rest if cash else None,
        label=_("To be sent back"),
        consequence=_("It goes back whole, to the account it came from. What belongs to somebody is placed first."),
        blocked=_blocked(cash),
        crumbs=(Link(_("Unmatched cash"), UNMATCHED),),
        about={"entry": str(entry_id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_MATCH_CHECK)
def carry_out(request: HttpRequest, visitor: Visitor, entry_id: UUID) -> HttpResponse:
    """A second person agrees; the bank is told to pay it back."""
    cash = _cash(request, visitor, entry_id)

    def run(_values: Values, _signature: object) -> dict[str, Any]:
        payment = operations.carry_out_return(
            actor=visitor.actor, entry_id=entry_id, execution_date=visitor.today, effective_at=visitor.now
        )
        return {"id": str(payment.id)}

    facts = [*_facts(cash), *([(_("Reason"), cash.return_reason)] if cash else [])]
    act = Act(
        title=_("Send unmatched cash back"),
        operation="suspense.return",
        run=run,
        to=lambda done: to("instruction", UUID(str(done["id"]))),
        done=_("Ordered. The bank pays it back."),
        button=_("Send back"),
        facts=facts,
        amount=lambda values: cash.rest if cash else None,
        label=_("To be sent back"),
        consequence=_("The order goes to the bank and cannot be called back."),
        blocked=_blocked(cash) or ("" if cash and cash.return_reason else _("Nobody proposes to send it back.")),
        confirmed=True,
        crumbs=(Link(_("Unmatched cash"), UNMATCHED),),
        about={"entry": str(entry_id)},
    )
    return conduct(request, visitor, act)


def withdraw(request: HttpRequest, visitor: Visitor, entry_id: UUID) -> HttpResponse:
    """Who proposed a place for the money, or its way back, takes that back."""

    def run() -> dict[str, str]:
        operations.withdraw_proposal(actor=visitor.actor, entry_id=entry_id, effective_at=visitor.now)
        return {"id": str(entry_id)}

    doors.perform(request, visitor, "suspense.withdraw_proposal", run, entry=str(entry_id))
    messages.success(request, _("Taken back. It lies here as before."))
    return redirect(UNMATCHED)


def is_late(one: UnmatchedCash, today: date) -> bool:
    """Whether nobody can decide any more what is proposed for a credit."""
    return one.decide_by is not None and one.decide_by < today


def doors_of(visitor: Visitor, one: UnmatchedCash) -> dict[str, Any]:
    """Where the person may propose to send a credit back, or decide on it, and what stands against either."""
    base = f"{UNMATCHED}/{text('entry', one.entry_id)}"
    proposed, mine = bool(one.return_reason), one.proposed_by == visitor.actor.person_id
    may_propose = not one.proposed_by and not _blocked(one) and visitor.can(Permission.PAYMENT_MATCH)
    may_decide = (
        proposed and not mine and not is_late(one, visitor.today) and visitor.can(Permission.PAYMENT_MATCH_CHECK)
    )
    return {
        "back": f"{base}/return" if may_propose else "",
        "back_decide": f"{base}/send-back" if may_decide else "",
        "back_reason": one.return_reason,
    }


def _cash(request: HttpRequest, visitor: Visitor, entry_id: UUID) -> UnmatchedCash | None:
    """The credit as it lies there; a repeated press finds it gone, and is answered all the same."""
    with visitor.reading() as actor:
        found = queries.unmatched(actor=actor, only=entry_id)
    if not found and request.method == "GET":
        raise EntryNotFound(value=str(entry_id))
    return found[0] if found else None


def _facts(cash: UnmatchedCash | None) -> Facts:
    if cash is None:
        return []
    entry = cash.entry
    return [
        (_("From"), entry.counterparty),
        (
            _("Payer's account"),
            " · ".join(part for part in (entry.counterparty_account, entry.counterparty_bank) if part),
        ),
        (_("Lies on account"), entry.account_number),
        (_("Text"), entry.remittance),
        (_("Booked"), entry.booked_on),
        (_("Bank's reference"), entry.bank_reference),
    ]


def _blocked(cash: UnmatchedCash | None) -> str:
    if cash is None:
        return ""
    if cash.entry.is_reversal:
        return _("It is a payment of our own that came back.")
    return "" if cash.entry.counterparty_account else _("The bank did not name the payer's account.")
