"""Credit lines: the board with a bar for each, and one of them with what uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from fourflow.capital.financing import queries as financings
from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import Limit, LimitId, LimitUse, PublicationState
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.queries import VoucherFilter
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Column, ListState, Pager, Row
from fourflow.interfaces.web.components.parts import Bar, Bars, Part, PartsBar
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.money import Money

#: what moves a line, in words
MOVES: dict[str, Words] = {
    "limit.published": gettext_lazy("Published"),
    "limit.blocked": gettext_lazy("Blocked"),
    "limit.utilised": gettext_lazy("Used"),
    "limit.released": gettext_lazy("Given back"),
    "limit.frozen": gettext_lazy("Frozen"),
    "limit.unfrozen": gettext_lazy("Opened again"),
}
#: lines of which each has its bar; more of them are read in the list
BARS = 12


@require_GET
@page(Permission.LIMIT_VIEW)
def limit_board(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """One bar a line: used, blocked, free; and the same figures as a list."""
    with visitor.reading() as actor:
        board = limits.board(actor=actor)
        proposed = limits.publications(actor=actor, state=PublicationState.PROPOSED)
        involved = [party for line in board for party in (line.funder_id, line.core_id)]
        known = parties.names([*involved, *(one.core_id for one in proposed)])
    drawn = [_line(visitor, line, known) for line in board]
    table = lists.Table(
        id="limits",
        title=_("Limits"),
        columns=(
            Column("bank", _("Bank"), lead=True),
            Column("state", _("State"), "status", corner=True),
            Column("core", _("Core enterprise")),
            Column("sanctioned", _("Sanctioned"), "money"),
            Column("used", _("Used"), "money"),
            Column("blocked", _("Blocked by offers"), "money"),
            Column("free", _("Free"), "money"),
            Column("from", _("Valid from"), "date", phone=False),
            Column("to", _("Valid until (excluded)"), "date", shown=False, phone=False),
        ),
        filters=lists.of_currency(request),
        search=_("Bank or core enterprise"),
        read=lambda state: lists.whole(state, [_row(one) for one in drawn if _fits(one, state)]),
        draw=lambda rows: rows,
        empty=Empty("waiting", _("No credit line"), _("A bank publishes one with two of its people.")),
    )
    return lists.show(
        request,
        visitor,
        table,
        "web/pages/limits.html",
        lines=drawn if len(drawn) <= BARS else [],
        concentration=_concentration(visitor, board, known),
        proposed=[(one, known.get(one.core_id, ""), to("approval", one.approval_id)) for one in proposed],
        actions=[Link(_("Announce from a file"), "/limits/file"), Link(_("Announce a credit line"), "/limits/announce")]
        if visitor.can(Permission.LIMIT_SET)
        else [],
    )


def _concentration(visitor: Visitor, board: Sequence[Limit], known: dict[UUID, str]) -> Bars | None:
    """What is used, by core enterprise; to a core enterprise by bank. Only where there is more than one."""
    by_bank = RoleKind.CORE in visitor.actor.roles
    used: dict[UUID, Money] = {}
    for line in board:
        if line.currency == board[0].currency:
            key = line.funder_id if by_bank else line.core_id
            used[key] = used[key] + line.utilised if key in used else line.utilised
    if len(used) < 2:
        return None
    ordered = sorted(used.items(), key=lambda item: -item[1].minor)[:8]
    bars = tuple(
        Bar(known.get(key, ""), amount, "info", f"/limits?q={quote(known.get(key, ''))}") for key, amount in ordered
    )
    label = _("Used, by bank") if by_bank else _("Used, by core enterprise")
    return Bars(label, bars, across=True, source=board[0].currency)


def _fits(one: dict[str, Any], state: ListState) -> bool:
    currency = state.filters.get("currency", one["line"].currency)
    return state.q.lower() in f"{one['bank']} {one['core']}".lower() and currency == one["line"].currency


def _row(one: dict[str, Any]) -> Row:
    line = one["line"]
    return Row(
        text("limit", line.id),
        {
            "bank": one["bank"],
            "state": one["state"],
            "core": one["core"],
            "sanctioned": line.sanctioned,
            "used": line.utilised,
            "blocked": line.blocked,
            "free": one["free"],
            "from": line.valid_from,
            "to": line.valid_to,
        },
        one["href"],
    )


def _line(visitor: Visitor, line: Limit, known: dict[UUID, str]) -> dict[str, Any]:
    uses = to("limit", line.id, "#uses")
    parts = [
        Part(_("Used"), line.utilised, "used", uses),
        Part(_("Blocked by offers"), line.blocked, "blocked", uses),
        Part(_("Free"), line.available, "free"),
    ]
    state = Status(_("In force"), "ok") if line.holds_on(visitor.today) else Status(_("Not in force"), "warn")
    if line.frozen:
        state = Status(_("Frozen"), "bad")
    return {
        "line": line,
        "free": line.headroom(visitor.today),
        "state": state,
        "bank": known.get(line.funder_id, ""),
        "core": known.get(line.core_id, ""),
        "bar": PartsBar(_("Use of the line"), tuple(parts)),
        "href": to("limit", line.id),
    }


@require_GET
@page(Permission.LIMIT_VIEW)
def limit(request: HttpRequest, visitor: Visitor, limit_id: UUID) -> HttpResponse:
    """One line with what uses it."""
    with visitor.reading() as actor:
        line = limits.get(actor=actor, limit_id=LimitId(limit_id))
        known = parties.names([line.funder_id, line.core_id])

    def read(state: ListState) -> tuple[Sequence[LimitUse], Pager]:
        ticked = lists.only(state)
        return lists.after(
            state,
            lambda after, size: limits.uses(
                actor=visitor.actor, limit_id=line.id, sort=state.sort, after=after, only=ticked, size=size
            ),
        )

    table = lists.Table(
        id="uses",
        title=_("Uses of the line"),
        columns=(
            Column("reference", _("Used by"), sortable=False, lead=True),
            Column("amount", _("Amount"), "money", sortable=False, corner=True),
            Column("blocked", _("Blocked"), "money"),
            Column("utilised", _("Used"), "money"),
            Column("released", _("Given back"), "money", sortable=False),
            Column("since", _("Since"), "date"),
        ),
        read=read,
        draw=lambda found: _uses(visitor, found),
        empty=Empty("waiting", _("Nothing uses the line"), _("Offered vouchers block it, accepted ones use it.")),
    )
    with visitor.reading():
        moved = events.latest(line.id, MOVES, limit=30)
    users = _users(visitor, [str(event.body.get("reference", "")) for event in moved])
    more = {
        "ends": Due(line.valid_to, visitor.today, soon_days=30) if line.valid_to else None,
        "moves": [_move(event, users) for event in moved],
    }
    context = {
        **more,
        **_line(visitor, line, known),
        "actions": _acts(visitor, line),
        "title": known.get(line.funder_id, ""),
    }
    return lists.show(request, visitor, table, "web/pages/limit.html", **context)


def _move(event: RecordedEvent, users: Mapping[str, Link]) -> dict[str, Any]:
    """One line of the ledger: what happened, by how much, for what."""
    body = event.body
    amounts = [texts.of_body(body.get(name)) for name in ("amount", "blocked", "utilised", "sanctioned")]
    reference = str(body.get("reference", ""))
    return {
        "at": event.effective_at,
        "what": Link(str(MOVES[event.kind]), f"/events/{text('event', event.id)}"),
        "amounts": [amount for amount in amounts if amount],
        "for": users.get(reference),
    }


def _uses(visitor: Visitor, found: Sequence[LimitUse]) -> list[Row]:
    users = _users(visitor, [use.reference for use in found])
    return [
        Row(
            use.id.hex,
            {
                "reference": users[use.reference],
                "amount": use.amount,
                "blocked": use.blocked,
                "utilised": use.utilised,
                "released": use.released,
                "since": use.opened_at,
            },
            users[use.reference].href,
        )
        for use in found
    ]


def _acts(visitor: Visitor, line: Limit) -> list[Link]:
    """What the person may do about a line of its own bank."""
    if line.funder_id != visitor.id:
        return []
    found = []
    if visitor.can(Permission.LIMIT_SET):
        if not line.frozen:
            found.append(Link(_("Freeze"), to("limit", line.id, "/freeze")))
        found.append(Link(_("End"), to("limit", line.id, "/end")))
        found.append(Link(_("Change"), to("limit", line.id, "/change")))
    if visitor.can(Permission.LIMIT_CHECK) and line.frozen:
        found.append(Link(_("Open again"), to("limit", line.id, "/unfreeze")))
    return found


def _users(visitor: Visitor, references: Iterable[str]) -> dict[str, Link]:
    """Who blocks or uses a line, as its page names it: a voucher by its number, and a way there, where the visitor sees it."""
    split = {reference: reference.partition(":")[::2] for reference in references if reference}
    ids = {reference: UUID(value) for reference, (kind, value) in split.items() if kind in ("voucher", "financing")}
    wanted = VoucherFilter(only=tuple(ids.values()))
    with visitor.reading() as actor:
        seen = vouchers.vouchers(actor=actor, where=wanted, limit=len(ids) or 1).rows if ids else []
        lent = financings.financings(actor=actor, only=list(ids.values()), limit=len(ids)) if ids else []
    numbers = {one.id: one.number for one in seen}
    visible = {*numbers, *(one.id for one in lent)}
    found = {}
    for reference, (kind, value) in split.items():
        known = ids.get(reference)
        number = numbers.get(VoucherId(known)) if known else None
        word = str({"voucher": _("Voucher"), "financing": _("Financing")}.get(kind, kind))
        address = to(kind, known) if known in visible else ""
        found[reference] = Link(
            short(number) if number else f"{word} …{value[-8:]}", address, whole=number or reference
        )
    return found
