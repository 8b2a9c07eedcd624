"""Taking a voucher back: by the issuer before acceptance, by both afterwards, in part by a credit note."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fourflow.capital.claims import operations as claims
from fourflow.capital.limits import operations as limits
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import postings
from fourflow.capital.vouchers.events import CancelAsked, CreditSettledOutside, VoucherClosed, VoucherCredited
from fourflow.capital.vouchers.operations import asked, offers, signed, splitting
from fourflow.capital.vouchers.operations.posting import post
from fourflow.capital.vouchers.types import (
    LIVING,
    Act,
    CancelLate,
    CancelNotAsked,
    CreditAfterTransfer,
    CreditExceeded,
    Holding,
    HoldingId,
    HoldingState,
    OverlayKind,
    TradeBasisMissing,
    Voucher,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.clock import business_date
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.events import queries as facts
from fourflow.platform.money import Money


@joins
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


@joins
def ask_to_cancel(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, signature: Signature) -> Voucher:
    """The issuer signs that an accepted, unsplit, unfinanced voucher shall be cancelled; the holder's word is still missing.

    The holder agrees until the last day (``parameters.queries.decide_by``), while the voucher is as it was; signed again, the
    days count anew.

    :raises VoucherNotFound, NotPermitted, VoucherStateWrong, SignatureWrong: as everywhere.
    :raises HoldingStateWrong: it was split, passed on or financed.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    actor.require(Permission.VOUCHER_CANCEL, party=row.issuer_id)
    holding = _whole(row)
    row.cancel_by = parameters.decide_by(effective_at)
    row.save(update_fields=["cancel_by"])
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
    event = CancelAsked(
        subject_id=row.id,
        effective_at=effective_at,
        holder_id=holding.holder_id,
        proposed_by=actor.person_id,
        cancel_by=row.cancel_by,
    )
    events.publish(event, rows=[row.evidence(), act.evidence()])
    return voucher


@joins
def expire_cancel(*, voucher_id: VoucherId, effective_at: datetime) -> Voucher:
    """The holder did not agree in time: the voucher stands, and the issuer may sign again; called by the sweeper.

    :raises CancelNotAsked: the holder agreed meanwhile, or the last day is not over yet.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    if row.cancel_by is None or business_date(effective_at) <= row.cancel_by:
        raise CancelNotAsked()
    asked.end(row, "expired", effective_at)
    return row.to_type()


@joins
def agree_to_cancel(*, voucher_id: VoucherId, actor: Actor, effective_at: datetime, signature: Signature) -> Voucher:
    """The holder agrees: the voucher is cancelled by new entries, claim and line are free again.

    :raises VoucherNotFound, NotPermitted, VoucherStateWrong, SignatureWrong: as everywhere.
    :raises CancelNotAsked: the issuer has not signed for it.
    :raises CancelLate: the last day to agree is over, whether or not the sweeper has come.
    :raises HoldingStateWrong, HoldingBlocked: it was split, passed on, financed, disputed or frozen.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    actor.require(Permission.VOUCHER_ACCEPT, party=row.receiver_id, amount=row.money(row.face_minor))
    holding = _whole(row)
    if row.cancel_by is None:
        raise CancelNotAsked()
    if business_date(effective_at) > row.cancel_by:
        raise CancelLate(value=row.cancel_by.isoformat())
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
    row.cancelled_minor, row.cancel_by = row.face_minor, None
    row.save(update_fields=["state", "cancelled_minor", "cancel_by"])
    claims.release(reference=voucher.reference, effective_at=effective_at)
    entries = [*limits.release(reference=voucher.reference, effective_at=effective_at), *postings.cancelled(voucher)]
    posted = post(entries, reference=f"voucher.cancelled:{row.id}", effective_at=effective_at)
    event = VoucherClosed(
        subject_id=row.id,
        effective_at=effective_at,
        outcome=VoucherState.CANCELLED.value,
        reason="agreed",
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
    )
    events.publish(event, rows=[row.evidence(), holding.evidence(), act.evidence(), *posted])
    return row.to_type()


def _whole(row: models.Voucher) -> models.Holding:
    """The root part of an active voucher, locked; it must be the first holder's, free and in one piece."""
    row.must_be(splitting.ACTIVE)
    root = models.Holding.objects.filter(voucher_id=row.id, parent__isnull=True).values_list("id", flat=True)
    holding = models.Holding.objects.visible_to(SYSTEM).lock(root[0])
    holding.must_be(HoldingState.ACTIVE)
    splitting.refuse_blocked(holding)
    return holding


