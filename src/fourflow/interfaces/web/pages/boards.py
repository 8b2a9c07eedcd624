"""Credit lines, parameters and firms: what holds, for whom, from when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import Limit, PublicationState
from fourflow.foundation.access import operations as access
from fourflow.foundation.access.types import ReadWhat
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import ParameterState, ParameterValue, Value
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, menu, names
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, Listing, Row
from fourflow.interfaces.web.components.parts import Part, PartsBar
from fourflow.interfaces.web.components.records import Banner, Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import formats


@require_GET
@page(Permission.LIMIT_VIEW)
def limit_board(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """One bar a line: used, blocked, free."""
    with visitor.reading() as actor:
        board = limits.board(actor=actor)
        proposed = limits.publications(actor=actor, state=PublicationState.PROPOSED)
        involved = [party for line in board for party in (line.funder_id, line.core_id)]
        known = parties.names([*involved, *(one.core_id for one in proposed)])
    context = {
        "lines": [_line(visitor, line, known) for line in board],
        "proposed": [(one, known.get(one.core_id, ""), to("approval", one.approval_id)) for one in proposed],
        "actions": [Link(_("Announce a credit line"), "/limits/announce")] if visitor.can(Permission.LIMIT_SET) else [],
        "empty": Empty("waiting", _("No credit line"), _("A bank publishes one with two of its people.")),
    }
    return render(request, "web/pages/limits.html", context)


def _line(visitor: Visitor, line: Limit, known: dict[UUID, str]) -> dict[str, Any]:
    parts = [
        Part(_("Used"), line.utilised, "used"),
        Part(_("Blocked by offers"), line.blocked, "blocked"),
        Part(_("Free"), line.available, "free"),
    ]
    state = Status(_("In force"), "ok") if line.holds_on(visitor.today) else Status(_("Not in force"), "warn")
    if line.frozen:
        state = Status(_("Frozen"), "bad")
    return {
        "line": line,
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
    columns = (
        Column("reference", _("Used by"), sortable=False, lead=True),
        Column("amount", _("Amount"), "money", sortable=False, corner=True),
        Column("blocked", _("Blocked"), "money", sortable=False),
        Column("utilised", _("Used"), "money", sortable=False),
        Column("released", _("Given back"), "money", sortable=False),
        Column("since", _("Since"), "date", sortable=False),
    )
    state = lists.state_of(request, columns)
    with visitor.reading() as actor:
        line = limits.get(actor=actor, limit_id=limit_id)  # type: ignore[arg-type]
        known = parties.names([line.funder_id, line.core_id])
        rows, pager = lists.after(
            state.cursor,
            state.limit,
            lambda after, size: limits.uses(actor=actor, limit_id=line.id, after=after, size=size),
            lambda one: one.id,
        )
    made = tuple(
        Row(
            str(use.id),
            {
                "reference": f"{use.reference.partition(':')[0]} …{use.reference[-8:]}",
                "amount": use.amount,
                "blocked": use.blocked,
                "utilised": use.utilised,
                "released": use.released,
                "since": use.opened_at,
            },
            _user(use.reference),
        )
        for use in rows
    )
    listing = Listing("uses", _("Uses of the line"), columns, made, state, pager, export=False)
    context = {
        **_line(visitor, line, known),
        "listing": listing,
        "title": known.get(line.funder_id, ""),
        "actions": _acts(visitor, line),
    }
    return render(request, "web/pages/limit.html", context)


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


def _user(reference: str) -> str:
    kind, _mark, value = reference.partition(":")
    try:
        return to(kind, UUID(value)) if kind in ("voucher", "financing") else ""
    except ValueError:
        return ""


@require_GET
@page(Permission.PARAMETER_VIEW)
def parameter_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every dated value with its unit, source and the day from which it holds."""
    columns = (
        Column("key", _("Parameter"), "id", sortable=False, lead=True),
        Column("value", _("Value"), "number", sortable=False, corner=True),
        Column("unit", _("Unit"), sortable=False),
        Column("scope", _("Scope"), sortable=False),
        Column("from", _("Valid from"), "date", sortable=False),
        Column("state", _("State"), "status", sortable=False),
        Column("source", _("Source"), sortable=False, phone=False),
    )
    state = lists.state_of(request, columns)
    catalogue = parameters.catalogue()
    with visitor.reading() as actor:
        found = parameters.history(actor)
    made = tuple(
        Row(
            str(one.id),
            {
                "key": one.key.value,
                "value": _value(one.value, catalogue[one.key].unit),
                "unit": _(catalogue[one.key].unit),
                "scope": one.scope if len(one.scope) < 40 else f"{one.scope[:8]}…{one.scope[-12:]}",
                "from": one.valid_from,
                "state": _parameter_state(one.state, one.valid_from > visitor.today),
                "source": one.source,
            },
            _parameter_address(visitor, one),
        )
        for one in found
        if state.q.lower() in one.key.value
    )
    if lists.wants_file(request):
        return lists.export("parameters", columns, state, made)
    may = visitor.can(Permission.PARAMETER_PROPOSE)
    actions = (Link(_("Propose a value"), "/parameters/propose"),) if may else ()
    listing = Listing("parameters", _("Parameters"), columns, made, state, search=_("Name"), actions=actions)
    return render(request, "web/pages/list.html", {"title": _("Parameters"), "listing": listing})


