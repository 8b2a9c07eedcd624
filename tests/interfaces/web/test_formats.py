"""Figures look the same on every page, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.interfaces.web import reading
from fourflow.interfaces.web.templatetags.ff import slid
from fourflow.platform import formats as f
from fourflow.platform.money import EXPONENTS, MalformedAmount, Money


@given(st.integers(-(10**17), 10**17), st.sampled_from(sorted(EXPONENTS)), st.sampled_from(["zh", "en"]))
def test_a_formatted_amount_loses_no_digit(minor: int, currency: str, language: str) -> None:
    text = f.money_text(Money(minor, currency), language)
    digits = "".join(c for c in text if c.isdigit())
    assert int(digits) == abs(minor)
    assert (f.MINUS in text) == (minor < 0)


@pytest.mark.parametrize(
    ("money", "zh", "en"),
    [
        (Money(320_000_000, "CNY"), "¥3,200,000.00", "CNY\u00a03,200,000.00"),
        (Money(-123_450, "CNY"), "\u2212¥1,234.50", "CNY\u00a0\u22121,234.50"),
        (Money(7_396_865_902, "USD"), "USD\u00a073,968,659.02", "USD\u00a073,968,659.02"),
        (Money(1_500, "JPY"), "JPY\u00a01,500", "JPY\u00a01,500"),
    ],
)
def test_amounts_in_full(money: Money, zh: str, en: str) -> None:
    assert f.money_text(money, "zh") == zh
    assert f.money_text(money, "en") == en


@pytest.mark.parametrize(
    ("minor", "zh", "en"),
    [
        (128_500_000_000, "¥12.85\u00a0亿", "CNY\u00a01.28bn"),
        (4_621_000_000, "¥4,621.0\u00a0万", "CNY\u00a046.21m"),
        (1_240_000, "¥1.2\u00a0万", "CNY\u00a012.4k"),
        (999_900, "¥9,999.00", "CNY\u00a09,999.00"),
    ],
)
def test_short_amounts_use_the_reader_s_own_steps(minor: int, zh: str, en: str) -> None:
    assert f.compact_text(Money(minor, "CNY"), "zh") == zh
    assert f.compact_text(Money(minor, "CNY"), "en") == en


def test_rates_say_what_makes_them_comparable() -> None:
    assert f.rate_text(Decimal("0.0395"), "zh") == "3.95%（单利，ACT/360）"
    assert f.rate_text(Decimal("0.0395"), "en") == "3.95% simple, ACT/360"
    assert f.spread_text(Decimal("0.0095")) == "+95\u00a0bp"
    assert f.spread_text(Decimal("-0.0010")) == "\u221210\u00a0bp"
    assert f.share_text(1, 3) == "33.3%"
    assert f.share_text(1, 0) == "–"


def test_dates_differ_between_tables_and_sentences() -> None:
    day = date(2026, 11, 5)
    assert f.date_table(day) == "2026-11-05"
    assert f.date_prose(day, "zh") == "2026年11月5日"
    assert f.date_prose(day, "en") == "5 November 2026"
    instant = datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
    assert f.instant_text(instant) == "2026-11-20 18:05"
    assert f.instant_text(instant, reader_zone="Europe/Berlin") == "2026-11-20 18:05 UTC+08:00"


def test_relative_times_end_at_seven_days() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert f.relative_text(now - timedelta(hours=3), now, "zh") == "3 小时前"
    assert f.relative_text(now + timedelta(days=1), now, "en") == "in 1 day"
    assert f.relative_text(now - timedelta(seconds=10), now, "en") == "just now"
    assert f.relative_text(now - timedelta(days=7), now, "en") is None


def test_due_dates_say_how_far_away_they_are() -> None:
    today = date(2026, 11, 20)
    assert f.days_text(today + timedelta(days=12), today, "zh") == "还有 12 天"
    assert f.days_text(today - timedelta(days=1), today, "en") == "1 day late"
    assert f.days_text(today, today, "en") == "today"


@given(st.sampled_from(["USCC", "LEI", "ACCOUNT", "SANDBOX"]), st.text("0123456789ABCDEFGHJ", min_size=1, max_size=30))
def test_grouping_an_identifier_loses_nothing(scheme: str, value: str) -> None:
    assert "".join(f.identifier_groups(scheme, value)) == value


def test_identifiers_are_cut_where_people_read_them() -> None:
    assert f.identifier_groups("USCC", "91310000607342023X") == ("91", "310000", "607342023", "X")
    assert f.short_id("vch_01JABCDEFGHJKMNPQRSTVWXYZ2") == ("vch_", "VWXYZ2")


def test_masks_hide_the_middle_and_hide_all_of_what_is_short() -> None:
    assert f.masked_account("6217000012348823") == "6217 **** 8823"
    assert f.masked_account("12345678") == "****"
    assert f.masked_name("王小明") == "王**"
    assert f.masked_phone("13800001234") == "138****1234"
    assert f.initials("王小明") == "明"
    assert f.initials("Amara Okafor") == "AO"
    assert f.initials("Maker (operator)") == "MO"
    assert f.initials("()") == "?"


@pytest.mark.parametrize(
    ("typed", "stands_at"),
    [
        ("", 48_000_000),
        ("ten", 48_000_000),
        ("10000.00", 1_000_000),
        ("10,000", 1_000_000),
        ("480000.01", 48_000_000),
        ("-1", 0),
    ],
)
def test_a_slider_stands_at_the_amount_that_was_typed_beside_it(typed: str, stands_at: int) -> None:
    assert slid(Money(48_000_000, "USD"), typed) == stands_at


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1,234.56", 123_456),
        ("9,999,999,999.99", 999_999_999_999),
        (" 1 234.50", 123_450),
        ("１，２３４．５６", 123_456),
        ("0.01", 1),
        ("1234,56", None),
        ("1,23", None),
        ("12,34,567", None),
        ("1,2345", None),
        ("1.234,56", None),
        (",5", None),
    ],
)
def test_an_amount_is_read_as_it_was_meant_or_not_at_all(typed: str, minor: int | None) -> None:
    """A comma for the decimals, as half of Europe writes it, never makes an amount a hundred times as large."""
    if minor is None:
        with pytest.raises(MalformedAmount):
            reading.amount(typed, "USD")
    else:
        assert reading.amount(typed, "USD") == Money(minor, "USD")
