"""Use of a line by what it carries: block when an offer goes out, utilise when the debt exists, release when it ends.

Called by the operations of vouchers and financing, which have seen the object and asked for the permission; so there is no
actor here. Each returns the entries of the funder's memo book, for the caller to post once with its own.
"""

from __future__ import annotations

from datetime import date, datetime

from fourflow.capital.ledger.types import Entry
from fourflow.capital.limits import models
from fourflow.capital.limits.domain import entries, position, use
from fourflow.capital.limits.domain.position import Shifts
from fourflow.capital.limits.events import LimitBlocked, LimitReleased, LimitUtilised, LimitWithinAgain
from fourflow.capital.limits.types import (
    LimitCurrencyDiffers,
    LimitExceeded,
    LimitFrozen,
    LimitId,
    LimitNotInForce,
    LimitReferenceTaken,
    Stage,
)
from fourflow.platform.db.joining import joins
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money

_USED = prepared(lambda: models.LimitUse.objects.filter(reference=Given("reference")).values_list("id"))


@joins
def block(
    *, limit_id: LimitId, amount: Money, reference: str, effective_at: datetime, today: date
) -> tuple[Entry, ...]:
    """Promise a part of a line to ``reference`` (a voucher, a financing); ``today`` is the business date.

    Two callers at once never block more than is available: the line is locked, and the database refuses the rest.

    :raises LimitNotFound: no such line.
    :raises LimitCurrencyDiffers: the amount is of another currency than the line.
    :raises LimitFrozen: the funder has frozen the line.
    :raises LimitNotInForce: the line has not begun, or is over.
    :raises LimitExceeded: less is available, or the line is in excess.
    :raises LimitReferenceTaken: the reference has used a line before.
    :raises AmountNotPositive: the amount is zero or negative.
    """
    limit = models.Limit.objects.lock(limit_id)
    if amount.currency != limit.currency:
        raise LimitCurrencyDiffers(field="amount", value=amount.currency, expected=limit.currency)
    if limit.frozen:
        raise LimitFrozen(limit=str(limit_id))
    if not limit.to_type().holds_on(today):
        raise LimitNotInForce(limit=str(limit_id), day=today.isoformat())
    if _USED(reference=reference):
        raise LimitReferenceTaken(reference=reference)
    try:
        after, shifts = position.block(limit.position, amount.minor)
    except LimitExceeded:
        raise LimitExceeded(limit=str(limit_id), requested=str(amount)) from None
    row = models.LimitUse.objects.create(
        limit=limit,
        currency=amount.currency,
        reference=reference,
        amount_minor=amount.minor,
        blocked_minor=amount.minor,
        opened_at=effective_at,
    )
    limit.take(after)
    events.publish(
        LimitBlocked(subject_id=limit.id, effective_at=effective_at, reference=reference, amount=amount),
        rows=[limit.evidence(), row.evidence()],
    )
    return entries.of(limit.to_type(), shifts, "limit.blocked")


@joins
def utilise(*, reference: str, effective_at: datetime, amount: Money | None = None) -> tuple[Entry, ...]:
    """Draw what is blocked under a reference, or a part of it. A promise holds even if the line is frozen, over or cut.

    :raises LimitUseNotFound: nothing was blocked under this reference.
    :raises UseExceeded: less is blocked.
    :raises AmountNotPositive: nothing is blocked any more, or the amount is not positive.
    :raises LimitCurrencyDiffers: the amount is of another currency than the line.
    """
    limit = _locked(reference)[reference]
    row = models.LimitUse.objects.under_lock(reference)
    return entries.of(limit.to_type(), _utilise(limit, row, _minor(limit, amount), effective_at), "limit.utilised")


@joins
def release(
    *, reference: str, effective_at: datetime, amount: Money | None = None, stage: Stage | None = None
) -> tuple[Entry, ...]:
    """Give back a part of a use, or (``amount`` None) all that is left of it; of one stage if ``stage`` says so.

    What comes back fills the line's excess first.

    :raises LimitUseNotFound: nothing was blocked under this reference.
    :raises UseExceeded: the use, or the stage, holds less.
    :raises StageUnclear: a part is named while both stages hold something.
    :raises AmountNotPositive: nothing is left, or the amount is not positive.
    :raises LimitCurrencyDiffers: the amount is of another currency than the line.
    """
    limit = _locked(reference)[reference]
    row = models.LimitUse.objects.under_lock(reference)
    shifts = _release(limit, row, _minor(limit, amount), stage, effective_at)
    return entries.of(limit.to_type(), shifts, "limit.released")


