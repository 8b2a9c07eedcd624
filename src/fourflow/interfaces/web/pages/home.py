"""The first page of each workspace: figures that lead to their rows, and what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import Financing
from fourflow.capital.limits import queries as limits
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.queries import Total
from fourflow.capital.vouchers.types import LIVING, Arrears, Holding, HoldingState, Voucher, VoucherId, VoucherState
from fourflow.foundation.access import queries as access
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, menu, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, Listing, ListState, Pager, Row
from fourflow.interfaces.web.components.parts import Bar, Bars
from fourflow.interfaces.web.components.records import Due, Empty, Kpi, Link, Step
from fourflow.interfaces.web.components.status import HOLDING, status
from fourflow.interfaces.web.pages import happened, inbox, todo
from fourflow.interfaces.web.pages.overdue import main_currency
from fourflow.interfaces.web.pages.vouchers import ALIVE, short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.insight import queries as insight
from fourflow.platform.events import queries as events
from fourflow.platform.ids import first_id
from fourflow.platform.money import Money

#: how many facts, and how far back, "since your last visit" tells
NEWS, NEWS_DAYS = 8, timedelta(days=7)
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
        waiting = todo.own(visitor)
        kpis = _figures(visitor, totals, role)
        if role is not RoleKind.REGULATOR:
            kpis.insert(0, _inbox(len(waiting)))
        ladder = _ladder(visitor)
        news = _news(visitor, before)
    context = {
        "title": _("Overview"),
        "kpis": kpis,
        "listing": None if role is RoleKind.REGULATOR else _top(waiting),
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


def _sum(totals: Sequence[Total], states: Collection[VoucherState]) -> tuple[int, Money | None]:
    """How many vouchers, and what is outstanding on them in the currency that has most of them."""
    found = [total for total in totals if total.state in states]
    if not found:
        return 0, None
    by_currency: dict[str, int] = {}
    for total in found:
        by_currency[total.face.currency] = by_currency.get(total.face.currency, 0) + total.outstanding.minor
    currency = max(by_currency, key=lambda code: by_currency[code])
    return sum(total.count for total in found), Money(by_currency[currency], currency)


def _count(number: int) -> str:
    return _("%(n)s vouchers") % {"n": number}


def _figures(visitor: Visitor, totals: Sequence[Total], role: RoleKind | None) -> list[Kpi]:
    count, living = _sum(totals, LIVING)
    offered, offer_sum = _sum(totals, (VoucherState.OFFERED,))
    late, late_sum = _sum(totals, (VoucherState.OVERDUE, VoucherState.DEFAULTED))
    found = [Kpi(_("Outstanding"), living or 0, f"/vouchers?state={ALIVE}", _count(count))]
    found.append(Kpi(_("Offered, not answered"), offer_sum or 0, "/vouchers?state=offered", _count(offered)))
    if role in (RoleKind.CORE, RoleKind.FUNDER):
        board = limits.board(actor=visitor.actor)
        if board:
            currency = board[0].currency
            free = sum(line.headroom(visitor.today).minor for line in board if line.currency == currency)
            found.append(Kpi(_("Free credit lines"), Money(free, currency), "/limits"))
    if role is RoleKind.OPERATOR:
        waiting = settlement.unmatched(actor=visitor.actor, limit=50)
        tone = "warn" if waiting else "ok"
        found.append(Kpi(_("Unmatched cash"), len(waiting), "/unmatched", tone=tone))  # type: ignore[arg-type]
    if role is RoleKind.FUNDER:
        running = financings.running(actor=visitor.actor, funder_id=visitor.id)
        count = sum(one.count for one in running)
        found[1] = Kpi(_("Financed, running"), count, "/financing?state=disbursed,overdue")
    if role is RoleKind.REGULATOR:
        made, open_, _beyond = vouchers.complaint_counts(actor=visitor.actor, on=visitor.today)
        told = _("%(n)s to be answered") % {"n": open_}
        found.append(Kpi(_("Complaints"), made, "/complaints", told, "warn" if open_ else "neutral"))
        asked = insight.requests(actor=visitor.actor, open_only=True)
        found.append(Kpi(_("Evidence asked for"), len(asked), "/requests", tone="warn" if asked else "neutral"))
    tone = "bad" if late else "ok"
    found.append(Kpi(_("Overdue"), late_sum or 0, "/overdue", _count(late), tone))  # type: ignore[arg-type]
    return found


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
        late = vouchers.arrears(actor=actor, on=visitor.today)
        free = vouchers.holdings(actor=actor, states=[HoldingState.ACTIVE], limit=50)
        offered, parts = vouchers.offered_to(actor=actor, limit=50)
        open_ = financings.financings(actor=actor, limit=20)
        wanted = vouchers.VoucherFilter(only=tuple({h.voucher_id for h in free[:8]}))
        dues = {one.id: one for one in vouchers.vouchers(actor=actor, where=wanted).rows}
        names = parties.names(v.issuer_id for v in dues.values())
    kpis = _cash_figures(free, offered, parts, open_, late)
    rows = tuple(_holding_row(visitor, h, dues, names) for h in free[:8])
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


def _cash_figures(
    free: Sequence[Holding],
    offered: Sequence[Voucher],
    parts: Sequence[Holding],
    open_: Sequence[Financing],
    late: Sequence[Arrears],
) -> list[Kpi]:
    currency = free[0].amount.currency if free else (offered[0].face.currency if offered else "USD")
    held = sum(h.outstanding.minor for h in free if h.outstanding.currency == currency)
    waiting = sum(v.face.minor for v in offered if v.face.currency == currency)
    running = [f for f in open_ if f.state.is_open]
    paid = sum(f.quote.net.minor for f in open_ if f.disbursed_on and f.quote.net.currency == currency)
    return [
        Kpi(
            _("Can become cash now"),
            Money(held, currency),
            "/holdings?state=active",
            _("%(n)s holdings") % {"n": len(free)},
        ),
        Kpi(
            _("To sign"),
            Money(waiting, currency) if waiting else len(offered) + len(parts),
            "/inbox",
            _("%(n)s offers") % {"n": len(offered) + len(parts)},
            "warn" if offered or parts else "neutral",
        ),
        Kpi(_("On its way"), len(running), "/financing", _("financings asked for")),
        Kpi(
            _("Overdue"),
            Money(sum(a.outstanding.minor for a in late if a.outstanding.currency == currency), currency)
            if late
            else 0,
            "/overdue",
            _count(sum(one.count for one in late)),
            "bad" if late else "ok",
        ),
        Kpi(_("Cash received"), Money(paid, currency), "/financing?state=disbursed", _("net, latest 20")),
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
                actor=visitor.actor, states=wanted, sort=state.sort, after=after, only=ticked, limit=limit
            ),
        )

    table = lists.Table(
        id="holdings",
        title=_("My holdings"),
        columns=(
            Column("voucher", _("Voucher"), "id", sortable=False, lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("amount", _("Amount"), "money"),
            Column("outstanding", _("Outstanding"), "money", sortable=False),
            Column("tier", _("Tier"), "number", phone=False),
            Column("acquired", _("Acquired"), "date"),
            Column("basis", _("Trade behind it"), sortable=False, phone=False),
        ),
        filters=(Filter("state", _("State"), "choice", choices),),
        read=read,
        draw=lambda found: [_held(one) for one in found],
        empty=Empty(
            "first", _("You hold nothing"), _("Accept an offered voucher first."), Link(_("To sign"), "/inbox")
        ),
    )
    return lists.show(request, visitor, table)


def _held(one: Holding) -> Row:
    whole = text("holding", one.id)
    return Row(
        whole,
        {
            "voucher": Link(f"hld…{whole[-6:]}", whole=whole),
            "state": status("holding", one.state.value),
            "amount": one.amount,
            "outstanding": one.outstanding,
            "tier": one.tier,
            "acquired": one.acquired_at,
            "basis": one.trade_basis,
        },
        to("holding", one.id),
    )
