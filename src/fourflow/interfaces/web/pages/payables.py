"""Payables: what a core enterprise owes by its own word, one of them with its confirmation, and taking one back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.claims import operations
from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ConfirmedPayable, DocumentRef, PayableId, PayableState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, lists, names, refusals, texts
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Check, Decision, Due, Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field
from fourflow.interfaces.web.pages import happened
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.platform.errors import FourflowError
from fourflow.platform.events import queries as events
from fourflow.trade.documents import queries as documents

TERMS = "payable-terms/2026-11"
STATES = {
    PayableState.PROPOSED: Status(gettext_lazy("Proposed"), "info", True),
    PayableState.CONFIRMED: Status(gettext_lazy("Confirmed"), "ok"),
    PayableState.PARTLY_USED: Status(gettext_lazy("Partly used"), "info"),
    PayableState.USED: Status(gettext_lazy("Used")),
    PayableState.WITHDRAWN: Status(gettext_lazy("Withdrawn")),
    PayableState.EXPIRED: Status(pgettext_lazy("state", "Expired")),
}
#: what is kept of a state; the others follow from what is used of the payable
STORED = (PayableState.PROPOSED, PayableState.CONFIRMED, PayableState.WITHDRAWN, PayableState.EXPIRED)
COLUMNS = (
    Column("document", gettext_lazy("Document"), sortable=False, lead=True),
    Column("state", gettext_lazy("State"), "status", sortable=False, corner=True),
    Column("debtor", gettext_lazy("Debtor"), sortable=False),
    Column("creditor", gettext_lazy("Creditor"), sortable=False),
    Column("amount", gettext_lazy("Amount"), "money"),
    Column("remaining", gettext_lazy("Free for vouchers"), "money", sortable=False),
    Column("delivered", gettext_lazy("Delivered"), "date", sortable=False, phone=False),
    Column("due", gettext_lazy("Due"), "date"),
    Column("proposed", gettext_lazy("Proposed on"), "date", shown=False, phone=False),
)


@require_GET
@page(Permission.CLAIM_VIEW)
def payables(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What a core enterprise has confirmed to owe, and what of it is still free for vouchers."""

    def read(state: ListState) -> tuple[Sequence[ConfirmedPayable], Pager]:
        wanted, ticked = lists.chosen(state, "state", PayableState), lists.only(state)
        return lists.after(
            state,
            lambda after, size: claims.payables(
                actor=visitor.actor,
                states=wanted,
                due_from=day(state.filters.get("due[gte]", "")),
                due_to=day(state.filters.get("due[lte]", "")),
                sort=state.sort,
                after=after,
                only=ticked,
                size=size,
            ),
        )

    def draw(found: Sequence[ConfirmedPayable]) -> list[Row]:
        firms = parties.names(party for one in found for party in (one.debtor_id, one.creditor_id))
        return [_row(visitor, one, firms) for one in found]

    actions = []
    if visitor.can(Permission.CLAIM_RECORD):
        actions.append(Link(_("Deliveries to confirm"), "/deliveries"))
    if visitor.can(Permission.VOUCHER_ISSUE):
        actions.append(Link(_("Issue from a file"), "/issue/batch"))
    table = lists.Table(
        id="payables",
        title=_("Payables"),
        columns=COLUMNS,
        filters=(
            Filter("state", _("State"), "choice", tuple(Choice(s.value, STATES[s].word) for s in STORED)),
            Filter("due[gte]", _("Due from"), "date"),
            Filter("due[lte]", _("Due to"), "date"),
        ),
        read=read,
        draw=draw,
        empty=Empty(
            "waiting",
            _("No payable yet"),
            _("Payables are confirmed by the core enterprise, from its orders."),
            action=actions[0] if actions else None,
        ),
        actions=tuple(actions),
    )
    return lists.show(request, visitor, table)