@joins
def move(
    *, from_reference: str, to_reference: str, effective_at: datetime, amount: Money | None = None
) -> tuple[Entry, ...]:
    """Move utilisation to another funder's line on the same core, at payout: released there, utilised here.

    ``to_reference`` must have been blocked before; ``amount`` None = all that is blocked under it. Both lines are locked in
    one statement.

    :raises LimitUseNotFound: one of the references has no use.
    :raises LimitCurrencyDiffers: the lines differ in currency or core, or are one and the same.
    :raises UseExceeded: less is utilised there, or blocked here.
    :raises AmountNotPositive: nothing is blocked under ``to_reference``, or the amount is not positive.
    """
    limits = _locked(from_reference, to_reference)
    source, target = limits[from_reference], limits[to_reference]
    if source.id == target.id or (source.core_id, source.currency) != (target.core_id, target.currency):
        raise LimitCurrencyDiffers(field="to_reference", expected="another funder's line on the same core and currency")
    to_row = models.LimitUse.objects.under_lock(to_reference)
    from_row = models.LimitUse.objects.under_lock(from_reference)
    minor = _minor(target, amount)
    minor = to_row.blocked_minor if minor is None else minor
    released = _release(source, from_row, minor, Stage.UTILISED, effective_at)
    drawn = _utilise(target, to_row, minor, effective_at)
    return (
        *entries.of(source.to_type(), released, "limit.released"),
        *entries.of(target.to_type(), drawn, "limit.utilised"),
    )


def _locked(*references: str) -> dict[str, models.Limit]:
    """The lines of these references, locked by ascending id in one statement."""
    limit_ids = models.LimitUse.objects.limit_ids(references)
    rows = {row.id: row for row in models.Limit.objects.lock_all(limit_ids.values())}
    return {reference: rows[limit_id] for reference, limit_id in limit_ids.items()}


def _minor(limit: models.Limit, amount: Money | None) -> int | None:
    if amount is None:
        return None
    if amount.currency != limit.currency:
        raise LimitCurrencyDiffers(field="amount", value=amount.currency, expected=limit.currency)
    return amount.minor


def _utilise(limit: models.Limit, row: models.LimitUse, minor: int | None, effective_at: datetime) -> Shifts:
    amounts, drawn = use.utilise(row.amounts, minor)
    after, shifts = position.utilise(limit.position, drawn)
    _keep(limit, row, amounts, after)
    events.publish(
        LimitUtilised(
            subject_id=limit.id,
            effective_at=effective_at,
            reference=row.reference,
            amount=Money(drawn, limit.currency),
        ),
        rows=[limit.evidence(), row.evidence()],
    )
    return shifts


def _release(
    limit: models.Limit, row: models.LimitUse, minor: int | None, stage: Stage | None, effective_at: datetime
) -> Shifts:
    amounts, parts = use.release(row.amounts, minor, stage)
    after = limit.position
    shifts: Shifts = ()
    freed = {Stage.BLOCKED: 0, Stage.UTILISED: 0}
    for part_stage, part in parts:
        after, more = position.release(after, part, part_stage)
        freed[part_stage] += part
        shifts += more
    within_again = limit.position.excess > 0 and after.excess == 0
    _keep(limit, row, amounts, after)
    events.publish(
        LimitReleased(
            subject_id=limit.id,
            effective_at=effective_at,
            reference=row.reference,
            blocked=Money(freed[Stage.BLOCKED], limit.currency),
            utilised=Money(freed[Stage.UTILISED], limit.currency),
        ),
        rows=[limit.evidence(), row.evidence()],
    )
    if within_again:
        sanctioned = Money(limit.sanctioned_minor, limit.currency)
        again = LimitWithinAgain(
            subject_id=limit.id, effective_at=effective_at, reference=row.reference, sanctioned=sanctioned
        )
        events.publish(again, rows=[limit.evidence()])
    return shifts


def _keep(limit: models.Limit, row: models.LimitUse, amounts: use.UseAmounts, after: position.Position) -> None:
    """Write the use; the database carries the change into the line, whose row object follows here."""
    row.take(amounts)
    row.save(update_fields=["blocked_minor", "utilised_minor", "released_minor"])
    limit.take(after)
