"""The event log searched: by object, person or firm, kind, request, days and words, for who oversees the platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import NotPermitted, Permission
from fourflow.interfaces.web import lists, texts
from fourflow.interfaces.web.addresses import is_page, text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.pages import happened
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.oversight.insight import queries
from fourflow.oversight.insight.types import SUBJECTS, subject_kind
from fourflow.platform.clock import span
from fourflow.platform.errors import FourflowError
from fourflow.platform.events.queries import Sought
from fourflow.platform.events.types import RecordedEvent, kinds
from fourflow.platform.ids import decode

#: how many firms a name may stand for
FIRMS = 20


@require_GET
@page()
def log(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What happened, whoever did it; where no object, request or first day is given, in the last month."""
    if not visitor.actor.sees_all:
        raise NotPermitted(permission=Permission.AUDIT_READ.value)

    def read(state: ListState) -> tuple[Sequence[RecordedEvent], Pager]:
        sought, ticked = _sought(visitor, state), lists.only(state)
        if sought is None:
            return [], Pager()
        return lists.after(
            state,
            lambda after, limit: queries.log(
                actor=visitor.actor,
                sought=sought,
                now=visitor.now,
                sort=state.sort,
                after=after,
                only=ticked,
                limit=limit,
            ),
        )

    table = lists.Table(
        id="events",
        title=_("Event log"),
        columns=(
            Column("at", _("When"), "date", corner=True),
            Column("what", _("What"), sortable=False, lead=True),
            Column("about", _("About"), sortable=False),
            Column("amount", _("Amount"), "money", sortable=False),
            Column("by", _("Done by"), sortable=False),
            Column("firm", _("Firm"), sortable=False),
            Column("kind", _("Kind"), "id", sortable=False, phone=False),
            Column("request", _("Request"), "id", sortable=False, shown=False),
            Column("recorded", _("Recorded"), "date", sortable=False, shown=False),
        ),
        filters=(
            Filter(
                "type", _("Kind"), choices=tuple(Choice(*one) for one in happened.FAMILIES.items()), besides=kinds()
            ),
            Filter("done_by", _("Done by"), "text"),
            Filter("request_id", _("Request"), "text"),
            Filter("at[gte]", _("First day"), "date"),
            Filter("at[lte]", _("Last day"), "date"),
        ),
        search=_("Object or words"),
        sort="-at",
        read=read,
        draw=_rows,
        empty=Empty(
            "done", _("Nothing happened in the last month."), _("Give a day to begin with to look further back.")
        ),
    )
    sub = _(
        "Looks back a month, unless an object, a request or a first day is given. A person is found by e-mail or id."
    )
    crumbs = (Link(_("Evidence"), "/audit"),)
    return lists.show(request, visitor, table, sub=sub, crumbs=crumbs)


def _sought(visitor: Visitor, state: ListState) -> Sought | None:
    """What the address asks for; None where it names somebody who does not exist. Inside ``visitor.reading()``."""
    since, until = span(day(state.filters.get("at[gte]", "")), day(state.filters.get("at[lte]", "")))
    sought = Sought(
        request_id=state.filters.get("request_id", ""),
        kinds=[kind for kind in state.filters.get("type", "").split(",") if kind],
        since=since,
        until=until,
    )
    if by := state.filters.get("done_by", ""):
        sought = replace(sought, doers=_doers(visitor, by))
        if not sought.doers:
            return None
    return _aimed(sought, state.q)


def _aimed(sought: Sought, q: str) -> Sought:
    """An identifier finds the object that facts are about; one of something else, and words, what mentions them."""
    try:
        found = decode(q[:3], q)
    except FourflowError:
        return replace(sought, words=q)
    is_subject = q[:3] in {text(kind, found)[:3] for kind in SUBJECTS.values()}
    return replace(sought, subject_id=found) if is_subject else replace(sought, words=str(found))


def _doers(visitor: Visitor, by: str) -> list[UUID]:
    """Accounts, clients and firms that an id, an e-mail address or the name of a firm stands for."""
    try:
        return [decode(by[:3], by)]
    except FourflowError:
        pass
    if "@" in by:
        return [found] if (found := parties.account_at(by)) else []
    return [firm.id for firm in parties.search(visitor.actor, by, limit=FIRMS)]


def _rows(found: Sequence[RecordedEvent]) -> list[Row]:
    people = parties.account_holders({one.doer_id for one in found if one.doer_id})
    firms = parties.names(one.organisation_id for one in found if one.organisation_id)
    return [_row(one, people, firms) for one in found]


def _row(one: RecordedEvent, people: dict[UUID, str], firms: dict[UUID, str]) -> Row:
    address = f"/events/{text('event', one.id)}"
    by = people.get(one.doer_id) or _("API client") if one.doer_id else ""
    if not one.doer_id and not one.request_id:
        by = _("Platform")
    return Row(
        text("event", one.id),
        {
            "at": one.effective_at,
            "what": Link(happened.words(one.kind), address),
            "about": _about(one),
            "amount": texts.of_body(one.body.get("amount") or one.body.get("face")),
            "by": by,
            "firm": firms.get(one.organisation_id, "") if one.organisation_id else "",
            "kind": one.kind,
            "request": one.request_id,
            "recorded": one.recorded_at,
        },
        address,
    )


def _about(one: RecordedEvent) -> Link:
    """The object of a fact, with the way to it; where no page of it is open to everybody who reads the log, to its facts."""
    kind = subject_kind(one.kind)
    words = happened.FAMILIES.get(one.kind.partition(".")[0], kind)
    name = text(kind, one.subject_id)
    opens = is_page(kind) and kind != "approval"  # a decision is shown to who decides it alone
    return Link(f"{words} …{name[-6:]}", to(kind, one.subject_id) if opens else f"/events?q={name}")
