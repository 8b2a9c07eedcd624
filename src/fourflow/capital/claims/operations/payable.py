"""A debtor confirms, with a signature, that it owes: the payable that vouchers are issued on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from fourflow.capital.claims import models
from fourflow.capital.claims.domain.ground import check_documents, check_sequence
from fourflow.capital.claims.events import PayableConfirmed, PayableExpired, PayableProposed, PayableWithdrawn
from fourflow.capital.claims.types import (
    ClaimAmountInvalid,
    ClaimId,
    ClaimPartiesInvalid,
    ConfirmedPayable,
    DocumentRef,
    PayableExists,
    PayableId,
    PayableLate,
    PayableState,
    PayableStateWrong,
    SamePerson,
    Scheme,
)
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission, RoleKind
from fourflow.platform.clock import business_date
from fourflow.platform.crypto.signing import Signature, SignatureWrong, verify
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

_OPEN = prepared(
    lambda: models.Payable.objects.filter(
        claim_id=Given("claim"), state__in=[PayableState.PROPOSED.value, PayableState.CONFIRMED.value]
    ).values_list("id")
)


@joins
def propose_payable(
    *,
    claim_id: ClaimId,
    amount: Money,
    due_date: date,
    actor: Actor,
    effective_at: datetime,
    delivered_on: date | None = None,
    documents: Sequence[DocumentRef] = (),
) -> ConfirmedPayable:
    """Put a payable on a claim before its debtor, until its last day; the creditor, the debtor's maker or the operator may.

    :raises ClaimNotFound: no such claim for this actor.
    :raises NotPermitted: the actor does not record claims.
    :raises ClaimPartiesInvalid: the actor acts for neither party nor the operator.
    :raises ClaimAmountInvalid: not positive, of another currency, or more than the claim.
    :raises DocumentsMissing: neither these documents nor else the claim's own are of the kind that the claim is about.
    :raises SequenceWrong: the goods come after the day of ``effective_at``, or after the due date.
    :raises PayableExists: the claim has an open payable.
    """
    claim = models.Claim.objects.visible_to(actor).lock(claim_id)
    actor.require(Permission.CLAIM_RECORD)
    if actor.organisation_id not in (claim.debtor_id, claim.creditor_id) and RoleKind.OPERATOR not in actor.roles:
        raise ClaimPartiesInvalid(field="actor")
    if amount.currency != claim.currency or not 0 < amount.minor <= claim.amount_minor:
        raise ClaimAmountInvalid(field="amount", value=str(amount))
    named = tuple(documents) or models.documents_of(claim.documents)
    check_documents(Scheme(claim.scheme), named)
    check_sequence(delivered_on=delivered_on, today=business_date(effective_at), due_date=due_date)
    if _OPEN(claim=claim.id):
        raise PayableExists(claim=str(claim_id))
    row = models.Payable(
        id=new_id(),
        claim=claim,
        debtor_id=claim.debtor_id,
        creditor_id=claim.creditor_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        due_date=due_date,
        delivered_on=delivered_on,
        documents=[document.to_body() for document in named],
        proposed_by=actor.person_id,
        proposed_at=effective_at,
        decide_by=parameters.decide_by(effective_at),
    )
    row.save(force_insert=True)
    visibility.grant(row.id, [row.debtor_id, row.creditor_id], "party to the payable")
    event = PayableProposed(
        subject_id=row.id,
        effective_at=effective_at,
        claim_id=claim.id,
        debtor_id=row.debtor_id,
        creditor_id=row.creditor_id,
        amount=amount,
        due_date=due_date,
        proposed_by=actor.person_id,
        decide_by=row.decide_by,
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@joins
def confirm(*, payable_id: PayableId, actor: Actor, signature: Signature, effective_at: datetime) -> ConfirmedPayable:
    """The debtor confirms: ``signature`` is the acting person's over the payable's ``content()``.

    :raises PayableNotFound: no such payable for this actor.
    :raises NotPermitted: the actor does not confirm for the debtor, or has no mandate for this amount.
    :raises PayableStateWrong: it is not proposed (any more).
    :raises SamePerson: the actor proposed it.
    :raises PayableLate: its last day is over, whether or not the sweeper has come.
    :raises SignatureWrong: the signature is over other content, another person's, or not of the installation's authority.
    """
    row = models.Payable.objects.visible_to(actor).lock(payable_id)
    actor.require(Permission.CLAIM_CONFIRM, party=row.debtor_id, amount=row.amount)
    if row.state != PayableState.PROPOSED:
        raise PayableStateWrong(state=row.state)
    if row.proposed_by == actor.person_id:
        raise SamePerson()
    if business_date(effective_at) > row.decide_by:
        raise PayableLate(value=row.decide_by.isoformat())
    content = row.to_type().content()
    if signature.person_id != actor.person_id:
        raise SignatureWrong(person=str(signature.person_id), reason="another person signed")
    verify(signature, content)
    row.state = PayableState.CONFIRMED.value
    row.confirmed_by, row.confirmed_at = actor.person_id, effective_at
    row.signature = signature.to_body()
    row.save(update_fields=["state", "confirmed_by", "confirmed_at", "signature"])
    event = PayableConfirmed(
        subject_id=row.id,
        effective_at=effective_at,
        claim_id=row.claim_id,
        amount=row.amount,
        due_date=row.due_date,
        content=content,
        signature=row.signature,
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@joins
def withdraw_payable(*, payable_id: PayableId, actor: Actor, reason: str, effective_at: datetime) -> ConfirmedPayable:
    """Take back an unused payable: the debtor a proposed or confirmed one, the proposer's side a proposed one.

    :raises PayableNotFound: no such payable for this actor.
    :raises NotPermitted: the actor neither records nor confirms claims, or confirmed is to be withdrawn by another than the
        debtor.
    :raises PayableStateWrong: something rests on it, or it was withdrawn or has expired before.
    """
    row = models.Payable.objects.visible_to(actor).lock(payable_id)
    if row.state == PayableState.CONFIRMED:
        actor.require(Permission.CLAIM_CONFIRM, party=row.debtor_id, amount=row.amount)
    else:
        actor.require(Permission.CLAIM_CONFIRM if not actor.can(Permission.CLAIM_RECORD) else Permission.CLAIM_RECORD)
    if row.derived_state.is_over or row.used_minor:
        raise PayableStateWrong(state=row.derived_state.value)
    row.state, row.withdrawn_by, row.reason = PayableState.WITHDRAWN.value, actor.person_id, reason
    row.save(update_fields=["state", "withdrawn_by", "reason"])
    event = PayableWithdrawn(
        subject_id=row.id,
        effective_at=effective_at,
        claim_id=row.claim_id,
        withdrawn_by=actor.person_id,
        reason=reason,
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@joins
def expire_payable(*, payable_id: PayableId, effective_at: datetime) -> ConfirmedPayable:
    """Nobody confirmed a payable in time: its claim is free for another; called by the sweeper.

    :raises PayableStateWrong: it was confirmed or withdrawn meanwhile, or its last day is not over yet.
    """
    row = models.Payable.objects.visible_to(SYSTEM).lock(payable_id)
    if row.state != PayableState.PROPOSED or business_date(effective_at) <= row.decide_by:
        raise PayableStateWrong(state=row.derived_state.value)
    row.state = PayableState.EXPIRED.value
    row.save(update_fields=["state"])
    event = PayableExpired(
        subject_id=row.id, effective_at=effective_at, claim_id=row.claim_id, proposed_by=row.proposed_by
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()
