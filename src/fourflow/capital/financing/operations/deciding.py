"""The funder decides, by its own system or by two of its people; the platform only records whose word it was."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from fourflow.capital.financing import models
from fourflow.capital.financing.events import FinancingDecided
from fourflow.capital.financing.operations.requesting import drop_unchecked, end
from fourflow.capital.financing.types import (
    DecisionNotTheirs,
    Financing,
    FinancingId,
    FinancingState,
    FunderDecision,
    RateAboveConsent,
)
from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalId, ReasonMissing, Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.crypto.signing import Signature, SignatureWrong, verify
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events

#: The kind under which a person's decision waits for the funder's second person.
APPROVAL_KIND = "financing.decide"


@joins
def note_asked(*, financing_id: FinancingId, effective_at: datetime) -> Financing:
    """The funder's system is being asked; committed before the call leaves, so that a lost answer is asked for again.

    :raises FinancingStateWrong: it was decided or withdrawn meanwhile.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.REQUESTED)
    row.asked_at = effective_at
    row.save(update_fields=["asked_at"])
    return row.to_type()


@joins
def record_decision(*, financing_id: FinancingId, decision: FunderDecision, effective_at: datetime) -> Financing:
    """Record what the funder's own system decided. The same word again changes nothing; what a person of the funder
    decided and nobody has checked is over.

    A rate above the one consented to is recorded as the funder's refusal of this price.

    :raises FinancingStateWrong: another decision stands, or the request was withdrawn.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    if row.decision == decision.to_body():
        return row.to_type()
    row.must_be(FinancingState.REQUESTED)
    drop_unchecked(row, effective_at)
    return _apply(row, decision, effective_at)


def decision_content(financing_id: FinancingId, *, approve: bool, annual_rate: Decimal | None) -> dict[str, Any]:
    """What the funder's first person signs."""
    return {
        "act": "financing.decision",
        "financing_id": str(financing_id),
        "approve": approve,
        "annual_rate": str(annual_rate) if annual_rate is not None else None,
    }


@joins
def decide(
    *,
    financing_id: FinancingId,
    actor: Actor,
    approve: bool,
    annual_rate: Decimal | None,
    reasons: tuple[str, ...],
    effective_at: datetime,
    signature: Signature | None = None,
) -> Financing:
    """A person of the funder decides; it counts once a second person of the funder has checked it.

    ``signature`` is the person's over :func:`decision_content`; it is kept in the decision.

    :raises FinancingNotFound: no such financing, or it is none of the actor's.
    :raises DecisionNotTheirs: the actor does not act for the funder.
    :raises NotPermitted: no function, mandate or licence for it.
    :raises ReasonMissing: it refuses and says no reason, which the applicant is told.
    :raises RateAboveConsent: the rate is higher than the applicant consented to.
    :raises SignatureWrong: the signature is not the actor's over this decision.
    """
    row = models.Financing.objects.visible_to(actor).lock(financing_id)
    if actor.organisation_id != row.funder_id:
        raise DecisionNotTheirs()
    actor.require(Permission.FINANCING_DECIDE, party=row.funder_id, amount=row.quote.money(row.quote.amount_minor))
    row.must_be(FinancingState.REQUESTED)
    if not approve and not any(reason.strip() for reason in reasons):
        raise ReasonMissing(field="reasons")
    rate = annual_rate if annual_rate is not None else Decimal(row.quote.annual_rate)
    if approve and rate > row.quote.annual_rate:
        raise RateAboveConsent(field="annual_rate", value=str(rate), expected=f"up to {row.quote.annual_rate}")
    decided_by: dict[str, Any] = {"party": str(row.funder_id), "person": str(actor.person_id)}
    if signature is not None:
        if signature.person_id != actor.person_id:
            raise SignatureWrong(
                person=str(signature.person_id), reason="signed by another person than the one who acts"
            )
        verify(signature, decision_content(financing_id, approve=approve, annual_rate=rate if approve else None))
        decided_by["signature"] = signature.to_body()
    decision = FunderDecision(
        approved=approve,
        annual_rate=rate if approve else None,
        decided_by=decided_by,
        decided_at=effective_at,
        reasons=reasons,
    )
    row.decision = decision.to_body()
    approval = approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=_snapshot(row),
        maker=actor,
        effective_at=effective_at,
        decide_by=parameters.decide_by(effective_at),
    )
    row.approval_id = approval.id
    row.save(update_fields=["decision", "approval_id"])
    return row.to_type()


@joins
def check_decision(
    *, financing_id: FinancingId, actor: Actor, verdict: Verdict, effective_at: datetime, reason: str = ""
) -> Financing:
    """The funder's second person: the decision counts, or goes back.

    :raises FinancingStateWrong: nothing waits for a check.
    :raises fourflow.foundation.approvals.types.SamePerson: the actor decided it, under whatever account.
    """
    row = models.Financing.objects.visible_to(actor).lock(financing_id)
    if actor.organisation_id != row.funder_id:
        raise DecisionNotTheirs()
    actor.require(Permission.FINANCING_CHECK, party=row.funder_id, amount=row.quote.money(row.quote.amount_minor))
    row.must_be(FinancingState.REQUESTED)
    if row.approval_id is None or row.decision is None:
        row.must_be()
    approvals.decide(
        approval_id=ApprovalId(row.approval_id),  # type: ignore[arg-type]
        decider=actor,
        verdict=verdict,
        payload_hash=approvals.payload_hash(_snapshot(row)),
        reason=reason,
        effective_at=effective_at,
    )
    decision = models.read_decision(row.decision)  # type: ignore[arg-type]
    if verdict is Verdict.REJECT:
        row.undecide()
        return row.to_type()
    return _apply(row, decision, effective_at)


@joins
def expire_decision(*, approval: Approval, effective_at: datetime) -> Financing:
    """No second person of the funder checked in time (the sweeper): the request waits for a decision again.

    :raises AlreadyDecided: it was checked meanwhile, or its time is not over.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    row.undecide()
    return row.to_type()


def _snapshot(row: models.Financing) -> dict[str, Any]:
    return {"quote": row.quote.to_type().content(), "decision": row.decision}


def _apply(row: models.Financing, decision: FunderDecision, effective_at: datetime) -> Financing:
    too_dear = decision.annual_rate is not None and decision.annual_rate > row.quote.annual_rate
    row.decision, row.decided_rate = decision.to_body(), decision.annual_rate
    row.approved = decision.approved and not too_dear
    row.state = FinancingState.APPROVED if row.approved else FinancingState.REQUESTED
    row.save(update_fields=["decision", "decided_rate", "approved", "state"])
    event = FinancingDecided(
        subject_id=row.id, effective_at=effective_at, funder_id=row.funder_id, decision=decision.to_body()
    )
    events.publish(event, rows=[row.evidence()])
    if row.approved:
        return row.to_type()
    reason = "rate above consent" if too_dear else "; ".join(decision.reasons)
    return end(row, FinancingState.REFUSED, reason, effective_at)
