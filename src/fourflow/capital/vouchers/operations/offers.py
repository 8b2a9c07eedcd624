"""The receiver's answer to an offer: accept, reject, or let it expire."""

from __future__ import annotations

from datetime import datetime

from fourflow.capital.claims import operations as claims
from fourflow.capital.limits import operations as limits
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import postings
from fourflow.capital.vouchers.events import VoucherAccepted, VoucherClosed
from fourflow.capital.vouchers.operations import signed
from fourflow.capital.vouchers.operations.posting import post
from fourflow.capital.vouchers.types import (
    Act,
    HoldingState,
    OfferExpired,
    PartyBarred,
    Voucher,
    VoucherId,
    VoucherState,
    VoucherStateWrong,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Actor, Barred, Permission
from fourflow.platform.clock import business_date
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events

OFFERED = frozenset({VoucherState.OFFERED})


@joins
def accept(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, signature: Signature) -> Voucher:
    """Accept an offered voucher: the issuer's debt becomes due to its first holder.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not sign for the receiving party, or not up to this amount.
    :raises VoucherStateWrong: it was accepted, rejected or cancelled before.
    :raises OfferExpired: too late, whether or not the sweeper has noticed.
    :raises PartyBarred: the receiver is barred from everything.
    :raises SignatureWrong: the signature is not the actor's over the commitment.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    face = row.money(row.face_minor)
    today = business_date(effective_at)
    actor.require(Permission.VOUCHER_ACCEPT, party=row.receiver_id, amount=face, today=today)
    row.become(VoucherState.ACTIVE, allowed=OFFERED)
    if row.offer_expires_on is not None and today > row.offer_expires_on:
        raise OfferExpired(expires_on=row.offer_expires_on.isoformat())
    if parties.is_barred(row.receiver_id, Barred.EVERYTHING, today):
        raise PartyBarred(field="receiver_id")
    voucher = row.to_type()
    holding = models.Holding.objects.create(
        voucher=row,
        holder_id=row.receiver_id,
        currency=row.currency,
        amount_minor=row.face_minor,
        state=HoldingState.ACTIVE,
        acquired_at=effective_at,
    )
    row.save(update_fields=["state"])
    act = signed.record(
        act=Act.ACCEPT,
        voucher_id=row.id,
        holding_id=holding.id,
        actor=actor,
        content=voucher.content(),
        signature=signature,
        effective_at=effective_at,
    )
    entries = limits.utilise(reference=voucher.reference, effective_at=effective_at)
    posted = post(
        [*postings.accepted(voucher), *entries], reference=f"voucher.accept:{row.id}", effective_at=effective_at
    )
    visibility.grant(holding.id, [row.receiver_id, row.issuer_id], "party")
    events.publish(
        VoucherAccepted(
            subject_id=row.id,
            effective_at=effective_at,
            holding_id=holding.id,
            receiver_id=row.receiver_id,
            face=face,
            signature=signature.to_body(),
        ),
        rows=[row.evidence(), holding.evidence(), act.evidence(), *posted],
    )
    return row.to_type()


@joins
def reject(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, reason: str) -> Voucher:
    """Refuse an offered voucher: the line and the claim are free again.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not act for the receiving party.
    :raises VoucherStateWrong: it is not offered (any more).
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    actor.require(Permission.VOUCHER_ACCEPT, party=row.receiver_id, amount=row.money(row.face_minor))
    return close(row, VoucherState.REJECTED, actor, effective_at, reason)


@joins
def expire_offer(*, voucher_id: VoucherId, effective_at: datetime) -> Voucher:
    """An offer that nobody answered in time; called by the sweeper.

    :raises VoucherStateWrong: it was answered meanwhile, or its last day is not over yet.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.must_be(OFFERED)
    if row.offer_expires_on is not None and business_date(effective_at) <= row.offer_expires_on:
        raise VoucherStateWrong(state=str(row.state), offer_expires_on=row.offer_expires_on.isoformat())
    return close(row, VoucherState.EXPIRED, SYSTEM, effective_at, "")


def close(row: models.Voucher, outcome: VoucherState, actor: Actor, effective_at: datetime, reason: str) -> Voucher:
    """End an offer before acceptance: claim and line are given back, nothing was ever owed on the voucher."""
    row.become(outcome, allowed=OFFERED)
    row.save(update_fields=["state"])
    voucher = row.to_type()
    claims.release(reference=voucher.reference, effective_at=effective_at)
    entries = limits.release(reference=voucher.reference, effective_at=effective_at)
    posted = post(entries, reference=f"voucher.{outcome}:{row.id}", effective_at=effective_at)
    events.publish(
        VoucherClosed(
            subject_id=row.id,
            effective_at=effective_at,
            outcome=str(outcome),
            reason=reason,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
        ),
        rows=[row.evidence(), *posted],
    )
    return voucher
