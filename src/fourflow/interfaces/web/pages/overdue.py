"""What is overdue: by days and by issuer, what was promised and paid, financings to recover, complaints, the stop list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import Financing, FinancingState
from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.types import Arrears, DaysPast, DueMonth
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RestrictionSource, RestrictionView
from fourflow.interfaces.web import lists, names, texts
from fourflow.interfaces.web.addresses import link, text, to
from fourflow.interfaces.web.components.listing import Column, Row
from fourflow.interfaces.web.components.parts import Bar, Bars, Kept, Promises
from fourflow.interfaces.web.components.records import Due, Empty, Kpi
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages import promises
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.money import Money

UNPAID = "/vouchers?state=overdue,defaulted"
#: overdue financings that stand on the page; all of them are a list
LENT = 50
#: months of promise and payment that are shown
MONTHS = 6
#: the latest promises about what is unpaid; the list has them all
PROMISES = 10
BUCKETS: dict[DaysPast, tuple[Words, str]] = {
    DaysPast.D30: (gettext_lazy("1–30 days"), "warn"),
    DaysPast.D60: (gettext_lazy("31–60 days"), "warn"),
    DaysPast.D90: (gettext_lazy("61–90 days"), "bad"),
    DaysPast.OVER: (gettext_lazy("over 90 days"), "bad"),
}
COLUMNS = (
    Column("core", gettext_lazy("Core enterprise"), lead=True),
    Column("state", gettext_lazy("State"), "status", corner=True),
    Column("count", gettext_lazy("Vouchers"), "number"),
    Column("outstanding", gettext_lazy("Outstanding"), "money"),
    Column("oldest", gettext_lazy("Oldest due"), "date"),
    Column("since", gettext_lazy("On the stop list since"), "date"),
)


@dataclass(frozen=True, slots=True)
class Late:
    """An issuer's unpaid vouchers of one currency, over all buckets."""

    issuer_id: UUID
    count: int
    outstanding: Money
    oldest: date
    since: date | None


