"""Changes of a party that is in: proposed by one person, applied when a second one approves."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalState, PayloadChanged, Verdict
from fourflow.foundation.parties import models
from fourflow.foundation.parties.domain import terms as domain
from fourflow.foundation.parties.events import ChangeClosed, ChangeProposed
from fourflow.foundation.parties.operations.admission import Rows, admit, require_own
from fourflow.foundation.parties.types import (
    SYSTEM,
    Actor,
    ChangeKind,
    ChangeState,
    ChangeStateWrong,
    ChangeView,
    EndTerms,
    MemberTerms,
    NotPermitted,
    Permission,
    Terms,
)
from fourflow.platform.canonical_json import digest
from fourflow.platform.events import operations as events

APPROVAL_KIND = "party.change"
_OWN = frozenset({ChangeKind.MEMBER, ChangeKind.MANDATE})
"""What an organisation's own administrator may propose; the rest is the operator's."""


@transaction.atomic
def propose_change(
    *, party_id: UUID, terms: Terms, actor: Actor, effective_at: datetime, decide_by: date
) -> ChangeView:
    """Propose a role, licence, member, mandate or relation of a party, or the end of one.

    The operator proposes for any party; an organisation's administrator members and mandates of its own. A second
    person decides until the day `decide_by`.

    :raises PartyNotFound: no such party for this actor.
    :raises NotPermitted: the actor may not propose this.
    :raises PersonElsewhere: an organisation names somebody who acts for others: the operator's people propose that.
    :raises PartyRecordNotFound: the person that is to get a further sign-in is none of the organisation's.
    :raises DeclarationInvalid: and the other errors of :func:`fourflow.foundation.parties.domain.terms.checked_terms`.
    """
    party = models.Party.objects.visible_to(actor).get_visible(party_id)
    terms = domain.checked_terms(terms)
    kind = domain.kind_of(terms)
    _require(actor, party.id, terms, Permission.PARTY_ONBOARD, Permission.MEMBER_EDIT)
    if isinstance(terms, MemberTerms) and not actor.can(Permission.PARTY_ONBOARD):
        require_own(party.id, terms)

    row: models.ChangeRow = models.ChangeRow.objects.create(
        organisation_id=actor.organisation_id, party=party, kind=kind.value, content=domain.to_json(terms)
    )
    approval = approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=_snapshot(row),
        maker=actor,
        effective_at=effective_at,
        decide_by=decide_by,
    )
    row.approval_id = approval.id
    row.save(update_fields=["approval_id"])
    event = ChangeProposed(
        subject_id=row.id,
        effective_at=effective_at,
        party_id=party.id,
        what=kind.value,
        content_digest=digest(row.content),
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()


@transaction.atomic
def decide_change(
    *, change_id: UUID, actor: Actor, payload_hash: bytes, verdict: Verdict, effective_at: datetime, reason: str = ""
) -> ChangeView:
    """The second person applies or rejects a proposed change.

    :raises PartyRecordNotFound: no such change for this actor.
    :raises NotPermitted: the actor may not check this.
    :raises PersonElsewhere: the organisation's own person approves whom only the operator's may: he acts for others meanwhile.
    :raises ChangeStateWrong: it is decided already.
    :raises SamePerson: and the other errors of :func:`fourflow.foundation.approvals.operations.decide`.
    :raises PeriodOverlaps: a row with the same key holds in a part of the period.
    :raises LicenceMissing: the role needs a licence that the party does not have.
    """
    row: models.ChangeRow = models.ChangeRow.objects.visible_to(actor).lock(change_id)
    terms = domain.terms_from_json(ChangeKind(row.kind), row.content)
    _require(actor, row.party_id, terms, Permission.PARTY_CHECK, Permission.MEMBER_CHECK)
    _must_be_proposed(row)
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
    made: Rows = []
    if decided.is_approved:
        alone = not actor.can(Permission.PARTY_CHECK)
        made = admit(row.party_id, terms, approval_id=row.approval_id, alone=alone)
        row.state, row.row_id = ChangeState.APPLIED.value, made[0].id
    elif decided.state is ApprovalState.REJECTED:
        row.state = ChangeState.REJECTED.value
    if row.state != ChangeState.PROPOSED:
        _close(row, made, effective_at)
    return row.to_type()


@transaction.atomic
def withdraw_change(*, change_id: UUID, actor: Actor, effective_at: datetime) -> ChangeView:
    """The proposer takes the change back.

    :raises PartyRecordNotFound: no such change for this actor.
    :raises ChangeStateWrong: it is decided already.
    :raises NotTheMaker: somebody else proposed it.
    """
    row: models.ChangeRow = models.ChangeRow.objects.visible_to(actor).lock(change_id)
    _must_be_proposed(row)
    approvals.withdraw(approval_id=row.approval_id, maker=actor, effective_at=effective_at)
    row.state = ChangeState.WITHDRAWN.value
    _close(row, [], effective_at)
    return row.to_type()


@transaction.atomic
def expire_change(*, approval: Approval, effective_at: datetime) -> ChangeView:
    """Nobody decided in time (the sweeper): the party stays as it is.

    :raises AlreadyDecided: it was decided meanwhile, or its time is not over.
    """
    row: models.ChangeRow = models.ChangeRow.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    row.state = ChangeState.EXPIRED.value
    _close(row, [], effective_at)
    return row.to_type()


def _close(row: models.ChangeRow, made: Rows, effective_at: datetime) -> None:
    row.save(update_fields=["state", "row_id"])
    event = ChangeClosed(
        subject_id=row.id, effective_at=effective_at, party_id=row.party_id, what=row.kind, state=row.state
    )
    events.publish(event, rows=[row.evidenced(), *(one.evidenced() for one in made)])


def _require(actor: Actor, party_id: UUID, terms: Terms, any_party: Permission, own: Permission) -> None:
    kind = terms.what if isinstance(terms, EndTerms) else domain.kind_of(terms)
    if actor.can(any_party):
        actor.require(any_party)
    elif kind in _OWN and party_id == actor.organisation_id:
        actor.require(own, party=party_id)
    else:
        raise NotPermitted(permission=any_party.value)


def _must_be_proposed(row: models.ChangeRow) -> None:
    if row.state != ChangeState.PROPOSED:
        raise ChangeStateWrong(state=row.state)


def _snapshot(row: models.ChangeRow) -> dict[str, object]:
    terms = domain.terms_from_json(ChangeKind(row.kind), row.content)
    return {"party": str(row.party_id), "kind": row.kind, **domain.for_approval(terms)}
