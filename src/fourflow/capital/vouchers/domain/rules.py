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
    RelatedParties,
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


def statutory_due_date(delivered_on: date | None, days: int, *, creditor_is_large: bool = False) -> date | None:
    """Delivery plus the statutory days (保障中小企业款项支付条例: 60 days for what large enterprises owe smaller ones).

    A creditor of unknown size is taken for a small one; a large one is not protected, so there is no such date.
    """
    return delivered_on + timedelta(days=days) if delivered_on and not creditor_is_large else None


def answer_by(today: date, days: int, due_on: date) -> date:
    """The last day on which an offer may be accepted: ``days`` from today, and always before the due date."""
    return max(today, min(today + timedelta(days=days), due_on - timedelta(days=1)))


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
    check_hard_term(rule, issued_on=issued_on, due_on=due_on)
    if not days.is_business_day(due_on):
        following = days.next_business_day(due_on)
        raise DueDateInvalid(field="due_on", value=due_on.isoformat(), expected=following.isoformat())
    if rule.needs_acknowledgement(issued_on, due_on) and not reason.strip():
        raise TermReasonMissing(field="term_reason", months=rule.soft_months)


def check_hard_term(rule: TermRule, *, issued_on: date, due_on: date) -> None:
    """:raises TermTooLong: the due date is over the hard limit; ``expected`` names the last day."""
    last = add_months(issued_on, rule.hard_months)
    if due_on > last:
        raise TermTooLong(
            field="due_on", value=due_on.isoformat(), expected=f"until {last.isoformat()}", months=rule.hard_months
        )


def check_statutory(*, due_on: date, statutory_due_on: date | None, clause: str) -> bool:
    """Whether the due date is later than the statutory one; then the contract's clause must be named.

    :raises ContractClauseMissing: it is later, and no clause is named.
    """
    later = statutory_due_on is not None and due_on > statutory_due_on
    if later and not clause.strip():
        raise ContractClauseMissing(
            field="contract_clause", expected=f"not after {statutory_due_on}", statutory_due_on=str(statutory_due_on)
        )
    return later


@dataclass(frozen=True, slots=True)
class SplitRule:
    """Dated parameters of splitting (77号 art. 12), all of one voucher: smallest part in minor units, how often a part is
    passed on, how many parts live at once, splits in a day."""

    min_lot: int
    max_tiers: int
    max_fan_out: int
    max_splits_per_day: int


def check_split(rule: SplitRule, *, holding: Holding, amount: Money, live_parts: int, splits_today: int) -> Money:
    """What stays with the holder when ``amount`` is cut off; zero when all of it goes.

    :raises AmountInvalid: not positive, another currency, or more than the holding.
    :raises BelowMinimumLot: the part, or the rest, is smaller than the lot (a whole small holding may always go).
    :raises SplitAbnormal: too many living parts of the voucher, or too many splits of it today.
    """
    if amount.currency != holding.amount.currency or amount.minor <= 0 or amount > holding.amount:
        raise AmountInvalid(field="amount", value=str(amount), expected=f"up to {holding.amount}")
    rest = holding.amount - amount
    if rest and min(amount.minor, rest.minor) < rule.min_lot:
        lot = Money(rule.min_lot, amount.currency)
        raise BelowMinimumLot(field="amount", value=str(amount), rest=str(rest), lot=str(lot))
    if rest and live_parts >= rule.max_fan_out:
        raise SplitAbnormal(rule="fan_out", limit=rule.max_fan_out)
    if rest and splits_today >= rule.max_splits_per_day:
        raise SplitAbnormal(rule="splits_per_day", limit=rule.max_splits_per_day)
    return rest


def check_tiers(rule: SplitRule, *, tier: int) -> None:
    """Refuse to pass a part on that stands at ``tier`` (the first supplier's stands at 1). Financing passes nothing on.

    :raises TooManyTiers: it was passed on as often as it may be.
    """
    if tier > rule.max_tiers:
        raise TooManyTiers(tiers=rule.max_tiers)


def check_round_trip(
    *, holder_id: UUID, issuer_id: UUID, earlier_holders: Collection[UUID], receiver_group: frozenset[UUID]
) -> None:
    """Refuse a part to go to the holder's own group, or to come back to a group where it has been.

    ``receiver_group``: the receiver and all parties related to it on the day.

    :raises RelatedParties: holder and receiver belong to one group.
    :raises RoundTrip: the issuer, or somebody who held this part before, is the receiver or belongs to its group.
    """
    if holder_id in receiver_group:
        raise RelatedParties(field="receiver_id")
    if issuer_id in receiver_group or not receiver_group.isdisjoint(earlier_holders):
        raise RoundTrip(field="receiver_id")


def shares_of_payment(holdings: Sequence[Holding], payment: Money) -> list[Redemption]:
    """A payment over the living parts pro rata to what each still has to get; largest remainder, to the cent.

    A share never exceeds what its holding has outstanding; the shares add up to the payment.

    :raises AmountInvalid: the payment exceeds what is outstanding, or is not positive.
    """
    weights = [holding.outstanding.minor for holding in holdings]
    if payment.minor <= 0 or payment.minor > sum(weights):
        raise AmountInvalid(
            field="amount", value=str(payment), expected=f"up to {Money(sum(weights), payment.currency)}"
        )
    shares = allocate(payment.minor, weights)
    return [
        Redemption(holding.id, holding.payee_id, Money(share, payment.currency))
        for holding, share in zip(holdings, shares, strict=True)
        if share
    ]


def in_full(holdings: Sequence[Holding]) -> list[Redemption]:
    """What each part still has to get: all of it."""
    return [
        Redemption(holding.id, holding.payee_id, holding.outstanding) for holding in holdings if holding.outstanding
    ]