def _parameter_address(visitor: Visitor, one: ParameterValue) -> str:
    """A proposed value leads to its decision, another one to proposing the next."""
    if one.state is ParameterState.PROPOSED and one.approval_id is not None:
        return to("approval", one.approval_id)
    return f"/parameters/propose?key={one.key.value}" if visitor.can(Permission.PARAMETER_PROPOSE) else ""


def _value(value: Value, unit: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return formats.number_text(value)
    return str(value)


def _parameter_state(state: ParameterState, later: bool) -> Status:
    if state is ParameterState.APPROVED:
        return Status(_("Scheduled"), "info", True) if later else Status(_("In force"), "ok")
    if state is ParameterState.PROPOSED:
        return Status(_("Proposed"), "info", True)
    return Status(_("Rejected") if state is ParameterState.REJECTED else _("Withdrawn"))


@require_GET
@page(Permission.PARTY_VIEW)
def party_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Firms that the organisation has to do with, by name."""
    columns = (
        Column("name", _("Name"), sortable=False, lead=True),
        Column("roles", _("Role"), sortable=False, corner=True),
        Column("identifier", _("Registration number"), "id", sortable=False),
        Column("size", _("Size"), sortable=False),
        Column("country", _("Country"), sortable=False),
    )
    filters = (Filter("role", _("Role"), "choice", tuple(Choice(r.value, menu.ROLES[r]) for r in menu.ORDER)),)
    state = lists.state_of(request, columns, filters)
    wanted = state.filters.get("role", "")
    with visitor.reading() as actor:
        found = parties.search(actor, state.q, role=RoleKind(wanted) if wanted in set(RoleKind) else None)
    made = tuple(
        Row(
            text("party", one.id),
            {
                "name": one.name,
                "roles": ", ".join(str(menu.ROLES[role]) for role in one.roles),
                "identifier": one.identifiers[0].value if one.identifiers else "",
                "size": names.SIZES.get(one.size_class.value, ""),
                "country": one.country,
            },
            to("party", one.id),
        )
        for one in found
    )
    if lists.wants_file(request):
        return lists.export("firms", columns, state, made)
    empty = Empty(
        "filtered" if state.narrowed else "waiting", _("No firm fits") if state.narrowed else _("No firm yet")
    )
    listing = Listing(
        "firms", _("Firms"), columns, made, state, filters=filters, search=_("Name or number"), empty=empty
    )
    return render(request, "web/pages/list.html", {"title": _("Firms"), "listing": listing})


@require_GET
@page(Permission.PARTY_VIEW)
def party(request: HttpRequest, visitor: Visitor, party_id: UUID) -> HttpResponse:
    """One firm: identifiers, roles, licences, restrictions, and (own organisation, operator) its people.

    Reading another firm's people leaves an entry in the log before they are shown.
    """
    with visitor.reading() as actor:
        parties.party(actor, party_id, today=visitor.today)  # what nobody may see is not read either
    if visitor.actor.sees_all:
        access.record_read(
            subject_party_id=party_id, what=ReadWhat.PEOPLE, actor=visitor.actor, effective_at=visitor.now
        )
    with visitor.reading() as actor:
        one = parties.party(actor, party_id, today=visitor.today)
        licences = parties.licences(actor, party_id=party_id)
        restrictions = parties.restrictions(actor, party_id=party_id, in_force_on=visitor.today)
        people = parties.people(actor, party_id) if party_id == visitor.id or actor.sees_all else []
    facts: list[tuple[Any, object]] = [
        (_("Role"), ", ".join(str(menu.ROLES[role]) for role in one.roles)),
        *((identifier.scheme.value.upper(), identifier.value) for identifier in one.identifiers),
        (_("Size"), names.SIZES.get(one.size_class.value, "")),
        (_("Country"), one.country),
    ]
    context = {
        "title": one.name,
        "facts": facts,
        "licences": [(names.LICENCES.get(x.kind.value, x.kind.value), x) for x in licences],
        "banners": [
            Banner(
                _("Barred from %(what)s") % {"what": names.BARRED.get(r.bars.value, r.bars.value)},
                f"{r.reason or r.source.value} · {r.valid_from.isoformat()}",
                "bad",
            )
            for r in restrictions
        ],
        "people": [
            (p.name, ", ".join(sorted(str(names.FUNCTIONS[f.value]) for f in p.functions)), p.valid_from)
            for p in people
        ],
    }
    return render(request, "web/pages/party.html", context)
