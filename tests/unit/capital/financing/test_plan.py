"""The plan of a financing: what flows when, what each day earns, and what another day of payment would mean."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from tests.unit.capital.financing.test_postings import quote

from fourflow.capital.financing.domain import plan, pricing
from fourflow.capital.financing.types import CostKind, Financing, FinancingId, FinancingState, FlowKind
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

DAY = timedelta(1)
ASKED = Financing(
    FinancingId(new_id()),
    quote(1_000_000, False, platform="0.0053"),
    FinancingState.REQUESTED,
    new_id(),
    datetime(2026, 1, 1, tzinfo=UTC),
)
QUOTE = ASKED.quote
PAID_OUT = dataclasses.replace(
    ASKED,
    disbursed_on=QUOTE.start_on + DAY,
    accrued=Money(7, QUOTE.amount.currency),
    collected=Money(9, QUOTE.amount.currency),
)
ZERO = Money.zero(QUOTE.amount.currency)


def test_before_the_payout_everything_is_planned_and_nothing_has_flowed_or_been_earned() -> None:
    found = plan.plan(dataclasses.replace(ASKED, accrued=Money(7, QUOTE.amount.currency)))
    assert [(f.kind, f.on, f.planned, f.actual, f.actual_on) for f in found.flows] == [
        (FlowKind.PAYOUT, QUOTE.start_on, -QUOTE.net, ZERO, None),
        (FlowKind.COLLECTION, QUOTE.due_on, QUOTE.amount, ZERO, None),
    ]
    assert found.earned == ZERO and found.interest == pricing.interest(QUOTE)


def test_after_it_the_cash_is_out_on_its_day_and_what_came_back_and_was_earned_is_told() -> None:
    found = plan.plan(PAID_OUT)
    payout, collection = found.flows
    assert (payout.actual, payout.actual_on) == (-QUOTE.net, QUOTE.start_on + DAY)
    assert (collection.actual, found.earned) == (PAID_OUT.collected, PAID_OUT.accrued)


def test_the_days_are_those_of_the_term_and_their_interest_is_the_discount_to_the_cent() -> None:
    days = plan.interest_days(ASKED)
    (interest,) = [line.amount for line in QUOTE.lines if line.kind is CostKind.INTEREST]
    assert (days[0].on, days[-1].on, len(days)) == (QUOTE.start_on, QUOTE.due_on - DAY, QUOTE.days)
    assert sum((one.earned for one in days), start=ZERO) == days[-1].cumulative == interest == pricing.interest(QUOTE)
    assert days[0].earned == days[0].cumulative == pricing.earned(QUOTE, QUOTE.start_on + DAY) > ZERO
    assert days[2].cumulative - days[1].cumulative == days[2].earned


def test_another_day_of_payment_tells_days_out_days_late_and_what_is_earned_at_once() -> None:
    out = QUOTE.start_on + DAY
    early = plan.what_if(PAID_OUT, out - DAY)
    assert (early.on, early.days, early.late) == (out + DAY, 1, 0)
    assert early.earned == pricing.earned(QUOTE, out + DAY)
    assert early.earned + early.at_once == pricing.interest(QUOTE) and early.at_once > ZERO
    late = plan.what_if(PAID_OUT, QUOTE.due_on + 3 * DAY)
    assert (late.days, late.late, late.at_once) == ((QUOTE.due_on - out).days + 3, 3, ZERO)
    assert late.annualised == pricing.annualised_cost(QUOTE.cost.minor, QUOTE.net.minor, late.days)
    assert plan.what_if(ASKED, QUOTE.start_on + 2 * DAY).days == 2, "what is not paid out counts from its first day"