def _row(visitor: Visitor, one: ConfirmedPayable, firms: Mapping[UUID, str]) -> Row:
    return Row(
        text("payable", one.id),
        {
            "document": numbers(one) or "–",
            "state": STATES[one.state],
            "debtor": firms.get(one.debtor_id, ""),
            "creditor": firms.get(one.creditor_id, ""),
            "amount": one.amount,
            "remaining": None if one.state.is_over else one.remaining,
            "delivered": one.delivered_on,
            "due": Due(one.due_date, visitor.today, one.state is PayableState.USED),
            "proposed": one.proposed_at,
        },
        to("payable", one.id),
    )


def numbers(one: ConfirmedPayable) -> str:
    """The documents behind a payable, by number."""
    return texts.listed(document.number for document in one.documents)


@require_http_methods(["GET", "POST"])
@page(Permission.CLAIM_VIEW)
def payable(request: HttpRequest, visitor: Visitor, payable_id: UUID) -> HttpResponse:
    """One payable; who may confirm it for the debtor does so here, with a signature."""
    refused, code = None, 200
    key = PayableId(payable_id)
    if request.method == "POST":
        try:
            return _answer(request, visitor, key)
        except FourflowError as error:
            refused, code = refusals.told(error)
    with visitor.reading() as actor:
        found = claims.payable(actor=actor, payable_id=key)
        firms = parties.names([found.debtor_id, found.creditor_id])
        people = parties.person_names([p for p in (found.proposed_by, found.confirmed_by) if p])
        history = events.of_subject(payable_id)
        papers = documents.seen(actor, {one.document_id for one in found.documents if one.document_id})
    mine = found.debtor_id == visitor.id and visitor.can(Permission.CLAIM_CONFIRM)
    context: dict[str, Any] = {
        "title": numbers(found) or _("Payable"),
        "state": STATES[found.state],
        "crumbs": (Link(_("Payables"), "/payables"),),
        "payable": found,
        "facts": [*facts_of(found, firms, papers), *_people(found, people)],
        "happened": happened.timeline(history, firms),
        "decision": _confirmation(request, visitor, found, firms) if mine else None,
        "refused": refused,
        "actions": _actions(visitor, found),
    }
    return render(request, "web/pages/payable.html", context, status=code)


def facts_of(found: ConfirmedPayable, firms: Mapping[UUID, str], papers: Collection[UUID] = ()) -> Facts:
    """The terms of a payable, as people read them; ``papers`` are the deliveries that lead to their page."""
    return [
        (_("Debtor"), firms.get(found.debtor_id, "")),
        (_("Creditor"), firms.get(found.creditor_id, "")),
        (_("Amount"), found.amount),
        (_("Free for vouchers"), None if found.state.is_over else found.remaining),
        (_("Delivered"), found.delivered_on),
        (_("Due"), found.due_date),
        *((names.DOCUMENTS.get(one.kind, one.kind), _paper(one, papers)) for one in found.documents),
        (_("Reason"), found.reason),
    ]


def _paper(document: DocumentRef, papers: Collection[UUID]) -> str | Link:
    if document.document_id and document.document_id in papers:
        return Link(document.number, to("delivery", document.document_id))
    return document.number


def _waits(found: ConfirmedPayable, visitor: Visitor) -> bool:
    return found.state is PayableState.PROPOSED and found.decide_by >= visitor.today


def _people(found: ConfirmedPayable, people: Mapping[UUID, str]) -> Facts:
    confirmed = people.get(found.confirmed_by, "") if found.confirmed_by else ""
    until = found.decide_by if found.state in (PayableState.PROPOSED, PayableState.EXPIRED) else None
    return [
        (_("Proposed by"), people.get(found.proposed_by, "")),
        (_("Decide by"), until),
        (_("Confirmed by"), confirmed),
    ]


