"""The end of a voucher's life: due, paid in whole or part, overdue, in default."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fourflow.capital.limits import operations as limits
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import postings, rules
from fourflow.capital.vouchers.events import VoucherDefaulted, VoucherMaturing, VoucherOverdue, VoucherPaid
from fourflow.capital.vouchers.operations import asked, splitting, transfers
from fourflow.capital.vouchers.operations.posting import post
from fourflow.capital.vouchers.types import (
    LIVING,
    Holding,
    HoldingId,
    HoldingState,
    PaymentExceeded,
    Redemption,
    Voucher,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties.types import SYSTEM, Barred, RestrictionSource
from fourflow.platform.clock import business_date
from fourflow.platform.db.joining import joins
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
#: after the due date a voucher waits for money in one of these
PAYABLE = LIVING - {VoucherState.ACTIVE}


@joins
def begin_maturity(*, voucher_id: VoucherId, effective_at: datetime) -> tuple[Voucher, list[Redemption]]:
    """The voucher is due: what nobody answered (offers, a cancellation) ends, and every living part waits for its money.

    Returns what each part is to get; the payment of it is instructed by the caller. A part that a financing still locks (its
    bank is silent) is left out: whose it is will be known when the financing ends, and it is paid then.

    :raises VoucherStateWrong: the voucher is not active.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.must_be(splitting.ACTIVE)
    asked.end(row, "overtaken", effective_at)
    row.become(VoucherState.MATURING, allowed=splitting.ACTIVE)
    row.save(update_fields=["state"])
    parts = _parts(row, HoldingState.ACTIVE, HoldingState.FINANCED, HoldingState.LOCKED_TRANSFER)
    offered = [part for part in parts if part.state == HoldingState.LOCKED_TRANSFER]
    # an offer's last day is before the due date: what is still open has expired, the sweep of offers came late
    ended = [(transfers.end(part, "expired", "", effective_at), part) for part in offered]
    if offered:
        unanswered = models.Holding.objects.filter(pk__in=[part.pk for part in offered])
        unanswered.update(state=HoldingState.MATURED, receiver_id=None, expires_on=None, trade_basis="")
    for part in parts:
        part.state = HoldingState.MATURED
    models.Holding.objects.filter(pk__in=[part.pk for part in parts]).update(state=HoldingState.MATURED)
    voucher = row.to_type()
    shares = rules.in_full([part.to_type() for part in parts])
    maturing = VoucherMaturing(
        subject_id=row.id,
        effective_at=effective_at,
        issuer_id=row.issuer_id,
        due_on=row.due_on,
        parts=len(shares),
    )
    rows = [row.evidence(), *(part.evidence() for part in parts)]
    events.publish_many([*((event, [part.evidence()]) for event, part in ended), (maturing, rows)])
    return voucher, shares