@require_GET
@page(Permission.VOUCHER_VIEW)
def overdue(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """For the bank its own claims, for the core its own debts, for operator and regulator everybody's."""
    first = (visitor.today.replace(day=1) - timedelta(days=31 * (MONTHS - 1))).replace(day=1)
    with visitor.reading() as actor:
        found = queries.arrears(actor=actor, on=visitor.today)
        due = queries.fallen_due(actor=actor, since=first, until=visitor.today)
        promised = queries.promises(actor=actor, on=visitor.today, unpaid_only=True, limit=PROMISES)
        complaints = queries.complaint_counts(actor=actor, on=visitor.today)
        barred = parties.restrictions(actor, in_force_on=visitor.today)
        lent = financings.financings(actor=actor, states=[FinancingState.OVERDUE], limit=LENT)
        many = financings.count(actor=actor, states=[FinancingState.OVERDUE]) if len(lent) == LENT else len(lent)
        involved = [one.issuer_id for one in found] + [each.issuer_id for each in promised]
        involved += [one.party_id for one in barred]
        involved += [party for one in lent for party in (one.quote.applicant_id, one.quote.funder_id)]
        known = parties.names(involved)
    late = _by_issuer(found)
    rows = tuple(_row(visitor, one, known) for one in late)
    table = lists.Table(
        id="overdue",
        title=_("Overdue by core enterprise"),
        columns=COLUMNS,
        read=lambda state: lists.whole(state, rows),
        draw=list,
        empty=Empty("done", _("Nothing is overdue"), _("What is not paid on its due date appears here.")),
    )
    context = {
        "title": _("Overdue"),
        "sub": _("as of %(day)s") % {"day": texts.day(visitor.today)},
        "kpis": _kpis(late, many, complaints, barred),
        "ageing": _ageing(found, visitor.today),
        "promises": _promises(due, visitor.today),
        "promised": promises.table_of(visitor, promised, known),
        "promised_by": True,
        "promised_url": "/promises",
        "lent": [_lent(one, known) for one in lent],
        "more_lent": many > len(lent),
        "barred": [_barred(one, known) for one in barred],
    }
    return lists.show(request, visitor, table, "web/pages/overdue.html", **context)


def _by_issuer(found: Sequence[Arrears]) -> list[Late]:
    merged: dict[tuple[UUID, str], Late] = {}
    for one in found:
        key = (one.issuer_id, one.outstanding.currency)
        seen = merged.get(key)
        since = min((day for day in (one.restricted_on, seen and seen.since) if day), default=None)
        merged[key] = Late(
            one.issuer_id,
            one.count + (seen.count if seen else 0),
            one.outstanding + seen.outstanding if seen else one.outstanding,
            min(one.oldest_due_on, seen.oldest) if seen else one.oldest_due_on,
            since,
        )
    return sorted(merged.values(), key=lambda one: (one.oldest, one.issuer_id))


def main_currency(amounts: Sequence[Money]) -> str:
    """The currency of which there is most; the installation's figures are shown in it."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return max(sums, key=lambda code: sums[code], default="")


def _kpis(
    late: Sequence[Late], lent: int, complaints: tuple[int, int, int], barred: Sequence[RestrictionView]
) -> list[Kpi]:
    currency = main_currency([one.outstanding for one in late])
    total = sum(one.outstanding.minor for one in late if one.outstanding.currency == currency)
    count = sum(one.count for one in late)
    _made, open_, beyond = complaints
    vouchers = _("%(n)s vouchers") % {"n": count}
    return [
        Kpi(_("Overdue"), Money(total, currency) if late else 0, UNPAID, vouchers, "bad" if late else "ok"),
        Kpi(_("Core enterprises late"), len({one.issuer_id for one in late}), "#overdue"),
        Kpi(_("Financings overdue"), lent, "/financing?state=overdue", tone="bad" if lent else "neutral"),
        Kpi(
            _("Complaints open"),
            open_,
            "/complaints?state=open",
            _("%(n)s beyond their date") % {"n": beyond},
            "bad" if beyond else "neutral",
        ),
        Kpi(_("On the stop list"), len({one.party_id for one in barred}), "#stop-list"),
    ]


def _ageing(found: Sequence[Arrears], today: date) -> Bars | None:
    currency = main_currency([one.outstanding for one in found])
    if not currency:
        return None
    bars = []
    for bucket, (label, tone) in BUCKETS.items():
        amounts = [one.outstanding for one in found if one.bucket is bucket and one.outstanding.currency == currency]
        first, last = bucket.due(today)
        days = {"due[gte]": first.isoformat() if first else "", "due[lte]": last.isoformat()}
        address = f"{UNPAID}&{urlencode({name: value for name, value in days.items() if value})}"
        total = sum((one.minor for one in amounts), 0)
        bars.append(Bar(label, Money(total, currency), tone, address if total else ""))
    return Bars(_("Days past due"), tuple(bars), across=True, source=_("outstanding, %(code)s") % {"code": currency})


def _promises(due: Sequence[DueMonth], today: date) -> Promises | None:
    currency = main_currency([one.expected for one in due])
    if not currency:
        return None
    lines = []
    for one in due:
        if one.expected.currency != currency:
            continue
        last = min(today, (one.first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        states = "active,maturing,overdue,defaulted,redeemed"
        query = urlencode({"state": states, "due[gte]": one.first.isoformat(), "due[lte]": last.isoformat()})
        lines.append(Kept(one.first.strftime("%Y-%m"), one.expected, one.paid, f"/vouchers?{query}"))
    return Promises(_("Promised and paid"), tuple(lines), source=_("by month of the due date, until today"))


def _row(visitor: Visitor, one: Late, known: Mapping[UUID, str]) -> Row:
    stopped = Status(_("Stop list"), "bad") if one.since else Status(_("Overdue"), "warn")
    address = f"{UNPAID}&issuer_id={text('party', one.issuer_id)}"
    cells = {
        "core": known.get(one.issuer_id, ""),
        "state": stopped,
        "count": one.count,
        "outstanding": one.outstanding,
        "oldest": Due(one.oldest, visitor.today),
        "since": one.since,
    }
    return Row(text("party", one.issuer_id), cells, address)


def _lent(one: Financing, known: Mapping[UUID, str]) -> dict[str, object]:
    return {
        "link": link("financing", one.id, known.get(one.quote.applicant_id, "") or "–"),
        "bank": known.get(one.quote.funder_id, ""),
        "due": one.quote.due_on,
        "recourse": _("with recourse") if one.quote.recourse else _("without recourse"),
        "open": one.outstanding,
    }


def why_barred(one: RestrictionView) -> str:
    """Why a firm is on the stop list: a person's words, or the voucher whose lateness put it there."""
    if one.source is RestrictionSource.OVERDUE and not one.reason:
        told = {"number": short(one.reference), "day": one.facts.get("due_on", "")}
        return str(_("Voucher %(number)s is overdue since %(day)s") % told)
    return str(one.reason or names.SOURCES[one.source.value])


def _barred(one: RestrictionView, known: Mapping[UUID, str]) -> dict[str, object]:
    return {
        "href": to("party", one.party_id),
        "name": known.get(one.party_id, ""),
        "bars": names.BARRED.get(one.bars.value, one.bars.value),
        "since": one.valid_from,
        "why": why_barred(one),
    }
