"""Amounts in words: 大写 for Chinese contracts, English words for English ones. Pure functions.

Chinese rules: 《支付结算办法》附件一《正确填写票据和结算凭证的基本规定》 (PBOC, 1997), items 1–4.
"""

from __future__ import annotations

from fourflow.platform.money import Money, exponent

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SMALL = ("", "拾", "佰", "仟")
#: What stands before the sum. The digits after it read 元, 角, 分 in every currency that has hundredths.
CURRENCY_ZH = {
    "CNY": "人民币",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "HKD": "港元",
    "SGD": "新加坡元",
    "JPY": "日元",
    "CHF": "瑞士法郎",
}
CURRENCY_EN = {
    "CNY": "Chinese yuan",
    "USD": "US dollars",
    "EUR": "euros",
    "GBP": "pounds sterling",
    "HKD": "Hong Kong dollars",
    "SGD": "Singapore dollars",
    "JPY": "Japanese yen",
    "CHF": "Swiss francs",
}
_ONES = [
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
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_THOUSANDS = ("", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion")


def _four(group: int) -> str:
    """A group of four digits (0–9999) without leading zeros; inner zeros collapse to one 零."""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + _SMALL[place]
            gap = False
        else:
            gap = True
    return text


def integer_zh(value: int) -> str:
    """A non-negative integer in 大写 without a unit: ``107000`` → ``壹拾万柒仟``, ``16409`` → ``壹万陆仟肆佰零玖``."""
    if value == 0:
        return "零"
    if value < 10**4:
        return _four(value)
    unit, name = (10**8, "亿") if value >= 10**8 else (10**4, "万")
    high, low = divmod(value, unit)
    text = integer_zh(high) + name
    if low == 0:
        return text
    return text + ("零" if low < unit // 10 else "") + integer_zh(low)


def amount_zh(money: Money) -> str:
    """The amount in 大写 with its currency: ``人民币叁佰贰拾万元整``, ``美元壹仟贰佰叁拾肆元伍角整``.

    整 closes an amount without 分; 零 stands for an empty 角 before 分 when there are 元 (items 2–4 of the rules).
    """
    whole, minor = divmod(abs(money.minor), 10 ** exponent(money.currency))
    jiao, fen = divmod(minor, 10)
    text = CURRENCY_ZH[money.currency] + ("负" if money.minor < 0 else "")
    if whole or not minor:
        text += integer_zh(whole) + "元"
    if not minor:
        return text + "整"
    if jiao:
        text += DIGITS[jiao] + "角"
    elif whole:
        text += "零"
    return text + (DIGITS[fen] + "分" if fen else "整")


def _hundreds_en(value: int) -> str:
    words = []
    if value >= 100:
        words += [_ONES[value // 100], "hundred"]
        value %= 100
        if value:
            words.append("and")
    if value >= 20:
        words.append(_TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else ""))
    elif value:
        words.append(_ONES[value])
    return " ".join(words)


def integer_en(value: int) -> str:
    """A non-negative integer in English words: ``3200015`` → ``three million two hundred thousand and fifteen``."""
    if value == 0:
        return "zero"
    parts, place, rest = [], 0, value
    while rest:
        rest, group = divmod(rest, 1_000)
        if group:
            words = _hundreds_en(group)
            if place == 0 and group < 100 and value >= 1_000:
                words = f"and {words}"
            parts.append(f"{words} {_THOUSANDS[place]}".strip())
        place += 1
    return " ".join(reversed(parts))


def amount_en(money: Money) -> str:
    """``US dollars one thousand two hundred and thirty-four and 50/100``; a whole sum ends with ``only``."""
    decimals = exponent(money.currency)
    whole, minor = divmod(abs(money.minor), 10**decimals)
    sign = "minus " if money.minor < 0 else ""
    text = f"{CURRENCY_EN[money.currency]} {sign}{integer_en(whole)}"
    return f"{text} and {minor:0{decimals}d}/{10**decimals}" if minor else f"{text} only"


def amount_words(money: Money, language: str) -> str:
    """The amount in words of the page's language."""
    return amount_zh(money) if language == "zh" else amount_en(money)
