"""Who is registered under a number: for whoever deals with a firm for the first time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from fourflow.foundation.parties import queries
from fourflow.foundation.parties.types import PartyNotFound, Permission
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Line, Shown
from fourflow.interfaces.api.ids import PartyId
from fourflow.interfaces.api.replies import reads, reply

router = Router(tags=["parties"])


class NumberBody(Shown):
    """The firm behind a registered number."""

    id: PartyId
    name: str


@router.get("/party-numbers/{number}", **reads(NumberBody))
def find_party(request: HttpRequest, number: Line) -> HttpResponse:
    """Who is registered under a number, typed in whole: also a firm that the organisation has not dealt with yet.

    Nothing but its name is told: as much as the public register says of the number.
    """
    who = caller(request)
    who.actor.require(Permission.PARTY_VIEW)
    found = queries.registered_as(number, who.today)
    if found is None:
        raise PartyNotFound(field="number")
    return reply(request, NumberBody(id=found.id, name=found.name))
