"""A claim is used, and with it every claim that it grew out of; what is used once cannot be used again.

Called by the operations of vouchers and financing, which have seen the object and asked for the permission; so there is no
actor here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from fourflow.capital.claims import models
from fourflow.capital.claims.domain import usage
from fourflow.capital.claims.events import ClaimCredited, ClaimReleased, ClaimUsed
from fourflow.capital.claims.types import (
    ClaimAmountInvalid,
    ClaimId,
    ClaimInUse,
    ClaimReferenceTaken,
    ClaimUse,
    PayableExceeded,
    PayableId,
    PayableNotFound,
    PayableState,
    PayableStateWrong,
    ReleaseExceeded,
    UseKind,
)
from fourflow.platform.db.joining import joins
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money

#: Constraints that say the same as the check before them, should two registrations of a family have crossed.
_IN_USE = {"claim_used_within_amount", "claim_own_use_within_used"}


_USED = prepared(
    lambda: models.ClaimUse.objects.filter(claim_id=Given("claim"), reference=Given("reference")).values_list("id")
)


@joins
def use(
    *,
    claim_id: ClaimId,
    amount: Money,
    reference: str,
    effective_at: datetime,
    payable_id: PayableId | None = None,
) -> ClaimUse:
    """Take a part of a claim, and of every claim above it, for ``reference`` (a voucher, a loan); of a payable if one is named.

    The claim and all above are locked by ascending id in one statement. An order loan and an invoice voucher on the same
    goods meet at the order, and the second is refused.

    :raises ClaimNotFound: no such claim. :raises PayableNotFound: no such payable on this claim.
    :raises ClaimInUse: at some level less is left; names nobody and no amount.
    :raises ClaimReferenceTaken: the reference uses this claim already.
    :raises ClaimAmountInvalid: not positive, or of another currency.
    :raises PayableStateWrong: the payable is not confirmed.
    :raises PayableExceeded: less of the payable is left.
    """
    claims = models.Claim.objects.lock_with_ancestors([claim_id])
    claim = claims[claim_id]
    if amount.currency != claim.currency:
        raise ClaimAmountInvalid(field="amount", expected=claim.currency)
    if _USED(claim=claim_id, reference=reference):
        raise ClaimReferenceTaken(reference=reference)
    levels = _levels(claim, claims)
    after = usage.use(levels, amount=claim.amount_minor, own_use=claim.own_use_minor, wanted=amount.minor)
    payable = _take_payable(payable_id, claim_id, amount) if payable_id else None
    row = models.ClaimUse(
        claim=claim,
        payable=payable,
        kind=UseKind.FINANCE.value,
        reference=reference,
        currency=amount.currency,
        amount_minor=amount.minor,
        used_at=effective_at,
    )
    _insert(row)
    _carry(claim, claims, after, amount.minor)
    event = ClaimUsed(
        subject_id=row.id,
        effective_at=effective_at,
        claim_id=claim_id,
        reference=reference,
        amount=amount,
        payable_id=payable_id,
    )
    events.publish(event, rows=_rows(row, list(claims.values()), payable))
    return row.to_type()


@joins
def release(
    *,
    reference: str,
    effective_at: datetime,
    amount: Money | None = None,
    claim_id: ClaimId | None = None,
) -> tuple[ClaimUse, ...]:
    """Give back what a reference uses: all of it on all its claims, or a part of it on one claim.

    :raises ClaimUseNotFound: the reference uses nothing, or not this claim.
    :raises ReleaseExceeded: more than is open.
    :raises ClaimAmountInvalid: not positive, of another currency, or a part without saying of which of several claims.
    """
    claim_ids = models.ClaimUse.objects.claim_ids(reference, claim_id)
    if amount is not None and len(claim_ids) > 1:
        raise ClaimAmountInvalid(field="claim_id", expected="one of the claims that the reference uses")
    claims = models.Claim.objects.lock_with_ancestors(claim_ids)
    rows = models.ClaimUse.objects.under_lock(reference, claim_ids)
    freed = [_minor(row, amount) for row in rows]
    done = [
        _release_one(row, claims, minor, effective_at)
        for row, minor in zip(rows, freed, strict=True)
        if minor or amount
    ]
    if not done:
        raise ReleaseExceeded()
    return tuple(done)


@joins
def credit_note(
    *, reference: str, credit_note: str, amount: Money, effective_at: datetime, claim_id: ClaimId | None = None
) -> ClaimUse:
    """Take a part of a use out of the world: that part of the debt was cancelled by a credit note (red invoice).

    The reference's use becomes smaller by the amount, which stays taken under the credit note's own number at every level:
    goods that came back cannot be financed through the delivery or the order either.

    :raises ClaimUseNotFound: the reference uses nothing, or not this claim.
    :raises ReleaseExceeded: more than is open under the reference.
    :raises ClaimReferenceTaken: the credit note was applied before.
    :raises ClaimAmountInvalid: not positive, of another currency, or the reference uses several claims and none is named.
    """
    (claim_id_found, *others) = models.ClaimUse.objects.claim_ids(reference, claim_id)
    if others:
        raise ClaimAmountInvalid(field="claim_id", expected="one of the claims that the reference uses")
    claims = models.Claim.objects.lock_with_ancestors([claim_id_found])
    claim = claims[claim_id_found]
    if models.ClaimUse.objects.filter(claim_id=claim.id, reference=credit_note).exists():
        raise ClaimReferenceTaken(reference=credit_note)
    (used,) = models.ClaimUse.objects.under_lock(reference, [claim.id])
    minor = _minor(used, amount)
    if not 0 < minor <= used.open_minor:
        raise ReleaseExceeded()
    used.released_minor += minor
    used.save(update_fields=["released_minor"])
    row = models.ClaimUse(
        claim=claim,
        payable_id=used.payable_id,
        kind=UseKind.CREDIT_NOTE.value,
        reference=credit_note,
        currency=claim.currency,
        amount_minor=minor,
        used_at=effective_at,
    )
    _insert(row)
    claim.credited_minor += minor
    event = ClaimCredited(
        subject_id=row.id,
        effective_at=effective_at,
        claim_id=claim.id,
        reference=reference,
        credit_note=credit_note,
        amount=amount,
    )
    events.publish(event, rows=[used.evidence(), row.evidence(), claim.evidence()])
    return row.to_type()


def _levels(claim: models.Claim, claims: dict[UUID, models.Claim]) -> list[usage.Level]:
    above = models.ClaimLink.objects.above([claim])[claim.id]
    missing = [ancestor_id for ancestor_id in above if ancestor_id not in claims]
    if missing:  # linked to an order between the read of the links and the lock
        claims.update({row.id: row for row in models.Claim.objects.lock_all(missing)})
    return [
        usage.Level(
            claim_id=ancestor_id,
            amount=claims[ancestor_id].amount_minor,
            used=claims[ancestor_id].used_minor,
            share=share,
        )
        for ancestor_id, (share, _) in above.items()
    ]


def _take_payable(payable_id: PayableId, claim_id: ClaimId, amount: Money) -> models.Payable:
    payable = models.Payable.objects.lock(payable_id)
    if payable.claim_id != claim_id:
        raise PayableNotFound(value=str(payable_id))
    if payable.state != PayableState.CONFIRMED:
        raise PayableStateWrong(state=payable.state)
    if payable.used_minor + amount.minor > payable.amount_minor:
        raise PayableExceeded()
    payable.used_minor += amount.minor
    return payable


def _release_one(
    row: models.ClaimUse, claims: dict[UUID, models.Claim], minor: int, effective_at: datetime
) -> ClaimUse:
    claim = claims[row.claim_id]
    levels = _levels(claim, claims)
    after = usage.release(levels, own_use=claim.own_use_minor, freed=minor, open_amount=row.open_minor)
    payable = models.Payable.objects.lock(row.payable_id) if row.payable_id else None
    row.released_minor += minor
    row.save(update_fields=["released_minor"])
    _carry(claim, claims, after, -minor)
    if payable:
        payable.used_minor -= minor
    event = ClaimReleased(
        subject_id=row.id,
        effective_at=effective_at,
        claim_id=claim.id,
        reference=row.reference,
        amount=Money(minor, claim.currency),
    )
    touched = [claims[level.claim_id] for level in levels]
    events.publish(event, rows=_rows(row, touched, payable))
    return row.to_type()


def _carry(claim: models.Claim, claims: dict[UUID, models.Claim], after: dict[UUID, int], change: int) -> None:
    """Follow in the row objects what the database has carried into the rows."""
    claim.own_use_minor += change
    for claim_id, used in after.items():
        claims[claim_id].used_minor = used


def _minor(row: models.ClaimUse, amount: Money | None) -> int:
    if amount is None:
        return row.open_minor
    if amount.currency != row.currency or amount.minor <= 0:
        raise ClaimAmountInvalid(field="amount", expected=row.currency)
    return amount.minor


def _insert(row: models.ClaimUse) -> None:
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if constraint in _IN_USE:
            raise ClaimInUse() from None
        raise


def _rows(row: models.ClaimUse, claims: Sequence[models.Claim], payable: models.Payable | None) -> list[Evidenced]:
    return [row.evidence(), *(c.evidence() for c in claims), *([payable.evidence()] if payable else [])]
