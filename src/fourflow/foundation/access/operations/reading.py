"""Reading another party's personal or restricted data leaves an entry: who, what, why, and by whose leave."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from fourflow.foundation.access import models
from fourflow.foundation.access.events import DataRead
from fourflow.foundation.access.types import ReadPurpose, ReadView, ReadWhat
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, NotPermitted, Permission, RoleKind
from fourflow.platform.events import operations as events


@transaction.atomic
def record_read(
    *,
    subject_party_id: UUID,
    what: ReadWhat,
    actor: Actor,
    effective_at: datetime,
    purpose: ReadPurpose | None = None,
) -> ReadView | None:
    """Write the entry, before the data is shown; None for one's own organisation, which is nobody else's business.

    The operator and the regulator read by their office. Anybody else reads by a consent of the subject whose purpose is
    `what`, and its authorisation number stands in the entry.

    :raises NotPermitted: there is no such consent in force.
    """
    if subject_party_id == actor.organisation_id or actor.is_system:
        return None
    number = ""
    if not actor.sees_all:
        consent = parties.consent_in_force(subject_party_id, actor.organisation_id, what.value, actor.on)
        if consent is None:
            raise NotPermitted(permission=Permission.PARTY_VIEW.value)
        number, purpose = consent.authorisation_number, ReadPurpose.CONSENT
    row = models.Read.objects.create(
        reader_person_id=actor.person_id,
        account_id=actor.account_id,
        session_id=actor.session_id,
        organisation_id=actor.organisation_id,
        subject_party_id=subject_party_id,
        what=what.value,
        purpose=(purpose or _by_office(actor)).value,
        authorisation_number=number,
        read_at=effective_at,
    )
    event = DataRead(
        subject_id=row.id,
        effective_at=effective_at,
        reader_person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        subject_party_id=subject_party_id,
        what=row.what,
        purpose=row.purpose,
        authorisation_number=number,
    )
    events.publish(event, rows=[row.evidenced()])
    view: ReadView = row.to_type()
    return view


def _by_office(actor: Actor) -> ReadPurpose:
    return ReadPurpose.SUPERVISION if RoleKind.REGULATOR in actor.roles else ReadPurpose.OPERATION
