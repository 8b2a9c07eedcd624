"""Alerts: every rule that is broken now, with its evidence, whose turn it is, and since when or until when.

Read from the facts themselves, so an alert goes when its cause does; nothing here is acknowledged away.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, names, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Column, Row
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages.overdue import UNPAID
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.monitoring import queries
from fourflow.oversight.monitoring.queries.alerts import ENDS_SOON
from fourflow.oversight.monitoring.types import Alert, Rule

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
COLUMNS = (
    Column("rule", gettext_lazy("Rule"), lead=True),
    Column("state", gettext_lazy("State"), "status", corner=True),
    Column("about", gettext_lazy("About")),
    Column("evidence", pgettext_lazy("alert", "Evidence"), sortable=False),
    Column("owner", gettext_lazy("Whose turn")),
    Column("clock", gettext_lazy("Since or until"), "date"),
)


@require_GET
@page(Permission.VOUCHER_VIEW)
def alerts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """To everybody what concerns it. The installation's own readings stand on the page of the operations."""
    with visitor.reading() as actor:
        found = queries.alerts(actor=actor, now=visitor.now)
        known = parties.names(party for one in found for party in one.parties)
    rows = [_row(visitor, one, known) for one in found]
    table = lists.Table(
        id="alerts",
        title=_("Alerts"),
        columns=COLUMNS,
        read=lambda state: lists.whole(state, rows),
        draw=lambda shown: shown,
        actions=(Link(_("Operations"), "/operations"),) if RoleKind.OPERATOR in visitor.actor.roles else (),
        empty=Empty("done", _("No rule is broken"), _("What is late, used up or unexplained appears here.")),
    )
    sub = _("Every rule that is broken now, and whose turn it is. An alert goes when its cause does.")
    return lists.show(request, visitor, table, sub=sub)


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
