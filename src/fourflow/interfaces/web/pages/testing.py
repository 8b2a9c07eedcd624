"""Test mode of a sandbox: its clock, moved forward for us and for the outside parties alike, and failures on order."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_http_methods

from fourflow.config import sandbox
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.forms import Field, NotAChoice, OutOfRange, Values
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import clock
from fourflow.platform.errors import Unavailable

CLOCK, FAULTS, CLEAR = "/sandbox/clock", "/sandbox/faults", "/sandbox/faults/clear"
MOST = 1000
MODES: dict[str, Words] = {
    "timeout": gettext_lazy("Done, but no answer comes"),
    "lost": gettext_lazy("Not done, and no answer comes"),
    "late": gettext_lazy("The answer comes late"),
    "down": gettext_lazy("Out of service"),
    "twice": gettext_lazy("The same is delivered or filed twice"),
    "reject": gettext_lazy("Rejected"),
    "contradict": gettext_lazy("Contradicts itself"),
    "crash-before": gettext_lazy("Dies just before it keeps anything"),
    "crash-after": gettext_lazy("Dies after keeping, without an answer"),
}
#: these lies are told in some places only; everything else may happen everywhere
WHERE = {
    "twice": {"pain.001", "camt.054", "registrations"},
    "reject": {"pain.001", "status", "credit-decision", "registrations"},
    "contradict": {"pain.001", "status", "credit-decision", "registrations", "query"},
}


def clock_fields(visitor: Visitor) -> tuple[Field, ...]:
    """What moving the clock asks."""
    return (Field("day", _("Go to"), "day", help=_("Forward only."), initial=(visitor.today.isoformat(),)),)


def fault_fields() -> tuple[Field, ...]:
    """What a failure on order asks; empty where no outside party stands behind the sandbox."""
    places = tuple(Choice(f"{party} {one}", f"{party} · {one}") for party, one in sandbox.endpoints())
    if not places:
        return ()
    return (
        Field("where", _("Outside party and endpoint"), "choice", choices=places),
        Field("mode", _("What goes wrong"), "choice", choices=tuple(Choice(*one) for one in MODES.items())),
        Field(
            "times", _("How many times"), "whole", help=_("So many of the next calls fail."), initial=("1",), maximum=4
        ),
        Field("match", _("Reference"), required=False, help=_("Only calls whose reference begins so.")),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.PARAMETER_PROPOSE)
def move_clock(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Move this sandbox, its banks and its registry forward to a day."""
    sandbox.require()

    def run(values: Values, _signature: object) -> dict[str, Any]:
        if values["day"] != clock.today():
            clock.move_to(clock.instant_of(values["day"]))
        return {}

    act = Act(
        title=_("Test clock"),
        operation="sandbox.clock",
        run=run,
        to=lambda done: CLOCK,
        done=_("The sandbox has moved on."),
        button=_("Move the clock"),
        fields=clock_fields(visitor),
        facts=[(_("Now"), visitor.now), (_("Business date"), visitor.today)],
        consequence=_("Whatever is due until then happens: maturities, interest, lapses. There is no way back."),
        crumbs=(Link(_("Operations"), "/operations"),),
    )
    answer = conduct(request, visitor, act)
    if answer.status_code == 302:
        sandbox.follow(clock.now())  # outside the transaction; sent again, who was missed is moved too
    return answer


@require_http_methods(["GET", "POST"])
@page(Permission.PARAMETER_PROPOSE)
def fail(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let the next calls of an outside party's endpoint fail in a chosen way."""
    sandbox.require()
    fields = fault_fields()
    ordered: list[Values] = []

    def run(values: Values, _signature: object) -> dict[str, Any]:
        if not fields:
            raise sandbox.PartyUnknown()
        _check(values)
        ordered[:] = [values]
        return {}

    act = Act(
        title=_("Forced failures"),
        operation="sandbox.fault",
        run=run,
        to=lambda done: FAULTS,
        done=_("The switch is set."),
        button=_("Let it fail"),
        fields=fields,
        facts=_switches(),
        shown=_check,
        consequence=_("The outside party of this sandbox misbehaves until the switch is used up or taken away."),
        blocked="" if fields else _("No outside party stands behind this sandbox."),
        crumbs=(Link(_("Operations"), "/operations"),),
    )
    answer = conduct(request, visitor, act)
    for values in (
        ordered if answer.status_code == 302 else ()
    ):  # outside the transaction; a repeated press orders nothing
        party, _space, endpoint = values["where"].partition(" ")
        switch = {"endpoint": endpoint, "mode": values["mode"], "times": values["times"], "match": values["match"]}
        sandbox.ask("POST", party, "/faults", switch)
    return answer


def _check(values: Values) -> Facts:
    """:raises NotAChoice, OutOfRange: a failure that there is not in that place, or no sensible number of times."""
    if not values:
        return ()  # no outside party, and so nothing was asked
    _party, _space, endpoint = values["where"].partition(" ")
    if endpoint not in WHERE.get(values["mode"], {endpoint}):
        raise NotAChoice(field="mode", value=values["mode"], expected=_("what may go wrong there"))
    if not 1 <= values["times"] <= MOST:
        raise OutOfRange(field="times", value=str(values["times"]), expected=f"1 to {MOST:,}")
    return ()


def _switches() -> Facts:
    """The switches of each party that are not used up, and the way to take them away."""
    found: list[tuple[Words, object]] = []
    for party in sandbox.parties():
        try:
            told = sandbox.ask("GET", party, "/faults")["faults"]
        except Unavailable:
            found.append((party, _("does not answer")))
            continue
        left = [one for one in told if one["remaining"]]
        lines = [
            _("%(where)s: %(what)s, %(n)s left")
            % {"where": one["endpoint"], "what": MODES.get(one["mode"], one["mode"]), "n": one["remaining"]}
            for one in left
        ]
        found.append((party, "; ".join(lines) or pg("switches", "none set")))
    return [*found, (_("All switches"), Link(_("Take them away"), CLEAR))] if found else []


@require_http_methods(["GET", "POST"])
@page(Permission.PARAMETER_PROPOSE)
def clear(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take all switches of an outside party away."""
    sandbox.require()
    known = tuple(Choice(one, one) for one in sandbox.parties())
    act = Act(
        title=_("Take switches away"),
        operation="sandbox.clear",
        run=lambda values, _signature: {},
        to=lambda done: FAULTS,
        done=_("The switches are taken away."),
        button=_("Take away"),
        fields=(Field("party", _("Outside party"), "choice", choices=known),),
        blocked="" if known else _("No outside party stands behind this sandbox."),
        crumbs=(Link(_("Operations"), "/operations"), Link(_("Forced failures"), FAULTS)),
    )
    answer = conduct(request, visitor, act)
    if answer.status_code == 302:
        sandbox.ask("DELETE", request.POST["party"], "/faults")  # outside the transaction, and as often as one likes
    return answer
