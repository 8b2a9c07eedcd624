"""Taking a voucher back: by the issuer before acceptance, by both afterwards, in part by a credit note."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from fourflow.capital.claims import operations as claims
from fourflow.capital.ledger import operations as ledger
from fourflow.capital.limits import operations as limits
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import postings
from fourflow.capital.vouchers.events import VoucherClosed, VoucherCredited
from fourflow.capital.vouchers.operations import offers, signed, splitting
from fourflow.capital.vouchers.types import (
    Act,
    CreditExceeded,
    Holding,
    HoldingId,
    HoldingState,
    TradeBasisMissing,
    Voucher,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money


@transaction.atomic
def withdraw_offer(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, reason: str) -> Voucher:
    """The issuer takes an offer back before the receiver answered.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not act for the issuer.
    :raises VoucherStateWrong: it was answered meanwhile.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    actor.require(Permission.VOUCHER_CANCEL, party=row.issuer_id)
    return offers.close(row, VoucherState.CANCELLED, actor, effective_at, reason)


def cancel_content(voucher: Voucher) -> dict[str, Any]:
    """What issuer and holder sign to cancel an accepted voucher."""
    return {"act": "voucher.cancel", "voucher_id": str(voucher.id), "face": voucher.face.to_body()}


@transaction.atomic
def ask_to_cancel(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, signature: Signature) -> Voucher:
    """The issuer signs that an accepted, unsplit, unfinanced voucher shall be cancelled; the holder's word is still missing.

    :raises VoucherNotFound, NotPermitted, VoucherStateWrong, SignatureWrong: as everywhere.
    :raises HoldingStateWrong: it was split, passed on or financed.
    """
    row, _ = _whole(voucher_id, actor)
    actor.require(Permission.VOUCHER_CANCEL, party=row.issuer_id)
    voucher = row.to_type()
    act = signed.record(
        act=Act.CANCEL,
        voucher_id=row.id,
        holding_id=None,
        actor=actor,
        content=cancel_content(voucher),
        signature=signature,
        effective_at=effective_at,
    )
    event = VoucherClosed(
        subject_id=row.id,
        effective_at=effective_at,
        outcome="cancel_asked",
        reason="",
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
    )
    events.publish(event, rows=[act.evidence()])
    return voucher


@transaction.atomic
def agree_to_cancel(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, signature: Signature) -> Voucher:
    """The holder agrees: the voucher is cancelled by new entries, claim and line are free again.

    :raises VoucherStateWrong: the issuer has not asked, or the voucher is not active.
    :raises HoldingStateWrong: it was split, passed on or financed.
    """
    row, holding = _whole(voucher_id, actor)
    actor.require(Permission.VOUCHER_ACCEPT, party=row.receiver_id, amount=row.money(row.face_minor))
    asked = models.SignedAct.objects.filter(voucher_id=row.id, act=Act.CANCEL, organisation_id=row.issuer_id)
    if not asked.exists():
        row.must_be(frozenset())
    voucher = row.to_type()
    act = signed.record(
        act=Act.CANCEL,
        voucher_id=row.id,
        holding_id=holding.id,
        actor=actor,
        content=cancel_content(voucher),
        signature=signature,
        effective_at=effective_at,
    )
    holding.state = HoldingState.CANCELLED
    holding.save(update_fields=["state"])
    row.become(VoucherState.CANCELLED, allowed=splitting.ACTIVE)
    row.cancelled_minor = row.face_minor
    row.save(update_fields=["state", "cancelled_minor"])
    claims.release(reference=voucher.reference, effective_at=effective_at)
    entries = [*limits.release(reference=voucher.reference, effective_at=effective_at), *postings.cancelled(voucher)]
    ledger.post_many(entries, reference=f"voucher.cancelled:{row.id}", effective_at=effective_at)
    event = VoucherClosed(
        subject_id=row.id,
        effective_at=effective_at,
        outcome=VoucherState.CANCELLED.value,
        reason="agreed",
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
    )
    events.publish(event, rows=[row.evidence(), holding.evidence(), act.evidence()])
    return row.to_type()


def _whole(voucher_id: VoucherId, actor: Actor) -> tuple[models.Voucher, models.Holding]:
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    row.must_be(splitting.ACTIVE)
    root = models.Holding.objects.filter(voucher_id=row.id, parent__isnull=True).values_list("id", flat=True)
    holding = models.Holding.objects.visible_to(SYSTEM).lock(root[0])
    holding.must_be(HoldingState.ACTIVE)
    splitting.refuse_blocked(holding)
    return row, holding


@transaction.atomic
def apply_credit_note(
    *, holding_id: HoldingId, amount: Money, document: str, actor: Actor, effective_at: datetime
) -> Holding:
    """A credit note (红字) of the first supplier takes a part of the debt away while that supplier still holds it.

    After transfer or financing the voucher is an unconditional promise: holders are not touched, and the note is settled
    outside the register (domain: rows 8 and 8').

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not act for the supplier that made the note.
    :raises CreditExceeded: the supplier does not hold that much unlocked, or the part came by transfer.
    :raises TradeBasisMissing: the note has no number.
    """
    voucher, holding = splitting.lock_both(holding_id, actor)
    actor.require(Permission.VOUCHER_CREDIT, party=holding.holder_id)
    voucher.must_be(splitting.ACTIVE)
    if not document.strip():
        raise TradeBasisMissing(field="document")
    held = holding.money(holding.amount_minor)
    if holding.holder_id != voucher.receiver_id or holding.state != HoldingState.ACTIVE:
        raise CreditExceeded(field="holding_id", state=str(holding.state))
    if amount.currency != held.currency or amount.minor <= 0 or amount > held:
        raise CreditExceeded(field="amount", value=str(amount), expected=f"up to {held}")
    changed, part = [holding], holding
    if amount == held:
        holding.state = HoldingState.CANCELLED
        holding.save(update_fields=["state"])
    else:
        holding.state = HoldingState.SPLIT
        holding.save(update_fields=["state"])
        part = splitting.child(
            holding, holder_id=holding.holder_id, amount=amount, state=HoldingState.CANCELLED, effective_at=effective_at
        )
        rest = splitting.child(
            holding,
            holder_id=holding.holder_id,
            amount=held - amount,
            state=HoldingState.ACTIVE,
            effective_at=effective_at,
        )
        splitting.open_parts([part, rest], [holding.holder_id, voucher.issuer_id])
        changed += [part, rest]
    voucher.cancelled_minor += amount.minor
    if voucher.cancelled_minor == voucher.face_minor:
        voucher.state = VoucherState.CANCELLED
    voucher.save(update_fields=["cancelled_minor", "state"])
    reference = voucher.to_type().reference
    claims.credit_note(reference=reference, credit_note=document.strip(), amount=amount, effective_at=effective_at)
    entries = limits.release(reference=reference, amount=amount, effective_at=effective_at)
    ledger.post_many(
        [*entries, *postings.credited(voucher.to_type(), amount, part.id)],
        reference=f"voucher.credit:{part.id}",
        effective_at=effective_at,
    )
    events.publish(
        VoucherCredited(
            subject_id=voucher.id,
            effective_at=effective_at,
            holding_id=part.id,
            amount=amount,
            document=document.strip(),
        ),
        rows=[voucher.evidence(), *(row.evidence() for row in changed)],
    )
    return part.to_type()
