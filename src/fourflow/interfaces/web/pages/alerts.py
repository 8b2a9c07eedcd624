"""Alerts: every rule that is broken now, with its evidence, whose turn it is, since when or until when; and how others ended.

Read from the facts themselves, so an alert goes when its cause does; nothing here is acknowledged away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, names, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row, SavedView
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages.overdue import UNPAID
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.oversight.monitoring import queries
from fourflow.oversight.monitoring.queries.alerts import ENDS_SOON
from fourflow.oversight.monitoring.types import Alert, Ended, Ending, Rule


class HasKey(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=HasKey)
BAD, WARN = Status(gettext_lazy("Broken"), "bad"), Status(gettext_lazy("Near"), "warn", True)
RULES: dict[Rule, Words] = {
    Rule.PAID_WHEN_DUE: gettext_lazy("A voucher is paid on its due date"),
    Rule.WITHIN_THE_LINE: gettext_lazy("A line is not used beyond its amount"),
    Rule.LINE_RENEWED: gettext_lazy("A line is renewed before it ends"),
    Rule.COMPLAINT_ANSWERED: gettext_lazy("A complaint is answered in time"),
    Rule.CASH_PLACED: gettext_lazy("Cash that arrives has its place"),
    Rule.CASH_ARRIVES: gettext_lazy("A payment arrives in time"),
    Rule.BANK_CONSISTENT: gettext_lazy("A bank does not contradict itself"),
}
OWNERS: dict[RoleKind, Words] = {
    RoleKind.CORE: gettext_lazy("Core enterprise"),
    RoleKind.FUNDER: gettext_lazy("Bank"),
    RoleKind.OPERATOR: gettext_lazy("Operator"),
}
HOW: dict[Ending, Words] = {
    Ending.PAID: gettext_lazy("Paid"),
    Ending.LINE_RAISED: gettext_lazy("The bank raised the line"),
    Ending.LINE_FREED: gettext_lazy("Enough of the line was given back"),
    Ending.LINE_RENEWED: gettext_lazy("The line was renewed"),
    Ending.LINE_LAPSED: gettext_lazy("The line ended"),
    Ending.ANSWERED: gettext_lazy("Answered"),
    Ending.PLACED: pgettext_lazy("cash", "Placed"),
    Ending.SENT_BACK: gettext_lazy("Sent back to its payer"),
    Ending.ARRIVED: gettext_lazy("Arrived"),
    Ending.NOT_PAID: gettext_lazy("Not paid"),
    Ending.RESOLVED: gettext_lazy("Resolved by a person"),
}
#: what ended is shown of so many days, unless the address says others
LOOKED_AT = timedelta(30)
#: what took longer is told in days
MINUTES_TOLD = 2 * 24 * 60
COLUMNS = (
    Column("rule", gettext_lazy("Rule"), sortable=False, lead=True),
    Column("state", gettext_lazy("State"), "status", sortable=False, corner=True),
    Column("about", gettext_lazy("About"), sortable=False),
    Column("evidence", pgettext_lazy("alert", "Evidence"), sortable=False),
    Column("owner", gettext_lazy("Whose turn"), sortable=False),
    Column("clock", gettext_lazy("Since or until"), "date", sortable=False),
)
ENDED = (
    Column("rule", gettext_lazy("Rule"), sortable=False, lead=True),
    Column("state", gettext_lazy("Outcome"), "status", sortable=False, corner=True),
    Column("about", gettext_lazy("About"), sortable=False),
    Column("evidence", pgettext_lazy("alert", "Evidence"), sortable=False),
    Column("how", gettext_lazy("How it ended"), sortable=False),
    Column("owner", gettext_lazy("Whose turn it was"), sortable=False),
    Column("since", gettext_lazy("Since"), "date", sortable=False),
    Column("ended", gettext_lazy("Ended on"), "date", sortable=False),
)


@require_GET
@page(Permission.VOUCHER_VIEW)
def alerts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """To everybody what concerns it. The installation's own readings stand on the page of the operations."""
    if request.GET.get("state") == "ended":
        table = _table_of_ended(visitor)
        since, until = _days(table.state(request), visitor)
        days = {"since": texts.day(since), "until": texts.day(until)}
        sub = _("How rules that were broken, or near it, ended from %(since)s to %(until)s.") % days
        return lists.show(request, visitor, table, sub=sub)
    sub = _("Every rule that is broken now, and whose turn it is. An alert goes when its cause does.")
    return lists.show(request, visitor, _table_of_open(visitor), sub=sub)


