"""The applicant's consent to a quote, and its withdrawal before the funder has decided."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import ClaimId
from fourflow.capital.financing import models
from fourflow.capital.financing.events import FinancingEnded, FinancingRequested
from fourflow.capital.financing.operations.posting import post
from fourflow.capital.financing.types import (
    Financing,
    FinancingId,
    FinancingState,
    FunderHasNoLimit,
    Quote,
    QuoteExpired,
    QuoteId,
    QuoteUsed,
)
from fourflow.capital.limits import operations as limits
from fourflow.capital.limits import queries as limit_queries
from fourflow.capital.limits.types import Limit
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import HoldingId, Voucher, VoucherId
from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.crypto.signing import Signature, SignatureWrong, verify
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import Evidenced
from fourflow.trade.documents import operations as documents


@joins
def request(*, quote_id: QuoteId, actor: Actor, signature: Signature, effective_at: datetime, today: date) -> Financing:
    """Consent to a quote: the part is locked, another funder's line is blocked, and the funder is asked.

    ``signature`` is over :meth:`Quote.content`: net cash, cost by payee and annualised cost stand in it.

    :raises QuoteNotFound: no such quote of the actor's organisation.
    :raises QuoteExpired, QuoteUsed: its time is over, or a financing was requested on it.
    :raises NotPermitted: the actor does not consent for the applicant, or not up to this amount.
    :raises SignatureWrong: the signature is not the actor's over this quote.
    :raises HoldingStateWrong, HoldingBlocked, PartyBarred, AmountInvalid: the part cannot be locked (any more).
    :raises FunderHasNoLimit: the funder has frozen its line meanwhile.
    :raises LimitExceeded, LimitNotInForce: the other funder's line does not carry it (any more).
    """
    row = models.Quote.objects.visible_to(actor).get_visible(quote_id)
    quote = row.to_type()
    actor.require(Permission.FINANCING_CONSENT, party=quote.applicant_id, amount=quote.amount, today=today)
    _check_consent(quote, actor, signature, effective_at, today)
    if models.Financing.objects.filter(quote=row).exists():
        raise QuoteUsed(quote=str(quote_id))
    part = vouchers.lock_for_finance(
        holding_id=HoldingId(quote.holding_id),
        funder_id=quote.funder_id,
        amount=quote.amount,
        actor=actor,
        effective_at=effective_at,
        today=today,
    )
    voucher = voucher_queries.get(actor=SYSTEM, voucher_id=VoucherId(quote.voucher_id))
    own_limit = quote.funder_id != voucher.funder_id
    _refuse_frozen(row)
    try:
        with transaction.atomic():
            financing = models.Financing.objects.create(
                quote=row,
                holding_id=part.id,
                applicant_id=quote.applicant_id,
                funder_id=quote.funder_id,
                consent=signature.to_body(),
                requested_at=effective_at,
                own_limit=own_limit,
            )
    except IntegrityError:
        raise QuoteUsed(quote=str(quote_id)) from None
    posted = _block_own(financing, row, effective_at, today) if own_limit else []
    visibility.grant_many(
        [
            (object_id, party, "party")
            for object_id in (financing.id, row.id)
            for party in (row.applicant_id, row.funder_id)
        ]
    )
    claims.reveal(object_ids=[voucher.claim_id], organisation_ids=[row.funder_id], reason="asked to finance it")
    _open_trade(voucher, row.funder_id)
    parties.introduce([(row.applicant_id, row.funder_id)], "financing")
    event = _requested(financing, quote, signature, effective_at)
    events.publish(event, rows=[row.evidence(), financing.evidence(), *posted])
    return financing.to_type()


def _open_trade(voucher: Voucher, funder_id: UUID) -> None:
    """The bank decides on real trade: it may open the deliveries, with their orders, on which the voucher rests."""
    chain = claim_queries.chain(actor=SYSTEM, claim_id=ClaimId(voucher.claim_id))
    found = [document.document_id for link in chain for document in link.claim.documents]
    documents.open_documents(
        document_ids=[one for one in found if one], organisation_ids=[funder_id], reason="asked to finance it"
    )


def _check_consent(quote: Quote, actor: Actor, signature: Signature, effective_at: datetime, today: date) -> None:
    if effective_at > quote.valid_until or today != quote.start_on:
        raise QuoteExpired(valid_until=quote.valid_until.isoformat())
    if signature.person_id != actor.person_id:
        raise SignatureWrong(person=str(signature.person_id), reason="signed by another person than the one who acts")
    verify(signature, quote.content())


def _requested(
    financing: models.Financing, quote: Quote, signature: Signature, effective_at: datetime
) -> FinancingRequested:
    return FinancingRequested(
        subject_id=financing.id,
        effective_at=effective_at,
        quote_id=quote.id,
        holding_id=financing.holding_id,
        applicant_id=quote.applicant_id,
        funder_id=quote.funder_id,
        amount=quote.amount,
        net=quote.net,
        recourse=quote.recourse,
        annual_rate=str(quote.annual_rate),
        annualised=str(quote.annualised),
        consent=signature.to_body(),
    )


def _line(quote: models.Quote) -> Limit:
    line = limit_queries.find(
        actor=SYSTEM, funder_id=quote.funder_id, core_id=quote.obligor_id, currency=quote.currency
    )
    assert line is not None, "a quote was made on this line"
    return line


def _refuse_frozen(quote: models.Quote) -> None:
    """A funder that has frozen its line on the core promises nothing new on it, not even where the voucher uses it."""
    if _line(quote).frozen:
        raise FunderHasNoLimit(field="funder_id")


def _block_own(
    financing: models.Financing, quote: models.Quote, effective_at: datetime, today: date
) -> list[Evidenced]:
    entries = limits.block(
        limit_id=_line(quote).id,
        amount=quote.money(quote.amount_minor),
        reference=f"financing:{financing.id}",
        effective_at=effective_at,
        today=today,
    )
    return post(entries, reference=f"financing.block:{financing.id}", effective_at=effective_at)


@joins
def withdraw(*, financing_id: FinancingId, actor: Actor, effective_at: datetime, reason: str) -> Financing:
    """The applicant takes the request back before anything was registered; the part is free again.

    :raises FinancingNotFound: no such financing, or it is none of the actor's.
    :raises FinancingStateWrong: it has gone too far.
    """
    seen = models.Financing.objects.visible_to(actor).get_visible(financing_id)
    actor.require(
        Permission.FINANCING_REQUEST, party=seen.applicant_id, amount=seen.quote.money(seen.quote.amount_minor)
    )
    row = models.Financing.objects.visible_to(actor).lock(financing_id)
    row.must_be(FinancingState.REQUESTED, FinancingState.APPROVED)
    return end(row, FinancingState.WITHDRAWN, reason, effective_at)


@joins
def lapse(*, financing_id: FinancingId, effective_at: datetime, today: date) -> Financing:
    """End a request that came to no payout before the voucher fell due; called by the sweeper.

    :raises FinancingStateWrong: the payout is instructed, or it has ended.
    :raises QuoteExpired: the voucher is not due yet.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.REQUESTED, FinancingState.APPROVED, FinancingState.REGISTERED)
    if today < row.quote.due_on:
        raise QuoteExpired(due_on=row.quote.due_on.isoformat())
    return end(row, FinancingState.FAILED, "the voucher fell due first", effective_at)


def end(row: models.Financing, outcome: FinancingState, reason: str, effective_at: datetime) -> Financing:
    """End without cash: the part is unlocked, a blocked line of the funder's given back, and no decision waits any more."""
    drop_unchecked(row, effective_at)
    row.state, row.reason = outcome, reason
    row.save(update_fields=["state", "reason"])
    vouchers.unlock_from_finance(
        holding_id=HoldingId(row.holding_id), effective_at=effective_at, reason=f"financing {outcome}"
    )
    posted: list[Evidenced] = []
    if row.own_limit:
        entries = limits.release(reference=f"financing:{row.id}", effective_at=effective_at)
        posted = post(entries, reference=f"financing.release:{row.id}", effective_at=effective_at)
    event = FinancingEnded(subject_id=row.id, effective_at=effective_at, outcome=str(outcome), reason=reason)
    events.publish(event, rows=[row.evidence(), *posted])
    return row.to_type()


def drop_unchecked(row: models.Financing, effective_at: datetime) -> None:
    """A decision that waits for the funder's second person will not be asked for any more."""
    if row.approval_id is None or row.approved is not None:
        return
    approvals.drop(approval_id=row.approval_id, effective_at=effective_at)
    row.undecide()