def _confirmation(
    request: HttpRequest, visitor: Visitor, found: ConfirmedPayable, firms: Mapping[UUID, str]
) -> Decision | None:
    if not _waits(found, visitor):
        return None
    own = found.proposed_by == visitor.actor.person_id
    named = Check(_("The documents are named"), "pass" if found.documents else "warn", numbers(found))
    return Decision(
        action=request.path,
        amount=found.amount,
        label=_("You owe %(name)s") % {"name": firms.get(found.creditor_id, "")},
        approve=_("Sign and confirm"),
        reject=_("Withdraw"),
        token=doors.token(),
        checks=(named, Check(_("Another person proposed it"), "fail" if own else "pass")),
        blocked=_("You made it: another person decides.") if own else "",
        consequence=_("Confirming binds your company to pay: vouchers may be issued on it."),
        digest=doors.shown(found.content()),
    )


def _actions(visitor: Visitor, found: ConfirmedPayable) -> list[Link]:
    actions = []
    mine = found.debtor_id == visitor.id
    unused = found.state in (PayableState.PROPOSED, PayableState.CONFIRMED) and not found.used.minor
    decides = _waits(found, visitor) and found.proposed_by != visitor.actor.person_id
    decides = decides and visitor.can(Permission.CLAIM_CONFIRM)  # the decision area has a button for it
    acts = visitor.can(Permission.CLAIM_CONFIRM) or visitor.can(Permission.CLAIM_RECORD)
    if unused and mine and acts and not decides:
        actions.append(Link(_("Withdraw"), to("payable", found.id, "/withdraw")))
    confirmed = found.state in (PayableState.CONFIRMED, PayableState.PARTLY_USED)
    if confirmed and mine and found.remaining and visitor.can(Permission.VOUCHER_ISSUE):
        actions.append(Link(_("Issue a voucher"), f"/issue?payable={text('payable', found.id)}"))
    return actions


def _answer(request: HttpRequest, visitor: Visitor, key: PayableId) -> HttpResponse:
    confirms = request.POST.get("outcome") == "approve"
    reason = request.POST.get("opinion", "").strip()[:1000]
    if confirms:
        doors.confirm(request, visitor)

    def run() -> dict[str, str]:
        if not confirms:
            operations.withdraw_payable(payable_id=key, actor=visitor.actor, reason=reason, effective_at=visitor.now)
            return {"id": str(key)}
        content = claims.payable(actor=visitor.actor, payable_id=key).content()
        signature = doors.sign(request, visitor, content, TERMS)
        operations.confirm(payable_id=key, actor=visitor.actor, signature=signature, effective_at=visitor.now)
        return {"id": str(key)}

    doors.perform(request, visitor, "payable.answer", run, payable=str(key))
    messages.success(request, _("Confirmed: vouchers may be issued on it.") if confirms else _("Withdrawn."))
    return redirect(to("payable", key))


@require_http_methods(["GET", "POST"])
@page(Permission.CLAIM_VIEW)
def withdraw(request: HttpRequest, visitor: Visitor, payable_id: UUID) -> HttpResponse:
    """Take an unused payable back, with the reason."""
    key = PayableId(payable_id)
    with visitor.reading() as actor:
        found = claims.payable(actor=actor, payable_id=key)
        firms = parties.names([found.debtor_id, found.creditor_id])

    def run(values: Mapping[str, Any], _signature: object) -> dict[str, Any]:
        operations.withdraw_payable(
            payable_id=key, actor=visitor.actor, reason=values["reason"], effective_at=visitor.now
        )
        return {"id": str(key)}

    act = Act(
        title=_("Withdraw the payable"),
        operation="payable.withdraw",
        run=run,
        to=lambda done: to("payable", UUID(done["id"])),
        done=_("Withdrawn."),
        button=_("Withdraw"),
        fields=(Field("reason", _("Reason"), "area", maximum=500),),
        facts=facts_of(found, firms),
        amount=lambda values: found.amount,
        label=_("No longer owed on this document"),
        consequence=_("Nothing can be issued on it any more. The document may be proposed again."),
        crumbs=(Link(_("Payables"), "/payables"), Link(numbers(found) or "–", to("payable", key))),
        state=STATES[found.state],
        about={"payable": str(key)},
    )
    return conduct(request, visitor, act)
