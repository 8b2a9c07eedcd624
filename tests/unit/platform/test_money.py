"""Money adds up to the cent, and nothing that is not an amount becomes one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.platform.money import (
    CurrencyMismatch,
    MalformedAmount,
    Money,
    UnknownCurrency,
    allocate,
    round_half_up,
)


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=30).filter(any))
def test_shares_of_a_sum_add_up_to_the_sum_and_differ_from_their_part_by_less_than_one(total, weights):
    shares = allocate(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < whole


def test_the_largest_remainder_gets_the_cent_and_ties_go_to_the_first():
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert allocate(7, [5, 3]) == [4, 3]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_nothing_is_shared_over_no_weight_or_a_negative_one(weights):
    with pytest.raises((ValueError, TypeError)):
        allocate(10, weights)


@given(st.integers(-(10**17), 10**17))
def test_an_amount_reads_back_what_it_writes(minor):
    money = Money(minor, "CNY")
    assert Money.parse(money.to_body()["amount"], "CNY") == money


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,000",
        "1e3",
        "12.345",
        "1.00" + "0" * 30 + "1",
        "NaN",
        "Infinity",
        "1_000",
        "٣",
        "0x10",
        "--1",
        "1.2.3",
        "¥5",
        " ",
        "9" * 30,
    ],
)
def test_a_text_that_is_no_plain_decimal_is_refused(text):
    with pytest.raises(MalformedAmount):
        Money.parse(text, "CNY")


def test_a_yen_has_no_decimals():
    assert Money.parse("500", "JPY").minor == 500
    with pytest.raises(MalformedAmount):
        Money.parse("500.5", "JPY")


def test_two_currencies_are_never_added_or_compared():
    with pytest.raises(CurrencyMismatch):
        Money(1, "CNY") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "CNY") < Money(1, "USD")
    with pytest.raises(UnknownCurrency):
        Money(1, "XXX")


def test_a_float_is_no_amount():
    with pytest.raises(TypeError):
        Money(1.0, "CNY")  # type: ignore[arg-type]


def test_halves_round_away_from_zero():
    assert [round_half_up(Decimal(x)) for x in ("0.5", "1.5", "2.5", "-0.5", "2.4999")] == [1, 2, 3, -1, 2]
