"""Ask for approval, decide, withdraw, drop, expire. Nothing of the approved object is changed here."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fourflow.foundation.approvals import models
from fourflow.foundation.approvals.domain.verdicts import is_late, state_after
from fourflow.foundation.approvals.events import ApprovalClosed, ApprovalDecided, ApprovalRequested
from fourflow.foundation.approvals.types import (
    AlreadyDecided,
    Approval,
    ApprovalExpired,
    ApprovalNotFound,
    ApprovalPending,
    ApprovalState,
    ChecksInvalid,
    Decider,
    NotTheMaker,
    PayloadChanged,
    ReasonMissing,
    SamePerson,
    Snapshot,
    Verdict,
)
from fourflow.platform.canonical_json import digest, jsonable
from fourflow.platform.clock import business_date
from fourflow.platform.db.joining import joins
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import operations as events

#: whatever else somebody may look at: requests are made and decided within one organisation
_PENDING = prepared(
    lambda: models.ApprovalRow.objects.filter(
        organisation_id=Given("organisation"),
        kind=Given("kind"),
        object_id=Given("object"),
        state=ApprovalState.PENDING.value,
    ).values_list("id")
)
_GIVEN = prepared(
    lambda: models.DecisionRow.objects.filter(
        approval_id=Given("approval"), organisation_id=Given("organisation")
    ).order_by("id")
)


def _locked(approval_id: UUID, decider: Decider) -> models.ApprovalRow:
    row = models.UNDER_LOCK.first(id=approval_id, organisation=decider.organisation_id)
    if row is None:
        raise ApprovalNotFound(value=[str(approval_id)])
    return row


@joins
def request(
    *,
    kind: str,
    object_id: UUID,
    snapshot: Snapshot,
    maker: Decider,
    effective_at: datetime,
    decide_by: date,
    checks: int = 1,
) -> Approval:
    """Put an object up for approval by `checks` other people of the maker's organisation.

    `decide_by` is the last day to decide; the caller knows it (`parameters.queries.decide_by`). After it the owner's
    sweeper ends the request, see :mod:`fourflow.foundation.approvals.jobs`.

    The digest of `snapshot` (canonical JSON) is what checkers approve; :func:`payload_hash` computes it for the owner,
    who compares again when it decides. No personal data belongs into a snapshot.

    :raises ApprovalPending: the object already waits for an approval of this kind.
    :raises ChecksInvalid: `checks` is not 1 to 9.
    """
    if not 1 <= checks <= 9:
        raise ChecksInvalid(field="checks", value=checks, expected="1 to 9")
    if _PENDING(organisation=maker.organisation_id, kind=kind, object=object_id):
        raise ApprovalPending(what=kind, object=str(object_id))
    row = models.ApprovalRow.objects.create(
        kind=kind,
        object_id=object_id,
        organisation_id=maker.organisation_id,
        maker_person_id=maker.person_id,
        maker_account_id=maker.account_id,
        snapshot=jsonable(snapshot),
        payload_hash=payload_hash(snapshot),
        checks=checks,
        requested_at=effective_at,
        decide_by=decide_by,
    )
    event = ApprovalRequested(
        subject_id=row.id,
        effective_at=effective_at,
        what=kind,
        object_id=object_id,
        organisation_id=row.organisation_id,
        maker_person_id=row.maker_person_id,
        payload_hash=bytes(row.payload_hash),
        checks=checks,
        decide_by=decide_by,
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()


def payload_hash(snapshot: Snapshot) -> bytes:
    """SHA-256 of the canonical JSON of a snapshot (32 bytes)."""
    return digest(snapshot)


@joins
def decide(
    *,
    approval_id: UUID,
    decider: Decider,
    payload_hash: bytes,
    verdict: Verdict,
    effective_at: datetime,
    reason: str = "",
) -> Approval:
    """Record one checker's word; the state that follows is returned, nothing else happens.

    The owner of the object calls this inside its own operation, after locking its row and with the digest of what it
    would carry out now.

    :raises ApprovalNotFound: no such request, or it is another organisation's; no lock is taken.
    :raises SamePerson: the decider made the request or has decided before, under whichever account.
    :raises PayloadChanged: the object is not any more what was put up.
    :raises AlreadyDecided: the request is not pending; :class:`ApprovalExpired`: its time is over.
    :raises ReasonMissing: a rejection without a reason.
    """
    row = _locked(approval_id, decider)
    given = _GIVEN(approval=row.id, organisation=row.organisation_id)
    if decider.person_id == row.maker_person_id or any(d.person_id == decider.person_id for d in given):
        raise SamePerson(approval=str(row.id))
    _must_be_open(row, effective_at)
    if bytes(row.payload_hash) != payload_hash:
        raise PayloadChanged(approval=str(row.id))
    if verdict is Verdict.REJECT and not reason.strip():
        raise ReasonMissing(field="reason")

    decision = models.DecisionRow.objects.create(
        approval=row,
        maker_person_id=row.maker_person_id,
        person_id=decider.person_id,
        account_id=decider.account_id,
        organisation_id=decider.organisation_id,
        verdict=verdict.value,
        reason=reason.strip(),
        payload_hash=payload_hash,
        decided_at=effective_at,
    )
    given.append(decision)
    state = state_after(row.checks, [Verdict(d.verdict) for d in given])
    if state is not ApprovalState.PENDING:
        _close(row, state, effective_at)
    event = ApprovalDecided(
        subject_id=row.id,
        effective_at=effective_at,
        what=row.kind,
        object_id=row.object_id,
        maker_person_id=row.maker_person_id,
        person_id=decider.person_id,
        verdict=verdict.value,
        payload_hash=payload_hash,
        state=state.value,
    )
    events.publish(event, rows=[row.evidenced(), decision.evidenced()])
    return row.to_type(tuple(d.to_type() for d in given))


@joins
def withdraw(*, approval_id: UUID, maker: Decider, effective_at: datetime) -> Approval:
    """The maker takes the request back; the object may then be changed and put up again.

    :raises ApprovalNotFound: no such request in the maker's organisation.
    :raises NotTheMaker: somebody else asked.
    :raises AlreadyDecided: it is not pending any more.
    """
    row = models.ApprovalRow.objects.visible_to(maker).lock(approval_id)
    if row.maker_person_id != maker.person_id:
        raise NotTheMaker(approval=str(row.id))
    if row.state != ApprovalState.PENDING:
        raise AlreadyDecided(approval=str(row.id), state=row.state)
    return _close_without_decision(row, ApprovalState.WITHDRAWN, effective_at)


@joins
def drop(*, approval_id: UUID, effective_at: datetime) -> Approval:
    """What waited has ended otherwise: the owner ends the request together with it, inside its own operation.

    :raises ApprovalNotFound: no such request.
    :raises AlreadyDecided: it is not pending any more.
    """
    row = models.ApprovalRow.objects.lock(approval_id)
    if row.state != ApprovalState.PENDING:
        raise AlreadyDecided(approval=str(row.id), state=row.state)
    return _close_without_decision(row, ApprovalState.WITHDRAWN, effective_at)


@joins
def expire(*, approval_id: UUID, effective_at: datetime) -> Approval:
    """Close a request whose time is over; the owner of the object calls this inside its own operation, as :func:`decide`.

    :raises ApprovalNotFound: no such request.
    :raises AlreadyDecided: it is not pending, or its time is not over yet.
    """
    row = models.ApprovalRow.objects.lock(approval_id)
    if row.state != ApprovalState.PENDING or not is_late(row.decide_by, business_date(effective_at)):
        raise AlreadyDecided(approval=str(row.id), state=row.state)
    return _close_without_decision(row, ApprovalState.EXPIRED, effective_at)


def _must_be_open(row: models.ApprovalRow, at: datetime) -> None:
    if row.state != ApprovalState.PENDING:
        raise AlreadyDecided(approval=str(row.id), state=row.state)
    if is_late(row.decide_by, business_date(at)):
        raise ApprovalExpired(approval=str(row.id))


def _close(row: models.ApprovalRow, state: ApprovalState, at: datetime) -> None:
    row.state, row.closed_at = state.value, at
    row.save(update_fields=["state", "closed_at"])


def _close_without_decision(row: models.ApprovalRow, state: ApprovalState, at: datetime) -> Approval:
    _close(row, state, at)
    event = ApprovalClosed(
        subject_id=row.id,
        effective_at=at,
        what=row.kind,
        object_id=row.object_id,
        maker_person_id=row.maker_person_id,
        state=state.value,
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()
