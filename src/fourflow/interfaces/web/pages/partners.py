"""Partners' machines: API clients, webhook endpoints, and the log of what was delivered to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET

from fourflow.foundation.clients import queries
from fourflow.foundation.clients.types import Client, Delivery, DeliveryState, Endpoint
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import lists
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, Listing, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.people import Visitor, page


def _others(here: str) -> list[Link]:
    """The neighbouring lists."""
    words = {"/clients": _("API clients"), "/webhooks": _("Webhooks"), "/webhooks/log": _("Delivery log")}
    return [Link(words[address], address) for address in words if address != here]


def _column(key: str, label: str, kind: str = "text", **more: Any) -> Column:
    return Column(key, label, kind, sortable=False, **more)


@require_GET
@page(Permission.PARTY_VIEW)
def client_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The organisation's API clients; operator and regulator see everybody's."""
    columns = (
        _column("name", _("Name"), lead=True),
        _column("state", _("State"), "status", corner=True),
        _column("organisation", _("Firm"), shown=visitor.actor.sees_all),
        _column("person", _("Answers for it")),
        _column("scopes", _("Scopes")),
        _column("limit", _("Requests a minute"), "number"),
        _column("id", _("Number"), "id"),
    )
    state = lists.state_of(request, columns)
    with visitor.reading() as actor:
        found, pager = lists.after(
            state.cursor,
            state.limit,
            lambda after, size: queries.clients(actor=actor, after=after, limit=size),
            lambda one: one.id,
        )
        firms = parties.names([one.organisation_id for one in found])
        people = parties.person_names([one.person_id for one in found])
    rows = tuple(_client(one, firms, people) for one in found)
    if lists.wants_file(request):
        return lists.export("clients", columns, state, rows)
    empty = Empty(
        "waiting",
        _("No API client yet"),
        _("An administrator proposes one through the API, a second person admits it in the inbox."),
    )
    listing = Listing("clients", _("API clients"), columns, rows, state, pager, empty=empty)
    context = {"title": _("API clients"), "listing": listing, "actions": _others("/clients")}
    return render(request, "web/pages/list.html", context)


def _client(one: Client, firms: dict[UUID, str], people: dict[UUID, str]) -> Row:
    active = Status(pg("state", "Active"), "ok")
    return Row(
        str(one.id),
        {
            "name": one.terms.name,
            "state": active if one.revoked_at is None else Status(pg("state", "Revoked"), "bad"),
            "organisation": firms.get(one.organisation_id, ""),
            "person": people.get(one.person_id, ""),
            "scopes": ", ".join(sorted(one.terms.scopes)),
            "limit": one.terms.requests_per_minute,
            "id": text("client", one.id),
        },
    )


@require_GET
@page(Permission.PARTY_VIEW)
def webhook_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The organisation's webhook endpoints."""
    columns = (
        _column("url", _("Address"), lead=True),
        _column("state", _("State"), "status", corner=True),
        _column("organisation", _("Firm"), shown=visitor.actor.sees_all),
        _column("kinds", _("Events")),
        _column("key", _("Public key"), "id", phone=False),
    )
    state = lists.state_of(request, columns)
    with visitor.reading() as actor:
        found, pager = lists.after(
            state.cursor,
            state.limit,
            lambda after, size: queries.endpoints(actor=actor, after=after, limit=size),
            lambda one: one.id,
        )
        firms = parties.names([one.organisation_id for one in found])
    rows = tuple(
        Row(
            str(one.id),
            {
                "url": one.url,
                "state": _endpoint_state(one),
                "organisation": firms.get(one.organisation_id, ""),
                "kinds": ", ".join(one.kinds),
                "key": one.public_key,
            },
            f"/webhooks/log?webhook={text('webhook', one.id)}",
        )
        for one in found
    )
    if lists.wants_file(request):
        return lists.export("webhooks", columns, state, rows)
    empty = Empty("waiting", _("No webhook yet"), _("An administrator or an API client registers one through the API."))
    listing = Listing("webhooks", _("Webhooks"), columns, rows, state, pager, empty=empty)
    context = {"title": _("Webhooks"), "listing": listing, "actions": _others("/webhooks")}
    return render(request, "web/pages/list.html", context)


