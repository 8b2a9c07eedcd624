"""The log of looks at other parties' personal or restricted data."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import ReadView
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import NotPermitted, Permission
from fourflow.interfaces.web import lists, names
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.listing import Column, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.people import Visitor, page


@require_GET
@page()
def reads(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who read personal or restricted data of whom, why, and by whose leave."""
    if not visitor.actor.sees_all:
        raise NotPermitted(permission=Permission.AUDIT_READ.value)

    def read(state: ListState) -> tuple[Sequence[ReadView], Pager]:
        ticked = lists.only(state)
        return lists.after(
            state,
            lambda after, limit: access.reads(visitor.actor, sort=state.sort, after=after, only=ticked, limit=limit),
        )

    table = lists.Table(
        id="reads",
        title=_("Data read"),
        columns=(
            Column("at", _("When"), "date", lead=True),
            Column("reader", _("Reader"), sortable=False),
            Column("organisation", _("Organisation"), sortable=False),
            Column("subject", _("Of"), sortable=False, corner=True),
            Column("what", _("What"), sortable=False),
            Column("purpose", _("Purpose"), sortable=False),
            Column("number", _("Authorisation number"), "id", sortable=False),
        ),
        sort="-at",
        read=read,
        draw=_rows,
        empty=Empty("done", _("Nothing was read so far."), _("Looks of the operator and the regulator appear here.")),
    )
    sub = _("Every look at another party's personal or restricted data: who, what, why, and by whose leave.")
    return lists.show(request, visitor, table, sub=sub)


def _rows(found: Sequence[ReadView]) -> list[Row]:
    firms = parties.names(party for one in found for party in (one.organisation_id, one.subject_party_id))
    people = parties.person_names([one.reader_person_id for one in found])
    return [
        Row(
            one.id.hex,
            {
                "at": one.read_at,
                "reader": people.get(one.reader_person_id, ""),
                "organisation": firms.get(one.organisation_id, ""),
                "subject": Link(firms.get(one.subject_party_id, ""), to("party", one.subject_party_id)),
                "what": names.READ_WHAT[one.what.value],
                "purpose": names.READ_PURPOSES[one.purpose.value],
                "number": one.authorisation_number,
            },
        )
        for one in found
    ]
