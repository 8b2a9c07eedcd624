"""Consents (授权书): a party lets another read its data, for one purpose, for a time, until withdrawn."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from fourflow.foundation.parties import models
from fourflow.foundation.parties.events import ConsentGiven, ConsentWithdrawn
from fourflow.foundation.parties.types import (
    Actor,
    AlreadyLifted,
    ConsentNumberTaken,
    ConsentView,
    DeclarationInvalid,
    PartyNotFound,
    PeriodInvalid,
    Permission,
)
from fourflow.platform.events import operations as events


@transaction.atomic
def give_consent(
    *,
    to_party_id: UUID,
    purpose: str,
    authorisation_number: str,
    valid_from: date,
    valid_to: date,
    actor: Actor,
    effective_at: datetime,
) -> ConsentView:
    """The actor's organisation lets another one read its data for a purpose, up to (not including) `valid_to`.

    :raises NotPermitted: the actor does not give consent for the organisation.
    :raises PartyNotFound: no such receiver. :raises PeriodInvalid: the end is not after the beginning.
    :raises DeclarationInvalid: no purpose, no number, or consent to itself.
    :raises ConsentNumberTaken: the authorisation number was used before.
    """
    actor.require(Permission.CONSENT_GIVE)
    if not models.Party.objects.filter(id=to_party_id).exists():
        raise PartyNotFound(field="to_party_id")
    if valid_to <= valid_from:
        raise PeriodInvalid(field="valid_to", value=valid_to.isoformat())
    if not purpose.strip() or not authorisation_number.strip() or to_party_id == actor.organisation_id:
        raise DeclarationInvalid(field="purpose", expected="a purpose, a number and another party")
    if models.Consent.objects.filter(authorisation_number=authorisation_number.strip()).exists():
        raise ConsentNumberTaken(value=authorisation_number.strip())
    row = models.Consent.objects.create(
        subject_id=actor.organisation_id,
        to_party_id=to_party_id,
        purpose=purpose.strip(),
        authorisation_number=authorisation_number.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        given_by=actor.person_id,
    )
    event = ConsentGiven(
        subject_id=row.id,
        effective_at=effective_at,
        subject_party_id=row.subject_id,
        to_party_id=to_party_id,
        purpose=row.purpose,
        authorisation_number=row.authorisation_number,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()


@transaction.atomic
def withdraw_consent(*, consent_id: UUID, actor: Actor, effective_at: datetime) -> ConsentView:
    """The subject ends its consent at once.

    :raises PartyRecordNotFound: no such consent for this actor.
    :raises NotPermitted: the actor does not act for the subject.
    :raises AlreadyLifted: it was withdrawn before.
    """
    row = models.Consent.objects.visible_to(actor).lock(consent_id)
    actor.require(Permission.CONSENT_GIVE, party=row.subject_id)
    if row.withdrawn_at is not None:
        raise AlreadyLifted(withdrawn_at=row.withdrawn_at.isoformat())
    row.withdrawn_at = effective_at
    row.save(update_fields=["withdrawn_at"])
    event = ConsentWithdrawn(
        subject_id=row.id, effective_at=effective_at, authorisation_number=row.authorisation_number
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()
