"""Drafting and checking: from a confirmed payable to an offer, between two people of the core enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import ClaimId, PayableExceeded, PayableId, PayableState, PayableStateWrong
from fourflow.capital.limits import operations as limits
from fourflow.capital.limits import queries as limit_queries
from fourflow.capital.limits.types import LimitId
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import rules
from fourflow.capital.vouchers.events import TermAcknowledged, VoucherDrafted, VoucherOffered, VoucherReturned
from fourflow.capital.vouchers.operations import parameters, signed
from fourflow.capital.vouchers.operations.posting import post
from fourflow.capital.vouchers.types import (
    Act,
    DueDateInvalid,
    FaceInvalid,
    IssuerBarred,
    IssueRequest,
    LimitMissing,
    PartyBarred,
    RoleMissing,
    TermNotAcknowledged,
    TermReasonMissing,
    Voucher,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalId, Verdict
from fourflow.foundation.parameters import queries as dated
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Actor, Barred, PartyView, Permission, RoleKind
from fourflow.platform import calendar
from fourflow.platform.crypto.signing import Signature, SignatureWrong
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.ids import encode

#: The kind under which drafts stand in the inbox.
APPROVAL_KIND = "voucher.issue"
DRAFT = frozenset({VoucherState.DRAFT})


def plan(*, voucher_id: VoucherId, request: IssueRequest, actor: Actor, today: date) -> Voucher:
    """The voucher that a request would become, after every check that needs no lock; nothing is written.

    The door shows it, lets the maker sign :meth:`Voucher.content`, and calls :func:`draft` with the signature.

    :raises PayableNotFound: no such payable of the actor's organisation.
    :raises FaceInvalid: not positive, or another currency than the payable.
    :raises PayableStateWrong: the payable is not confirmed. :raises PayableExceeded: less of the payable is left.
    :raises RoleMissing: the issuer is no core enterprise, or the receiver no supplier of its programme, on that day.
    :raises IssuerBarred: the issuer is on the stop list. :raises PartyBarred: the receiver is barred from everything.
    :raises TermTooLong, TermReasonMissing, DueDateInvalid, ContractClauseMissing: see domain.rules.
    :raises LimitMissing: the funder has no line on the issuer in this currency.
    """
    payable = claim_queries.payable(actor=actor, payable_id=PayableId(request.payable_id))
    actor.require(Permission.VOUCHER_ISSUE, party=payable.debtor_id, today=today)
    if request.face.minor <= 0 or request.face.currency != payable.amount.currency:
        raise FaceInvalid(field="face", value=str(request.face), expected=payable.amount.currency)
    if payable.state not in (PayableState.CONFIRMED, PayableState.PARTLY_USED, PayableState.USED):
        raise PayableStateWrong(field="payable_id", state=payable.state.value)
    if payable.remaining < request.face:
        raise PayableExceeded(field="face")
    both = _check_parties(payable.debtor_id, payable.creditor_id, today)
    given = parameters.numbers([*parameters.TERM, Key.STATUTORY_DAYS], today, payable.debtor_id)
    rules.check_term(
        parameters.term_rule(given),
        issued_on=today,
        due_on=request.due_on,
        reason=request.term_reason,
        days=calendar.load("CN"),
    )
    size = both[payable.creditor_id].size_class
    statutory = rules.statutory_due_date(
        payable.delivered_on, given[Key.STATUTORY_DAYS], creditor_is_large=both[payable.creditor_id].is_large
    )
    rules.check_statutory(due_on=request.due_on, statutory_due_on=statutory, clause=request.contract_clause)
    _limit_of(request.funder_id, payable.debtor_id, request.face.currency)
    return Voucher(
        id=voucher_id,
        number=encode("SX", voucher_id).replace("_", ""),
        payable_id=payable.id,
        claim_id=payable.claim_id,
        issuer_id=payable.debtor_id,
        receiver_id=payable.creditor_id,
        funder_id=request.funder_id,
        face=request.face,
        issued_on=today,
        due_on=request.due_on,
        delivered_on=payable.delivered_on,
        statutory_due_on=statutory,
        offer_expires_on=None,
        state=VoucherState.DRAFT,
        redeemed=request.face - request.face,
        cancelled=request.face - request.face,
        term_reason=request.term_reason,
        contract_clause=request.contract_clause,
        creditor_size=size.value,
    )


@joins
def draft(
    *,
    voucher_id: VoucherId,
    request: IssueRequest,
    actor: Actor,
    effective_at: datetime,
    today: date,
    signature: Signature,
) -> Voucher:
    """Put one voucher up for the checker; see :func:`plan` for what it refuses.

    :raises SignatureWrong: the maker's signature is not over the planned commitment.
    """
    planned = plan(voucher_id=voucher_id, request=request, actor=actor, today=today)
    rule = parameters.term_rule(parameters.numbers(parameters.TERM, today, planned.issuer_id))
    row = _drafted(planned, actor, today, needs_ack=rule.needs_acknowledgement(today, planned.due_on))
    act = signed.record(
        act=Act.ISSUE,
        voucher_id=row.id,
        holding_id=None,
        actor=actor,
        content=planned.content(),
        signature=signature,
        effective_at=effective_at,
    )
    approval = approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=planned.content(),
        maker=actor,
        effective_at=effective_at,
        decide_by=dated.decide_by(effective_at),
    )
    row.approval_id = approval.id
    row.save(update_fields=["approval_id"])
    seen_by = [row.issuer_id, row.funder_id] if row.term_needs_ack else [row.issuer_id]
    visibility.grant(row.id, seen_by, "party")
    events.publish(
        VoucherDrafted(
            subject_id=row.id,
            effective_at=effective_at,
            number=row.number,
            payable_id=row.payable_id,
            issuer_id=row.issuer_id,
            receiver_id=row.receiver_id,
            funder_id=row.funder_id,
            face=planned.face,
            due_on=row.due_on,
            signature=signature.to_body(),
        ),
        rows=[row.evidence(), act.evidence()],
    )
    return row.to_type()


def _drafted(planned: Voucher, actor: Actor, today: date, *, needs_ack: bool) -> models.Voucher:
    return models.Voucher.objects.create(
        id=planned.id,
        number=planned.number,
        payable_id=planned.payable_id,
        claim_id=planned.claim_id,
        issuer_id=planned.issuer_id,
        receiver_id=planned.receiver_id,
        funder_id=planned.funder_id,
        currency=planned.face.currency,
        face_minor=planned.face.minor,
        issued_on=today,
        due_on=planned.due_on,
        delivered_on=planned.delivered_on,
        statutory_due_on=planned.statutory_due_on,
        term_reason=planned.term_reason,
        term_needs_ack=needs_ack,
        contract_clause=planned.contract_clause,
        creditor_size=planned.creditor_size,
        maker_person_id=actor.person_id,
    )


@joins
def acknowledge_term(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, reason: str) -> Voucher:
    """The funder has examined a term over the soft limit and finds it reasonable (77号 art. 11).

    :raises VoucherNotFound: no such voucher, or it is none of the actor's.
    :raises NotPermitted: the actor does not act for the funder whose line is used.
    :raises VoucherStateWrong: the voucher is no draft any more.
    :raises TermReasonMissing: the examination gives no reason.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    actor.require(Permission.LIMIT_SET, party=row.funder_id)
    row.must_be(DRAFT)
    if not reason.strip():
        raise TermReasonMissing(field="reason")
    row.term_acknowledged_by = actor.person_id
    row.save(update_fields=["term_acknowledged_by"])
    months = (row.due_on.year - row.issued_on.year) * 12 + row.due_on.month - row.issued_on.month
    events.publish(
        TermAcknowledged(
            subject_id=row.id,
            effective_at=effective_at,
            funder_id=row.funder_id,
            person_id=actor.person_id,
            months=months,
            reason=reason,
        ),
        rows=[row.evidence()],
    )
    return row.to_type()


