"""The end of a voucher's life: due, paid in whole or part, overdue, in default."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fourflow.capital.claims import operations as claims
from fourflow.capital.ledger import operations as ledger
from fourflow.capital.limits import operations as limits
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import postings, rules
from fourflow.capital.vouchers.events import VoucherDefaulted, VoucherMaturing, VoucherOverdue, VoucherPaid
from fourflow.capital.vouchers.types import (
    HoldingState,
    PaymentExceeded,
    Redemption,
    Voucher,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money

#: parts that wait for money at maturity
WAITING = (
    HoldingState.ACTIVE,
    HoldingState.FINANCED,
    HoldingState.MATURED,
    HoldingState.PARTLY_PAID,
    HoldingState.OVERDUE,
)
UNFINISHED = (HoldingState.LOCKED_TRANSFER, HoldingState.LOCKED_FINANCE)


@transaction.atomic
def begin_maturity(*, voucher_id: VoucherId, effective_at: datetime) -> tuple[Voucher, list[Redemption]]:
    """The voucher is due: offers that nobody answered fall back, and every living part waits for its money.

    Returns what each part is to get; the payment of it is instructed by the caller.

    :raises VoucherStateWrong: the voucher is not active.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.become(VoucherState.MATURING, allowed=frozenset({VoucherState.ACTIVE}))
    row.save(update_fields=["state"])
    parts = list(_parts(row))
    for part in parts:
        if part.state in UNFINISHED:
            part.receiver_id = None
        part.state = HoldingState.MATURED
    models.Holding.objects.bulk_update(parts, ["state", "receiver_id"])
    voucher = row.to_type()
    shares = rules.shares_of_payment([part.to_type() for part in parts], voucher.outstanding)
    events.publish(
        VoucherMaturing(
            subject_id=row.id,
            effective_at=effective_at,
            issuer_id=row.issuer_id,
            due_on=row.due_on,
            shares=[_body(share) for share in shares],
        ),
        rows=[row.evidence(), *(part.evidence() for part in parts)],
    )
    return voucher, shares


@transaction.atomic
def redeem(
    *, voucher_id: VoucherId, amount: Money, reference: str, effective_at: datetime
) -> tuple[Voucher, list[Redemption]]:
    """The core's payment as the bank confirmed it, over the living parts pro rata; part payments add up.

    ``reference`` names the payment; the ledger counts it once.

    :raises VoucherStateWrong: the voucher is neither due nor overdue.
    :raises PaymentExceeded: more than is outstanding.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    allowed = frozenset({VoucherState.MATURING, VoucherState.OVERDUE, VoucherState.DEFAULTED})
    row.must_be(allowed)
    before = row.to_type()
    if amount.currency != row.currency or amount > before.outstanding or amount.minor <= 0:
        raise PaymentExceeded(field="amount", value=str(amount), expected=f"up to {before.outstanding}")
    parts = {part.id: part for part in _parts(row)}
    shares = rules.shares_of_payment([part.to_type() for part in parts.values()], amount)
    for share in shares:
        part = parts[share.holding_id]
        part.paid_minor += share.amount.minor
        whole = part.paid_minor == part.amount_minor
        part.state = HoldingState.REDEEMED if whole else HoldingState.PARTLY_PAID
    models.Holding.objects.bulk_update(parts.values(), ["state", "paid_minor"])
    row.redeemed_minor += amount.minor
    wholly = row.redeemed_minor + row.cancelled_minor == row.face_minor
    if wholly:
        row.become(VoucherState.REDEEMED, allowed=allowed)
    row.save(update_fields=["state", "redeemed_minor"])
    entries = list(limits.release(reference=before.reference, amount=amount, effective_at=effective_at))
    entries += postings.redeemed(before, [(parts[s.holding_id].to_type(), s.amount) for s in shares])
    ledger.post_many(entries, reference=f"voucher.redeem:{row.id}:{reference}", effective_at=effective_at)
    if wholly:
        claims.settle(reference=before.reference, effective_at=effective_at)
    voucher = row.to_type()
    events.publish(
        VoucherPaid(
            subject_id=row.id,
            effective_at=effective_at,
            amount=amount,
            redeemed=voucher.redeemed,
            wholly=wholly,
            shares=[_body(share) for share in shares],
        ),
        rows=[row.evidence(), *(part.evidence() for part in parts.values())],
    )
    return voucher, shares


@transaction.atomic
def mark_overdue(*, voucher_id: VoucherId, effective_at: datetime) -> Voucher:
    """The due date has passed and something is outstanding: holders are told, the issuer goes on the stop list.

    The restriction itself is written by the caller (parties.impose_restriction), which knows its period.

    :raises VoucherStateWrong: the voucher is not waiting for its payment.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.become(VoucherState.OVERDUE, allowed=frozenset({VoucherState.MATURING}))
    row.save(update_fields=["state"])
    parts = list(_parts(row))
    for part in parts:
        part.state = HoldingState.OVERDUE
    models.Holding.objects.bulk_update(parts, ["state"])
    voucher = row.to_type()
    events.publish(
        VoucherOverdue(
            subject_id=row.id,
            effective_at=effective_at,
            issuer_id=row.issuer_id,
            outstanding=voucher.outstanding,
            due_on=row.due_on,
        ),
        rows=[row.evidence(), *(part.evidence() for part in parts)],
    )
    return voucher


@transaction.atomic
def mark_defaulted(*, voucher_id: VoucherId, effective_at: datetime) -> Voucher:
    """An overdue voucher that stays unpaid: the debt lives on, collection begins.

    :raises VoucherStateWrong: the voucher is not overdue.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.become(VoucherState.DEFAULTED, allowed=frozenset({VoucherState.OVERDUE}))
    row.save(update_fields=["state"])
    voucher = row.to_type()
    event = VoucherDefaulted(
        subject_id=row.id, effective_at=effective_at, issuer_id=row.issuer_id, outstanding=voucher.outstanding
    )
    events.publish(event, rows=[row.evidence()])
    return voucher


def _parts(row: models.Voucher) -> list[models.Holding]:
    """The living parts, locked, by ascending id: the order in which shares of a payment are told."""
    ids = models.Holding.objects.filter(voucher_id=row.id, state__in=[*WAITING, *UNFINISHED]).values_list("id", flat=True)
    return models.Holding.objects.visible_to(SYSTEM).lock_all(ids)


def _body(share: Redemption) -> dict[str, object]:
    return {"holding_id": str(share.holding_id), "payee_id": str(share.payee_id), "amount": share.amount.to_body()}
