"""The first page of each workspace: figures that lead to their rows, and what waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import FinancingState
from fourflow.capital.limits import queries as limits
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.queries import Total
from fourflow.capital.vouchers.types import LIVING, Holding, HoldingState, Voucher, VoucherId, VoucherState
from fourflow.foundation.access import queries as access
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, menu, texts, waiting
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, Listing, ListState, Pager, Row
from fourflow.interfaces.web.components.parts import Bar, Bars
from fourflow.interfaces.web.components.records import Due, Empty, Kpi, Link, Step
from fourflow.interfaces.web.components.status import HOLDING, status
from fourflow.interfaces.web.pages import happened, inbox, todo
from fourflow.interfaces.web.pages.overdue import UNPAID, main_currency
from fourflow.interfaces.web.pages.vouchers import ALIVE, short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.insight import queries as insight
from fourflow.platform.events import queries as events
from fourflow.platform.ids import first_id
from fourflow.platform.money import Money

#: how many facts, and how far back, "since your last visit" tells
NEWS, NEWS_DAYS = 8, timedelta(days=7)
#: how many of the free holdings stand on the page
FREE = 8
#: of how long the cash is counted that came
YEAR = timedelta(days=365)
#: how far the ladder of due dates reaches
WEEKS = 10


@require_GET
@page()
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The workspace's own first page."""
    role = menu.main_role(visitor.actor.roles)
    if role is RoleKind.SUPPLIER:
        return _cash_now(request, visitor)
    before = access.last_visit(visitor.session)
    with visitor.reading():
        totals = vouchers.totals(actor=visitor.actor)
        tasks = todo.own(visitor)
        kpis = _figures(visitor, totals, role)
        if role is not RoleKind.REGULATOR:
            kpis.insert(0, _inbox(len(tasks)))
        ladder = _ladder(visitor)
        news = _news(visitor, before)
    context = {
        "title": _("Overview"),
        "kpis": kpis,
        "listing": None if role is RoleKind.REGULATOR else _top(tasks),
        "ladder": ladder,
        "news": news,
        "before": before,
        "today": texts.day(visitor.today),
    }
    return render(request, "web/pages/home.html", context)


def _news(visitor: Visitor, before: datetime | None) -> list[Step]:
    """What happened since the person was last here (at most a week back), as far as it may see it."""
    begin = max(before, visitor.at - NEWS_DAYS) if before else visitor.at - NEWS_DAYS
    found = events.since(first_id(begin), happened.NEWS, limit=3 * NEWS)
    parts = {UUID(str(part)) for event in found if (part := event.body.get("holding_id"))}
    shown = happened.about(found, vouchers.seen(actor=visitor.actor, holding_ids=parts) if parts else ())[:NEWS]
    return happened.timeline(shown[::-1], parties.names(happened.involved(shown)))


def _inbox(count: int) -> Kpi:
    return Kpi(_("To decide"), count, "/inbox", tone="warn" if count else "neutral")


def _of(totals: Sequence[Total], states: Collection[VoucherState], label: str, address: str) -> Kpi:
    """What is outstanding on the vouchers of some states, and how many they are."""
    found = [total for total in totals if total.state in states]
    return _figure(label, [(total.count, total.outstanding) for total in found], address)


def _count(number: int) -> str:
    return _("%(n)s vouchers") % {"n": number}


def _held(number: int) -> str:
    return _("%(n)s holdings") % {"n": number}


def _figure(
    label: str, found: Sequence[tuple[int, Money]], address: str, counted: Callable[[int], str] = _count
) -> Kpi:
    """The sum of the currency of which there is most, over its rows alone where there are others."""
    currency = main_currency([amount for _n, amount in found])
    if not currency:
        return Kpi(label, 0, address, counted(0))
    mine = [(n, amount.minor) for n, amount in found if amount.currency == currency]
    if len({amount.currency for _n, amount in found}) > 1:
        address += f"{'&' if '?' in address else '?'}currency={currency}"
    return Kpi(label, Money(sum(minor for _n, minor in mine), currency), address, counted(sum(n for n, _m in mine)))


def _figures(visitor: Visitor, totals: Sequence[Total], role: RoleKind | None) -> list[Kpi]:
    found = [_of(totals, LIVING, _("Outstanding"), f"/vouchers?state={ALIVE}")]
    found.append(_of(totals, (VoucherState.OFFERED,), _("Offered, not answered"), "/vouchers?state=offered"))
    if role in (RoleKind.CORE, RoleKind.FUNDER):
        board = limits.board(actor=visitor.actor)
        if board:
            free = [(1, line.headroom(visitor.today)) for line in board]
            found.append(replace(_figure(_("Free credit lines"), free, "/limits"), note=""))
    if role is RoleKind.OPERATOR:
        cash, _since = settlement.suspense()
        found.append(Kpi(_("Unmatched cash"), cash, "/unmatched", tone="warn" if cash else "ok"))
    if role is RoleKind.FUNDER:
        running = financings.running(actor=visitor.actor, funder_id=visitor.id)
        own = f"/financing?state=disbursed,overdue&funder_id={text('party', visitor.id)}"
        found[1] = Kpi(_("Financed, running"), sum(one.count for one in running), own)
    if role is RoleKind.REGULATOR:
        made, open_, _beyond = vouchers.complaint_counts(actor=visitor.actor, on=visitor.today)
        told = _("%(n)s to be answered") % {"n": open_}
        found.append(Kpi(_("Complaints"), made, "/complaints", told, "warn" if open_ else "neutral"))
        asked = insight.asked(actor=visitor.actor)
        found.append(Kpi(_("Evidence asked for"), asked, "/requests?state=open", tone="warn" if asked else "neutral"))
    late = (VoucherState.OVERDUE, VoucherState.DEFAULTED)
    found.append(_toned(_of(totals, late, _("Overdue"), UNPAID)))
    return found