@joins
def check(
    *,
    voucher_id: VoucherId,
    actor: Actor,
    verdict: Verdict,
    effective_at: datetime,
    today: date,
    signature: Signature | None = None,
    reason: str = "",
) -> Voucher:
    """The second person's decision: returned to the maker, or the limit blocked, the claim used and the offer made.

    Term, roles, stop list, claim and line are checked again as they are on the day of the decision.

    :raises VoucherNotFound: no such voucher, or it is none of the actor's.
    :raises NotPermitted: the actor does not check for the issuer, or not up to this amount.
    :raises VoucherStateWrong: it was decided before.
    :raises TermNotAcknowledged: a long term without the funder's acknowledgement.
    :raises fourflow.foundation.approvals.types.SamePerson: the actor made it, under whatever account.
    :raises SignatureWrong: an approval without the checker's own signature over the commitment.
    :raises IssuerBarred, PartyBarred, RoleMissing, TermTooLong, DueDateInvalid: what was allowed when drafted is no more.
    :raises ClaimInUse, LimitExceeded, LimitFrozen, LimitNotInForce: the underlying or the line does not carry it (any more).
    """
    seen = models.Voucher.objects.visible_to(actor).get_visible(voucher_id)
    party_operations.hold([seen.issuer_id, seen.receiver_id])
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    actor.require(Permission.VOUCHER_CHECK, party=row.issuer_id, amount=row.money(row.face_minor), today=today)
    row.must_be(DRAFT)
    content = row.to_type().content()
    approvals.decide(
        approval_id=ApprovalId(_approval(row)),
        decider=actor,
        verdict=verdict,
        payload_hash=approvals.payload_hash(content),
        reason=reason,
        effective_at=effective_at,
    )
    if verdict is Verdict.REJECT:
        return _return(row, actor, reason, effective_at)
    return _offer(row, actor, content, signature, effective_at, today)


