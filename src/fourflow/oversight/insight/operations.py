"""Asking for evidence, and handing it out."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, NotPermitted, Permission, RoleKind
from fourflow.oversight.insight import models, queries
from fourflow.oversight.insight.domain import pack
from fourflow.oversight.insight.events import EvidenceReleased, EvidenceRequested
from fourflow.oversight.insight.types import (
    About,
    EvidenceRequest,
    EvidenceRequestId,
    NothingNumbered,
    RequestAnswered,
    RequestInvalid,
)
from fourflow.platform.events import operations as events


@transaction.atomic
def ask(
    *,
    about: About,
    subject_id: UUID,
    purpose: str,
    authority: str,
    answer_by: date,
    actor: Actor,
    effective_at: datetime,
    today: date,
) -> EvidenceRequest:
    """The regulator asks for the evidence about a voucher or a party, on its authority, by a day.

    :raises NotPermitted: the actor's function asks for no evidence.
    :raises VoucherNotFound, PartyNotFound: there is no such object.
    :raises RequestInvalid: no purpose or authority, or the day lies before today.
    """
    actor.require(Permission.EVIDENCE_REQUEST)
    if about is About.VOUCHER:
        vouchers.get(actor=actor, voucher_id=VoucherId(subject_id))
    else:
        parties.party(actor, subject_id, today=today)
    for name, value in (("purpose", purpose), ("authority", authority)):
        if not value.strip():
            raise RequestInvalid(field=name)
    if answer_by < today:
        raise RequestInvalid(field="answer_by", value=answer_by.isoformat(), expected=f"from {today.isoformat()}")
    row = models.Request.objects.create(
        organisation_id=actor.organisation_id,
        about=about.value,
        subject_id=subject_id,
        purpose=purpose.strip(),
        authority=authority.strip(),
        asked_by=actor.person_id,
        asked_at=effective_at,
        answer_by=answer_by,
    )
    event = EvidenceRequested(
        subject_id=row.id,
        effective_at=effective_at,
        organisation_id=row.organisation_id,
        person_id=row.asked_by,
        about=row.about,
        about_id=subject_id,
        authority=row.authority,
        answer_by=answer_by,
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@transaction.atomic
def release(*, request_id: EvidenceRequestId, note: str, actor: Actor, effective_at: datetime) -> EvidenceRequest:
    """The operator hands out every fact about the object that has a place in the log now.

    :raises RequestNotFound: no such request for this actor.
    :raises NotPermitted: the actor is not of the operator, or hands out no evidence.
    :raises RequestAnswered: it was answered before.
    :raises NothingNumbered: no fact about the object has a place in the log yet.
    """
    row = models.Request.objects.visible_to(actor).lock(request_id)
    actor.require(Permission.EVIDENCE_EXPORT)
    if RoleKind.OPERATOR not in actor.roles:
        raise NotPermitted(permission=Permission.EVIDENCE_EXPORT.value)
    if row.answered_at is not None:
        raise RequestAnswered(value=str(request_id))
    found = queries.facts_about(actor=actor, about=About(row.about), subject_id=row.subject_id)
    if not found:
        raise NothingNumbered()
    row.manifest = [entry.to_body() for entry in found]
    row.sha256 = pack.digest(pack.manifest(row.to_type(), found))
    row.answered_by, row.answered_at, row.note = actor.person_id, effective_at, note.strip()
    row.save(update_fields=["manifest", "sha256", "answered_by", "answered_at", "note"])
    event = EvidenceReleased(
        subject_id=row.id, effective_at=effective_at, person_id=actor.person_id, facts=len(found), sha256=row.sha256
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()
