"""The rules of issue and transfer as pure functions: term, statutory date, split, round trip."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from fourflow.capital.vouchers.types import (
    AmountInvalid,
    BelowMinimumLot,
    ContractClauseMissing,
    DueDateInvalid,
    Holding,
    Redemption,
    RoundTrip,
    SplitAbnormal,
    TermReasonMissing,
    TermTooLong,
    TooManyTiers,
)
from fourflow.platform.business_days import BusinessCalendar
from fourflow.platform.money import Money, allocate


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day (Civil Code art. 202 practice)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def statutory_due_date(delivered_on: date | None, days: int) -> date | None:
    """Delivery plus the statutory days (保障中小企业款项支付条例: 60 days for large enterprises)."""
    return delivered_on + timedelta(days=days) if delivered_on else None


@dataclass(frozen=True, slots=True)
class TermRule:
    """Limits in months that hold on the issue date; see 银发〔2025〕77号 art. 11."""

    soft_months: int
    hard_months: int

    def needs_acknowledgement(self, issued_on: date, due_on: date) -> bool:
        return due_on > add_months(issued_on, self.soft_months)


def check_term(rule: TermRule, *, issued_on: date, due_on: date, reason: str, days: BusinessCalendar) -> None:
    """Refuse a due date that is in the past, no business day, over the hard limit, or long without a reason.

    :raises DueDateInvalid: not after the issue date, or a holiday (``expected`` names the next business day).
    :raises TermTooLong: over the hard limit.
    :raises TermReasonMissing: over the soft limit and no reason given.
    """
    if due_on <= issued_on:
        raise DueDateInvalid(field="due_on", value=due_on.isoformat(), expected=f"after {issued_on.isoformat()}")
    last = add_months(issued_on, rule.hard_months)
    if due_on > last:
        raise TermTooLong(
            field="due_on", value=due_on.isoformat(), expected=f"until {last.isoformat()}", months=rule.hard_months
        )
    if not days.is_business_day(due_on):
        following = days.next_business_day(due_on)
        raise DueDateInvalid(field="due_on", value=due_on.isoformat(), expected=following.isoformat())
    if rule.needs_acknowledgement(issued_on, due_on) and not reason.strip():
        raise TermReasonMissing(field="term_reason", months=rule.soft_months)


def check_statutory(*, due_on: date, statutory_due_on: date | None, clause: str) -> bool:
    """Whether the due date is later than the statutory one; then the contract's clause must be named.

    :raises ContractClauseMissing: it is later, and no clause is named.
    """
    later = statutory_due_on is not None and due_on > statutory_due_on
    if later and not clause.strip():
        raise ContractClauseMissing(field="contract_clause", statutory_due_on=str(statutory_due_on))
    return later


@dataclass(frozen=True, slots=True)
class SplitRule:
    """Dated parameters of splitting (77号 art. 12): lot in minor units, tiers, parts of one voucher, splits in a day."""

    min_lot: int
    max_tiers: int
    max_fan_out: int
    max_splits_per_day: int


def check_split(rule: SplitRule, *, holding: Holding, amount: Money, live_parts: int, splits_today: int) -> Money:
    """What stays with the holder when ``amount`` is cut off; zero when all of it goes.

    :raises AmountInvalid: not positive, another currency, or more than the holding.
    :raises BelowMinimumLot: the part, or the rest, is smaller than the lot (a whole small holding may always go).
    :raises TooManyTiers: passed down as far as it may be.
    :raises SplitAbnormal: too many parts of one voucher, or too many splits by this holder today.
    """
    if amount.currency != holding.amount.currency or amount.minor <= 0 or amount > holding.amount:
        raise AmountInvalid(field="amount", value=str(amount), expected=f"up to {holding.amount}")
    rest = holding.amount - amount
    if rest and min(amount.minor, rest.minor) < rule.min_lot:
        raise BelowMinimumLot(field="amount", value=str(amount), rest=str(rest), lot=rule.min_lot)
    if holding.tier >= rule.max_tiers:
        raise TooManyTiers(tiers=rule.max_tiers)
    if rest and live_parts >= rule.max_fan_out:
        raise SplitAbnormal(rule="fan_out", limit=rule.max_fan_out)
    if rest and splits_today >= rule.max_splits_per_day:
        raise SplitAbnormal(rule="splits_per_day", limit=rule.max_splits_per_day)
    return rest


def check_round_trip(*, receiver_id: UUID, holder_id: UUID, issuer_id: UUID, earlier_holders: Collection[UUID]) -> None:
    """Refuse a part to come back to where it has been.

    :raises RoundTrip: the receiver is the holder, the issuer, or held this part before.
    """
    if receiver_id in (holder_id, issuer_id) or receiver_id in earlier_holders:
        raise RoundTrip(field="receiver_id")


def shares_of_payment(holdings: Sequence[Holding], payment: Money) -> list[Redemption]:
    """A payment over the living parts pro rata to what each still has to get; largest remainder, to the cent.

    A share never exceeds what its holding has outstanding; the shares add up to the payment.

    :raises AmountInvalid: the payment exceeds what is outstanding, or is not positive.
    """
    weights = [holding.outstanding.minor for holding in holdings]
    if payment.minor <= 0 or payment.minor > sum(weights):
        raise AmountInvalid(field="amount", value=str(payment), expected=f"up to {sum(weights)} minor units")
    shares = allocate(payment.minor, weights)
    return [
        Redemption(holding.id, holding.payee_id, Money(share, payment.currency))
        for holding, share in zip(holdings, shares, strict=True)
        if share
    ]