def _toned(late: Kpi) -> Kpi:
    return replace(late, tone="bad" if late.value else "ok")


def _ladder(visitor: Visitor) -> Bars | None:
    """What falls due in each of the next weeks, after what was due before, in the currency of which there is most."""
    found = vouchers.falling_due(actor=visitor.actor, since=visitor.today, weeks=WEEKS)
    currency = main_currency([one.outstanding for one in found])
    if not currency:
        return None
    bars = []
    for one in (one for one in found if one.outstanding.currency == currency):
        label, tone = (one.first.strftime("%m-%d"), "info") if one.first else (_("earlier"), "bad")
        last = (
            one.first + timedelta(days=6) if one.first else visitor.today - timedelta(days=visitor.today.weekday() + 1)
        )
        span = {"due[gte]": one.first.isoformat()} if one.first else {}
        query = urlencode({**span, "due[lte]": last.isoformat(), "state": ALIVE})
        count = _count(one.count)
        bars.append(Bar(label, one.outstanding, tone, f"/vouchers?{query}", count))
    return Bars(
        _("Falling due by week"),
        tuple(bars),
        as_of=_("as of %(day)s") % {"day": texts.day(visitor.today)},
        source=f"{currency} · {_('week beginning')}",
    )


def _top(rows: Sequence[Row]) -> Listing:
    return Listing(
        id="todo",
        caption=_("To decide"),
        columns=tuple(replace(column, sortable=False) for column in inbox.columns()[:4]),
        rows=tuple(sorted(rows, key=_deadline)[:5]),
        state=ListState("/inbox"),
        export=False,
        empty=Empty("done", _("Nothing waits here"), _("What needs your decision appears here with its deadline.")),
    )


def _deadline(row: Row) -> tuple[bool, date]:
    """The first deadline first; what has none comes last."""
    due = row.cells.get("due")
    return (False, due.on) if isinstance(due, Due) else (True, date.max)