@joins
def redeem(
    *, holding_id: HoldingId, amount: Money, instruction_id: UUID, effective_at: datetime
) -> tuple[Voucher, Holding]:
    """One part has got money of the core's, as the bank confirmed it; part payments add up.

    The shares were set pro rata when the payment was released (:func:`plan_payment`), so that a part that waits longer for
    its bank loses nothing. The claim stays used: a debt that is paid cannot be financed again. ``instruction_id``
    names the payment; the ledger counts it once.

    :raises VoucherStateWrong: the voucher is neither due nor overdue.
    :raises HoldingStateWrong: the part is spent, cancelled or paid.
    :raises PaymentExceeded: more than the part has outstanding.
    """
    row, part = splitting.lock_both(holding_id, SYSTEM)
    row.must_be(PAYABLE)
    part.must_be(*WAITING)
    before = row.to_type()
    open_ = part.to_type().outstanding
    if amount.currency != row.currency or amount > open_ or amount.minor <= 0:
        raise PaymentExceeded(field="amount", value=str(amount), expected=f"up to {open_}")
    part.paid_minor += amount.minor
    part.state = HoldingState.REDEEMED if part.paid_minor == part.amount_minor else HoldingState.PARTLY_PAID
    part.save(update_fields=["state", "paid_minor"])
    row.redeemed_minor += amount.minor
    # banks answer in any order: the day of the latest payment, not of the one that was heard of last
    day = business_date(effective_at)
    row.paid_on = max(row.paid_on or day, day)
    wholly = row.redeemed_minor + row.cancelled_minor == row.face_minor
    if wholly:
        row.become(VoucherState.REDEEMED, allowed=PAYABLE)
    row.save(update_fields=["state", "redeemed_minor", "paid_on"])
    holding = part.to_type()
    entries = [
        *limits.release(reference=part.limit_reference or before.reference, amount=amount, effective_at=effective_at),
        *postings.redeemed(before, holding, amount, instruction_id),
    ]
    posted = post(entries, reference=f"voucher.redeem:{instruction_id}", effective_at=effective_at)
    voucher = row.to_type()
    events.publish(
        VoucherPaid(
            subject_id=row.id,
            effective_at=effective_at,
            holding_id=part.id,
            payee_id=holding.payee_id,
            instruction_id=instruction_id,
            amount=amount,
            redeemed=voucher.redeemed,
            wholly=wholly,
        ),
        rows=[row.evidence(), part.evidence(), *posted],
    )
    return voucher, holding


@joins
def plan_payment(*, voucher_id: VoucherId, amount: Money | None = None) -> list[Redemption]:
    """Who gets what of a payment of the core's (None: all that is outstanding): pro rata over the living parts.

    :raises VoucherStateWrong: the voucher is neither due nor overdue.
    :raises AmountInvalid: not positive, or more than is outstanding.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.must_be(PAYABLE)
    parts = [part.to_type() for part in _parts(row, *WAITING)]
    return rules.shares_of_payment(parts, amount) if amount is not None else rules.in_full(parts)


@joins
def mark_overdue(*, voucher_id: VoucherId, effective_at: datetime) -> Voucher:
    """The due date has passed and something is outstanding: holders are told, the issuer goes on the stop list.

    The restriction itself is written by the caller (:func:`note_restricted`), after the dated days of grace.

    :raises VoucherStateWrong: the voucher is not waiting for its payment.
    """
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.become(VoucherState.OVERDUE, allowed=frozenset({VoucherState.MATURING}))
    row.overdue_on = business_date(effective_at)
    row.save(update_fields=["state", "overdue_on"])
    parts = _parts(row, *WAITING)
    for part in parts:
        part.state = HoldingState.OVERDUE
    models.Holding.objects.filter(pk__in=[part.pk for part in parts]).update(state=HoldingState.OVERDUE)
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


@joins
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


@joins
def note_restricted(*, voucher_id: VoucherId, effective_at: datetime, today: date) -> Voucher:
    """An overdue voucher has put its issuer on the stop list; said once, and lifted by two people only.

    :raises VoucherStateWrong: the voucher is neither overdue nor in default.
    """
    seen = models.Voucher.objects.visible_to(SYSTEM).get_visible(voucher_id)
    parties.impose(
        actor=SYSTEM,
        party_id=seen.issuer_id,
        bars=Barred.ISSUE,
        source=RestrictionSource.OVERDUE,
        reference=seen.number,
        facts={"due_on": seen.due_on.isoformat()},
        effective_at=effective_at,
    )
    row = models.Voucher.objects.visible_to(SYSTEM).lock(voucher_id)
    row.must_be(frozenset({VoucherState.OVERDUE, VoucherState.DEFAULTED}))
    row.restricted_on = row.restricted_on or today
    row.save(update_fields=["restricted_on"])
    return row.to_type()


def _parts(row: models.Voucher, *states: HoldingState) -> list[models.Holding]:
    """The parts in these states, locked, by ascending id: the order in which shares of a payment are told."""
    ids = models.Holding.objects.filter(voucher_id=row.id, state__in=states).values_list("id", flat=True)
    return models.Holding.objects.visible_to(SYSTEM).lock_all(ids)
