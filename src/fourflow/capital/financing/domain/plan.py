"""The plan of a financing: flows, interest by day, and another day of payment. Pure; the arithmetic is pricing's."""

from __future__ import annotations

from datetime import date, timedelta

from fourflow.capital.financing.domain import pricing
from fourflow.capital.financing.types import CashFlow, Financing, FlowKind, InterestDay, RepaymentPlan, WhatIf
from fourflow.platform.money import Money


def plan(financing: Financing) -> RepaymentPlan:
    """What flows when, and what interest is earned when; nothing is earned before the payout."""
    quote = financing.quote
    zero = Money.zero(quote.amount.currency)
    collected = financing.collected or zero
    out = financing.disbursed_on
    flows = (
        CashFlow(FlowKind.PAYOUT, quote.start_on, -quote.net, -quote.net if out else zero, out),
        CashFlow(FlowKind.COLLECTION, quote.due_on, quote.amount, collected),
    )
    accrued = (financing.accrued or zero) if out else zero
    return RepaymentPlan(flows, pricing.interest(quote), accrued, interest_days(financing))


def interest_days(financing: Financing) -> tuple[InterestDay, ...]:
    """Every day from the first to the due date, each with what it adds; together they are the interest to the cent."""
    quote = financing.quote
    found, before = [], Money.zero(quote.amount.currency)
    for number in range((quote.due_on - quote.start_on).days):
        day = quote.start_on + timedelta(number)
        total = pricing.earned(quote, day + timedelta(1))
        found.append(InterestDay(day, total - before, total))
        before = total
    return tuple(found)


def what_if(financing: Financing, on: date) -> WhatIf:
    """See :class:`WhatIf`; ``on`` is not before the day after the cash went out."""
    quote = financing.quote
    out = financing.disbursed_on or quote.start_on
    on = max(on, out + timedelta(1))
    days = (on - out).days
    earned = pricing.earned(quote, on)
    return WhatIf(
        on,
        days,
        max(0, (on - quote.due_on).days),
        earned,
        pricing.interest(quote) - earned,
        pricing.annualised_cost(quote.cost.minor, quote.net.minor, days),
    )
