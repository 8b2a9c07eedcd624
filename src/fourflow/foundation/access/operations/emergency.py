"""Break-glass: one person of the operator takes permissions that stop things, for a short time, and everybody is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from fourflow.foundation.access import models
from fourflow.foundation.access.events import EmergencyClosed, GlassBroken
from fourflow.foundation.access.types import EmergencyStateWrong, EmergencyView, Policy, ReasonMissing
from fourflow.foundation.parties.types import Actor, NotPermitted, Permission
from fourflow.platform.events import operations as events

log = structlog.get_logger()
SHORTEST_REASON = 10


@transaction.atomic
def break_glass(*, reason: str, actor: Actor, policy: Policy, at: datetime, effective_at: datetime) -> EmergencyView:
    """Take :data:`fourflow.foundation.access.types.EMERGENCY` until the time is over. The door has just confirmed the person.

    :raises NotPermitted: the actor is none of the operator's administrators.
    :raises ReasonMissing: no reason. :raises EmergencyStateWrong: one of the actor's is running.
    """
    actor.require(Permission.ACCESS_EMERGENCY)
    assert actor.account_id is not None
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing(field="reason")
    own = models.Emergency.objects.visible_to(actor).filter(person_id=actor.person_id)
    if own.filter(ended_at__isnull=True, until__gt=at).exists():
        raise EmergencyStateWrong(state="running")
    row = models.Emergency.objects.create(
        account_id=actor.account_id,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        reason=reason,
        began_at=at,
        until=at + timedelta(minutes=policy.emergency_minutes),
    )
    event = GlassBroken(
        subject_id=row.id, effective_at=effective_at, person_id=actor.person_id, reason=reason, until=row.until
    )
    events.publish(event, rows=[row.evidenced()])
    log.warning("alarm", alarm="access.glass_broken", emergency=str(row.id), until=row.until.isoformat())
    view: EmergencyView = row.to_type()
    return view


@transaction.atomic
def end_emergency(*, emergency_id: UUID, actor: Actor, at: datetime, effective_at: datetime) -> EmergencyView:
    """It is over before its time; any person of the operator may say so.

    :raises EmergencyNotFound: not the operator's actor. :raises EmergencyStateWrong: it is over.
    """
    row = models.Emergency.objects.visible_to(actor).lock(emergency_id)
    actor.require(Permission.PARTY_VIEW)
    _operators(actor, row)
    if row.ended_at is not None or row.until <= at:
        raise EmergencyStateWrong(state="over")
    row.ended_at = at
    return _close(row, actor, "ended", effective_at)


@transaction.atomic
def review_emergency(*, emergency_id: UUID, actor: Actor, review: str, effective_at: datetime) -> EmergencyView:
    """Another person writes what was done with it and whether it was right.

    :raises NotPermitted: the actor checks no members, or broke the glass, under whichever account.
    :raises ReasonMissing: nothing is said. :raises EmergencyStateWrong: it was reviewed before.
    """
    row = models.Emergency.objects.visible_to(actor).lock(emergency_id)
    actor.require(Permission.MEMBER_CHECK)
    _operators(actor, row)
    if row.person_id == actor.person_id:
        raise NotPermitted(permission=Permission.MEMBER_CHECK.value)
    if row.reviewed_by is not None:
        raise EmergencyStateWrong(state="reviewed")
    if len(review.strip()) < SHORTEST_REASON:
        raise ReasonMissing(field="review")
    row.reviewed_by, row.review = actor.person_id, review.strip()
    return _close(row, actor, "reviewed", effective_at)


def _operators(actor: Actor, row: models.Emergency) -> None:
    """The regulator sees it too, and does nothing about it here."""
    if actor.organisation_id != row.organisation_id:
        raise NotPermitted(permission=Permission.ACCESS_EMERGENCY.value)


def _close(row: models.Emergency, actor: Actor, step: str, effective_at: datetime) -> EmergencyView:
    row.save(update_fields=["ended_at", "reviewed_by", "review"])
    event = EmergencyClosed(subject_id=row.id, effective_at=effective_at, person_id=actor.person_id, step=step)
    events.publish(event, rows=[row.evidenced()])
    view: EmergencyView = row.to_type()
    return view
