"""The log of looks at other parties' restricted and core data."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote_plus
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import UNTOLD, ReadPurpose, ReadView
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import addresses, lists, menu, names
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Ident, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.platform.clock import span

#: the role in which an organisation reads, told by its purpose: the reader role of the database sees no roles of others
ROLES: dict[ReadPurpose, Words] = {
    ReadPurpose.OPERATION: menu.ROLES[RoleKind.OPERATOR],
    ReadPurpose.EMERGENCY: menu.ROLES[RoleKind.OPERATOR],
    ReadPurpose.SUPERVISION: menu.ROLES[RoleKind.REGULATOR],
}
#: how many firms a name may stand for
FIRMS = 20


@require_GET
@page(Permission.PARTY_VIEW)
def reads(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who read restricted or core data, why, and by whose leave: of whom ever for who oversees, of itself for a party."""
    oversees = visitor.actor.sees_all

    def read(state: ListState) -> tuple[Sequence[ReadView], Pager]:
        since, until = span(day(state.filters.get("at[gte]", "")), day(state.filters.get("at[lte]", "")))
        firms = _firms(visitor, asked) if (asked := state.filters.get("party_id", "")) else []
        if asked and not firms:
            return [], Pager()
        what, ticked, line = state.filters.get("what", ""), lists.only(state), addresses.read("read", state.q)
        return lists.after(
            state,
            lambda after, limit: access.reads(
                visitor.actor,
                firm_ids=firms,
                what=what.split(",") if what else (),
                object_id="" if line else state.q,
                since=since,
                until=until,
                sort=state.sort,
                after=after,
                only=[line] if line else ticked,
                limit=limit,
            ),
        )

    kinds = [Choice(*one) for one in names.READ_WHAT.items() if oversees or UNTOLD.isdisjoint(one[0].split(","))]
    what = Filter("what", _("What"), "choice", tuple(kinds))
    firm = (Filter("party_id", _("Firm"), "text"),) if oversees else ()
    table = lists.Table(
        id="reads",
        title=_("Data read") if oversees else _("Who looked at our data"),
        columns=_columns(oversees),
        filters=(what, *firm, Filter("at[gte]", _("First day"), "date"), Filter("at[lte]", _("Last day"), "date")),
        search=_("Object or number"),
        sort="-at",
        read=read,
        draw=lambda found: _rows(found, oversees),
        empty=Empty("done", _("Nothing was read so far."), _("Looks of the operator and the regulator appear here.")),
    )
    return lists.show(request, visitor, table, sub=_about(oversees))


def _about(oversees: bool) -> str:
    if oversees:
        return _("Every look of who oversees at the data of others: who, what, why, and by whose leave.")
    return _(
        "Who looked at your firm and at objects that you may see, why, and by whose leave. A list of everybody's objects is "
        "about no single firm and is not here. The operator knows the person by the number of the line."
    )


def _columns(oversees: bool) -> tuple[Column, ...]:
    """A party is told the organisation that read, not its person; the filters of a list may name others."""
    if not oversees:
        return (
            Column("at", _("When"), "date", lead=True),
            Column("organisation", _("Organisation"), sortable=False),
            Column("what", _("What"), sortable=False),
            Column("object", _("Object"), "id", sortable=False),
            Column("purpose", _("Purpose"), sortable=False),
            Column("number", _("Authorisation number"), "id", sortable=False),
            Column("line", _("Number of the line"), "id", sortable=False),
        )
    return (
        Column("at", _("When"), "date", lead=True),
        Column("reader", _("Reader"), sortable=False),
        Column("organisation", _("Organisation"), sortable=False),
        Column("what", _("What"), sortable=False),
        Column("object", _("Object"), "id", sortable=False),
        Column("subject", _("Of"), sortable=False),
        Column("filters", _("Filters"), sortable=False, phone=False),
        Column("class", _("Class"), sortable=False, phone=False),
        Column("purpose", _("Purpose"), sortable=False),
        Column("number", _("Authorisation number"), "id", sortable=False),
        Column("line", _("Number of the line"), "id", sortable=False, shown=False),
    )


def _firms(visitor: Visitor, asked: str) -> list[UUID]:
    """The firms that an identifier or a name stands for."""
    if (one := addresses.read("party", asked)) is not None:
        return [one]
    return [firm.id for firm in parties.search(visitor.actor, asked, limit=FIRMS)]


def _rows(found: Sequence[ReadView], oversees: bool) -> list[Row]:
    firms = parties.names(party for one in found for party in (one.organisation_id, one.subject_party_id) if party)
    people = parties.person_names([one.reader_person_id for one in found if one.reader_person_id])
    return [
        Row(
            one.id.hex,
            {
                "at": one.read_at,
                "reader": people.get(one.reader_person_id, "") if one.reader_person_id else "",
                "organisation": Link(firms.get(one.organisation_id, ""), sub=ROLES.get(one.purpose, "")),
                "what": names.read_what(one.what),
                "object": _object(one.object_id, oversees),
                "subject": _subject(one, firms),
                "filters": unquote_plus(one.filters).replace("&", " & ").replace(",", ", "),  # so that it can be broken
                "class": names.READ_CLASSES[one.data_class.value],
                "purpose": names.READ_PURPOSES[one.purpose.value],
                "number": _object(number, oversees) if "_" in (number := one.authorisation_number) else number,
                "line": addresses.ident("read", one.id),
            },
        )
        for one in found
    ]


def _subject(one: ReadView, firms: dict[UUID, str]) -> Link | str:
    if one.subject_party_id is None or one.subject_party_id not in firms:
        return ""
    return Link(firms[one.subject_party_id], to("party", one.subject_party_id))


def _object(object_id: str, oversees: bool) -> Ident | str:
    """An object with its page, where its kind has one that the reader may open: an application is the operator's alone."""
    for kind, prefix in addresses.PREFIXES.items():
        if not oversees and kind == "application":
            continue
        if object_id.startswith(f"{prefix}_") and addresses.is_page(kind):
            found = addresses.read(kind, object_id)
            return addresses.ident(kind, found) if found else ""
    return Ident(object_id) if object_id else ""
