"""Proposing that a parameter has a value from a day on; a second person approves it in the inbox."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.foundation.parameters import operations
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import (
    PLATFORM,
    Definition,
    Key,
    ParameterState,
    ParameterUnknown,
    ParameterValue,
    ValueInvalid,
    ValueKind,
)
from fourflow.foundation.parties.types import Actor, Permission, RoleKind
from fourflow.interfaces.web import narrowing, reading
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page

BACK = "/parameters"
#: a funder may have another one with recourse than without
PRICED = (Key.FINANCING_ANNUAL_RATE, Key.FUNDER_FEE_RATE, Key.PLATFORM_FEE_RATE, Key.PLATFORM_SHARE, Key.DAY_COUNT)


@require_http_methods(["GET", "POST"])
@page(Permission.PARAMETER_PROPOSE)
def propose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Without a key: which one? With it: value, scope, first day and source."""
    catalogue = parameters.catalogue()
    key = request.GET.get("key", "")
    if key not in set(Key):
        context = {
            "title": _("Propose a value"),
            "crumbs": (Link(_("Parameters"), BACK),),
            "definitions": [(one.key.value, _(one.meaning), _(one.unit)) for one in catalogue.values()],
            "unknown": key,
        }
        return render(request, "web/pages/parameter_choice.html", context, status=404 if key else 200)
    definition = catalogue[Key(key)]
    with visitor.reading() as actor:
        known = parameters.history(actor, key=definition.key)
        scoped, narrowed = _scopes(request, actor, definition.key)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        proposed = operations.propose(
            key=definition.key.value,
            value=_value(definition, values["value"]),
            valid_from=values["valid_from"],
            source=values["source"],
            scope=values["scope"],
            actor=visitor.actor,
            effective_at=visitor.now,
        )
        return {"id": str(proposed.id)}

    act = Act(
        title=_("Propose a value"),
        operation="parameter.propose",
        run=run,
        to=lambda done: BACK,
        done=_("Proposed. A second person approves it in the inbox."),
        button=_("Propose"),
        fields=_fields(visitor, definition, [Choice(PLATFORM, _("The whole platform")), *scoped]),
        facts=_facts(visitor, definition, list(known)),
        consequence=_("Nothing changes before the second person approves; what was computed stays as it was."),
        crumbs=(Link(_("Parameters"), BACK),),
        about={"key": definition.key.value},
        narrowing=narrowed,
    )
    return conduct(request, visitor, act)


def _scopes(request: HttpRequest, actor: Actor, key: Key) -> tuple[list[Choice], narrowing.Narrowing | None]:
    """The firms for which a value may differ, as far as the form offers them, with the one that was chosen."""
    offered: list[Choice] = []
    more = None
    for role in (RoleKind.CORE, RoleKind.FUNDER):
        kinds = [("", "%(name)s")]
        if role is RoleKind.FUNDER and key in PRICED:
            kinds += [(":purchase", _("%(name)s, without recourse")), (":recourse", _("%(name)s, with recourse"))]
        kind_of, _mark, rest = request.POST.get("scope", "").partition(":")
        chosen = rest.partition(":")[0] if kind_of == role.value else ""
        known = reading.uuid(chosen)
        found, narrowed = narrowing.firms(request, actor, role, also=(known,) if known else ())
        more = narrowed if narrowed and (more is None or narrowed.told) else more
        offered += [
            Choice(f"{role.value}:{one.id}{kind}", words % {"name": one.name}) for one in found for kind, words in kinds
        ]
    return offered, more


def _facts(visitor: Visitor, definition: Definition, known: list[ParameterValue]) -> Facts:
    holds = [one for one in known if one.state is ParameterState.APPROVED and one.valid_from <= visitor.today]
    now = max((one for one in holds if one.scope == PLATFORM), key=lambda one: one.valid_from, default=None)
    return [
        (_("Parameter"), definition.key.value),
        (_("Meaning"), _(definition.meaning)),
        (_("Unit"), _(definition.unit)),
        (_("Holds now"), str(now.value) if now else ""),
        (_("Bounds"), _bounds(definition)),
        (_("Where the number comes from"), _(definition.source)),
    ]


def _bounds(definition: Definition) -> str:
    """What a value may be, both ends included, or the choices."""
    low, high = definition.minimum, definition.maximum
    return f"{low} – {high}" if low is not None and high is not None else ", ".join(definition.choices)


def _fields(visitor: Visitor, definition: Definition, scopes: list[Choice]) -> tuple[Field, ...]:
    choices: tuple[Choice, ...] = tuple(Choice(one, one) for one in definition.choices)
    kind = {ValueKind.INTEGER: "whole", ValueKind.DECIMAL: "decimal", ValueKind.JSON: "area"}.get(
        definition.kind, "text"
    )
    if definition.kind is ValueKind.BOOLEAN:
        choices = (Choice("true", _("yes")), Choice("false", _("no")))
    value = Field(
        "value",
        _("Value"),
        "choice" if choices else kind,
        help=" · ".join(one for one in (_(definition.unit), _bounds(definition)) if one),
        choices=choices,
        maximum=4000 if kind == "area" else 200,
    )
    return (
        value,
        Field("scope", _("Scope"), "choice", choices=tuple(scopes), initial=(PLATFORM,)),
        Field(
            "valid_from",
            _("Valid from"),
            "day",
            help=_("Today or later. It holds until the next approved value of the same scope."),
            initial=(visitor.today.isoformat(),),
        ),
        Field("source", _("Source"), "area", help=_("Why, and on whose authority."), maximum=500),
    )


def _value(definition: Definition, given: Any) -> object:
    """What the form gave in the type of the parameter.

    :raises ValueInvalid: JSON that cannot be read.
    """
    if definition.kind is ValueKind.BOOLEAN:
        return given == "true"
    if definition.kind is ValueKind.JSON:
        try:
            return json.loads(given, parse_float=Decimal)
        except ValueError:
            raise ValueInvalid(field="value", key=definition.key.value, expected="JSON") from None
    return given


@require_http_methods(["GET", "POST"])
@page(Permission.PARAMETER_PROPOSE)
def withdraw(request: HttpRequest, visitor: Visitor, parameter_id: UUID) -> HttpResponse:
    """The proposer takes an undecided value back."""
    with visitor.reading() as actor:
        found = next((one for one in parameters.history(actor) if one.id == parameter_id), None)
    if found is None:
        raise ParameterUnknown(value=str(parameter_id))

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.withdraw(parameter_id=parameter_id, actor=visitor.actor, effective_at=visitor.now)
        return {"id": str(parameter_id)}

    act = Act(
        title=_("Withdraw the proposed value"),
        operation="parameter.withdraw",
        run=run,
        to=lambda done: BACK,
        done=_("Withdrawn."),
        button=_("Withdraw"),
        facts=[
            (_("Parameter"), found.key.value),
            (_("Value"), str(found.value)),
            (_("Valid from"), found.valid_from),
            (_("Source"), _(found.source)),
        ],
        blocked="" if found.state is ParameterState.PROPOSED else _("This is decided."),
        crumbs=(Link(_("Parameters"), BACK),),
        about={"parameter": str(parameter_id)},
    )
    return conduct(request, visitor, act)
