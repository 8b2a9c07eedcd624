"""Reads: who stands behind a token, an organisation's clients, endpoints and the log of deliveries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from fourflow.foundation.clients import models
from fourflow.foundation.clients.domain.assertion import recognised
from fourflow.foundation.clients.domain.terms import as_machine, from_json
from fourflow.foundation.clients.types import (
    Client,
    ClientId,
    ClientState,
    Delivery,
    DeliveryState,
    Endpoint,
    KeyView,
    Machine,
    Proposal,
    TokenRefused,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountNotFound, Actor
from fourflow.platform.db.ordering import in_order
from fourflow.platform.events.types import Evidenced

PAGE = 200
#: what the log of deliveries may be sorted by
DELIVERY_SORTS = {"kind": "kind", "attempts": "attempts", "id": "id"}


def behind(token: str, *, now: datetime, today: date) -> Machine:
    """Who acts under an access token.

    :param now: the machine's instant; tokens end by it. :param today: the business date of the acting person.
    :raises TokenRefused: unknown, over or revoked, or the client, its organisation or the person behind it is gone.
    """
    found = models.TokenRow.objects.filter(token_hash=hashlib.sha256(token.encode()).digest())
    row = found.select_related("client__proposal").first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise TokenRefused()
    client = row.client
    if client.state != ClientState.ACTIVE:
        raise TokenRefused()
    terms = from_json(client.proposal.content)
    try:
        person = parties.actor_for(client.proposal.account_id, client.organisation_id, today, session_id=str(client.id))
    except AccountNotFound:
        raise TokenRefused() from None
    # terms that were narrowed meanwhile narrow tokens that are still out
    scopes = frozenset(row.scopes) & terms.scopes
    return Machine(ClientId(client.id), as_machine(person), scopes, terms.requests_per_minute, client.api_version)


def keys(given: Sequence[Mapping[str, Any]]) -> tuple[KeyView, ...]:
    """What a person recognises public keys (JWK) by. :raises ClientTermsInvalid: one that could not be a client's."""
    return recognised(given)


def clients(*, actor: Actor, after: UUID | None = None, limit: int = PAGE) -> list[Client]:
    """The organisation's clients, the newest first; operator and regulator see everybody's."""
    rows = models.ClientRow.objects.visible_to(actor).select_related("proposal").order_by("-id")
    return [row.to_type() for row in (rows.filter(id__lt=after) if after else rows)[:limit]]


def client(*, actor: Actor, client_id: UUID) -> Client:
    """:raises ClientNotFound: no such client for the actor."""
    row = models.ClientRow.objects.visible_to(actor).select_related("proposal").get_visible(client_id)
    found: Client = row.to_type()
    return found


def proposals(*, actor: Actor, after: UUID | None = None, limit: int = PAGE) -> list[Proposal]:
    """Proposed clients and terms, the newest first."""
    rows = models.ProposalRow.objects.visible_to(actor).order_by("-id")
    return [row.to_type() for row in (rows.filter(id__lt=after) if after else rows)[:limit]]


def proposal(*, actor: Actor, proposal_id: UUID) -> Proposal:
    """:raises ClientNotFound: no such proposal for the actor."""
    found: Proposal = models.ProposalRow.objects.visible_to(actor).get_visible(proposal_id).to_type()
    return found


def endpoints(*, actor: Actor, after: UUID | None = None, limit: int = PAGE) -> list[Endpoint]:
    """The organisation's webhook endpoints, the newest first."""
    rows = models.EndpointRow.objects.visible_to(actor).order_by("-id")
    return [row.to_type() for row in (rows.filter(id__lt=after) if after else rows)[:limit]]


def endpoint(*, actor: Actor, endpoint_id: UUID) -> Endpoint:
    """:raises ClientNotFound: no such endpoint for the actor."""
    found: Endpoint = models.EndpointRow.objects.visible_to(actor).get_visible(endpoint_id).to_type()
    return found


def deliveries(
    *,
    actor: Actor,
    endpoint_id: UUID | None = None,
    event_id: UUID | None = None,
    state: DeliveryState | None = None,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = PAGE,
) -> list[Delivery]:
    """The log of deliveries, the latest event first or by ``DELIVERY_SORTS``, without the attempts.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.DeliveryRow.objects.visible_to(actor), sort, DELIVERY_SORTS, after=after, only=only)
    if endpoint_id is not None:
        rows = rows.filter(endpoint_id=endpoint_id)
    if event_id is not None:
        rows = rows.filter(event_id=event_id)
    if state is not None:
        rows = rows.filter(state=state)
    return [row.to_type() for row in rows[:limit]]


def delivery(*, actor: Actor, delivery_id: UUID) -> Delivery:
    """One delivery with every attempt. :raises ClientNotFound: no such delivery for the actor."""
    row = models.DeliveryRow.objects.visible_to(actor).get_visible(delivery_id)
    attempts = models.AttemptRow.objects.visible_to(actor).filter(delivery_id=row.id).order_by("number")
    found: Delivery = row.to_type(tuple(attempt.to_type() for attempt in attempts))
    return found


def waiting(now: datetime) -> tuple[int, datetime | None]:
    """How many deliveries to endpoints that listen are due, and since when the oldest is: the lag of webhooks.

    :param now: the machine's instant; what waits for its next attempt is not due.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), min(d.due_at) from clients_delivery d join clients_endpoint e on e.id = d.endpoint_id"
            " where d.state = 'pending' and d.due_at <= %s and e.state = 'active'",
            [now],
        )
        found: tuple[int, datetime | None] = cursor.fetchone()
    return found


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module that the evidence covers."""
    tables: tuple[Any, ...] = (models.ProposalRow, models.ClientRow, models.EndpointRow)
    for model in tables:
        for row in model.objects.order_by("id").iterator(chunk_size=2000):
            yield row.evidenced()
