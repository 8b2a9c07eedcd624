"""Figures over the whole platform for who oversees it: issued, outstanding, financed, overdue, terms, costs, complaints.

Every figure leads to the rows that it adds up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import FeeLine
from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.queries import Total
from fourflow.capital.vouchers.types import LIVING, TermBand, TermTotal, VoucherState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import lists, texts
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.components.listing import Column, Row
from fourflow.interfaces.web.components.parts import Bar, Bars
from fourflow.interfaces.web.components.records import Empty, Kpi, Percent
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.errors import error_page
from fourflow.interfaces.web.pages.overdue import main_currency
from fourflow.interfaces.web.pages.vouchers import ALIVE, TERMS
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import formats
from fourflow.platform.money import Money

ISSUED = (*LIVING, VoucherState.REDEEMED)
COLUMNS = (
    Column("bank", gettext_lazy("Bank"), lead=True),
    Column("count", gettext_lazy("Financings"), "number"),
    Column("amount", gettext_lazy("Amount"), "money", corner=True),
    Column("cost", gettext_lazy("Cost in all"), "money"),
    Column("annual", gettext_lazy("All-in per year"), "number"),
    Column("lowest", gettext_lazy("Lowest"), "number"),
    Column("highest", gettext_lazy("Highest"), "number"),
)


@require_GET
@page(Permission.REPORT_VIEW)
def statistics(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """For the operator and the regulator."""
    if not visitor.actor.sees_all:
        return error_page(request, 403)
    with visitor.reading() as actor:
        totals = queries.totals(actor=actor)
        terms = queries.terms(actor=actor)
        financed = queries.financed(actor=actor)
        complaints = queries.complaint_counts(actor=actor, on=visitor.today)
        fees = financings.fee_survey(actor=actor)
        known = parties.names(one.funder_id for one in fees)
    rows = tuple(_fee(one, known) for one in fees)
    table = lists.Table(
        id="fees",
        title=_("What cash has cost, by bank"),
        columns=COLUMNS,
        read=lambda state: lists.whole(state, rows),
        draw=list,
        empty=Empty("waiting", _("No financing is paid out yet")),
    )
    context = {
        "title": _("Statistics"),
        "sub": _("as of %(day)s") % {"day": texts.day(visitor.today)},
        "kpis": _kpis(totals, financed, complaints),
        "terms": _terms(terms),
        "states": [_state(one) for one in totals],
    }
    return lists.show(request, visitor, table, "web/pages/statistics.html", **context)


def _sum(totals: Sequence[Total], states: Sequence[VoucherState] | frozenset[VoucherState], what: str) -> Kpi:
    """A count and the sum of ``face`` or ``outstanding`` over states, in the currency of which there is most."""
    found = [one for one in totals if one.state in states]
    amounts: list[Money] = [getattr(one, what) for one in found]
    currency = main_currency(amounts)
    value: Money | int = Money(sum(a.minor for a in amounts if a.currency == currency), currency) if currency else 0
    return Kpi("", value, note=_("%(n)s vouchers") % {"n": formats.number_text(sum(one.count for one in found))})


def _kpis(
    totals: Sequence[Total], financed: Sequence[tuple[int, Money]], complaints: tuple[int, int, int]
) -> list[Kpi]:
    issued = _sum(totals, ISSUED, "face")
    alive = _sum(totals, LIVING, "outstanding")
    late = _sum(totals, (VoucherState.OVERDUE, VoucherState.DEFAULTED), "outstanding")
    lent = max(financed, key=lambda one: one[1].minor, default=None)
    made, open_, beyond = complaints
    count = sum(count for count, _amount in financed)
    parts = ngettext("%(n)s part", "%(n)s parts", count) % {"n": formats.number_text(count)}
    told = _("%(n)s open, %(late)s beyond their date") % {"n": open_, "late": beyond}
    return [
        Kpi(_("Issued and accepted"), issued.value, f"/vouchers?state={ALIVE},redeemed", issued.note),
        Kpi(_("Outstanding"), alive.value, f"/vouchers?state={ALIVE}", alive.note),
        Kpi(_("Financed"), lent[1] if lent else 0, "/financing?state=disbursed,overdue", parts),
        Kpi(_("Overdue"), late.value, "/overdue", late.note, "bad" if late.value else "ok"),
        Kpi(_("Complaints"), made, "/complaints", told, "bad" if beyond else "neutral"),
    ]


def _terms(terms: Sequence[TermTotal]) -> Bars | None:
    currency = main_currency([one.outstanding for one in terms])
    if not currency:
        return None
    bars = []
    for band, label in ((TermBand(choice.value), choice.label) for choice in TERMS):
        found = [one for one in terms if one.band is band and one.outstanding.currency == currency]
        amount = Money(sum(one.outstanding.minor for one in found), currency)
        count = sum(one.count for one in found)
        tone = "warn" if band in (TermBand.TO12, TermBand.LONG) else "info"
        address = f"/vouchers?state={ALIVE}&term={band.value}" if count else ""
        bars.append(Bar(label, amount, tone, address, _("%(n)s vouchers") % {"n": formats.number_text(count)}))
    source = _("term from issue to due date; outstanding, %(code)s") % {"code": currency}
    return Bars(_("Terms of living vouchers"), tuple(bars), across=True, source=source)


def _state(one: Total) -> dict[str, Any]:
    return {
        "status": status("voucher", one.state.value),
        "count": one.count,
        "face": one.face,
        "outstanding": one.outstanding if one.state.is_living else None,
        "href": f"/vouchers?state={one.state.value}",
    }


def _fee(one: FeeLine, known: Mapping[UUID, str]) -> Row:
    cells = {
        "bank": known.get(one.funder_id, ""),
        "count": one.count,
        "amount": one.amount,
        "cost": one.cost,
        "annual": Percent(one.annualised),
        "lowest": Percent(one.lowest),
        "highest": Percent(one.highest),
    }
    address = f"/financing?state=disbursed,overdue,repaid&funder_id={text('party', one.funder_id)}"
    return Row(text("party", one.funder_id), cells, address)
