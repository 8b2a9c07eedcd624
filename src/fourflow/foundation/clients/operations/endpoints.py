"""Where an organisation wants to be told of what happens: webhook endpoints and their signing keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from fourflow.foundation.clients import models
from fourflow.foundation.clients.domain.addresses import checked_kinds, checked_url
from fourflow.foundation.clients.events import EndpointChanged
from fourflow.foundation.clients.types import (
    Endpoint,
    EndpointInvalid,
    EndpointState,
    WebhookStateWrong,
)
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.crypto.webhooks import new_secret, public_of
from fourflow.platform.db import visibility
from fourflow.platform.events import operations as events

MOST_ENDPOINTS = 10
#: how long the key before signs beside a new one
OVERLAP = timedelta(days=1)


@transaction.atomic
def register(
    *,
    url: str,
    kinds: Sequence[str],
    known: Collection[str],
    actor: Actor,
    effective_at: datetime,
    client_id: UUID | None = None,
    loopback: bool = False,
) -> Endpoint:
    """Register an endpoint of the actor's organisation; it is told of events from now on.

    The door has resolved the name before and looked where it leads; every delivery looks again.

    :param known: every event kind of the house. :param client_id: the client that registers, if one does.
    :param loopback: the sandbox's explicit permission to call this machine.
    :raises NotPermitted: the actor does not edit webhooks.
    :raises EndpointInvalid: address or kinds cannot be accepted, or there are ten endpoints already.
    :raises AddressForbidden: the address is this machine's or a private network's.
    """
    actor.require(Permission.WEBHOOK_EDIT)
    own = models.EndpointRow.objects.visible_to(actor).filter(organisation_id=actor.organisation_id)
    if own.count() >= MOST_ENDPOINTS:
        raise EndpointInvalid(field="url", expected=f"at most {MOST_ENDPOINTS} endpoints")
    secret = new_secret()
    row = models.EndpointRow.objects.create(
        organisation_id=actor.organisation_id,
        client_id=client_id,
        url=checked_url(url, loopback=loopback),
        kinds=checked_kinds(kinds, known),
        public_key=public_of(secret),
        position=_head(),
    )
    models.SigningKey.objects.create(endpoint=row, seed=secret)
    visibility.grant(row.id, [row.organisation_id], "own endpoint")
    return _changed(row, "registered", effective_at)


@transaction.atomic
def enable(*, endpoint_id: UUID, actor: Actor, effective_at: datetime) -> Endpoint:
    """Send to a disabled endpoint again; it gets what has happened meanwhile.

    :raises ClientNotFound: no such endpoint. :raises NotPermitted: the actor does not edit webhooks.
    :raises WebhookStateWrong: it is active.
    """
    row = _locked(endpoint_id, actor)
    if row.state == EndpointState.ACTIVE:
        raise WebhookStateWrong(state=row.state)
    row.state, row.reason = EndpointState.ACTIVE.value, ""
    row.save(update_fields=["state", "reason"])
    return _changed(row, "enabled", effective_at)


@transaction.atomic
def disable(*, endpoint_id: UUID, actor: Actor, effective_at: datetime) -> Endpoint:
    """Send nothing to an endpoint any more; its events wait.

    :raises ClientNotFound: no such endpoint. :raises NotPermitted: the actor does not edit webhooks.
    :raises WebhookStateWrong: it is disabled already.
    """
    row = _locked(endpoint_id, actor)
    return give_up(row, "by hand", effective_at)


def give_up(row: models.EndpointRow, reason: str, effective_at: datetime) -> Endpoint:
    """Disable a locked endpoint; also called where deliveries fail."""
    if row.state == EndpointState.DISABLED:
        raise WebhookStateWrong(state=row.state)
    row.state, row.reason = EndpointState.DISABLED.value, reason
    row.save(update_fields=["state", "reason"])
    return _changed(row, f"disabled: {reason}", effective_at)


@transaction.atomic
def rotate(*, endpoint_id: UUID, actor: Actor, effective_at: datetime, now: datetime) -> Endpoint:
    """A new signing key; for a day the one before signs too, so that the receiver can change over without a gap.

    :param now: the machine's instant. :raises ClientNotFound: no such endpoint.
    :raises NotPermitted: the actor does not edit webhooks.
    """
    row = _locked(endpoint_id, actor)
    with connection.cursor() as cursor:
        cursor.execute(
            "update clients_signing_key set ends_at = %s where endpoint_id = %s and ends_at is null",
            [now + OVERLAP, row.id],
        )
    secret = new_secret()
    models.SigningKey.objects.create(endpoint=row, seed=secret)
    row.public_key = public_of(secret)
    row.save(update_fields=["public_key"])
    return _changed(row, "another key", effective_at)


def _locked(endpoint_id: UUID, actor: Actor) -> models.EndpointRow:
    own = models.EndpointRow.objects.visible_to(actor).filter(organisation_id=actor.organisation_id)
    row: models.EndpointRow = own.lock(endpoint_id)
    actor.require(Permission.WEBHOOK_EDIT)
    return row


def _head() -> int:
    """The last position that the sequencer has given; -1 before the first."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(position), -1) from platform_event")
        return int(cursor.fetchone()[0])


def _changed(row: models.EndpointRow, what: str, effective_at: datetime) -> Endpoint:
    event = EndpointChanged(
        subject_id=row.id,
        effective_at=effective_at,
        organisation_id=row.organisation_id,
        state=row.state,
        what=what,
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()