def _views(state: ListState) -> tuple[SavedView, ...]:
    """What is broken now, and what ended; the rule that is asked for stays."""
    rule = {name: value for name, value in state.filters.items() if name == "rule"}
    ended = state.filters.get("state") == "ended"
    return (
        SavedView(_("Broken now"), state.url(filters=rule, view="all"), not ended),
        SavedView(pgettext("alert", "Ended"), state.url(filters={**rule, "state": "ended"}, view="all"), ended),
    )


def _filters(*dates: Filter) -> tuple[Filter, ...]:
    rules = tuple(Choice(rule.value, words) for rule, words in RULES.items())
    return (
        Filter("state", _("State"), "view", (Choice("ended", pgettext("alert", "Ended")),), one=True),
        Filter("rule", _("Rule"), "choice", rules, one=True),
        *dates,
    )


def _pages(state: ListState, found: Sequence[K]) -> tuple[Sequence[K], Pager]:
    """A page of what goes on behind a key; one more than asked tells of a next page."""
    shown = found[: state.limit]
    return shown, Pager(next_cursor=shown[-1].key if len(found) > state.limit else "")


def _rule(state: ListState) -> Rule | None:
    asked = state.filters.get("rule", "")
    return Rule(asked) if asked else None


def _table_of_open(visitor: Visitor) -> lists.Table[Alert]:
    def read(state: ListState) -> tuple[Sequence[Alert], Pager]:
        found = queries.alerts(
            actor=visitor.actor,
            now=visitor.now,
            rule=_rule(state),
            after=state.cursor,
            only=state.only or None,
            limit=state.limit + 1,
        )
        return _pages(state, found)

    def draw(found: Sequence[Alert]) -> list[Row]:
        known = parties.names(party for one in found for party in one.parties)
        return [_row(visitor, one, known) for one in found]

    return lists.Table(
        id="alerts",
        title=_("Alerts"),
        columns=COLUMNS,
        filters=_filters(),
        views=_views,
        read=read,
        draw=draw,
        actions=(Link(_("Operations"), "/operations"),) if RoleKind.OPERATOR in visitor.actor.roles else (),
        empty=Empty("done", _("No rule is broken"), _("What is late, used up or unexplained appears here.")),
    )


def _table_of_ended(visitor: Visitor) -> lists.Table[Ended]:
    def read(state: ListState) -> tuple[Sequence[Ended], Pager]:
        since, until = _days(state, visitor)
        found = queries.ended(
            actor=visitor.actor,
            since=since,
            until=until,
            today=visitor.today,
            rule=_rule(state),
            after=state.cursor,
            only=state.only or None,
            limit=state.limit + 1,
        )
        return _pages(state, found)

    def draw(found: Sequence[Ended]) -> list[Row]:
        known = parties.names(party for one in found for party in one.parties)
        return [_ended(one, known) for one in found]

    days = (Filter("ended[gte]", _("Ended from"), "date"), Filter("ended[lte]", _("Ended to"), "date"))
    return lists.Table(
        id="ended",
        title=_("Alerts"),
        columns=ENDED,
        filters=_filters(*days),
        views=_views,
        read=read,
        draw=draw,
        empty=Empty(
            "done",
            _("Nothing ended in these days"),
            _("The last thirty days are shown, unless you choose others."),
        ),
    )


