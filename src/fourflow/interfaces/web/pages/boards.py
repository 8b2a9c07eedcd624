"""Parameters and firms: what holds, for whom, from when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import PLATFORM, Definition, Key, ParameterState, ParameterValue, Value
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import PartyView, Permission, RoleKind
from fourflow.interfaces.web import lists, menu, names, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Banner, Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages import standing
from fourflow.interfaces.web.pages.overdue import why_barred
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import formats
from fourflow.platform.money import Money


@require_GET
@page(Permission.PARAMETER_VIEW)
def parameter_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every dated value with its unit, source and the day from which it holds."""
    catalogue = parameters.catalogue()

    def read(state: ListState) -> tuple[Sequence[Row], Pager]:
        wanted = lists.chosen(state, "state", ParameterState)
        rows = [
            _parameter(visitor, one, catalogue[one.key])
            for one in parameters.history(visitor.actor)
            if state.q.lower() in one.key.value and (not wanted or one.state in wanted)
        ]
        return lists.whole(state, rows)

    may = visitor.can(Permission.PARAMETER_PROPOSE)
    actions = (Link(_("Propose a value"), "/parameters/propose"),) if may else ()
    choices = tuple(Choice(s.value, _parameter_state(s, False).word) for s in ParameterState)
    table = lists.Table(
        id="parameters",
        title=_("Parameters"),
        columns=(
            Column("key", _("Parameter"), lead=True),
            Column("value", _("Value"), "number", sortable=False, corner=True),
            Column("unit", _("Unit")),
            Column("scope", _("Scope")),
            Column("from", _("Valid from"), "date"),
            Column("state", _("State"), "status"),
            Column("source", _("Source"), phone=False),
        ),
        filters=(Filter("state", _("State"), "choice", choices),),
        search=_("Name"),
        read=read,
        draw=lambda rows: rows,
        empty=Empty("first", _("No value yet"), _("Set-up brings the first ones."), *actions),
        actions=actions,
    )
    return lists.show(request, visitor, table)


def _parameter(visitor: Visitor, one: ParameterValue, definition: Definition) -> Row:
    scope = one.scope if len(one.scope) < 40 else f"{one.scope[:8]}…{one.scope[-12:]}"
    unit = _(definition.unit)
    return Row(
        text("parameter", one.id),
        {
            "key": Link(one.key.value, sub=_(definition.meaning)),
            "value": _value(one.value, unit),
            "unit": unit,
            "scope": _("Whole platform") if one.scope == PLATFORM else Link(scope, whole=one.scope),
            "from": one.valid_from,
            "state": _parameter_state(one.state, one.valid_from > visitor.today),
            "source": _(one.source),
        },
        _parameter_address(visitor, one),
    )


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
    ended = {ParameterState.REJECTED: _("Rejected"), ParameterState.WITHDRAWN: _("Withdrawn")}
    return Status(ended.get(state) or pgettext("state", "Expired"))


@require_GET
@page(Permission.PARTY_VIEW)
def party_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Firms that the organisation has to do with, by name."""

    def read(state: ListState) -> tuple[Sequence[PartyView], Pager]:
        wanted, ticked = lists.chosen(state, "role", RoleKind), lists.only(state)
        return lists.after(
            state,
            lambda after, limit: parties.search(
                visitor.actor,
                state.q,
                role=wanted[0] if wanted else None,
                sort=state.sort,
                after=after,
                only=ticked,
                limit=limit,
            ),
        )

    table = lists.Table(
        id="firms",
        title=_("Firms"),
        columns=(
            Column("name", _("Name"), lead=True),
            Column("roles", _("Role"), sortable=False, corner=True),
            Column("identifier", _("Registration number"), "id", sortable=False),
            Column("size", _("Size"), sortable=False),
            Column("country", _("Country"), sortable=False),
        ),
        filters=(
            Filter("role", _("Role"), choices=tuple(Choice(r.value, menu.ROLES[r]) for r in menu.ORDER), one=True),
        ),
        sort="name",
        search=_("Name or number"),
        read=read,
        draw=lambda found: [_firm(one) for one in found],
        empty=Empty("waiting", _("No firm yet"), _("Firms appear with the first business that you do with them.")),
    )
    return lists.show(request, visitor, table)


def _firm(one: PartyView) -> Row:
    return Row(
        text("party", one.id),
        {
            "name": one.name,
            "roles": texts.listed(str(menu.ROLES[role]) for role in one.roles),
            "identifier": one.identifiers[0].value if one.identifiers else "",
            "size": names.SIZES.get(one.size_class.value, ""),
            "country": one.country,
        },
        to("party", one.id),
    )


def _capital(one: PartyView, today: date) -> list[tuple[Any, object]]:
    """What stands behind the operator: its registered capital, as two people have approved it."""
    if RoleKind.OPERATOR not in one.roles:
        return []
    return [(_("Registered capital"), Money(parameters.integer(Key.OPERATOR_CAPITAL, today), "CNY"))]


@require_GET
@page(Permission.PARTY_VIEW)
def party(request: HttpRequest, visitor: Visitor, party_id: UUID) -> HttpResponse:
    """One firm: identifiers, roles, licences, restrictions, and (own organisation, operator) its people."""
    with visitor.reading() as actor:
        one = parties.party(actor, party_id, today=visitor.today)
        held = standing.shown(visitor, actor, party_id)
        restrictions = parties.restrictions(actor, party_id=party_id, in_force_on=visitor.today)
        capital = _capital(one, visitor.today)
        people = parties.people(actor, party_id) if party_id == visitor.id or actor.sees_all else []
    facts: list[tuple[Any, object]] = [
        (_("Role"), texts.listed(str(menu.ROLES[role]) for role in one.roles)),
        *((identifier.scheme.value.upper(), identifier.value) for identifier in one.identifiers),
        (_("Size"), names.SIZES.get(one.size_class.value, "")),
        (_("Country"), one.country),
        *capital,
    ]
    context = {
        "title": one.name,
        "facts": facts,
        "ask": f"/requests/new?party={text('party', one.id)}" if visitor.can(Permission.EVIDENCE_REQUEST) else "",
        **held,
        "banners": [
            Banner(
                _("Barred from %(what)s") % {"what": names.BARRED.get(r.bars.value, r.bars.value)},
                f"{why_barred(r)} · {r.valid_from.isoformat()}",
                "bad",
            )
            for r in restrictions
        ],
        "people": [
            (p.name, texts.listed(sorted(str(names.FUNCTIONS[f.value]) for f in p.functions)), p.valid_from)
            for p in people
        ],
    }
    return render(request, "web/pages/party.html", context)
