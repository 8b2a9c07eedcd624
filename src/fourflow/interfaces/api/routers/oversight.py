"""Figures: the statistics of who oversees the platform, and what is overdue for whom it concerns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from fourflow.capital.financing import queries as financings
from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.types import DaysPast, TermBand, VoucherState
from fourflow.foundation.parties.types import NotPermitted, Permission
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Money, Part, Rate, Shown
from fourflow.interfaces.api.ids import PartyId
from fourflow.interfaces.api.replies import read, reads, reply

router = Router(tags=["oversight"])
#: months of promise and payment before the present one, unless the caller names a day
MONTHS = 5


class StateFigures(Part):
    """Vouchers of one state and currency."""

    state: VoucherState
    count: int
    face: Money
    outstanding: Money


class TermFigures(Part):
    """Living vouchers by their term from issue to due date: up to 3, 6, 12 months, or longer."""

    band: TermBand
    count: int
    outstanding: Money


class FinancedFigures(Part):
    """Living parts that a funder holds or has pledged."""

    count: int
    outstanding: Money


class ComplaintFigures(Part):
    """All, still open, and open beyond the date of their answer."""

    made: int
    open: int
    late: int


class CostFigures(Part):
    """What one bank's cash has cost, over its financings paid out; ``annualised`` is weighted by the net cash."""

    funder_id: PartyId
    count: int
    amount: Money
    net: Money
    cost: Money
    annualised: Rate
    lowest: Rate
    highest: Rate


class StatisticsBody(Shown):
    as_of: date
    vouchers: list[StateFigures]
    terms: list[TermFigures]
    financed: list[FinancedFigures]
    complaints: ComplaintFigures
    costs: list[CostFigures]


class ArrearsBody(Part):
    """Unpaid vouchers of one issuer and currency in one bucket of days past due."""

    issuer_id: PartyId
    bucket: DaysPast
    count: int
    outstanding: Money
    oldest_due_on: date
    restricted_on: date | None


class DueMonthBody(Part):
    """What fell due in the month that begins on ``first``, less what was cancelled, and what has been paid of it."""

    first: date
    expected: Money
    paid: Money


class OverdueBody(Shown):
    as_of: date
    arrears: list[ArrearsBody]
    months: list[DueMonthBody]
    complaints: ComplaintFigures


def _complaints(counts: tuple[int, int, int]) -> ComplaintFigures:
    made, open_, late = counts
    return ComplaintFigures(made=made, open=open_, late=late)


@router.get("/statistics", **reads(StatisticsBody))
def statistics(request: HttpRequest) -> HttpResponse:
    """Counts and sums over the whole platform, for the operator and the regulator."""
    who = caller(request)
    who.actor.require(Permission.REPORT_VIEW)
    if not who.actor.sees_all:
        raise NotPermitted(permission=Permission.REPORT_VIEW.value)

    def query() -> dict[str, Any]:
        return {
            "vouchers": [StateFigures.model_validate(one) for one in queries.totals(actor=who.actor)],
            "terms": [TermFigures.model_validate(one) for one in queries.terms(actor=who.actor)],
            "financed": [
                FinancedFigures(count=count, outstanding=amount) for count, amount in queries.financed(actor=who.actor)
            ],
            "complaints": _complaints(queries.complaint_counts(actor=who.actor, on=who.today)),
            "costs": [CostFigures.model_validate(one) for one in financings.fee_survey(actor=who.actor)],
        }

    return reply(request, StatisticsBody(as_of=who.today, **read(request, query)))


@router.get("/overdue", **reads(OverdueBody))
def overdue(request: HttpRequest, since: date | None = None) -> HttpResponse:
    """What is unpaid after its due date, by issuer and days past due, as far as the organisation sees it; and what fell due
    from ``since`` (else: in this month and the five before) with what has been paid of it."""
    who = caller(request)
    who.actor.require(Permission.VOUCHER_VIEW)
    first = since or (who.today.replace(day=1) - timedelta(days=30 * MONTHS)).replace(day=1)

    def query() -> dict[str, Any]:
        due = queries.fallen_due(actor=who.actor, since=first, until=who.today)
        return {
            "arrears": [ArrearsBody.model_validate(one) for one in queries.arrears(actor=who.actor, on=who.today)],
            "months": [DueMonthBody.model_validate(one) for one in due],
            "complaints": _complaints(queries.complaint_counts(actor=who.actor, on=who.today)),
        }

    return reply(request, OverdueBody(as_of=who.today, **read(request, query)))
