"""Alerts: every rule that is broken now, with its evidence, whose turn it is, and since when or until when.

Read from the facts themselves, so an alert goes when its cause does; nothing here is acknowledged away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from fourflow.capital.limits import queries as limits
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
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
from fourflow.platform.clock import business_date

#: a line that ends within so many days is told of
ENDS_SOON = 30
BAD, WARN = Status(gettext_lazy("Broken"), "bad"), Status(gettext_lazy("Near"), "warn", True)
COLUMNS = (
    Column("rule", gettext_lazy("Rule"), lead=True),
    Column("state", gettext_lazy("State"), "status", corner=True),
    Column("about", gettext_lazy("About")),
    Column("evidence", gettext_lazy("Evidence"), sortable=False),
    Column("owner", gettext_lazy("Whose turn")),
    Column("clock", gettext_lazy("Since or until"), "date"),
)


@dataclass(frozen=True, slots=True)
class Alert:
    """``about`` names who or what; ``evidence`` is the figure; ``clock`` a day that has passed, or is to come."""

    key: str
    rule: Words
    state: Status
    about: str
    evidence: Words
    owner: Words
    href: str
    clock: date | None = None


@require_GET
@page(Permission.VOUCHER_VIEW)
def alerts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """To everybody what concerns it. The installation's own readings stand on the page of the operations."""
    with visitor.reading():
        found = [*_late(visitor), *_lines(visitor), *_complaints(visitor), *_cash(visitor)]
    rows = [_row(visitor, one) for one in found]
    table = lists.Table(
        id="alerts",
        title=_("Alerts"),
        columns=COLUMNS,
        read=lambda state: lists.whole(state, rows),
        draw=lambda shown: shown,
        actions=(Link(_("Operations"), "/operations"),) if RoleKind.OPERATOR in visitor.actor.roles else (),
        empty=Empty("done", _("No rule is broken"), _("What is late, used up or unexplained appears here.")),
    )
    return lists.show(request, visitor, table)


def _row(visitor: Visitor, one: Alert) -> Row:
    cells = {
        "rule": one.rule,
        "state": one.state,
        "about": one.about,
        "evidence": Link(one.evidence, one.href),
        "owner": one.owner,
        "clock": Due(one.clock, visitor.today, soon_days=ENDS_SOON) if one.clock else None,
    }
    return Row(one.key, cells, one.href)


def _late(visitor: Visitor) -> Iterator[Alert]:
    """Issuers with unpaid vouchers; the stop list is their end."""
    found = vouchers.arrears(actor=visitor.actor, on=visitor.today)
    known = parties.names(one.issuer_id for one in found)
    for one in found:
        amount = texts.money(one.outstanding)
        yield Alert(
            f"late-{one.issuer_id}-{one.bucket}-{one.outstanding.currency}",
            _("A voucher is paid on its due date"),
            BAD,
            known.get(one.issuer_id, ""),
            _("%(n)s vouchers, %(amount)s") % {"n": one.count, "amount": amount},
            _("Core enterprise"),
            f"{UNPAID}&issuer={text('party', one.issuer_id)}",
            one.oldest_due_on,
        )


def _lines(visitor: Visitor) -> Iterator[Alert]:
    """Lines used beyond what is sanctioned, or ending soon."""
    board = limits.board(actor=visitor.actor) if visitor.can(Permission.LIMIT_VIEW) else []
    known: Mapping[UUID, str] = parties.names(party for line in board for party in (line.funder_id, line.core_id))
    soon = visitor.today + timedelta(ENDS_SOON)
    for line in board:
        about = f"{known.get(line.funder_id, '')} → {known.get(line.core_id, '')}"
        if line.excess.minor:
            words = _("over by %(amount)s") % {"amount": texts.money(line.excess)}
            rule = _("A line is not used beyond its amount")
            yield Alert(f"excess-{line.id}", rule, BAD, about, words, _("Bank"), to("limit", line.id))
        if line.valid_to and visitor.today <= line.valid_to <= soon:
            words = _("used: %(amount)s") % {"amount": texts.money(line.utilised)}
            rule = _("A line is renewed before it ends")
            yield Alert(f"ends-{line.id}", rule, WARN, about, words, _("Bank"), to("limit", line.id), line.valid_to)


def _complaints(visitor: Visitor) -> Iterator[Alert]:
    found = vouchers.complaints(actor=visitor.actor, open_only=True, limit=200)
    known = parties.names(one.organisation_id for one in found)
    for one in found:
        yield Alert(
            f"complaint-{one.id}",
            _("A complaint is answered in time"),
            BAD if one.answer_due_on < visitor.today else WARN,
            known.get(one.organisation_id, ""),
            one.text if len(one.text) < 60 else f"{one.text[:60]}…",
            _("Operator"),
            to("voucher", one.voucher_id),
            one.answer_due_on,
        )


def _cash(visitor: Visitor) -> Iterator[Alert]:
    """Credits that nobody has placed, and banks that contradict themselves."""
    for one in settlement.unmatched(actor=visitor.actor, limit=50):
        yield Alert(
            f"cash-{one.entry_id}",
            _("Cash that arrives has its place"),
            WARN,
            one.entry.counterparty,
            texts.money(one.rest),
            _("Operator"),
            "/unmatched",
            business_date(one.opened_at),
        )
    for item in settlement.exceptions(actor=visitor.actor) if visitor.actor.sees_all else []:
        yield Alert(
            f"exception-{item.id}",
            _("A bank does not contradict itself"),
            BAD,
            item.bank_code,
            names.EXCEPTIONS.get(item.kind.value, item.kind.value),
            _("Operator"),
            "/unmatched",
            business_date(item.opened_at),
        )