def _days(state: ListState, visitor: Visitor) -> tuple[date, date]:
    """The days asked for; where the address has no first one, thirty before the last, which is today unless it says so."""
    until = day(state.filters.get("ended[lte]", "")) or visitor.today
    early = until - LOOKED_AT if until > date.min + LOOKED_AT else date.min
    return day(state.filters.get("ended[gte]", "")) or early, until


def _row(visitor: Visitor, one: Alert, known: Mapping[UUID, str]) -> Row:
    address = _address(one)
    cells = {
        "rule": RULES[one.rule],
        "state": WARN if one.is_near else BAD,
        "about": one.who or " → ".join(known.get(party, "") for party in one.parties),
        "evidence": Link(_evidence(one), address),
        "owner": OWNERS[one.rule.owner],
        "clock": Due(one.clock, visitor.today, soon_days=ENDS_SOON.days) if one.clock else None,
    }
    return Row(one.key, cells, address)


def _ended(one: Ended, known: Mapping[UUID, str]) -> Row:
    firms = " → ".join(known.get(party, "") for party in one.parties)
    address = (
        to(*one.about)
        if one.about[0] in ("limit", "voucher", "instruction")
        else to(*one.by)
        if one.by
        else "/exceptions"
        if one.about[0] == "exception"
        else "/placed"
    )
    amount = texts.money(one.amount) if one.amount is not None else ""
    number = short(one.who) if one.rule is Rule.PAID_WHEN_DUE else ""
    told = one.words if one.rule in (Rule.COMPLAINT_ANSWERED, Rule.BANK_CONSISTENT) else ""
    evidence = " · ".join(each for each in (number, amount, told if len(told) < 60 else f"{told[:60]}…") if each)
    cells = {
        "rule": RULES[one.rule],
        "state": _outcome(one),
        "about": firms if number or not one.who else " · ".join(each for each in (one.who, firms) if each),
        "evidence": Link(
            evidence or texts.day(one.ended_on), address, whole=f"{amount} {told}".strip() if told else ""
        ),
        "how": Link(_how(one), to(*one.by)) if one.by else _how(one),
        "owner": OWNERS[one.rule.owner],
        "since": one.since,
        "ended": one.ended_on,
    }
    return Row(one.key, cells, address)


def _outcome(one: Ended) -> Status:
    if one.ending in (Ending.LINE_LAPSED, Ending.NOT_PAID):
        return Status(_("Not mended"), "bad")
    return Status(_("Late"), "warn") if one.days_late or one.minutes else Status(_("In time"), "ok")


def _how(one: Ended) -> str:
    words = str(HOW[one.ending])
    if one.minutes is not None and one.minutes < MINUTES_TOLD:
        return f"{words} · " + _("after %(hours)s h %(minutes)s min") % {
            "hours": one.minutes // 60,
            "minutes": one.minutes % 60,
        }
    late = ngettext("%(n)s day late", "%(n)s days late", one.days_late) % {"n": one.days_late}
    return f"{words} · {late}" if one.days_late else words


def _evidence(one: Alert) -> Words:
    amount = texts.money(one.amount) if one.amount is not None else ""
    match one.rule:
        case Rule.PAID_WHEN_DUE:
            return _("%(n)s vouchers, %(amount)s") % {"n": one.count, "amount": amount}
        case Rule.WITHIN_THE_LINE:
            return _("over by %(amount)s") % {"amount": amount}
        case Rule.LINE_RENEWED:
            return _("used: %(amount)s") % {"amount": amount}
        case Rule.COMPLAINT_ANSWERED:
            return one.words if len(one.words) < 60 else f"{one.words[:60]}…"
        case Rule.BANK_CONSISTENT:
            return names.EXCEPTIONS.get(one.words, one.words)
        case _:
            return amount


def _address(one: Alert) -> str:
    kind, about = one.about
    if one.rule is Rule.PAID_WHEN_DUE:
        return f"{UNPAID}&issuer_id={text(kind, about)}"
    if one.rule is Rule.BANK_CONSISTENT and kind != "instruction":
        return "/exceptions"
    return to(kind, about) if kind in ("limit", "voucher", "instruction") else "/unmatched"
