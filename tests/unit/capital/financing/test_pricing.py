"""The price of cash now: the accounting guide's example, and sums that always add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.financing.domain import postings, pricing
from fourflow.capital.financing.types import CostKind, NothingLeft
from fourflow.platform.money import Money

RATE = Decimal("0.045")


def given_(
    rate: str = "0.045", fee: str = "0", platform: str = "0", share: str = "0.3", basis: str = "ACT/360"
) -> pricing.PriceInput:
    return pricing.PriceInput(Decimal(rate), Decimal(fee), Decimal(0), Decimal("0.3"), "ACT/360")


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def test_the_example_of_the_accounting_guide() -> None:
    assert pricing.simple_interest(30_000_000, RATE, 120, "ACT/360") == 450_000
    assert pricing.simple_interest(30_000_000, RATE, 1, "ACT/360") == 3_750
    price = pricing.price(cny(30_000_000), 120, given_())
    assert (price.net, price.cost, price.platform_share) == (cny(29_550_000), cny(450_000), cny(135_000))
    assert price.annualised == Decimal("0.046320")
    net = postings.without_tax(price.platform_share, Decimal("0.06"))
    assert (net, price.platform_share - net) == (cny(127_358), cny(7_642))


@pytest.mark.parametrize(
    ("start", "end", "basis", "days"),
    [
        (date(2014, 5, 1), date(2014, 8, 29), "ACT/360", 120),
        (date(2014, 1, 31), date(2014, 2, 28), "30/360", 28),
        (date(2014, 1, 30), date(2014, 3, 31), "30/360", 60),
        (date(2014, 1, 15), date(2015, 1, 15), "30/360", 360),
        (date(2014, 2, 28), date(2014, 3, 31), "30/360", 33),
        (date(2016, 2, 28), date(2016, 3, 1), "ACT/365", 2),
    ],
)
def test_days_are_counted_as_the_convention_says(start: date, end: date, basis: str, days: int) -> None:
    assert pricing.day_count_days(start, end, basis) == days


@pytest.mark.parametrize(("basis", "interest"), [("ACT/360", 4_500), ("ACT/365", 4_438), ("30/360", 4_500)])
def test_the_year_is_the_conventions(basis: str, interest: int) -> None:
    assert pricing.simple_interest(300_000, RATE, 120, basis) == interest


amounts = st.integers(10_000, 10**13)
days = st.integers(1, 366)
rates = st.decimals(0, Decimal("0.36"), places=4)


@given(amounts, days, rates, st.decimals(0, Decimal("0.01"), places=4), rates, st.decimals(0, 1, places=2))
def test_a_receipt_adds_up_and_counts_the_platforms_share_once(
    amount: int, term: int, rate: Decimal, fee: Decimal, platform: Decimal, share: Decimal
) -> None:
    terms = pricing.PriceInput(rate, fee, platform, share, "ACT/360")
    price = pricing.price(cny(amount), term, terms)
    assert price.net + price.cost == cny(amount) and price.net.minor > 0
    assert sum(line.amount.minor for line in price.lines) == price.cost.minor
    interest = sum(line.amount.minor for line in price.lines if line.kind is CostKind.INTEREST)
    assert 0 <= price.platform_share.minor <= interest
    assert price.annualised >= 0


def test_the_annual_cost_is_of_the_calendars_days() -> None:
    assert pricing.price(cny(30_000_000), 118, given_(), calendar_days=120).annualised == Decimal("0.045536")
    a_day_that_30_360_does_not_count = pricing.price(cny(10_000), 0, given_(fee="0.001"), calendar_days=1)
    assert a_day_that_30_360_does_not_count.annualised == Decimal("0.365365")


def test_a_cost_that_eats_the_amount_is_refused() -> None:
    with pytest.raises(NothingLeft):
        pricing.price(cny(10_000), 120, given_(fee="1"))
    with pytest.raises(NothingLeft):
        pricing.price(cny(10_000), 360, given_(rate="1"))


@given(amounts, st.integers(1, 400), rates)
def test_the_days_of_interest_add_up_to_the_whole(amount: int, term: int, rate: Decimal) -> None:
    whole = pricing.simple_interest(amount, rate, term, "ACT/360")
    earned, sums = 0, []
    for day in range(term + 3):
        now = pricing.accrued(amount, rate, day, "ACT/360", whole, term)
        sums.append(now - earned)
        earned = now
    assert sum(sums) == whole and all(one >= 0 for one in sums) and sums[0] == 0
    assert sums[-2:] == [0, 0]
    exact = Decimal(amount) * rate / 360
    assert all(abs(one - exact) <= 1 for one in sums[1 : term + 1])


@given(st.integers(1, 10**12), st.sampled_from(["0.06", "0.13", "0.09", "0"]))
def test_tax_and_net_add_up_to_the_gross(gross: int, rate: str) -> None:
    net = postings.without_tax(cny(gross), Decimal(rate))
    assert 0 <= net.minor <= gross
    assert abs(net.minor * (1 + Decimal(rate)) - gross) <= 1


def test_annualised_cost_is_over_the_net_cash_for_a_year_of_365_days() -> None:
    assert pricing.annualised_cost(450_000, 29_550_000, 120) == Decimal("0.046320")
    assert pricing.annualised_cost(0, 1, 30) == 0
