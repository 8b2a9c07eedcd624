"""Payments with what their banks were told and said, and cash that nobody has placed yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.financing import queries as financing
from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import (
    EntryNotFound,
    InstructionState,
    MatchView,
    PaymentInstruction,
    Purpose,
    Share,
    TrailStep,
    UnmatchedCash,
)
from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, lists, names, refusals, texts
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Banner, Due, Empty, Link, Step
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.pages import placing, returning
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError


@require_GET
@page(Permission.PAYMENT_VIEW)
def payments(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Payments in which the organisation takes part, the newest first."""
    choices = tuple(Choice(s.value, status("payment", s.value).word) for s in InstructionState)
    purposes = tuple(Choice(p.value, names.PURPOSES.get(p.value, p.value)) for p in Purpose)
    voucher_id = read("voucher", request.GET.get("voucher_id", ""))

    def page_of(state: ListState) -> tuple[Sequence[PaymentInstruction], Pager]:
        wanted, ticked = lists.chosen(state, "state", InstructionState), lists.only(state)
        purpose = lists.chosen(state, "purpose", Purpose)
        about = financing.paid_for(actor=visitor.actor, voucher_id=voucher_id) if voucher_id else None
        return lists.after(
            state,
            lambda before, limit: queries.payments(
                actor=visitor.actor,
                limit=limit,
                before=before,
                states=wanted,
                purpose=purpose[0] if purpose else None,
                search=state.q,
                about=about,
                sort=state.sort,
                only=ticked,
            ),
        )

    table = lists.Table(
        id="payments",
        title=_("Payments"),
        columns=(
            Column("reference", _("Payment"), sortable=False, lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("payer", _("Payer"), sortable=False),
            Column("payee", _("Payee"), sortable=False),
            Column("amount", _("Amount"), "money"),
            Column("on", _("Day"), "date"),
            Column("bank_reference", _("Bank's reference"), "id", sortable=False, shown=False, phone=False),
        ),
        filters=(
            Filter("state", _("State"), "choice", choices),
            Filter("purpose", _("Purpose"), "choice", purposes, one=True),
            *lists.pointed(request, "voucher_id", _("Voucher"), "voucher", lambda one: number_of(visitor, one)),
        ),
        search=_("Reference, from its beginning"),
        read=page_of,
        draw=lambda found: [_payment(one) for one in found],
        empty=Empty("waiting", _("No payment here"), _("Payments follow from financings, due dates and fees.")),
    )
    return lists.show(request, visitor, table)


def number_of(visitor: Visitor, voucher_id: UUID) -> str:
    """The number of a voucher, short; nothing where the reader may not see it."""
    with visitor.reading() as actor:
        found = vouchers.vouchers(actor=actor, where=vouchers.VoucherFilter(only=(voucher_id,)), limit=1).rows
    return short(found[0].number) if found else ""


def _payment(one: PaymentInstruction) -> Row:
    kind, _mark, rest = one.reference.partition(":")
    purpose = str(names.PURPOSES.get(one.purpose.value, kind))
    return Row(
        id=text("instruction", one.id),
        href=to("instruction", one.id),
        cells={
            "reference": Link(purpose, sub=f"…{(rest or kind)[-12:]}", whole=one.reference),
            "state": status("payment", one.state.value),
            "payer": one.payer_name,
            "payee": one.payee_name,
            "amount": one.amount,
            "on": one.execution_date,
            "bank_reference": one.bank_reference,
        },
    )


@require_GET
@page(Permission.PAYMENT_VIEW)
def payment(request: HttpRequest, visitor: Visitor, instruction_id: UUID) -> HttpResponse:
    """One payment: instructed, sent, what the bank answered and what became of each answer."""
    with visitor.reading() as actor:
        found = queries.payment(actor=actor, instruction_id=instruction_id)
    one = found.payment
    facts: list[tuple[Any, object]] = [
        (_("Purpose"), names.PURPOSES.get(one.purpose.value, one.purpose.value)),
        (_("Payer"), f"{one.payer_name} · {one.payer_account}"),
        (_("Payee"), f"{one.payee_name} · {one.payee_account}"),
        (_("Bank"), one.bank_code),
        (_("Execution day"), one.execution_date),
        (_("Decide by"), one.decide_by if one.state is InstructionState.DRAFT else None),
        (_("Reference"), one.reference),
        (_("End-to-end id"), one.end_to_end_id),
        (_("Bank's reference"), one.bank_reference),
        (_("Reason"), " ".join(part for part in (one.reason_code, one.reason) if part)),
    ]
    unknown = one.state is InstructionState.UNKNOWN
    context = {
        "title": _("Payment to %(name)s") % {"name": one.payee_name},
        "state": status("payment", one.state.value),
        "payment": one,
        "facts": facts,
        "trail": [_step(step) for step in found.trail],
        "actions": placing.doors_of(visitor, one),
        "banner": Banner(
            _("The bank's answer is not known"),
            _("It is asked again and again; the order is never sent a second time."),
            "warn",
        )
        if unknown
        else None,
    }
    return render(request, "web/pages/payment.html", context)


def _step(step: TrailStep) -> Step:
    tones = {"settled": "ok", "rejected": "bad", "accepted": "done", "pending": "done"}
    parts = [step.message_kind, step.bank_reference, step.reason_code, step.reason]
    if step.verdict:
        parts.append(str(names.VERDICTS.get(step.verdict, step.verdict)))
    body = " · ".join(part for part in parts if part)
    tone = "warn" if step.verdict == "parked" else tones.get(step.what, "done")
    href = f"/messages/{text('message', step.message_id)}" if step.message_id and step.message_kind else ""
    return Step(names.ANSWERS.get(step.what, step.what), step.at, "", body, tone, href)


@require_GET
@page(Permission.PAYMENT_VIEW)
def message(request: HttpRequest, visitor: Visitor, message_id: UUID) -> HttpResponse:
    """A message as it crossed the wire; for the operator and the regulator."""
    with visitor.reading() as actor:
        found = queries.message(actor=actor, message_id=message_id)
    facts = [
        (_("Bank"), found.bank_code),
        (_("Direction"), _("to the bank") if found.outgoing else _("from the bank")),
        (_("At"), found.at),
        ("SHA-256", found.sha256),
    ]
    return render(request, "web/pages/message.html", {"title": found.kind, "facts": facts, "body": found.body})


#: credits that stand on a page of the desk, each with its own forms
ON_A_PAGE = 20


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_VIEW)
def unmatched(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Statement line on the left, what may fit with its reason on the right; two people place it."""
    refused, code = None, 200
    if request.method == "POST":
        try:
            return _place(request, visitor)
        except FourflowError as error:
            refused, code = refusals.banner(error), refusals.status_of(error)
    with visitor.reading() as actor:
        ticked = read("entry", request.GET.get("id", ""))
        if "id" in request.GET and ticked is None:
            raise EntryNotFound(value=request.GET["id"][:40])
        before = read("entry", request.GET.get("after", ""))
        waiting = queries.unmatched(actor=actor, limit=ON_A_PAGE + 1, after=before, only=ticked)
        lies, _since = queries.suspense()
        exceptions = queries.exceptions(actor=actor, limit=1) if actor.sees_all else []
    shown = waiting[:ON_A_PAGE]
    context = {
        "items": [_item(visitor, one) for one in shown],
        "count": lies,
        "first": before is not None or ticked is not None,
        "next": f"/unmatched?after={text('entry', shown[-1].entry_id)}" if len(waiting) > len(shown) else "",
        "contradicted": bool(exceptions),
        "history": [
            Link(_("Placed cash"), "/placed"),
            Link(_("Sent back"), "/returned-cash"),
            Link(_("Still expected"), "/expected-cash"),
            Link(_("Reconciliations"), "/reconciliations"),
        ],
        "refused": refused,
        "may_propose": visitor.can(Permission.PAYMENT_MATCH),
        "may_check": visitor.can(Permission.PAYMENT_MATCH_CHECK),
        "empty": Empty("done", _("Every cent has its place"), _("Cash that cannot be recognised appears here.")),
    }
    return render(request, "web/pages/unmatched.html", context, status=code)


@require_GET
@page(Permission.PAYMENT_VIEW)
def placed(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What was placed, by which rule or by which two people: the history of matches."""

    def read_page(state: ListState) -> tuple[Sequence[MatchView], Pager]:
        ticked = lists.only(state)
        return lists.after(
            state,
            lambda after, limit: queries.matches(
                actor=visitor.actor, sort=state.sort, after=after, only=ticked, limit=limit
            ),
        )

    def draw(found: Sequence[MatchView]) -> list[Row]:
        people = parties.person_names(
            person for one in found for person in (one.maker_person_id, one.checker_person_id) if person
        )
        return [_match(one, people) for one in found]

    table = lists.Table(
        id="placed",
        title=_("Placed cash"),
        columns=(
            Column("from", _("From"), sortable=False, lead=True),
            Column("amount", _("Amount"), "money", corner=True),
            Column("basis", _("Why"), sortable=False),
            Column("for", _("Placed on"), sortable=False),
            Column("booked", _("Booked"), "date"),
            Column("at", _("Placed"), "date"),
            Column("who", _("By"), sortable=False),
        ),
        read=read_page,
        draw=draw,
        empty=Empty("waiting", _("Nothing was placed yet"), _("Credits that a rule or two people place appear here.")),
    )
    return lists.show(request, visitor, table, sub=_("Which claim each credit went to, by a rule or by two people."))


def _match(one: MatchView, people: Mapping[UUID, str]) -> Row:
    persons = [people.get(person, "") for person in (one.maker_person_id, one.checker_person_id) if person]
    kind, _mark, rest = one.reference.partition(":")
    cells = {
        "from": Link(one.counterparty or "–", sub=one.remittance),
        "amount": one.amount,
        "basis": names.BASES.get(one.basis.value, one.basis.value),
        "for": Link(str(names.PURPOSES.get(one.purpose.value, kind)), whole=one.reference, sub=f"…{rest[-8:]}"),
        "booked": one.booked_on,
        "at": one.at,
        "who": texts.listed(persons) or _("a rule"),
    }
    return Row(one.id.hex, cells)


def _item(visitor: Visitor, one: UnmatchedCash) -> dict[str, Any]:
    return {
        "entry": one.entry,
        "id": text("entry", one.entry_id),
        "rest": one.rest,
        "since": one.opened_at,
        "suggestions": [
            {
                "basis": names.BASES.get(s.basis.value, s.basis.value),
                "number": number,
                "shares": s.shares,
                "grounds": s.grounds,
            }
            for number, s in enumerate(one.suggestions)
        ],
        "proposal": [(reference, texts.money(amount)) for _key, reference, amount in one.proposal],
        "mine": one.proposed_by == visitor.actor.person_id,
        "until": Due(one.decide_by, visitor.today) if one.decide_by else None,
        "late": returning.is_late(one, visitor.today),
        "token": doors.token(),
        "hand": placing.by_hand(visitor, one.entry_id),
        **returning.doors_of(visitor, one),
    }


def _place(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A first person proposes one of the suggestions; a second one carries it out."""
    entry_id = read("entry", request.POST.get("entry", "")) or UUID(int=0)
    if request.POST.get("step") == "withdraw":
        return returning.withdraw(request, visitor, entry_id)
    if request.POST.get("step") == "carry-out":

        def run() -> dict[str, str]:
            operations.assign_suspense(actor=visitor.actor, entry_id=entry_id, effective_at=visitor.now)
            return {"id": str(entry_id)}

        doors.perform(request, visitor, "suspense.assign", run)
        messages.success(request, _("Placed."))
        return redirect("/unmatched")
    with visitor.reading() as actor:
        found = queries.unmatched(actor=actor, only=entry_id)
    number = request.POST.get("suggestion", "0")
    chosen = found[0].suggestions[int(number) : int(number) + 1] if found and number.isdigit() else ()
    shares = [Share(key, amount) for one in chosen for key, _reference, amount in one.shares]  # type: ignore[arg-type]

    def propose() -> dict[str, str]:
        operations.propose_assignment(actor=visitor.actor, entry_id=entry_id, shares=shares, effective_at=visitor.now)
        return {"id": str(entry_id)}

    doors.perform(request, visitor, "suspense.propose", propose)
    messages.success(request, _("Proposed. A second person places it."))
    return redirect("/unmatched")
