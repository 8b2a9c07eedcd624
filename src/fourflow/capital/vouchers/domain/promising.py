"""By when an issuer may promise to pay what is late, and whether it did."""

from __future__ import annotations

from datetime import date, timedelta

from fourflow.capital.vouchers.types import PromiseDayInvalid, PromiseOutcome, VoucherState
from fourflow.platform.business_days import BusinessCalendar


def check_day(pays_on: date, *, today: date, due_on: date, longest: int, days: BusinessCalendar) -> None:
    """A promise is about a business day to come, after the due date and at most ``longest`` days away.

    :raises PromiseDayInvalid: it is none; ``expected`` says what it would be.
    """
    last = today + timedelta(longest)
    if pays_on <= max(today, due_on):
        expected = f"after {max(today, due_on).isoformat()}"
    elif pays_on > last:
        expected = f"up to {last.isoformat()}"
    elif not days.is_business_day(pays_on):
        expected = days.next_business_day(pays_on).isoformat()
    else:
        return
    raise PromiseDayInvalid(field="pays_on", value=pays_on.isoformat(), expected=expected)


def outcome(state: VoucherState, *, pays_on: date, paid_on: date | None, today: date) -> PromiseOutcome:
    """What has become of a promise; its day counts whole."""
    if state is VoucherState.CANCELLED:
        return PromiseOutcome.VOID
    if paid_on is not None:
        return PromiseOutcome.KEPT if paid_on <= pays_on else PromiseOutcome.BROKEN
    return PromiseOutcome.OPEN if today <= pays_on else PromiseOutcome.BROKEN
