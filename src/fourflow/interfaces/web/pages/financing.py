"""Financings: the list, one of them with its way to cash, and the bank's own decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fourflow.capital.claims import queries as claims
from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import Financing, FinancingId, FinancingState
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, lists, reading, refusals, texts
from fourflow.interfaces.web.addresses import link, text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Check, Decision, Due, Empty, Link
from fourflow.interfaces.web.components.status import FINANCING, status
from fourflow.interfaces.web.pages import happened, papers
from fourflow.interfaces.web.pages.cash import all_in, receipt, recourse_words
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import formats
from fourflow.platform.errors import FourflowError
from fourflow.platform.events import queries as events

COLUMNS = (
    Column("applicant", gettext_lazy("Applicant"), sortable=False, lead=True),
    Column("state", gettext_lazy("State"), "status", sortable=False, corner=True),
    Column("funder", gettext_lazy("Bank"), sortable=False),
    Column("debtor", gettext_lazy("Debtor"), sortable=False, phone=False),
    Column("amount", gettext_lazy("Amount"), "money"),
    Column("net", gettext_lazy("Net cash"), "money"),
    Column("cost", gettext_lazy("All-in per year"), "number", sortable=False),
    Column("asked", gettext_lazy("Asked"), "date", phone=False),
    Column("due", gettext_lazy("Due"), "date"),
)


def _filters() -> tuple[Filter, ...]:
    return (
        Filter(
            "status",
            _("State"),
            "choice",
            tuple(
                Choice(s.value, status("financing", s.value).word)
                for s in FinancingState
                if s.value.upper() in FINANCING
            ),
        ),
    )


@require_GET
@page(Permission.FINANCING_VIEW)
def financings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the organisation asked for, funds or oversees."""

    def read(state: ListState) -> tuple[Sequence[Financing], Pager]:
        wanted, ticked = lists.chosen(state, "status", FinancingState), lists.only(state)
        return lists.after(
            state,
            lambda after, limit: queries.financings(
                actor=visitor.actor, states=wanted, sort=state.sort, after=after, only=ticked, limit=limit
            ),
        )

    def draw(found: Sequence[Financing]) -> list[Row]:
        names = parties.names(
            party for f in found for party in (f.quote.applicant_id, f.quote.funder_id, f.quote.obligor_id)
        )
        return [_row(visitor, one, names) for one in found]

    table = lists.Table(
        id="financings",
        title=_("Financing"),
        columns=COLUMNS,
        filters=_filters(),
        read=read,
        draw=draw,
        empty=Empty("waiting", _("No financing here"), _("A supplier asks for one from a voucher that it holds.")),
    )
    return lists.show(request, visitor, table)


def _row(visitor: Visitor, one: Financing, names: Mapping[UUID, str]) -> Row:
    quote = one.quote
    ended = one.state in (
        FinancingState.REPAID,
        FinancingState.REFUSED,
        FinancingState.WITHDRAWN,
        FinancingState.FAILED,
    )
    return Row(
        id=text("financing", one.id),
        href=to("financing", one.id),
        cells={
            "applicant": names.get(quote.applicant_id, "") or "–",
            "state": status("financing", one.state.value),
            "funder": names.get(quote.funder_id, ""),
            "debtor": names.get(quote.obligor_id, ""),
            "amount": quote.amount,
            "net": quote.net,
            "cost": formats.percent(quote.annualised),
            "asked": one.requested_at,
            "due": Due(quote.due_on, visitor.today, ended),
        },
    )


def _facts(visitor: Visitor, one: Financing, names: Mapping[UUID, str]) -> list[tuple[Any, object]]:
    quote, decision = one.quote, one.decision
    facts: list[tuple[Any, object]] = [
        (_("Applicant"), names.get(quote.applicant_id, "")),
        (_("Bank"), names.get(quote.funder_id, "")),
        (_("Debtor"), names.get(quote.obligor_id, "")),
        (_("Amount"), quote.amount),
        (_("Net cash"), quote.net),
        (_("All-in cost per year"), all_in(quote)),
        (_("Annual rate"), texts.rate(quote.annual_rate, quote.day_count)),
        (_("Recourse"), recourse_words(quote.recourse, quote.applicant_id == visitor.id)),
        (_("Due"), quote.due_on),
    ]
    if decision is not None:
        who = decision.decided_by.get("model") or decision.decided_by.get("person") or decision.decided_by.get("name")
        facts.append((_("Decided by"), _("the bank, %(who)s") % {"who": str(who)[:36]} if who else _("the bank")))
        facts.append((_("Decided"), decision.decided_at))
        facts.append((_("Reasons"), "; ".join(decision.reasons)))
    if one.reason:
        facts.append((_("Reason of the end"), one.reason))
    if one.disbursed_on:
        facts += [(_("Paid out"), one.disbursed_on), (_("Interest earned so far"), one.accrued)]
        facts.append((_("Collected"), one.collected))
    return facts


