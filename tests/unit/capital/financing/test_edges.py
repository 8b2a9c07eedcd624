"""Edges of prices and postings that a change by one would move."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.unit.capital.financing.test_postings import PLATFORM, VAT, quote

from fourflow.capital.financing.domain import postings, pricing
from fourflow.capital.financing.types import CostKind, NothingLeft
from fourflow.capital.ledger.types import Chart
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

FREE = pricing.PriceInput(Decimal(0), Decimal(0), Decimal(0), Decimal(0), "ACT/360")


def test_one_cent_may_be_left_and_nothing_may_not() -> None:
    nearly = pricing.PriceInput(Decimal(0), Decimal("0.99"), Decimal(0), Decimal(0), "ACT/360")
    assert pricing.price(Money(100, "CNY"), 30, nearly).net == Money(1, "CNY")
    everything = pricing.PriceInput(Decimal(0), Decimal(1), Decimal(0), Decimal(0), "ACT/360")
    with pytest.raises(NothingLeft):
        pricing.price(Money(100, "CNY"), 30, everything)


def test_interest_is_named_even_at_nothing_and_other_fees_only_where_they_cost_something() -> None:
    assert [line.kind for line in pricing.price(Money(100, "CNY"), 30, FREE).lines] == [CostKind.INTEREST]


def test_on_the_last_day_the_whole_discount_is_earned_whatever_the_days_add_up_to() -> None:
    assert pricing.accrued(100_000, Decimal("0.045"), 30, "ACT/360", 9_999, 30) == 9_999


def test_the_platforms_fee_is_posted_net_and_tax_in_its_own_book_and_nowhere_without_a_fee() -> None:
    charged = quote(1_000_000, False, platform="0.0053")
    fee = next(line.amount for line in charged.lines if line.kind is CostKind.PLATFORM_FEE)
    net = postings.without_tax(fee, VAT)
    entries = postings.platform_fee(charged, new_id(), PLATFORM, VAT)
    assert [(e.credit.chart_code, e.credit.counterparty, e.amount) for e in entries] == [
        (Chart.FEE_REVENUE.value, charged.funder_id, net),
        (Chart.OUTPUT_VAT.value, None, fee - net),
    ]
    assert postings.platform_fee(quote(1_000_000, False), new_id(), PLATFORM, VAT) == []


def test_the_share_of_the_platform_is_owed_to_the_platform_and_its_tax_to_nobody() -> None:
    entries = postings.platform_share(quote(1_000_000, False), new_id(), PLATFORM, VAT)
    cost, tax = entries[0], entries[1]
    assert (cost.debit.chart_code, cost.debit.counterparty) == (Chart.FEE_EXPENSE.value, PLATFORM)
    assert (cost.credit.chart_code, cost.credit.counterparty) == (Chart.FEE_PAYABLE.value, PLATFORM)
    assert (tax.debit.chart_code, tax.debit.counterparty) == (Chart.INPUT_VAT.value, None)


def test_no_share_no_entries() -> None:
    import dataclasses

    without = dataclasses.replace(quote(1_000_000, False), platform_share=Money(0, "CNY"))
    assert postings.platform_share(without, new_id(), PLATFORM, VAT) == []
