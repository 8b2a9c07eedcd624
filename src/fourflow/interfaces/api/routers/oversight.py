"""The statistics of who oversees the platform; what is overdue, and which rules are broken, for whom it concerns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import Financing, FinancingState
from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.types import DaysPast, TermBand, VoucherState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import NotPermitted, Permission, RoleKind
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Money, Page, Part, Rate, Shown
from fourflow.interfaces.api.ids import PREFIXES, FinancingId, PartyId
from fourflow.interfaces.api.replies import page, read, reads, reply
from fourflow.interfaces.api.routers.parties import RestrictionBody, restriction_body
from fourflow.oversight.monitoring import queries as monitoring
from fourflow.oversight.monitoring.types import Alert, Ended, Ending, Rule
from fourflow.platform.ids import encode

router = Router(tags=["oversight"])
#: months of promise and payment before the present one, unless the caller names a day
MONTHS = 5
MOST_LATE = 200
#: before it no thirty days are counted back
EARLIEST = date(2000, 1, 31)


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


class LateFinancing(Part):
    """A financing whose debtor did not pay: what the bank has to recover, from whom."""

    id: FinancingId
    funder_id: PartyId
    applicant_id: PartyId
    due_on: date
    recourse: bool
    outstanding: Money


class OverdueBody(Shown):
    """``financings`` are the first 200 that are overdue; ``stop_list`` what bars whom today, as in ``GET /restrictions``."""

    as_of: date
    arrears: list[ArrearsBody]
    months: list[DueMonthBody]
    complaints: ComplaintFigures
    financings: list[LateFinancing]
    stop_list: list[RestrictionBody]


class AlertBody(Part):
    """A rule that is broken, or soon will be (``is_near``), and whose turn it is (``owner``).

    ``about`` is the object; ``parties``, or ``who`` by a name from outside, whom it concerns. The evidence is ``amount``,
    ``count`` of vouchers, or ``words``. ``clock`` is a day that has passed, or is to come.
    """

    rule: Rule
    is_near: bool
    owner: RoleKind
    about: str
    parties: list[PartyId]
    who: str
    amount: Money | None
    count: int | None
    words: str
    clock: date | None


class AlertPage(Page):
    data: list[AlertBody]


class EndedBody(Part):
    """A rule that was broken, or near it, and is so no more: how it ended (``ending``), and whose turn it had been (``owner``).

    Object, parties and evidence as of an open alert. ``since`` is the day since when; ``days_late`` how many days beyond what
    the rule allows it ended, 0 where it was dealt with in time; ``minutes`` how long a payment was under way; ``by`` the
    payment that ended it, as far as the organisation sees it.
    """

    rule: Rule
    owner: RoleKind
    ending: Ending
    since: date
    ended_on: date
    days_late: int
    minutes: int | None
    about: str
    parties: list[PartyId]
    who: str
    amount: Money | None
    words: str
    by: str | None


class EndedPage(Page):
    data: list[EndedBody]


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
            "financings": [
                _late(one)
                for one in financings.financings(actor=who.actor, states=[FinancingState.OVERDUE], limit=MOST_LATE)
            ],
            "stop_list": [restriction_body(one, []) for one in parties.restrictions(who.actor, in_force_on=who.today)],
        }

    return reply(request, OverdueBody(as_of=who.today, **read(request, query)))


def _late(one: Financing) -> LateFinancing:
    return LateFinancing(
        id=one.id,
        funder_id=one.quote.funder_id,
        applicant_id=one.quote.applicant_id,
        due_on=one.quote.due_on,
        recourse=one.quote.recourse,
        outstanding=one.outstanding,
    )


@router.get("/alerts", **reads(AlertPage))
def list_alerts(
    request: HttpRequest,
    rule: Rule | None = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Rules that are broken now, as far as they concern the organisation, rule by rule. An alert goes when its cause does."""
    who = caller(request)
    who.actor.require(Permission.VOUCHER_VIEW)
    found = read(
        request,
        lambda: monitoring.alerts(actor=who.actor, now=who.now, rule=rule, after=cursor, limit=limit + 1),
    )
    following = found[limit - 1].key if len(found) > limit else None
    return page(request, AlertPage, [_alert(one) for one in found[:limit]], following)


@router.get("/alerts/ended", **reads(EndedPage))
def list_ended_alerts(
    request: HttpRequest,
    ended_from: Annotated[date | None, Query(alias="ended[gte]")] = None,
    ended_to: Annotated[date | None, Query(alias="ended[lte]")] = None,
    rule: Rule | None = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """How rules that were broken, or near it, ended, the latest first: in the last thirty days, unless others are asked for."""
    who = caller(request)
    who.actor.require(Permission.VOUCHER_VIEW)
    until = min(ended_to or who.today, who.today)
    found = read(
        request,
        lambda: monitoring.ended(
            actor=who.actor,
            since=ended_from or max(until, EARLIEST) - timedelta(days=30),
            until=until,
            today=who.today,
            rule=rule,
            after=cursor,
            limit=limit + 1,
        ),
    )
    following = found[limit - 1].key if len(found) > limit else None
    return page(request, EndedPage, [_ended(one) for one in found[:limit]], following)


def _ended(one: Ended) -> EndedBody:
    kind, object_id = one.about
    return EndedBody(
        rule=one.rule,
        owner=one.rule.owner,
        ending=one.ending,
        since=one.since,
        ended_on=one.ended_on,
        days_late=one.days_late,
        minutes=one.minutes,
        about=encode(PREFIXES[kind], object_id),
        parties=list(one.parties),
        who=one.who,
        amount=one.amount,
        words=one.words,
        by=encode(PREFIXES[one.by[0]], one.by[1]) if one.by else None,
    )


def _alert(one: Alert) -> AlertBody:
    kind, object_id = one.about
    return AlertBody(
        rule=one.rule,
        is_near=one.is_near,
        owner=one.rule.owner,
        about=encode(PREFIXES[kind], object_id),
        parties=list(one.parties),
        who=one.who,
        amount=one.amount,
        count=one.count,
        words=one.words,
        clock=one.clock,
    )
