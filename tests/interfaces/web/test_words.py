"""大写 and English words read back to the same cent, and follow the payment rules' own examples."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.platform.money import EXPONENTS, Money
from fourflow.platform.words import CURRENCY_ZH, DIGITS, amount_en, amount_words, amount_zh, integer_en

UNITS = {"拾": 10, "佰": 100, "仟": 1_000}


def read_integer(text: str) -> int:
    """A reader written from the other side: it knows no grouping rules, only what each character is worth."""
    for name, unit in (("亿", 10**8), ("万", 10**4)):
        if name in text:
            high, _, low = text.rpartition(name)
            return read_integer(high) * unit + (read_integer(low) if low else 0)
    total, digit = 0, 0
    for character in text:
        if character in UNITS:
            total, digit = total + digit * UNITS[character], 0
        else:
            digit = DIGITS.index(character)
    return total + digit


def read_back(text: str, currency: str) -> int:
    body = text.removeprefix(CURRENCY_ZH[currency])
    negative, body = body.startswith("负"), body.removeprefix("负")
    found = re.fullmatch(r"(?:(.+?)元)?(?:零(?=.分))?(?:(.)角)?(?:(.)分)?(整)?", body)
    assert found, text
    whole, jiao, fen, closed = found.groups()
    assert bool(closed) == (fen is None), f"整 closes exactly the sums without 分: {text}"
    minor = (DIGITS.index(jiao) * 10 if jiao else 0) + (DIGITS.index(fen) if fen else 0)
    value = (read_integer(whole) if whole else 0) * 10 ** EXPONENTS[currency] + minor
    return -value if negative else value


@given(st.integers(-(10**17), 10**17), st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_in_capital_characters_reads_back_to_the_cent(minor: int, currency: str) -> None:
    assert read_back(amount_zh(Money(minor, currency)), currency) == minor


@given(st.integers(0, 10**17))
def test_capital_characters_never_double_or_misplace_a_zero(minor: int) -> None:
    text = amount_zh(Money(minor, "CNY"))
    assert "零零" not in text
    assert not re.search(r"零(万|亿|拾|佰|仟)", text)
    assert minor < 100 or "零元" not in text


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (53, "人民币伍角叁分"),
        (50, "人民币伍角整"),
        (1_000, "人民币壹拾元整"),
        (140_950, "人民币壹仟肆佰零玖元伍角整"),
        (600_714, "人民币陆仟零柒元壹角肆分"),
        (168_032, "人民币壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "人民币壹拾万柒仟元伍角叁分"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32_504, "人民币叁佰贰拾伍元零肆分"),
        (320_000_000, "人民币叁佰贰拾万元整"),
        (10_000_000_000, "人民币壹亿元整"),
        (10_000_500_000, "人民币壹亿零伍仟元整"),
        (123_456_789_012_300, "人民币壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元整"),
        (-123_450, "人民币负壹仟贰佰叁拾肆元伍角整"),
    ],
)
def test_the_examples_of_the_payment_rules(minor: int, words: str) -> None:
    assert amount_zh(Money(minor, "CNY")) == words


def test_other_currencies_are_named_and_yen_has_no_fractions() -> None:
    assert amount_zh(Money(7_396_865_902, "USD")) == "美元柒仟叁佰玖拾陆万捌仟陆佰伍拾玖元零贰分"
    assert amount_zh(Money(1_000, "JPY")) == "日元壹仟元整"


_SMALL = {
    word: i
    for i, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {
    word: 10 * i
    for i, word in enumerate(["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
    if i > 1
}
_BIG = {w: 1_000 ** (i + 1) for i, w in enumerate(["thousand", "million", "billion", "trillion", "quadrillion"])}


def read_english(text: str) -> int:
    total, group = 0, 0
    for word in text.replace("-", " ").split():
        if word in _SMALL:
            group += _SMALL[word]
        elif word == "hundred":
            group *= 100
        elif word in _BIG:
            total, group = total + group * _BIG[word], 0
        else:
            assert word == "and"
    return total + group


@given(st.integers(0, 10**17))
def test_an_english_number_reads_back(value: int) -> None:
    assert read_english(integer_en(value)) == value


def test_english_sums_name_the_cents_or_say_only() -> None:
    assert amount_en(Money(123_450, "USD")) == "US dollars one thousand two hundred and thirty-four and 50/100"
    assert amount_en(Money(320_000_000, "CNY")) == "Chinese yuan three million two hundred thousand only"
    assert amount_words(Money(100, "CNY"), "en") == "Chinese yuan one only"