@joins
def apply_credit_note(
    *, holding_id: HoldingId, amount: Money, document: str, actor: Actor, effective_at: datetime
) -> Holding:
    """A credit note (红字) of the first supplier takes a part of the debt away while that supplier still holds it.

    After transfer or financing the voucher is an unconditional promise: holders are not touched, and the note is settled
    outside the register (:func:`settle_credit_note_outside`). An open dispute is no hindrance, a freeze is.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not act for the holder.
    :raises CreditAfterTransfer: the part came by transfer, or is locked, passed on or financed.
    :raises CreditExceeded: not positive, another currency, more than the part, or all notes together more than the face.
    :raises HoldingBlocked: the part is frozen.
    :raises TradeBasisMissing: the note has no number.
    """
    voucher, holding = splitting.lock_both(holding_id, actor)
    actor.require(Permission.VOUCHER_CREDIT, party=holding.holder_id)
    voucher.must_be(splitting.ACTIVE)
    if not document.strip():
        raise TradeBasisMissing(field="document")
    held = holding.money(holding.amount_minor)
    if holding.holder_id != voucher.receiver_id or holding.state != HoldingState.ACTIVE:
        raise CreditAfterTransfer(field="holding_id", state=str(holding.state))
    most = min(held, _not_credited(voucher))
    if amount.currency != held.currency or amount.minor <= 0 or amount > most:
        raise CreditExceeded(field="amount", value=str(amount), expected=f"up to {most}")
    splitting.refuse_blocked(holding, OverlayKind.FROZEN)
    asked.end(voucher, "overtaken", effective_at)
    part, changed = _cancel_part(voucher, holding, amount, effective_at)
    voucher.cancelled_minor += amount.minor
    if voucher.cancelled_minor == voucher.face_minor:
        voucher.state = VoucherState.CANCELLED
    voucher.save(update_fields=["cancelled_minor", "state"])
    reference = voucher.to_type().reference
    claims.credit_note(reference=reference, credit_note=document.strip(), amount=amount, effective_at=effective_at)
    entries = limits.release(reference=reference, amount=amount, effective_at=effective_at)
    posted = post(
        [*entries, *postings.credited(voucher.to_type(), amount, part.id)],
        reference=f"voucher.credit:{part.id}",
        effective_at=effective_at,
    )
    event = VoucherCredited(
        subject_id=voucher.id, effective_at=effective_at, holding_id=part.id, amount=amount, document=document.strip()
    )
    events.publish(event, rows=[voucher.evidence(), *(row.evidence() for row in changed), *posted])
    return part.to_type()


def _not_credited(row: models.Voucher) -> Money:
    """What of a locked voucher's face no credit note has taken away, here or outside the register."""
    outside = (
        Money.parse(note.body["amount"]["amount"], row.currency)
        for note in facts.of_subjects([row.id], kinds=(CreditSettledOutside.kind,))
    )
    return row.money(row.face_minor - row.cancelled_minor) - sum(outside, start=Money.zero(row.currency))


def _cancel_part(
    voucher: models.Voucher, holding: models.Holding, amount: Money, effective_at: datetime
) -> tuple[models.Holding, list[models.Holding]]:
    """The cancelled part, and every row that changed."""
    held = holding.money(holding.amount_minor)
    holding.state = HoldingState.CANCELLED if amount == held else HoldingState.SPLIT
    holding.save(update_fields=["state"])
    if amount == held:
        return holding, [holding]
    part, rest = splitting.grow(
        holding,
        holder_id=holding.holder_id,
        amounts=[(amount, HoldingState.CANCELLED, {}), (held - amount, HoldingState.ACTIVE, {})],
        effective_at=effective_at,
    )
    splitting.open_parts([part, rest], [holding.holder_id, voucher.issuer_id])
    return part, [holding, part, rest]


@joins
def settle_credit_note_outside(
    *, voucher_id: VoucherId, amount: Money, document: str, actor: Actor, effective_at: datetime
) -> Voucher:
    """A credit note after transfer or financing: the supplier owes it to the core, the holders are not touched.

    Only the two mirror books follow (accounting guide, step 8'); the same note again is refused by the ledger's reference.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not act for the first supplier.
    :raises VoucherStateWrong: there is no living debt.
    :raises CreditExceeded: not positive, another currency, or all notes together more than the face.
    :raises TradeBasisMissing: the note has no number.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    actor.require(Permission.VOUCHER_CREDIT, party=row.receiver_id)
    row.must_be(LIVING)
    if not document.strip():
        raise TradeBasisMissing(field="document")
    most = _not_credited(row)
    if amount.currency != row.currency or amount.minor <= 0 or amount > most:
        raise CreditExceeded(field="amount", value=str(amount), expected=f"up to {most}")
    voucher = row.to_type()
    posted = post(
        postings.credited_outside(voucher, amount),
        reference=f"voucher.credit_outside:{row.id}:{document.strip()}",
        effective_at=effective_at,
    )
    event = CreditSettledOutside(
        subject_id=row.id,
        effective_at=effective_at,
        supplier_id=row.receiver_id,
        issuer_id=row.issuer_id,
        amount=amount,
        document=document.strip(),
    )
    events.publish(event, rows=posted)
    return voucher
