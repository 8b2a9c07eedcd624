"""Sessions: begun by being recognised, ended by their owner, by time, or because what they rest on has changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from fourflow.foundation.access import models
from fourflow.foundation.access.events import PasswordChanged, SessionBegan, SessionEnded, SessionProlonged
from fourflow.foundation.access.types import Ending, Origin, SessionKind, SessionNotFound, SessionView, Strength
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties.types import AccountView, Actor
from fourflow.platform.events import operations as events

SEEN_EVERY = timedelta(minutes=5)


@transaction.atomic
def begin(
    *,
    account: AccountView,
    kind: SessionKind,
    strength: Strength,
    origin: Origin,
    lifetime: timedelta,
    at: datetime,
    effective_at: datetime,
    organisation_id: UUID | None = None,
) -> SessionView:
    """A session of somebody who has just been recognised; an organisation may be chosen later, once."""
    row = models.Session.objects.create(
        account_id=account.id,
        person_id=account.person_id,
        organisation_id=organisation_id,
        kind=kind.value,
        strength=strength.value,
        origin=str(origin),
        began_at=at,
        seen_at=at,
        expires_at=at + lifetime,
    )
    event = SessionBegan(
        subject_id=row.id,
        effective_at=effective_at,
        account_id=account.id,
        person_id=account.person_id,
        door=kind.value,
        strength=strength.value,
    )
    events.publish(event)
    return row.to_type()


@transaction.atomic
def act_for(*, session_id: UUID, organisation_id: UUID, at: datetime) -> None:
    """Say for whom the session acts; another organisation than before ends a confirmation by its authority."""
    models.Session.objects.alive(at).filter(id=session_id).update(organisation_id=organisation_id)


@transaction.atomic
def stay(*, session_id: UUID, actor: Actor, lifetime: timedelta, at: datetime, effective_at: datetime) -> datetime:
    """The person stays: the session holds for another lifetime from now, but never longer than two from its beginning.

    Returns when it ends; where nothing more is to be had, as before.

    :raises SessionNotFound: it is not theirs, or over.
    """
    row = models.Session.objects.visible_to(actor).lock(session_id)
    if row.ended_at is not None or row.expires_at <= at:
        raise SessionNotFound(value=str(session_id))
    until = min(at + lifetime, row.began_at + 2 * lifetime)
    if until > row.expires_at:
        row.expires_at = until
        row.save(update_fields=["expires_at"])
        events.publish(
            SessionProlonged(subject_id=row.id, effective_at=effective_at, account_id=row.account_id, until=until)
        )
    return row.expires_at


def see(*, session: SessionView, at: datetime) -> None:
    """Note that a session is in use, at most every five minutes."""
    if at - session.seen_at >= SEEN_EVERY:
        models.Session.objects.filter(id=session.id, seen_at=session.seen_at).update(seen_at=at)


@transaction.atomic
def end(*, session_id: UUID, actor: Actor, ending: Ending, at: datetime, effective_at: datetime) -> None:
    """The person ends a session of theirs, this one or another.

    :raises SessionNotFound: it is not theirs, or over.
    """
    row = models.Session.objects.visible_to(actor).lock(session_id)
    if row.ended_at is not None:
        raise SessionNotFound(value=str(session_id))
    _end([row], ending, at, effective_at)


@transaction.atomic
def end_all(*, account_id: UUID, ending: Ending, at: datetime, effective_at: datetime, but: UUID | None = None) -> int:
    """End every session of an account but (given) the one that asks; how many there were."""
    found = models.Session.objects.alive(at).filter(account_id=account_id)
    rows = found.lock_all(set(found.values_list("id", flat=True)) - {but})
    _end(rows, ending, at, effective_at)
    return len(rows)


@transaction.atomic
def change_password(*, account: AccountView, password: str, keep: UUID, at: datetime, effective_at: datetime) -> None:
    """A new password; every other session of the account ends, and confirmations given with the old one too.

    :raises DeclarationInvalid: shorter than twelve characters.
    """
    parties.set_password(account_id=account.id, password=password)
    end_all(account_id=account.id, ending=Ending.PASSWORD_CHANGED, at=at, effective_at=effective_at, but=keep)
    unconfirm(account_id=account.id)
    events.publish(PasswordChanged(subject_id=account.id, effective_at=effective_at, how="by its owner"))


def unconfirm(*, account_id: UUID) -> None:
    """What the confirmations of an account rest on has changed: they hold no more."""
    models.Session.objects.filter(account_id=account_id, confirmed_at__isnull=False).update(
        confirmed_at=None, confirmed_until=None, confirmed_by="", authority=None
    )


def _end(rows: list[models.Session], ending: Ending, at: datetime, effective_at: datetime) -> None:
    for row in rows:
        row.ended_at, row.ending = at, ending.value
        row.save(update_fields=["ended_at", "ending"])
        event = SessionEnded(
            subject_id=row.id, effective_at=effective_at, account_id=row.account_id, reason=ending.value
        )
        events.publish(event)
