"""A party applies; the operator examines; a second person admits it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalState, PayloadChanged, Verdict
from fourflow.foundation.parties import models
from fourflow.foundation.parties.domain import terms as domain
from fourflow.foundation.parties.domain.onboarding import missing_documents
from fourflow.foundation.parties.events import ApplicationChanged, PartyOnboarded
from fourflow.foundation.parties.operations.admission import admit_party
from fourflow.foundation.parties.types import (
    SYSTEM,
    Actor,
    ApplicationState,
    ApplicationStateWrong,
    ApplicationView,
    Declaration,
    DeclarationInvalid,
    DocumentMissing,
    IdentifierTaken,
    Permission,
    RoleKind,
)
from fourflow.platform.canonical_json import digest
from fourflow.platform.events import operations as events

APPROVAL_KIND = "party.onboard"
OPEN = (ApplicationState.DRAFT, ApplicationState.RETURNED)


@transaction.atomic
def apply(*, declaration: Declaration, actor: Actor, effective_at: datetime) -> ApplicationView:
    """Draft an application at the operator's desk.

    :raises NotPermitted: the actor does not onboard parties.
    :raises DeclarationInvalid: see :func:`fourflow.foundation.parties.domain.terms.checked`, with its other errors.
    """
    actor.require(Permission.PARTY_ONBOARD)
    row = models.ApplicationRow(
        organisation_id=actor.organisation_id, maker_person_id=actor.person_id, idle_since=effective_at
    )
    row.content = domain.to_json(_checked(declaration))
    row.save(force_insert=True)
    publish(row, effective_at)
    return row.to_type()


@transaction.atomic
def revise(*, application_id: UUID, declaration: Declaration, actor: Actor, effective_at: datetime) -> ApplicationView:
    """Change the declaration of a draft or returned application.

    :raises PartyRecordNotFound: no such application at this operator.
    :raises NotPermitted: the actor does not onboard parties.
    :raises ApplicationStateWrong: it is submitted or decided.
    """
    row: models.ApplicationRow = models.ApplicationRow.objects.visible_to(actor).lock(application_id)
    actor.require(Permission.PARTY_ONBOARD, party=row.organisation_id)
    must_be(row, *OPEN)
    row.content = domain.to_json(_checked(declaration))
    row.idle_since = effective_at
    row.save(update_fields=["content", "idle_since"])
    publish(row, effective_at)
    return row.to_type()


@transaction.atomic
def submit(*, application_id: UUID, actor: Actor, effective_at: datetime, decide_by: date) -> ApplicationView:
    """Put a complete application before a second person, who decides until the day `decide_by`.

    :raises PartyRecordNotFound: no such application at this operator.
    :raises ApplicationStateWrong: it is submitted or decided.
    :raises DocumentMissing: a document that a role needs was not handed in.
    :raises IdentifierTaken: another party has one of the identifiers.
    """
    row: models.ApplicationRow = models.ApplicationRow.objects.visible_to(actor).lock(application_id)
    actor.require(Permission.PARTY_ONBOARD, party=row.organisation_id)
    must_be(row, *OPEN)
    declaration = domain.declaration_from_json(row.content)
    missing = missing_documents(declaration, {document.kind for document in row.documents()})
    if missing:
        raise DocumentMissing(field="documents", expected=sorted(missing))
    _identifiers_free(declaration)

    approval = approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=_snapshot(row),
        maker=actor,
        effective_at=effective_at,
        decide_by=decide_by,
    )
    row.maker_person_id = actor.person_id
    row.approval_id, row.state = approval.id, ApplicationState.SUBMITTED.value
    row.save(update_fields=["approval_id", "state", "maker_person_id"])
    publish(row, effective_at)
    return row.to_type()


@transaction.atomic
def decide_application(
    *,
    application_id: UUID,
    actor: Actor,
    payload_hash: bytes,
    verdict: Verdict,
    effective_at: datetime,
    reason: str = "",
    send_back: bool = False,
) -> ApplicationView:
    """The second person admits the party, rejects it for good, or (`send_back`) returns it for correction.

    Admission makes the party with identifiers, licences, roles, people, sign-ins and mandates in one transaction.

    :raises PartyRecordNotFound: no such application at this operator.
    :raises SamePerson: and the other errors of :func:`fourflow.foundation.approvals.operations.decide`.
    :raises IdentifierTaken: another party got one of the identifiers meanwhile.
    :raises LicenceMissing: a declared role needs a licence that was not declared.
    """
    row: models.ApplicationRow = models.ApplicationRow.objects.visible_to(actor).lock(application_id)
    actor.require(Permission.PARTY_CHECK, party=row.organisation_id)
    must_be(row, ApplicationState.SUBMITTED)
    if digest(_snapshot(row)) != payload_hash:
        raise PayloadChanged(approval=str(row.approval_id))
    decided = approvals.decide(
        approval_id=row.approval_id,
        decider=actor,
        payload_hash=payload_hash,
        verdict=verdict,
        reason=reason,
        effective_at=effective_at,
    )
    row.note = reason.strip()
    if decided.state is ApprovalState.REJECTED:
        row.state = (ApplicationState.RETURNED if send_back else ApplicationState.REJECTED).value
        row.idle_since = effective_at
        row.save(update_fields=["state", "note", "idle_since"])
    elif decided.is_approved:
        _admit(row, effective_at)
    publish(row, effective_at)
    return row.to_type()


@transaction.atomic
def expire_application(*, approval: Approval, effective_at: datetime) -> ApplicationView:
    """Nobody decided in time (the sweeper): the application goes back, as one that is sent back, and may be submitted anew.

    :raises AlreadyDecided: it was decided meanwhile, or its time is not over.
    """
    row: models.ApplicationRow = models.ApplicationRow.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    row.state, row.note, row.idle_since = ApplicationState.RETURNED.value, "", effective_at
    row.save(update_fields=["state", "note", "idle_since"])
    publish(row, effective_at)
    return row.to_type()


def _admit(row: models.ApplicationRow, effective_at: datetime) -> None:
    declaration = domain.declaration_from_json(row.content)
    party, rows = admit_party(declaration, approval_id=row.approval_id)
    row.party, row.state = party, ApplicationState.ACTIVE.value
    row.save(update_fields=["party", "state", "note"])
    event = PartyOnboarded(
        subject_id=party.id,
        effective_at=effective_at,
        application_id=row.id,
        name=party.name,
        identifiers=declaration.identifiers,
        roles=tuple(role.kind.value for role in declaration.roles),
    )
    events.publish(event, rows=[made.evidenced() for made in rows])


def _checked(declaration: Declaration) -> Declaration:
    declaration = domain.checked(declaration)
    if any(role.kind is RoleKind.OPERATOR for role in declaration.roles):
        raise DeclarationInvalid(field="roles", value=RoleKind.OPERATOR.value, expected="one operator per installation")
    return declaration


def _identifiers_free(declaration: Declaration) -> None:
    for identifier in declaration.identifiers:
        if models.IdentifierRow.objects.filter(scheme=identifier.scheme, value=identifier.value).exists():
            raise IdentifierTaken(scheme=identifier.scheme.value, value=identifier.value)


def must_be(row: models.ApplicationRow, *states: ApplicationState) -> None:
    """:raises ApplicationStateWrong: it is in none of these states."""
    if row.state not in states:
        raise ApplicationStateWrong(state=row.state, expected=[state.value for state in states])


def _snapshot(row: models.ApplicationRow) -> dict[str, object]:
    shown = domain.for_approval(domain.declaration_from_json(row.content))
    papers = [{"kind": d.kind, "name": d.file_name, "sha256": d.sha256} for d in row.documents()]
    return {**shown, "documents": papers}


def publish(row: models.ApplicationRow, effective_at: datetime) -> None:
    """Tell what the application now is, with its documents."""
    documents = row.documents()
    event = ApplicationChanged(
        subject_id=row.id,
        effective_at=effective_at,
        state=row.state,
        content_digest=digest(row.content),
        maker_person_id=row.maker_person_id,
        documents=tuple(document.sha256 for document in documents),
    )
    events.publish(event, rows=[row.evidenced(), *(document.evidenced() for document in documents)])
