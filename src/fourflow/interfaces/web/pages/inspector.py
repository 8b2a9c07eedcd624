"""The event inspector: what the feed and webhooks tell an organisation's systems, event by event, as it is sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.config import wiring
from fourflow.foundation.clients import queries as clients
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import lists
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Ident, Link
from fourflow.interfaces.web.pages import happened
from fourflow.interfaces.web.pages.partners import delivery_state
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.oversight.insight import queries as insight
from fourflow.oversight.insight.types import subject_kind
from fourflow.platform.clock import span
from fourflow.platform.events import queries
from fourflow.platform.events.queries import Sought
from fourflow.platform.events.types import RecordedEvent, kinds
from fourflow.platform.ids import decode

ADDRESS = "/webhooks/events"


@require_GET
@page(Permission.PARTY_VIEW)
def inspector(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The events that the organisation may see, the newest first; where no object or first day is given, of the last month."""

    def read(state: ListState) -> tuple[Sequence[RecordedEvent], Pager]:
        since, until = span(day(state.filters.get("at[gte]", "")), day(state.filters.get("at[lte]", "")))
        asked = [kind for kind in state.filters.get("type", "").split(",") if kind]
        sought, ticked = Sought(kinds=asked, since=since, until=until), lists.only(state)
        if state.q:
            try:
                sought = replace(sought, subject_id=decode(state.q[:3], state.q))
            except ValueError:
                return [], Pager()
        sought = insight.spanned(sought, visitor.now)
        return lists.after(
            state,
            lambda after, limit: queries.search(sought, sort=state.sort, after=after, only=ticked, limit=limit),
        )

    table = lists.Table(
        id="inspector",
        title=_("Event inspector"),
        columns=(
            Column("type", _("Type"), "id", sortable=False, lead=True),
            Column("at", _("When"), "date", corner=True),
            Column("what", _("What"), sortable=False),
            Column("subject", _("About"), "id", sortable=False),
            Column("position", _("Position in the feed"), "number", sortable=False),
        ),
        filters=(
            Filter(
                "type", _("Kind"), choices=tuple(Choice(*one) for one in happened.FAMILIES.items()), besides=kinds()
            ),
            Filter("at[gte]", _("First day"), "date"),
            Filter("at[lte]", _("Last day"), "date"),
        ),
        search=_("Number of an object"),
        sort="-at",
        read=read,
        draw=lambda found: [_row(one) for one in found],
        empty=Empty("waiting", _("Nothing happened in the last month."), _("Events that you may see appear here.")),
    )
    sub = _("What your systems are told of: open one to see it as the feed gives it and as webhooks send it.")
    crumbs, actions = [Link(_("Developers"), "/clients")], [Link(_("Catalogue of events"), "/v1/asyncapi.json")]
    return lists.show(request, visitor, table, sub=sub, crumbs=crumbs, actions=actions)


def _row(one: RecordedEvent) -> Row:
    address = f"{ADDRESS}/{text('event', one.id)}"
    cells = {
        "type": Link(one.kind, address),
        "at": one.effective_at,
        "what": happened.words(one.kind),
        "subject": Ident(text(subject_kind(one.kind), one.subject_id)),
        "position": one.position,
    }
    return Row(text("event", one.id), cells, address)


@require_GET
@page(Permission.PARTY_VIEW)
def event(request: HttpRequest, visitor: Visitor, event_id: UUID) -> HttpResponse:
    """One event as it leaves the house, with its deliveries."""
    number = text("event", event_id)
    with visitor.reading() as actor:
        found = queries.one(event_id)
        sent = clients.deliveries(actor=actor, event_id=event_id, limit=lists.MAX_PAGE)
        endpoints = {one.id: one for one in clients.endpoints(actor=actor, limit=lists.MAX_PAGE)}
    if found is None:
        raise Http404
    told = wiring.api_read(request, visitor.session, f"/v1/events/{number}", "")
    table = lists.Table(
        id="deliveries",
        title=_("Deliveries"),
        columns=(
            Column("to", _("Webhook"), lead=True),
            Column("state", _("State"), "status", corner=True),
            Column("attempts", _("Attempts"), "number"),
            Column("id", _("Number"), "id"),
        ),
        read=lambda state: lists.whole(
            state,
            [
                Row(
                    text("webhook_delivery", one.id),
                    {
                        "to": endpoints[one.endpoint_id].url if one.endpoint_id in endpoints else "",
                        "state": delivery_state(one.state),
                        "attempts": one.attempts,
                        "id": text("webhook_delivery", one.id),
                    },
                    to("webhook_delivery", one.id),
                )
                for one in sent
            ],
        ),
        draw=lambda rows: rows,
        empty=Empty("waiting", _("Sent to no webhook"), _("No webhook of yours names events of this kind.")),
    )
    context = {
        "title": found.kind,
        "sub": happened.words(found.kind),
        "crumbs": [Link(_("Developers"), "/clients"), Link(_("Event inspector"), ADDRESS)],
        "facts": [
            (_("Number"), Link(number, f"/events/{number}")),
            (_("About"), Ident(text(subject_kind(found.kind), found.subject_id))),
            (_("When"), found.effective_at),
            (_("Recorded"), found.recorded_at),
            (_("Position in the feed"), found.position),
        ],
        "wires": [
            (_("As the feed gives it"), _pretty(told.content)),
            (_("As webhooks send it"), _pretty(wiring.webhook_body(found))),
        ],
    }
    return lists.show(request, visitor, table, "web/pages/record.html", **context)


def _pretty(content: bytes) -> str:
    return json.dumps(json.loads(content), indent=1, ensure_ascii=False)
