"""The stop list: what bars a party, and how two people lift it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, PayloadChanged, Verdict
from fourflow.foundation.parties import models
from fourflow.foundation.parties.events import RestrictionImposed, RestrictionLifted
from fourflow.foundation.parties.types import (
    SYSTEM,
    Actor,
    AlreadyLifted,
    Barred,
    DeclarationInvalid,
    Permission,
    RestrictionSource,
    RestrictionView,
)
from fourflow.platform.canonical_json import digest
from fourflow.platform.clock import business_date
from fourflow.platform.events import operations as events

APPROVAL_KIND = "party.lift"


@transaction.atomic
def impose(
    *,
    party_id: UUID,
    bars: Barred,
    source: RestrictionSource,
    reference: str,
    actor: Actor,
    effective_at: datetime,
    reason: str = "",
    facts: Mapping[str, str] | None = None,
) -> RestrictionView:
    """Bar a party from the business day of `effective_at` on. The same source and reference is imposed once.

    A person gives a reason in words, a rule the facts that it found.

    The party's row is locked first, so that an operation that holds it (see :func:`hold`) has ended or waits.

    :raises PartyNotFound: no such party for this actor.
    :raises NotPermitted: the actor does not impose restrictions.
    :raises DeclarationInvalid: no reference, or neither reason nor facts.
    """
    party = models.Party.objects.visible_to(actor).lock(party_id)
    actor.require(Permission.RESTRICTION_IMPOSE)
    if not reference.strip() or not (reason.strip() or facts):
        raise DeclarationInvalid(field="reason", expected="a reference and a reason")
    known: models.Restriction | None = models.Restriction.objects.filter(
        party=party, source=source.value, reference=reference.strip(), bars=bars.value
    ).first()
    if known is not None:
        return known.to_type()
    row = models.Restriction.objects.create(
        party=party,
        bars=bars.value,
        source=source.value,
        reference=reference.strip(),
        reason=reason.strip(),
        facts=dict(facts or {}),
        imposed_by=actor.person_id,
        valid_from=business_date(effective_at),
    )
    event = RestrictionImposed(
        subject_id=row.id,
        effective_at=effective_at,
        party_id=party.id,
        bars=row.bars,
        source=row.source,
        reference=row.reference,
        valid_from=row.valid_from,
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()


@transaction.atomic
def request_lift(
    *, restriction_id: UUID, reason: str, actor: Actor, effective_at: datetime, decide_by: date
) -> Approval:
    """Ask a second person to lift a restriction, until the day `decide_by`.

    :raises PartyRecordNotFound: no such restriction for this actor.
    :raises NotPermitted: the actor does not ask for this.
    :raises AlreadyLifted: it is not in force any more.
    :raises ApprovalPending: somebody has asked already.
    """
    row = models.Restriction.objects.visible_to(actor).lock(restriction_id)
    actor.require(Permission.RESTRICTION_LIFT)
    _must_be_in_force(row)
    snapshot = {**_snapshot(row), "lift_reason": reason.strip()}
    if not reason.strip():
        raise DeclarationInvalid(field="reason", expected="a reason")
    return approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=snapshot,
        maker=actor,
        effective_at=effective_at,
        decide_by=decide_by,
    )


@transaction.atomic
def decide_lift(
    *,
    restriction_id: UUID,
    approval_id: UUID,
    actor: Actor,
    payload_hash: bytes,
    verdict: Verdict,
    effective_at: datetime,
    reason: str = "",
) -> RestrictionView:
    """The second person lifts the restriction from the business day of `effective_at` on, or keeps it.

    :raises PartyRecordNotFound: no such restriction for this actor.
    :raises AlreadyLifted: it is not in force any more.
    :raises PayloadChanged: the approval is about another restriction, or the restriction changed.
    :raises SamePerson: and the other errors of :func:`fourflow.foundation.approvals.operations.decide`.
    """
    row: models.Restriction = models.Restriction.objects.visible_to(actor).lock(restriction_id)
    actor.require(Permission.RESTRICTION_CHECK)
    _must_be_in_force(row)
    decided = approvals.decide(
        approval_id=approval_id,
        decider=actor,
        payload_hash=payload_hash,
        verdict=verdict,
        reason=reason,
        effective_at=effective_at,
    )
    shown = {key: value for key, value in decided.snapshot.items() if key != "lift_reason"}
    if decided.object_id != row.id or digest(shown) != digest(_snapshot(row)):
        raise PayloadChanged(approval=str(approval_id))
    if decided.is_approved:
        row.lifted_on, row.lift_approval_id = business_date(effective_at), approval_id
        row.save(update_fields=["lifted_on", "lift_approval_id"])
        event = RestrictionLifted(
            subject_id=row.id,
            effective_at=effective_at,
            party_id=row.party_id,
            bars=row.bars,
            lifted_on=row.lifted_on,
        )
        events.publish(event, rows=[row.evidenced()])
    return row.to_type()


@transaction.atomic
def expire_lift(*, approval: Approval, effective_at: datetime) -> RestrictionView:
    """Nobody decided in time (the sweeper): the restriction stays in force, and lifting it may be asked for anew.

    :raises AlreadyDecided: it was decided meanwhile, or its time is not over.
    """
    row: models.Restriction = models.Restriction.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    return row.to_type()


def hold(party_ids: Iterable[UUID]) -> None:
    """Lock parties in share mode, by ascending id: nobody restricts them before the caller's transaction ends.

    The first lock an operation takes (locks run downhill). Unknown ids are passed over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from parties_party where id = any(%s) order by id for share", [sorted(set(party_ids))]
        )


def _must_be_in_force(row: models.Restriction) -> None:
    if row.lifted_on is not None:
        raise AlreadyLifted(lifted_on=row.lifted_on.isoformat())


def _snapshot(row: models.Restriction) -> dict[str, object]:
    about = {"party": str(row.party_id), "bars": row.bars, "source": row.source, "reference": row.reference}
    return {**about, "reason": row.reason, "facts": row.facts, "valid_from": row.valid_from.isoformat()}
