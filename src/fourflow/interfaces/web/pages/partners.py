"""Partners' machines: API clients, webhook endpoints, and the log of what was delivered to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET

from fourflow.config import wiring
from fourflow.foundation.clients import queries
from fourflow.foundation.clients.types import Attempt, Client, Delivery, DeliveryState, Endpoint, Proposal
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import addresses, lists, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages import hooks, machines
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.events import queries as events

#: clients and endpoints are few: their lists are read whole
WHOLE = 1000


def _others(visitor: Visitor, here: str) -> dict[str, Any]:
    """What the page is for, its neighbours, and what the visitor may add here."""
    subs = {
        "/clients": _("Systems that call the API, each in the name of a person who answers for it."),
        "/webhooks": _("Addresses that are told of events as they happen, in signed messages without amounts."),
        "/webhooks/log": _("What was sent, when, and how the address answered. What failed can be sent again."),
    }
    words = {"/clients": _("API clients"), "/webhooks": _("Webhooks"), "/webhooks/log": _("Delivery log")}
    words |= {"/webhooks/events": _("Event inspector"), "/explorer": _("API explorer")}
    if settings.SANDBOX and visitor.can(Permission.PARAMETER_PROPOSE):
        words["/sandbox/clock"] = _("Test clock")
    found = [Link(words[address], address) for address in words if address != here]
    adds = {
        "/clients": (_("New API client"), Permission.MEMBER_EDIT),
        "/webhooks": (_("New webhook"), Permission.WEBHOOK_EDIT),
    }
    if here in adds and visitor.can(adds[here][1]):
        found.append(Link(adds[here][0], f"{here}/new"))
        return {"sub": subs[here], "actions": found, "primary": True}
    return {"sub": subs[here], "actions": found}


@require_GET
@page(Permission.PARTY_VIEW)
def client_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The organisation's API clients; operator and regulator see everybody's."""

    def read(state: ListState) -> tuple[Sequence[Row], Pager]:
        found = queries.clients(actor=visitor.actor, limit=WHOLE)
        known = {one.id for one in found}
        waiting = [one for one in machines.open_proposals(visitor.actor).values() if one.client_id not in known]
        firms = parties.names({one.organisation_id for one in found} | {one.organisation_id for one in waiting})
        people = parties.person_names([one.person_id for one in found])
        rows = [_client(one.client_id, one, None, firms, people) for one in waiting]
        return lists.whole(state, [*rows, *(_client(one.id, one, one, firms, people) for one in found)])

    table = lists.Table(
        id="clients",
        title=_("API clients"),
        columns=(
            Column("name", _("Name"), lead=True),
            Column("state", _("State"), "status", corner=True),
            Column("organisation", _("Firm"), shown=visitor.actor.sees_all),
            Column("person", _("Answers for it")),
            Column("scopes", _("Scopes")),
            Column("limit", _("Requests a minute"), "number"),
            Column("id", _("Number"), "id"),
        ),
        read=read,
        draw=lambda rows: rows,
        empty=Empty(
            "waiting",
            _("No API client yet"),
            _("An administrator proposes one, a second person admits it in the inbox."),
        ),
    )
    return lists.show(request, visitor, table, **_others(visitor, "/clients"))


def _client(
    client_id: UUID, one: Client | Proposal, client: Client | None, firms: dict[UUID, str], people: dict[UUID, str]
) -> Row:
    return Row(
        text("client", client_id),
        {
            "name": one.terms.name,
            "state": machines.state_of(client),
            "organisation": firms.get(one.organisation_id, ""),
            "person": people.get(client.person_id, "") if client else "",
            "scopes": ", ".join(sorted(one.terms.scopes)),
            "limit": one.terms.requests_per_minute,
            "id": text("client", client_id),
        },
        to("client", client_id),
    )


@require_GET
@page(Permission.PARTY_VIEW)
def webhook_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The organisation's webhook endpoints."""

    def read(state: ListState) -> tuple[Sequence[Row], Pager]:
        found = queries.endpoints(actor=visitor.actor, limit=WHOLE)
        firms = parties.names([one.organisation_id for one in found])
        return lists.whole(state, [_endpoint(one, firms) for one in found])

    table = lists.Table(
        id="webhooks",
        title=_("Webhooks"),
        columns=(
            Column("url", _("Address"), lead=True),
            Column("state", _("State"), "status", corner=True),
            Column("organisation", _("Firm"), shown=visitor.actor.sees_all),
            Column("kinds", _("Events")),
            Column("key", _("Public key"), "id", phone=False),
        ),
        read=read,
        draw=lambda rows: rows,
        empty=Empty("waiting", _("No webhook yet"), _("An administrator or an API client registers one.")),
    )
    return lists.show(request, visitor, table, **_others(visitor, "/webhooks"))


def _endpoint(one: Endpoint, firms: dict[UUID, str]) -> Row:
    number = text("webhook", one.id)
    cells = {
        "url": one.url,
        "state": hooks.state_of(one),
        "organisation": firms.get(one.organisation_id, ""),
        "kinds": ", ".join(one.kinds),
        "key": one.public_key,
    }
    return Row(number, cells, to("webhook", one.id))


