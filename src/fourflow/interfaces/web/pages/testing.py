"""Test mode of a sandbox: its clock, moved forward for us and for the outside parties alike."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.config import sandbox
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import reading
from fourflow.interfaces.web.acts import Act, conduct
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import clock

ADDRESS = "/sandbox/clock"


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
        to=lambda done: ADDRESS,
        done=_("The sandbox has moved on."),
        button=_("Move the clock"),
        fields=(Field("day", _("Go to"), "day", help=_("Forward only."), initial=(visitor.today.isoformat(),)),),
        facts=[(_("Now"), visitor.now), (_("Business date"), visitor.today)],
        consequence=_("Whatever is due until then happens: maturities, interest, lapses. There is no way back."),
        crumbs=(Link(_("API clients"), "/clients"),),
    )
    answer = conduct(request, visitor, act)
    day = reading.day(request.POST.get("day", ""))
    if answer.status_code == 302 and day is not None:
        sandbox.follow(day)  # outside the transaction; sent again, who was missed is moved too
    return answer
