"""Reading another party's core or restricted data leaves a line: who, what, why, and by whose leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from fourflow.foundation.access import models
from fourflow.foundation.access.domain.looking import look
from fourflow.foundation.access.events import DataRead
from fourflow.foundation.access.types import GLASS, DataClass, Look, ReadPurpose, ReadView
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, NotPermitted, Permission, RoleKind
from fourflow.platform.events import operations as events


def record_look(
    *,
    path: str,
    query: QueryDict,
    classes: Mapping[str, DataClass],
    actor: Actor,
    effective_at: datetime,
    subject_party_id: UUID | None = None,
) -> None:
    """What a door calls for every answer that it is about to give: the line, where the reader is one who oversees.

    Everybody else sees what visibility grants to him. :param classes: what the door's addresses show, see
    :mod:`fourflow.foundation.access.domain.looking`. :param subject_party_id: whose it is, where the address does not say.

    :raises LookupError: nobody declared what this address shows.
    """
    if actor.sees_all and not actor.is_system:
        asked = [(name, value) for name, values in query.lists() for value in values]
        shown = look(path, asked, classes, subject_party_id=subject_party_id, reader_id=actor.organisation_id)
        record_read(look=shown, actor=actor, effective_at=effective_at)


def record_read(*, look: Look, actor: Actor, effective_at: datetime) -> ReadView | None:
    """Write the line, before the data is shown; None for what is public or one's own, which is nobody else's business.

    The operator and the regulator read by their office: the grant of their role, or the glass that was broken, is the
    authorisation number. Anybody else reads by a consent of the subject whose purpose is what is read, and the consent's
    number stands in the line. A look at restricted data is one statement; one at core data is a fact of the log as well.

    :raises NotPermitted: there is no such consent in force.
    """
    if look.data_class not in (DataClass.RESTRICTED, DataClass.CORE):
        return None
    if actor.is_system or look.subject_party_id == actor.organisation_id:
        return None
    purpose, number = _by_office(actor) if actor.sees_all else _by_consent(actor, look)
    row = models.Read(
        reader_person_id=actor.person_id,
        account_id=actor.account_id,
        session_id=actor.session_id,
        organisation_id=actor.organisation_id,
        subject_party_id=look.subject_party_id,
        visible_id=look.visible_id,
        data_class=look.data_class.value,
        what=look.what,
        object_id=look.object_id,
        filters=look.filters,
        purpose=purpose.value,
        authorisation_number=number,
        read_at=effective_at,
    )
    if look.data_class is DataClass.CORE:
        _published(row)
    else:
        row.save(force_insert=True)
    view: ReadView = row.to_type()
    return view


@transaction.atomic
def _published(row: models.Read) -> None:
    row.save(force_insert=True)
    event = DataRead(
        subject_id=row.id,
        effective_at=row.read_at,
        reader_person_id=row.reader_person_id,
        organisation_id=row.organisation_id,
        subject_party_id=row.subject_party_id,
        what=row.what,
        object_id=row.object_id,
        purpose=row.purpose,
        authorisation_number=row.authorisation_number,
    )
    events.publish(event, rows=[row.evidenced()])


def _by_office(actor: Actor) -> tuple[ReadPurpose, str]:
    if actor.office.startswith(f"{GLASS}_"):
        return ReadPurpose.EMERGENCY, actor.office
    supervises = RoleKind.REGULATOR in actor.roles
    return ReadPurpose.SUPERVISION if supervises else ReadPurpose.OPERATION, actor.office


def _by_consent(actor: Actor, look: Look) -> tuple[ReadPurpose, str]:
    consent = None
    if look.subject_party_id is not None:
        consent = parties.consent_in_force(look.subject_party_id, actor.organisation_id, look.what, actor.on)
    if consent is None:
        raise NotPermitted(permission=Permission.PARTY_VIEW.value)
    return ReadPurpose.CONSENT, consent.authorisation_number