def delivery_state(state: DeliveryState) -> Status:
    """How a delivery stands, in words."""
    return {
        DeliveryState.PENDING: Status(pg("state", "On its way"), "info", waiting=True),
        DeliveryState.DELIVERED: Status(pg("state", "Delivered"), "ok"),
        DeliveryState.FAILED: Status(pg("state", "Failed"), "bad"),
    }[state]


@require_GET
@page(Permission.PARTY_VIEW)
def delivery_log(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What was delivered, is on its way, or failed; of one endpoint or all."""

    def read(state: ListState) -> tuple[Sequence[Delivery], Pager]:
        wanted, ticked = lists.chosen(state, "state", DeliveryState), lists.only(state)
        return lists.after(
            state,
            lambda after, size: queries.deliveries(
                actor=visitor.actor,
                endpoint_id=addresses.read("webhook", state.filters.get("webhook", "")),
                state=wanted[0] if wanted else None,
                sort=state.sort,
                after=after,
                only=ticked,
                limit=size,
            ),
        )

    choices = tuple(Choice(one.value, delivery_state(one).word) for one in DeliveryState)
    table = lists.Table(
        id="deliveries",
        title=_("Delivery log"),
        columns=(
            Column("kind", _("Event"), lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("attempts", _("Attempts"), "number"),
            Column("due", texts.real_time(_("Next attempt")), "date", sortable=False),
            Column("id", _("Number"), "id"),
        ),
        filters=(
            Filter("state", _("State"), choices=choices, one=True),
            Filter("webhook", _("Webhook"), "text", of="webhook"),
        ),
        read=read,
        draw=lambda found: [_delivery(one) for one in found],
        empty=Empty("waiting", _("Nothing was delivered yet"), _("Events that a webhook names appear here.")),
    )
    return lists.show(request, visitor, table, **_others(visitor, "/webhooks/log"))


def _delivery(one: Delivery) -> Row:
    return Row(
        text("webhook_delivery", one.id),
        {
            "kind": one.kind,
            "state": delivery_state(one.state),
            "attempts": one.attempts,
            "due": one.due_at,
            "id": text("webhook_delivery", one.id),
        },
        to("webhook_delivery", one.id),
    )


@require_GET
@page(Permission.PARTY_VIEW)
def delivery(request: HttpRequest, visitor: Visitor, delivery_id: UUID) -> HttpResponse:
    """One delivery with every attempt, and the event as it is told."""
    with visitor.reading() as actor:
        found = queries.delivery(actor=actor, delivery_id=delivery_id)
        endpoint = queries.endpoint(actor=actor, endpoint_id=found.endpoint_id)
        event = events.one(found.event_id)
    request.subject_party_id = endpoint.organisation_id  # type: ignore[attr-defined]
    table = lists.Table(
        id="attempts",
        title=_("Attempts"),
        columns=(
            Column("number", _("Attempt"), "number", lead=True),
            Column("answer", _("Answer"), "status", corner=True),
            Column("at", texts.real_time(_("Sent")), "date"),
            Column("took", _("Milliseconds"), "number"),
        ),
        read=lambda state: lists.whole(state, [_attempt(one) for one in found.log]),
        draw=lambda rows: rows,
        empty=Empty("waiting", _("Not tried yet")),
    )
    context: dict[str, Any] = {
        "title": found.kind,
        "sub": text("webhook_delivery", found.id),
        "state": delivery_state(found.state),
        "crumbs": [Link(_("Delivery log"), "/webhooks/log")],
        "facts": [
            (_("Webhook"), Link(endpoint.url, to("webhook", endpoint.id))),
            (_("Event"), Link(text("event", found.event_id), f"/webhooks/events/{text('event', found.event_id)}")),
            ("webhook-id", text("webhook_delivery", found.id)),
            (texts.real_time(_("Next attempt")), found.due_at),
        ],
    }
    if event is not None:
        sent = json.dumps(json.loads(wiring.webhook_body(event)), indent=1, ensure_ascii=False)
        context["wires"] = [(_("What is sent"), sent)]
    is_ours = endpoint.organisation_id == visitor.id and visitor.can(Permission.WEBHOOK_EDIT)
    if is_ours and not found.is_being_sent(visitor.at):
        context["actions"] = [Link(_("Send it again"), to("webhook_delivery", found.id, "/replay"))]
    return lists.show(request, visitor, table, "web/pages/record.html", **context)


def _no_answer(error: str) -> str:
    """Why no answer came, as the courier notes it, in words."""
    return {
        "address forbidden": _("address forbidden"),
        "name does not resolve": _("name does not resolve"),
        "timeout": _("no answer in time"),
        "no connection": _("no connection"),
        "connection broken": _("connection broken"),
    }.get(error, error)


def _attempt(one: Attempt) -> Row:
    answered = one.status and 200 <= one.status < 300
    cells = {
        "number": one.number,
        "answer": Status(str(one.status or _no_answer(one.error)), "ok" if answered else "bad"),
        "at": one.sent_at,
        "took": one.milliseconds,
    }
    return Row(str(one.number), cells)
