"""Attempts are counted before they are heard, so that guesses sent at the same time are counted too."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from fourflow.foundation.access import models
from fourflow.foundation.access.events import DoorLocked
from fourflow.foundation.access.types import GuardKind, Locked, Policy
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountNotFound
from fourflow.platform.crypto.sealing import blind_index
from fourflow.platform.events import operations as events

log = structlog.get_logger()


def attempt(*, email: str, address: str, policy: Policy, at: datetime, effective_at: datetime) -> None:
    """Count one attempt at a sign-in and from an address, in a transaction of its own that no refusal undoes.

    An address that nobody has is counted like one that somebody has. :func:`forgive` takes the count back.

    :raises Locked: one of the two has been tried too often; while locked, attempts are neither heard nor counted.
    """
    subjects = [
        (GuardKind.ACCOUNT, email, policy.account_attempts),
        (GuardKind.ADDRESS, address, policy.address_attempts),
    ]
    locked: datetime | None = None
    with transaction.atomic():
        for kind, text, most in subjects:
            guard = models.Guard.objects.lock_or_open(kind, blind_index(f"{kind}:{text}"), at)
            if not guard.is_locked(at):
                if guard.count(at, most, policy.lock_minutes):
                    _alarm(guard, email, effective_at)
                guard.save(update_fields=["attempts", "began_at", "locked_until"])
            if guard.is_locked(at):
                locked = max(filter(None, (locked, guard.locked_until)))
    if locked is not None:
        raise Locked(until=locked.isoformat(timespec="seconds"))


@transaction.atomic
def forgive(*, email: str, address: str, at: datetime) -> None:
    """The person was recognised: the sign-in's count begins anew, and the address was one attempt less."""
    for kind, text in ((GuardKind.ACCOUNT, email), (GuardKind.ADDRESS, address)):
        guard = models.Guard.objects.lock_or_open(kind, blind_index(f"{kind}:{text}"), at)
        guard.attempts = 0 if kind is GuardKind.ACCOUNT else max(guard.attempts - 1, 0)
        guard.save(update_fields=["attempts"])


def _alarm(guard: models.Guard, email: str, effective_at: datetime) -> None:
    assert guard.locked_until is not None
    account_id: UUID | None = None
    if guard.kind == GuardKind.ACCOUNT:
        try:
            account_id = parties.account_by_email(email).id
        except AccountNotFound:
            account_id = None
    event = DoorLocked(
        subject_id=guard.id,
        effective_at=effective_at,
        by=guard.kind,
        attempts=guard.attempts,
        until=guard.locked_until,
        account_id=account_id,
    )
    events.publish(event)
    log.warning("alarm", alarm="access.locked", by=guard.kind, until=guard.locked_until.isoformat())
