"""Lists about cash: comparisons with the banks, contradictions, what is still expected, what was sent back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET

from fourflow.capital.settlement import queries
from fourflow.capital.settlement.types import (
    Difference,
    ExceptionView,
    ExpectationView,
    ReconciliationView,
    ReturnView,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import lists, names
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.status import Status, status
from fourflow.interfaces.web.pages import expecting
from fourflow.interfaces.web.people import Visitor, page


@require_GET
@page(Permission.PAYMENT_VIEW)
def reconciliations(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Each comparison of a bank's day with our record, the newest first: what agreed and what differed."""
    with visitor.reading() as actor:
        banks = queries.banks(actor=actor)

    def page_of(state: ListState) -> tuple[Sequence[ReconciliationView], Pager]:
        agreed = {"agreed": True, "differs": False}.get(state.filters.get("state", ""))
        ticked = lists.only(state)
        return lists.after(
            state,
            lambda after, limit: queries.reconciliations(
                actor=visitor.actor,
                bank_code=state.filters.get("bank_code", ""),
                agreed=agreed,
                sort=state.sort,
                after=after,
                only=ticked,
                limit=limit,
            ),
        )

    table = lists.Table(
        id="reconciliations",
        title=_("Reconciliations"),
        columns=(
            Column("day", _("Day"), "date", lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("bank", _("Bank"), sortable=False),
            Column("accounts", _("Accounts"), "number", sortable=False),
            Column("lines", _("Bookings"), "number", sortable=False),
            Column("at", _("Compared"), "date", sortable=False, phone=False),
        ),
        filters=(
            Filter(
                "state",
                _("State"),
                "choice",
                (
                    Choice("agreed", pg("reconciliation", "Agrees")),
                    Choice("differs", pg("reconciliation", "Differs")),
                ),
                one=True,
            ),
            Filter(
                "bank_code", _("Bank"), "choice", tuple(Choice(code, name) for code, name in banks.items()), one=True
            ),
        ),
        read=page_of,
        draw=lambda found: [_reconciliation(one, banks) for one in found],
        empty=Empty(
            "waiting", _("No day was compared yet"), _("A bank's statements are compared after the end of each day.")
        ),
    )
    return lists.show(request, visitor, table, sub=_("What the banks state of each day, held against our record."))


def _reconciliation(one: ReconciliationView, banks: dict[str, str]) -> Row:
    address = to("reconciliation", one.id)
    cells = {
        "day": Link(one.day.isoformat(), address),
        "state": _agreement(one),
        "bank": banks.get(one.bank_code, one.bank_code),
        "accounts": one.accounts,
        "lines": one.lines,
        "at": one.at,
    }
    return Row(text("reconciliation", one.id), cells, address)


def _agreement(one: ReconciliationView) -> Status:
    number = len(one.differences)
    if not number and not one.accounts:
        return Status(_("No statement"), waiting=True)
    if not number:
        return Status(pg("reconciliation", "Agrees"), "ok")
    return Status(ngettext("%(count)s difference", "%(count)s differences", number) % {"count": number}, "bad")


@require_GET
@page(Permission.PAYMENT_VIEW)
def reconciliation(request: HttpRequest, visitor: Visitor, reconciliation_id: UUID) -> HttpResponse:
    """One comparison: every line that keeps the bank's statement and our record apart."""
    with visitor.reading() as actor:
        one = queries.reconciliation(actor=actor, reconciliation_id=reconciliation_id)
        bank = queries.banks(actor=actor).get(one.bank_code, one.bank_code)
    rows = [_difference(number, each) for number, each in enumerate(one.differences, start=1)]
    table = lists.Table(
        id="differences",
        title=_("%(bank)s, %(day)s") % {"bank": bank, "day": one.day.isoformat()},
        columns=(
            Column("kind", _("What"), lead=True),
            Column("account", _("Account"), "id"),
            Column("reference", _("Bank's reference"), "id"),
            Column("bank", _("At the bank"), "money"),
            Column("here", _("With us"), "money"),
            Column("note", _("Note")),
        ),
        read=lambda state: lists.whole(state, rows),
        draw=lambda found: found,
        actions=(Link(_("Reconciliations"), "/reconciliations"), Link(_("Contradictions"), "/exceptions")),
        empty=Empty("done", _("Statement and record agree"), _("Every booking of the day is on both sides."))
        if one.accounts
        else Empty("waiting", _("No statement"), _("The bank gave none for this day: there was nothing to compare.")),
    )
    sub = _(
        "%(accounts)s accounts, %(lines)s bookings. Nothing is corrected here: a difference is a question to the bank."
    )
    return lists.show(request, visitor, table, sub=sub % {"accounts": one.accounts, "lines": one.lines})


def _difference(number: int, one: Difference) -> Row:
    cells = {
        "kind": names.DIFFERENCES[one.kind.value],
        "account": one.account_number,
        "reference": one.bank_reference,
        "bank": one.at_bank,
        "here": one.here,
        "note": one.note,
    }
    return Row(str(number), cells)


@require_GET
@page(Permission.PAYMENT_VIEW)
def exceptions(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What a bank said that no rule may act upon, the oldest first, until the operator's desk says how it was dealt with."""

    def page_of(state: ListState) -> tuple[Sequence[ExceptionView], Pager]:
        ticked = lists.only(state)
        return lists.after(
            state,
            lambda after, limit: queries.exceptions(actor=visitor.actor, after=after, only=ticked, limit=limit),
        )

    table = lists.Table(
        id="exceptions",
        title=_("Contradictions"),
        columns=(
            Column("kind", _("What"), sortable=False, lead=True),
            Column("bank", _("Bank"), "id", sortable=False, corner=True),
            Column("reference", _("Reference"), "id", sortable=False),
            Column("answer", _("Bank's word"), sortable=False),
            Column("since", _("Since"), "date", sortable=False),
        ),
        read=page_of,
        draw=lambda found: [_exception(visitor, one) for one in found],
        empty=Empty("done", _("No bank contradicts us"), _("What a bank says against our record appears here.")),
    )
    return lists.show(request, visitor, table, sub=_("What a bank said that no rule may act upon."))


def _exception(visitor: Visitor, one: ExceptionView) -> Row:
    known, may = text("exception", one.id), visitor.can(Permission.PAYMENT_MATCH_CHECK)
    payment = to("instruction", one.instruction_id) if one.instruction_id else ""
    cells = {
        "kind": Link(str(names.EXCEPTIONS.get(one.kind.value, one.kind.value))),
        "bank": one.bank_code,
        "reference": Link(f"…{one.reference[-12:]}", payment, whole=one.reference) if one.reference else "",
        "answer": str(names.ANSWERS.get(one.answer, one.answer)),
        "since": one.opened_at,
    }
    return Row(known, cells, f"/exceptions/{known}/resolve" if may else payment)


@require_GET
@page(Permission.PAYMENT_VIEW)
def expected(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Money that is to come and has not come whole, the first due first."""

    def page_of(state: ListState) -> tuple[Sequence[ExpectationView], Pager]:
        ticked = lists.only(state)
        return lists.after(
            state,
            lambda after, limit: queries.expectations(
                actor=visitor.actor,
                only_open=True,
                currency=state.filters.get("currency", ""),
                text=state.q,
                sort=state.sort,
                after=after,
                only=ticked,
                limit=limit,
            ),
        )

    def draw(found: Sequence[ExpectationView]) -> list[Row]:
        payees = parties.names({one.payee_id for one in found})
        return [_expected(visitor, one, payees.get(one.payee_id, "")) for one in found]

    may = visitor.can(Permission.ACCOUNT_REGISTER) and not visitor.actor.sees_all
    table = lists.Table(
        id="expected",
        title=_("Still expected"),
        columns=(
            Column("payer", _("Payer"), sortable=False, lead=True),
            Column("amount", _("Amount"), "money", corner=True),
            Column("received", _("Received"), "money", sortable=False),
            Column("payee", _("Payee"), sortable=False),
            Column("purpose", _("Purpose"), sortable=False),
            Column("due", _("Due"), "date"),
            Column("reference", _("Reference"), "id", sortable=False, shown=False, phone=False),
        ),
        filters=lists.of_currency(request),
        sort="due",
        search=_("Payer or reference"),
        read=page_of,
        draw=draw,
        actions=(Link(_("Expect a payment"), "/expected-cash/new"),) if may else (),
        empty=Empty(
            "done", _("Nothing is expected"), _("What a payee says that it expects on a watched account appears here.")
        ),
    )
    return lists.show(request, visitor, table, sub=_("Money that is to come and has not come whole."))


def _expected(visitor: Visitor, one: ExpectationView, payee: str) -> Row:
    cells = {
        "payer": Link(one.payer_name, expecting.door_of(visitor, one)),
        "payee": payee,
        "amount": one.amount,
        "received": one.received,
        "purpose": names.PURPOSES.get(one.purpose.value, one.purpose.value),
        "due": Due(one.due_on, visitor.today),
        "reference": one.reference,
    }
    return Row(text("expectation", one.id), cells, expecting.door_of(visitor, one))


@require_GET
@page(Permission.PAYMENT_VIEW)
def returned(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What was sent back to its payer, or is on its way, the newest first."""

    def page_of(state: ListState) -> tuple[Sequence[ReturnView], Pager]:
        ticked = lists.only(state)
        return lists.after(
            state,
            lambda before, limit: queries.returns(actor=visitor.actor, before=before, only=ticked, limit=limit),
        )

    table = lists.Table(
        id="returned",
        title=_("Sent back"),
        columns=(
            Column("to", _("To"), sortable=False, lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("amount", _("Amount"), "money", sortable=False),
            Column("reason", _("Reason"), sortable=False),
            Column("since", _("Since"), "date", sortable=False),
        ),
        read=page_of,
        draw=lambda found: [_returned(one) for one in found],
        empty=Empty("done", _("Nothing was sent back"), _("Cash that two people return to its payer appears here.")),
    )
    return lists.show(request, visitor, table)


def _returned(one: ReturnView) -> Row:
    address = to("instruction", one.instruction_id)
    cells = {
        "to": Link(one.counterparty or one.counterparty_account, address),
        "state": status("return", one.state.value),
        "amount": one.amount,
        "reason": one.reason,
        "since": one.at,
    }
    return Row(f"rtn_{one.id.hex}", cells, address)
