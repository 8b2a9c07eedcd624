"""Financings: the list, one of them with its way to cash, and the bank's own decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import Registration, RegistrationState
from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import Financing, FinancingId, FinancingState, FunderDecision
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import PaymentInstruction, Purpose
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Promise, VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, lists, texts
from fourflow.interfaces.web.addresses import link, read, text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Check, Due, Empty, Link, Percent
from fourflow.interfaces.web.components.status import FINANCING, status
from fourflow.interfaces.web.pages import happened, papers, promises, recourse, registrations
from fourflow.interfaces.web.pages.cash import all_in, receipt, recourse_words
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.platform import formats
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
    Column("disbursed", gettext_lazy("Paid out"), "date", sortable=False, shown=False, phone=False),
)


def _filters(request: HttpRequest) -> tuple[Filter, ...]:
    """The state, and the bank, applicant, debtor or currency where another page's figure leads here with one."""
    states = tuple(Choice(s.value, FINANCING[s.name].word) for s in FinancingState if s.name in FINANCING)
    firms = (("funder_id", _("Bank")), ("applicant_id", _("Applicant")), ("obligor_id", _("Debtor")))
    return (
        Filter("state", _("State"), "choice", states),
        Filter("disbursed[gte]", _("Paid out from"), "date"),
        Filter("disbursed[lte]", _("Paid out until"), "date"),
        *lists.of_firms(request, *firms),
        *lists.of_currency(request),
    )


@require_GET
@page(Permission.FINANCING_VIEW)
def financings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the organisation asked for, funds or oversees."""

    def page_of(state: ListState) -> tuple[Sequence[Financing], Pager]:
        wanted, ticked = lists.chosen(state, "state", FinancingState), lists.only(state)
        bank, applicant, debtor = (
            read("party", state.filters.get(name, "")) for name in ("funder_id", "applicant_id", "obligor_id")
        )
        return lists.after(
            state,
            lambda after, limit: queries.financings(
                actor=visitor.actor,
                states=wanted,
                funder_id=bank,
                applicant_id=applicant,
                obligor_id=debtor,
                currency=state.filters.get("currency", ""),
                disbursed_from=day(state.filters.get("disbursed[gte]", "")),
                disbursed_to=day(state.filters.get("disbursed[lte]", "")),
                sort=state.sort,
                after=after,
                only=ticked,
                limit=limit,
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
        filters=_filters(request),
        read=page_of,
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
            "cost": Percent(quote.annualised),
            "asked": one.requested_at,
            "disbursed": one.disbursed_on,
            "due": Due(quote.due_on, visitor.today, ended),
        },
    )


def facts_of(visitor: Visitor, one: Financing, names: Mapping[UUID, str]) -> list[tuple[Any, object]]:
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
        who = _decider(visitor, one, decision)
        facts.append((_("Decided by"), _("the bank, %(who)s") % {"who": who} if who else _("the bank")))
        facts.append((_("Decided"), decision.decided_at))
        facts.append((_("Reasons"), "; ".join(decision.reasons)))
    if one.reason:
        facts.append((_("Reason of the end"), one.reason))
    if one.disbursed_on:
        facts += [(_("Paid out"), one.disbursed_on), (_("Interest earned so far"), one.accrued)]
        facts.append((_("Collected"), one.collected))
    return facts


def _decider(visitor: Visitor, one: Financing, decision: FunderDecision) -> str:
    """Whom the bank's system named, or the bank's person, for the bank and who oversees; to others it is the bank."""
    by = decision.decided_by
    named = " · ".join(str(by[part])[:80] for part in ("model", "officer", "model_version", "name") if by.get(part))
    if "person" not in by or not (visitor.id == one.quote.funder_id or visitor.actor.sees_all):
        return named
    person = UUID(str(by["person"]))
    return parties.person_names([person]).get(person, "")


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
        of_part = settlement.of_subject(actor=actor, subject_id=one.holding_id)
        payments += [payment for payment in of_part if payment.purpose is Purpose.RECOURSE]
        registration = claims.registration_of(actor=actor, reference=one.reference)
        filings = registrations.of(actor, references=[one.reference])
        late = one.state is FinancingState.OVERDUE
        key = VoucherId(quote.voucher_id)
        promised = vouchers.promises(actor=actor, on=visitor.today, voucher_id=key, limit=1) if late else []
    mine = quote.applicant_id == visitor.id
    context = {
        "financing": one,
        "title": _("Financing of %(name)s") % {"name": names.get(quote.applicant_id, "")},
        "state": status("financing", one.state.value),
        "facts": [*facts_of(visitor, one, names), *(_promised(each) for each in promised)],
        "receipt": receipt(quote),
        "gate": _gate(one, registration, payments, names),
        "filings": filings,
        "happened": happened.timeline(facts, names),
        "payments": [(p, status("payment", p.state.value)) for p in payments],
        "voucher": link("holding", one.holding_id, _("Open the holding")),
        "may_decide": may_decide(visitor, one),
        "may_withdraw": mine
        and one.state in (FinancingState.REQUESTED, FinancingState.APPROVED)
        and visitor.can(Permission.FINANCING_REQUEST),
        "papers": papers.of_financing(one.id) if one.decision is not None and one.decision.approved else [],
        "may_recover": recourse.may_call(visitor, one),
        "memo": quote.funder_id == visitor.id and visitor.can(Permission.FINANCING_DECIDE),
        "address": to("financing", one.id),
        "token": doors.token(),
    }
    return render(request, "web/pages/financing.html", context)


def _promised(one: Promise) -> tuple[object, Link]:
    """By when the debtor says that it pays, and what became of it."""
    words = f"{one.pays_on.isoformat()} · {promises.OUTCOMES[one.outcome].word}"
    return _("The debtor promises to pay by"), Link(words, f"/promises?voucher_id={text('voucher', one.voucher_id)}")


def _gate(
    one: Financing, filed: Registration | None, payments: Sequence[PaymentInstruction], names: Mapping[UUID, str]
) -> list[Check]:
    """No payout before all of these pass; each names who said so."""
    clear = filed is not None and filed.state is RegistrationState.CLEAR
    paid = next((payment for payment in payments if payment.purpose is Purpose.FINANCING_PROCEEDS), None)
    own = paid is not None and paid.payee_id == one.quote.applicant_id
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
        Check(
            _("Registered in the movable-property registry"),
            "pass" if registered or after else "wait",
            filed.registration_no if filed else "",
        ),
        Check(
            _("Searched again after the registration: nobody came first"),
            "pass" if clear or after else "wait",
            filed.requery_certificate if filed else "",
        ),
        Check(
            _("The payee is the applicant itself"),
            ("pass" if own else "fail") if paid else "wait",
            formats.masked_account(paid.payee_account) if paid else names.get(one.quote.applicant_id, ""),
        ),
        Check(
            _("Paid out by the bank"),
            "pass" if one.disbursed_on else "fail" if state is FinancingState.FAILED else "wait",
        ),
    ]


def may_decide(visitor: Visitor, one: Financing) -> bool:
    mine = one.quote.funder_id == visitor.id and visitor.can(Permission.FINANCING_DECIDE)
    return mine and one.state is FinancingState.REQUESTED and one.decision is None


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
