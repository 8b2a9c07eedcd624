"""Reading another party's personal or restricted data leaves an entry: who, what, why, and by whose leave."""

from __future__ import annotations

from collections.abc import Iterable
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
    (view,) = _keep([_row(subject_party_id, what, actor, effective_at, purpose or _by_office(actor), number)])
    return view


@transaction.atomic
def record_reads(
    *, subject_party_ids: Iterable[UUID | None], what: ReadWhat, actor: Actor, effective_at: datetime
) -> list[ReadView]:
    """Write the entries of a list that shows several parties, one a party, in as many statements as for one.

    Only for who reads by his office; for others nothing is written, because a list shows them their own organisation alone.
    """
    if not actor.sees_all or actor.is_system:
        return []
    subjects = dict.fromkeys(one for one in subject_party_ids if one not in (None, actor.organisation_id))
    purpose = _by_office(actor)
    return _keep([_row(subject, what, actor, effective_at, purpose) for subject in subjects if subject is not None])


def _row(
    subject: UUID, what: ReadWhat, actor: Actor, effective_at: datetime, purpose: ReadPurpose, number: str = ""
) -> models.Read:
    return models.Read(
        reader_person_id=actor.person_id,
        account_id=actor.account_id,
        session_id=actor.session_id,
        organisation_id=actor.organisation_id,
        subject_party_id=subject,
        what=what.value,
        purpose=purpose.value,
        authorisation_number=number,
        read_at=effective_at,
    )


def _keep(rows: list[models.Read]) -> list[ReadView]:
    """The entries and an event of each."""
    if not rows:
        return []
    models.Read.objects.bulk_create(rows)
    events.publish_many([(_event(row), [row.evidenced()]) for row in rows])
    return [row.to_type() for row in rows]


def _event(row: models.Read) -> DataRead:
    return DataRead(
        subject_id=row.id,
        effective_at=row.read_at,
        reader_person_id=row.reader_person_id,
        organisation_id=row.organisation_id,
        subject_party_id=row.subject_party_id,
        what=row.what,
        purpose=row.purpose,
        authorisation_number=row.authorisation_number,
    )


def _by_office(actor: Actor) -> ReadPurpose:
    return ReadPurpose.SUPERVISION if RoleKind.REGULATOR in actor.roles else ReadPurpose.OPERATION