@joins
def expire_draft(*, approval: Approval, effective_at: datetime) -> Voucher:
    """Nobody checked in time (the sweeper): the draft goes back to its maker, who may draft another for the same payable.

    :raises AlreadyDecided: it was checked meanwhile, or its time is not over.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    return _return(row, SYSTEM, "", effective_at)


def _return(row: models.Voucher, actor: Actor, reason: str, effective_at: datetime) -> Voucher:
    row.become(VoucherState.RETURNED, allowed=DRAFT)
    row.save(update_fields=["state"])
    returned = VoucherReturned(subject_id=row.id, effective_at=effective_at, person_id=actor.person_id, reason=reason)
    events.publish(returned, rows=[row.evidence()])
    return row.to_type()


def _offer(
    row: models.Voucher,
    actor: Actor,
    content: dict[str, object],
    signature: Signature | None,
    effective_at: datetime,
    today: date,
) -> Voucher:
    if signature is None:
        raise SignatureWrong(person=str(actor.person_id), reason="an approval is signed")
    _check_parties(row.issuer_id, row.receiver_id, today)
    given = parameters.numbers([*parameters.TERM, Key.OFFER_EXPIRY_DAYS], today, row.issuer_id)
    _check_still_due(row, given, today)
    if row.term_needs_ack and row.term_acknowledged_by is None:
        raise TermNotAcknowledged(funder=str(row.funder_id))
    voucher = row.to_type()
    limit_id = _limit_of(row.funder_id, row.issuer_id, row.currency)
    claims.use(
        claim_id=ClaimId(row.claim_id),
        payable_id=PayableId(row.payable_id),
        amount=voucher.face,
        reference=voucher.reference,
        effective_at=effective_at,
    )
    entries = limits.block(
        limit_id=limit_id, amount=voucher.face, reference=voucher.reference, effective_at=effective_at, today=today
    )
    row.become(VoucherState.OFFERED, allowed=DRAFT)
    row.offer_expires_on = rules.answer_by(today, given[Key.OFFER_EXPIRY_DAYS], row.due_on)
    row.save(update_fields=["state", "offer_expires_on"])
    act = signed.record(
        act=Act.CHECK,
        voucher_id=row.id,
        holding_id=None,
        actor=actor,
        content=content,
        signature=signature,
        effective_at=effective_at,
    )
    posted = post(entries, reference=f"voucher.offer:{row.id}", effective_at=effective_at)
    visibility.grant_many(
        [(row.id, row.receiver_id, "party"), (row.id, row.funder_id, "party"), (row.payable_id, row.funder_id, "party")]
    )
    party_operations.introduce(
        [(row.issuer_id, row.receiver_id), (row.issuer_id, row.funder_id), (row.receiver_id, row.funder_id)], "voucher"
    )
    events.publish(
        VoucherOffered(
            subject_id=row.id,
            effective_at=effective_at,
            issuer_id=row.issuer_id,
            receiver_id=row.receiver_id,
            face=voucher.face,
            due_on=row.due_on,
            later_than_statutory=row.statutory_due_on is not None and row.due_on > row.statutory_due_on,
            signature=signature.to_body(),
        ),
        rows=[row.evidence(), act.evidence(), *posted],
    )
    return row.to_type()


def _approval(row: models.Voucher) -> UUID:
    assert row.approval_id is not None
    return row.approval_id


def _check_parties(issuer_id: UUID, receiver_id: UUID, today: date) -> Mapping[UUID, PartyView]:
    if parties.is_barred(issuer_id, Barred.ISSUE, today):
        raise IssuerBarred(issuer=str(issuer_id))
    if parties.is_barred(receiver_id, Barred.EVERYTHING, today):
        raise PartyBarred(field="receiver_id")
    both = parties.views([issuer_id, receiver_id], today)
    if issuer_id not in both or RoleKind.CORE not in both[issuer_id].roles:
        raise RoleMissing(party=str(issuer_id), role=RoleKind.CORE.value)
    if not parties.has_role(receiver_id, RoleKind.SUPPLIER, today, programme_id=issuer_id):
        raise RoleMissing(party=str(receiver_id), role=RoleKind.SUPPLIER.value)
    return both


def _check_still_due(row: models.Voucher, given: parameters.Numbers, today: date) -> None:
    """The rule of the day of the decision, over the dates of the draft: a parameter may have been cut meanwhile."""
    if today >= row.due_on:
        raise DueDateInvalid(field="due_on", value=row.due_on.isoformat(), expected=f"after {today.isoformat()}")
    rule = parameters.term_rule(given)
    rules.check_hard_term(rule, issued_on=row.issued_on, due_on=row.due_on)


def _limit_of(funder_id: UUID, issuer_id: UUID, currency: str) -> LimitId:
    limit = limit_queries.find(actor=SYSTEM, funder_id=funder_id, core_id=issuer_id, currency=currency)
    if limit is None:
        raise LimitMissing(field="funder_id", funder=str(funder_id), currency=currency)
    return limit.id