def _endpoint_state(one: Endpoint) -> Status:
    if one.state == "active":
        return Status(pg("state", "Active"), "ok")
    why = {"gone": pg("state", "Disabled: gone"), "failing": pg("state", "Disabled: failing")}
    return Status(why.get(one.reason, pg("state", "Disabled")), "bad" if one.reason in why else "neutral")


def _delivery_state(state: DeliveryState) -> Status:
    return {
        DeliveryState.PENDING: Status(pg("state", "On its way"), "info", waiting=True),
        DeliveryState.DELIVERED: Status(pg("state", "Delivered"), "ok"),
        DeliveryState.FAILED: Status(pg("state", "Failed"), "bad"),
    }[state]


@require_GET
@page(Permission.PARTY_VIEW)
def delivery_log(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What was delivered, is on its way, or failed; of one endpoint or all."""
    columns = (
        _column("kind", _("Event"), lead=True),
        _column("state", _("State"), "status", corner=True),
        _column("attempts", _("Attempts"), "number"),
        _column("due", _("Next attempt"), "date"),
        _column("id", _("Number"), "id"),
    )
    choices = tuple(Choice(one.value, _delivery_state(one).word) for one in DeliveryState)
    filters = (Filter("state", _("State"), choices=choices), Filter("webhook", _("Webhook"), "text"))
    state = lists.state_of(request, columns, filters)
    wanted = state.filters.get("state", "")
    wanted_state = DeliveryState(wanted) if wanted in set(DeliveryState) else None
    endpoint_id = read("webhook", state.filters.get("webhook", ""))
    with visitor.reading() as actor:
        found, pager = lists.after(
            state.cursor,
            state.limit,
            lambda after, size: queries.deliveries(
                actor=actor, endpoint_id=endpoint_id, state=wanted_state, after=after, limit=size
            ),
            lambda one: one.id,
        )
    rows = tuple(_delivery(one) for one in found)
    if lists.wants_file(request):
        return lists.export("deliveries", columns, state, rows)
    nothing = _("No delivery fits") if state.narrowed else _("Nothing was delivered yet")
    empty = Empty("filtered" if state.narrowed else "waiting", nothing)
    listing = Listing("deliveries", _("Delivery log"), columns, rows, state, pager, filters=filters, empty=empty)
    context = {"title": _("Delivery log"), "listing": listing, "actions": _others("/webhooks/log")}
    return render(request, "web/pages/list.html", context)


def _delivery(one: Delivery) -> Row:
    return Row(
        str(one.id),
        {
            "kind": one.kind,
            "state": _delivery_state(one.state),
            "attempts": one.attempts,
            "due": one.due_at,
            "id": text("webhook_delivery", one.id),
        },
        to("webhook_delivery", one.id),
    )


@require_GET
@page(Permission.PARTY_VIEW)
def delivery(request: HttpRequest, visitor: Visitor, delivery_id: UUID) -> HttpResponse:
    """One delivery with every attempt."""
    columns = (
        _column("number", _("Attempt"), "number", lead=True),
        _column("answer", _("Answer"), "status", corner=True),
        _column("at", _("Sent"), "date"),
        _column("took", _("Milliseconds"), "number"),
    )
    state = lists.state_of(request, columns)
    with visitor.reading() as actor:
        found = queries.delivery(actor=actor, delivery_id=delivery_id)
    rows = tuple(
        Row(
            str(one.number),
            {
                "number": one.number,
                "answer": Status(
                    str(one.status or one.error), "ok" if one.status and 200 <= one.status < 300 else "bad"
                ),
                "at": one.sent_at,
                "took": one.milliseconds,
            },
        )
        for one in found.log
    )
    empty = Empty("waiting", _("Not tried yet"))
    listing = Listing("attempts", _("Attempts"), columns, rows, state, export=False, empty=empty)
    context = {
        "title": found.kind,
        "sub": text("webhook_delivery", found.id),
        "state": _delivery_state(found.state),
        "crumbs": [Link(_("Delivery log"), "/webhooks/log")],
        "listing": listing,
    }
    return render(request, "web/pages/list.html", context)
