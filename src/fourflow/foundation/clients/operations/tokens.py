"""Access tokens of clients: opaque, short-lived, known here by their hash alone, so that they can end at any moment.

All instants are the machine's own (:func:`fourflow.platform.clock.machine`): a partner's clock is compared with them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from fourflow.foundation.clients import models
from fourflow.foundation.clients.domain import assertion as domain
from fourflow.foundation.clients.domain.terms import from_json, granted
from fourflow.foundation.clients.types import (
    TOKEN_LIFETIME,
    AccessToken,
    AssertionInvalid,
    AssertionReplayed,
    ClientId,
    ClientRefused,
    ClientState,
)
from fourflow.platform.errors import NotFound
from fourflow.platform.ids import decode

#: how an identifier of a client begins; the subject of its assertions
PREFIX = "cli"
TOKEN = "fft_"


@transaction.atomic
def authenticate(*, assertion: str, audiences: Collection[str], now: datetime) -> ClientId:
    """Whose assertion this is. Its ``jti`` is used up with it, whatever is asked for next.

    :raises ClientRefused: no such active client, or none of its keys signed this.
    :raises AssertionInvalid: signed, but for another audience, time or subject.
    :raises AssertionReplayed: it was used before. Both name the ``client``, whose key it was.
    """
    subject = domain.said_to_be(assertion)
    try:
        client_id = decode(PREFIX, subject)
    except NotFound:
        raise ClientRefused() from None
    client = _active(client_id)
    claims = domain.verified(assertion, from_json(client.proposal.content).keys)
    try:
        jti, until = domain.checked_claims(claims, client=subject, audiences=audiences, now=now)
    except AssertionInvalid as refusal:
        refusal.params["client"] = subject
        raise
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into clients_used_assertion (client_id, jti_hash, expires_at) values (%s, %s, %s) "
            "on conflict do nothing",
            [client.id, hashlib.sha256(jti.encode()).digest(), until],
        )
        if cursor.rowcount == 0:
            raise AssertionReplayed(client=subject)
    return ClientId(client.id)


@transaction.atomic
def issue(*, client_id: UUID, scopes: Iterable[str], now: datetime) -> AccessToken:
    """A token of a client that has just been authenticated.

    :raises ScopeNotGranted: the client does not have one of the scopes. :raises ClientRefused: it is revoked.
    """
    client = _active(client_id)
    given = granted(scopes, from_json(client.proposal.content).scopes)
    text, expires_at = TOKEN + secrets.token_urlsafe(32), now + TOKEN_LIFETIME
    models.TokenRow.objects.create(token_hash=hash_of(text), client=client, scopes=sorted(given), expires_at=expires_at)
    return AccessToken(text, given, expires_at)


def _active(client_id: UUID) -> models.ClientRow:
    found = models.ClientRow.objects.select_related("proposal").filter(id=client_id, state=ClientState.ACTIVE)
    client: models.ClientRow | None = found.first()
    if client is None:
        raise ClientRefused()
    return client


def hash_of(text: str) -> bytes:
    """Tokens have 256 random bits, so one round of SHA-256 hides them for good."""
    return hashlib.sha256(text.encode()).digest()


def revoke_token(*, text: str, client_id: UUID, now: datetime) -> None:
    """End one token of a client; another's or an unknown one is left alone and not told apart (RFC 7009)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update clients_token set revoked_at = %s where token_hash = %s and client_id = %s and revoked_at is null",
            [now, hash_of(text), client_id],
        )


def clear(*, now: datetime, limit: int = 5000) -> int:
    """Take away tokens and used assertions that nobody could use any more; returns how many."""
    gone = 0
    with connection.cursor() as cursor:
        for table in ("clients_token", "clients_used_assertion"):
            cursor.execute(
                f"delete from {table} where ctid in (select ctid from {table} where expires_at < %s limit %s)",
                [now, limit],
            )
            gone += cursor.rowcount
    return gone