def _cash_now(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The supplier's question: what do I hold, and what could become cash now?"""
    before = access.last_visit(visitor.session)
    with visitor.reading() as actor:
        news = _news(visitor, before)
        totals = vouchers.totals(actor=actor)
        free = vouchers.holdings(actor=actor, states=[HoldingState.ACTIVE], limit=FREE)
        held = vouchers.held(actor=actor, states=[HoldingState.ACTIVE])
        offered, parts = vouchers.offered_to(actor=actor, limit=waiting.LIMIT)
        underway, paid = financings.received(actor=actor, since=visitor.today - YEAR)
        wanted = vouchers.VoucherFilter(only=tuple({h.voucher_id for h in free}))
        dues = {one.id: one for one in vouchers.vouchers(actor=actor, where=wanted).rows}
        names = parties.names(v.issuer_id for v in dues.values())
    kpis = [
        _figure(_("Can become cash now"), held, "/holdings?state=active", _held),
        _to_sign(visitor, [one.face for one in offered] + [one.amount for one in parts]),
        *_cash_figures(visitor, underway, paid),
        _toned(_of(totals, (VoucherState.OVERDUE, VoucherState.DEFAULTED), _("Overdue"), UNPAID)),
    ]
    rows = tuple(_holding_row(visitor, h, dues, names) for h in free)
    listing = Listing(
        id="free",
        caption=_("What you hold"),
        columns=(
            Column("voucher", _("Voucher"), sortable=False, lead=True),
            Column("amount", _("Amount"), "money", sortable=False, corner=True),
            Column("debtor", _("Debtor"), sortable=False),
            Column("due", _("Due"), "date", sortable=False),
            Column("cash", _("Cash now?"), sortable=False),
        ),
        rows=rows,
        state=ListState("/holdings"),
        export=False,
        empty=Empty(
            "first", _("You hold nothing free"), _("Accept an offered voucher first."), Link(_("To sign"), "/inbox")
        ),
    )
    context = {
        "title": _("Cash now?"),
        "kpis": kpis,
        "listing": listing,
        "today": texts.day(visitor.today),
        "news": news,
        "before": before,
        "first": True,
    }
    return render(request, "web/pages/home.html", context)


def _to_sign(visitor: Visitor, offers: Sequence[Money]) -> Kpi:
    """What is offered to the organisation; who may not answer looks at it among the team's."""
    whose = "" if waiting.answers_offers(visitor.actor) else "whose=team&"
    found = _figure(_("To sign"), [(1, amount) for amount in offers], "")
    note = _("%(n)s offers") % {"n": len(offers)}
    return replace(found, href=f"/inbox?{whose}kind={todo.OFFERS}", note=note, tone="warn" if offers else "neutral")


def _cash_figures(visitor: Visitor, underway: int, paid: Sequence[Money]) -> list[Kpi]:
    """What is asked for, and what was got within a year."""
    own = f"applicant_id={text('party', visitor.id)}"
    asked = ",".join(state.value for state in FinancingState if state.is_open)
    since = urlencode({"disbursed[gte]": (visitor.today - YEAR).isoformat()})
    got = _figure(_("Cash received"), [(1, amount) for amount in paid], f"/financing?{own}&{since}")
    return [
        Kpi(_("On its way"), underway, f"/financing?state={asked}&{own}", _("financings asked for")),
        replace(got, note=_("net, in the last 365 days")),
    ]


def _holding_row(visitor: Visitor, holding: Holding, dues: dict, names: dict) -> Row:  # type: ignore[type-arg]
    voucher = dues[VoucherId(holding.voucher_id)]
    may = visitor.can(Permission.FINANCING_QUOTE)
    return Row(
        id=str(holding.id),
        href=to("holding", holding.id),
        cells={
            "voucher": Link(short(voucher.number)),
            "amount": holding.outstanding,
            "debtor": names.get(voucher.issuer_id, ""),
            "due": Due(voucher.due_on, visitor.today),
            "cash": Link(_("What would I get?"), to("holding", holding.id, "/cash")) if may else None,
        },
    )


@require_GET
@page()
def search(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The search of the head: numbers lead to vouchers, other words to firms."""
    words = request.GET.get("q", "").strip()
    target = "/vouchers" if words.upper().startswith("SX") or not words else "/parties"
    return redirect(f"{target}?{urlencode({'q': words})}" if words else "/vouchers")


@require_GET
@page(Permission.VOUCHER_VIEW)
def holdings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the organisation itself holds, the latest first."""
    choices = tuple(Choice(s.value, HOLDING[s.value.upper()].word) for s in HoldingState if s is not HoldingState.SPLIT)

    def read(state: ListState) -> tuple[Sequence[Holding], Pager]:
        wanted, ticked = lists.chosen(state, "state", HoldingState), lists.only(state)
        return lists.after(
            state,
            lambda after, limit: vouchers.holdings(
                actor=visitor.actor,
                states=wanted,
                currency=state.filters.get("currency", ""),
                sort=state.sort,
                after=after,
                only=ticked,
                limit=limit,
            ),
        )

    def draw(found: Sequence[Holding]) -> list[Row]:
        wanted = vouchers.VoucherFilter(only=tuple({one.voucher_id for one in found}))
        whole = {
            one.id: one for one in vouchers.vouchers(actor=visitor.actor, where=wanted, limit=max(1, len(found))).rows
        }
        debtors = parties.names(one.issuer_id for one in whole.values())
        return [_held_row(one, whole[VoucherId(one.voucher_id)], debtors, visitor.today) for one in found]

    table = lists.Table(
        id="holdings",
        title=_("My holdings"),
        columns=(
            Column("voucher", _("Voucher"), "id", sortable=False, lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("debtor", _("Debtor"), sortable=False),
            Column("amount", _("Amount"), "money"),
            Column("outstanding", _("Outstanding"), "money", sortable=False),
            Column("due", _("Due"), "date", sortable=False),
            Column("acquired", _("Acquired"), "date"),
            Column("tier", _("Tier"), "number", phone=False),
            Column("basis", _("Trade behind it"), sortable=False, shown=False, phone=False),
            Column("part", _("Part"), "id", sortable=False, shown=False, phone=False),
        ),
        filters=(Filter("state", _("State"), "choice", choices), *lists.of_currency(request)),
        read=read,
        draw=draw,
        empty=Empty(
            "first", _("You hold nothing"), _("Accept an offered voucher first."), Link(_("To sign"), "/inbox")
        ),
    )
    return lists.show(request, visitor, table)


def _held_row(one: Holding, of: Voucher, debtors: Mapping[UUID, str], today: date) -> Row:
    part = text("holding", one.id)
    return Row(
        part,
        {
            "voucher": Link(short(of.number), whole=of.number),
            "state": status("holding", one.state.value),
            "debtor": debtors.get(of.issuer_id, ""),
            "due": Due(of.due_on, today, settled=not one.state.is_live),
            "part": Link(f"hld…{part[-6:]}", whole=part),
            "amount": one.amount,
            "outstanding": one.outstanding,
            "tier": one.tier,
            "acquired": one.acquired_at,
            "basis": one.trade_basis,
        },
        to("holding", one.id),
    )