@require_GET
@page(Permission.FINANCING_VIEW)
def financing(request: HttpRequest, visitor: Visitor, financing_id: UUID) -> HttpResponse:
    """One financing: price, gate, payout and what happened."""
    with visitor.reading() as actor:
        one = queries.get(actor=actor, financing_id=FinancingId(financing_id))
        quote = one.quote
        names = parties.names([quote.applicant_id, quote.funder_id, quote.obligor_id])
        facts = events.of_subject(financing_id)
        payments = settlement.of_subject(actor=actor, subject_id=financing_id)
        registration = claims.registration_of(actor=actor, reference=one.reference)
    mine = quote.applicant_id == visitor.id
    context = {
        "financing": one,
        "title": _("Financing of %(name)s") % {"name": names.get(quote.applicant_id, "")},
        "state": status("financing", one.state.value),
        "facts": _facts(visitor, one, names),
        "receipt": receipt(quote),
        "gate": _gate(one, registration is not None and registration.state.value == "clear"),
        "happened": happened.timeline(facts, names),
        "payments": [(p, status("payment", p.state.value)) for p in payments],
        "voucher": link("holding", one.holding_id, _("Open the holding")),
        "may_decide": _may_decide(visitor, one),
        "may_withdraw": mine
        and one.state in (FinancingState.REQUESTED, FinancingState.APPROVED)
        and visitor.can(Permission.FINANCING_REQUEST),
        "papers": papers.of_financing(one.id) if one.decision is not None and one.decision.approved else [],
        "address": to("financing", one.id),
        "token": doors.token(),
    }
    return render(request, "web/pages/financing.html", context)


def _gate(one: Financing, clear: bool) -> list[Check]:
    """No payout before all of these pass."""
    state = one.state
    after = state in (
        FinancingState.DISBURSING,
        FinancingState.DISBURSED,
        FinancingState.OVERDUE,
        FinancingState.REPAID,
    )
    approved = one.decision is not None and one.decision.approved and state is not FinancingState.REQUESTED
    registered = one.registration_id is not None
    return [
        Check(_("The supplier consented to the price, signed"), "pass"),
        Check(
            _("The bank decided"),
            "pass" if approved or after else "fail" if state is FinancingState.REFUSED else "wait",
        ),
        Check(_("Registered in the movable-property registry"), "pass" if registered or after else "wait"),
        Check(_("Searched again after the registration: nobody came first"), "pass" if clear or after else "wait"),
        Check(
            _("Paid out by the bank"),
            "pass" if one.disbursed_on else "fail" if state is FinancingState.FAILED else "wait",
        ),
    ]


def _may_decide(visitor: Visitor, one: Financing) -> bool:
    mine = one.quote.funder_id == visitor.id and visitor.can(Permission.FINANCING_DECIDE)
    return mine and one.state is FinancingState.REQUESTED and one.decision is None


@require_http_methods(["GET", "POST"])
@page(Permission.FINANCING_DECIDE)
def decide(request: HttpRequest, visitor: Visitor, financing_id: UUID) -> HttpResponse:
    """A person of the bank decides; a second one of the bank makes it count."""
    refused, code = None, 200
    key = FinancingId(financing_id)
    if request.method == "POST":
        try:
            return _decide(request, visitor, key)
        except FourflowError as error:
            code = refusals.status_of(error)
            if code == 404:
                raise
            refused = refusals.banner(error)
    with visitor.reading() as actor:
        one = queries.get(actor=actor, financing_id=key)
        quote = one.quote
        names = parties.names([quote.applicant_id, quote.funder_id, quote.obligor_id])
        voucher = vouchers.get(actor=actor, voucher_id=VoucherId(quote.voucher_id))
        overlays = vouchers.overlays(actor=actor, voucher_id=voucher.id, open_only=True)
        parts = vouchers.acts(actor=actor, voucher_id=voucher.id)
    area = Decision(
        action=request.path,
        amount=quote.amount,
        label=_("Asked for"),
        approve=_("Approve"),
        reject=_("Refuse"),
        token=doors.token(),
        checks=(
            Check(_("The debtor's promise is signed by two people"), "pass" if len(parts) >= 2 else "fail"),
            Check(_("Nothing is disputed or frozen"), "fail" if overlays else "pass"),
            Check(_("The voucher is alive"), "pass" if voucher.state.is_living else "fail"),
            Check(_("Pays on a fixed day"), "pass", voucher.due_on.isoformat()),
        ),
        blocked="" if _may_decide(visitor, one) else _("This is decided, or waits for your second person."),
        consequence=_("A second person of your bank checks it before it counts. The platform only records it."),
        rate=f"{quote.annual_rate * 100:.4f}".rstrip("0").rstrip("."),
    )
    context = {
        "title": _("Decide on %(name)s") % {"name": names.get(quote.applicant_id, "")},
        "state": status("financing", one.state.value),
        "facts": _facts(visitor, one, names),
        "lines": receipt(quote),
        "decision": area,
        "refused": refused,
        "link": Link(short(voucher.number), to("voucher", voucher.id)),
    }
    return render(request, "web/pages/decision.html", context, status=code)


def _decide(request: HttpRequest, visitor: Visitor, key: FinancingId) -> HttpResponse:
    approve = request.POST.get("outcome") == "approve"
    reasons = tuple(one.strip() for one in request.POST.get("opinion", "").splitlines() if one.strip())
    rate: Decimal | None = reading.per_cent(request.POST.get("rate", ""))

    def run() -> dict[str, str]:
        operations.decide(
            financing_id=key,
            actor=visitor.actor,
            approve=approve,
            annual_rate=rate if approve else None,
            reasons=reasons,
            effective_at=visitor.now,
        )
        return {"id": str(key)}

    doors.perform(request, visitor, "financing.decide", run, financing=str(key))
    messages.success(request, _("Recorded. A second person of your bank checks it."))
    return redirect(to("financing", key))


@require_POST
@page(Permission.FINANCING_REQUEST)
def withdraw(request: HttpRequest, visitor: Visitor, financing_id: UUID) -> HttpResponse:
    """The applicant takes the request back."""
    key = FinancingId(financing_id)

    def run() -> dict[str, str]:
        operations.withdraw(financing_id=key, actor=visitor.actor, effective_at=visitor.now, reason="withdrawn")
        return {"id": str(key)}

    doors.perform(request, visitor, "financing.withdraw", run, financing=str(key))
    messages.success(request, _("Taken back. The part is free again."))
    return redirect(to("financing", key))
