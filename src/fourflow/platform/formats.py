"""How figures look: money, rates, dates, identifiers. Pure functions of a value and a language (``"zh"`` or ``"en"``).

Nothing here reads the request or the clock; the template tags pass the language and the moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from fourflow.platform.money import Money, exponent

MINUS = "\u2212"
NBSP = "\u00a0"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in the parts that the page styles apart: sign, currency, digits, unit."""

    sign: str
    currency: str
    digits: str
    unit: str = ""
    prefix: bool = False  # a sign such as ¥ stands against the digits; a code such as USD does not

    def __str__(self) -> str:
        gap = "" if self.prefix or not self.currency else NBSP
        unit = f"{NBSP if self.unit in ('亿', '万') else ''}{self.unit}"
        if self.prefix or not self.currency:
            return f"{self.sign}{self.currency}{gap}{self.digits}{unit}"
        return f"{self.currency}{gap}{self.sign}{self.digits}{unit}"


def grouped(value: Decimal, places: int) -> str:
    """Absolute value with thousands separators and fixed decimals; the value must already have no more than that."""
    return f"{abs(value):,.{places}f}"


def _currency(code: str, language: str) -> tuple[str, bool]:
    return ("¥", True) if language == "zh" and code == "CNY" else (code, False)


def money_figure(money: Money, language: str) -> Figure:
    """``¥3,200,000.00`` in Chinese, ``CNY 3,200,000.00`` in English; other currencies by ISO code in both."""
    currency, prefix = _currency(money.currency, language)
    sign = MINUS if money.minor < 0 else ""
    return Figure(sign, currency, grouped(money.decimal, exponent(money.currency)), prefix=prefix)


def money_text(money: Money, language: str) -> str:
    """The full amount as one string."""
    return str(money_figure(money, language))


def compact_figure(money: Money, language: str) -> Figure:
    """A short amount for indicators and axes: ``12.85 亿``, ``4,621.0 万``; ``1.28bn``, ``46.21m``, ``12.4k``.

    Rounded half to even, for display only; the full value always stands beside it (title or table).
    """
    currency, prefix = _currency(money.currency, language)
    sign = MINUS if money.minor < 0 else ""
    size = abs(money.decimal)
    steps = (
        ((Decimal(10) ** 8, "亿", 2), (Decimal(10) ** 4, "万", 1))
        if language == "zh"
        else ((Decimal(10) ** 9, "bn", 2), (Decimal(10) ** 6, "m", 2), (Decimal(10) ** 4, "k", 1))
    )
    for threshold, unit, places in steps:
        if size >= threshold:
            divisor = Decimal(10) ** 3 if unit == "k" else threshold
            shown = (size / divisor).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
            return Figure(sign, currency, grouped(shown, places), unit, prefix)
    return Figure(sign, currency, grouped(money.decimal, exponent(money.currency)), prefix=prefix)


def compact_text(money: Money, language: str) -> str:
    return str(compact_figure(money, language))


def percent(rate: Decimal, places: int = 2) -> str:
    """A fraction as per cent: ``Decimal("0.0395")`` → ``3.95%``. Rounded half up."""
    shown = (rate * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{MINUS if shown < 0 else ''}{grouped(shown, places)}%"


def rate_text(rate: Decimal, language: str, day_count: str = "ACT/360", compounding: str = "simple") -> str:
    """A rate with what makes it comparable: ``3.95%（单利，ACT/360）``, ``3.95% simple, ACT/360``."""
    if language == "zh":
        word = {"simple": "单利", "compound": "复利"}[compounding]
        return f"{percent(rate)}（{word}，{day_count}）"
    return f"{percent(rate)} {compounding}, {day_count}"


def spread_text(spread: Decimal) -> str:
    """A spread in basis points, always signed: ``+95 bp``. Rounded half up to the basis point."""
    points = int((spread * 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return f"{'+' if points >= 0 else MINUS}{abs(points):,}{NBSP}bp"


def number_text(value: int | Decimal, places: int | None = None) -> str:
    """A plain number with thousands separators; a decimal keeps its own places unless told."""
    number = Decimal(value)
    if places is None:
        places = max(0, -int(number.as_tuple().exponent)) if number.is_finite() else 0
    return f"{MINUS if number < 0 else ''}{grouped(number, places)}"


def share_text(part: int, whole: int) -> str:
    """A part of a whole as per cent with one decimal, rounded half up; an en dash when there is no whole."""
    return "–" if whole == 0 else percent(Decimal(part) / Decimal(whole), 1)


def date_table(value: date) -> str:
    """``2026-11-20``: for tables, in both languages."""
    return value.strftime("%Y-%m-%d")


def date_prose(value: date, language: str) -> str:
    """``2026年11月20日``, ``20 November 2026``: for sentences."""
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def instant_text(value: datetime, zone: str = "Asia/Shanghai", reader_zone: str | None = None) -> str:
    """``2026-11-20 18:05``; the offset follows when the zone is not the reader's own."""
    local = value.astimezone(ZoneInfo(zone))
    text = local.strftime("%Y-%m-%d %H:%M")
    if reader_zone in (None, zone):
        return text
    offset = local.strftime("%z")
    return f"{text} UTC{offset[:3].replace('-', MINUS)}:{offset[3:]}"


def relative_text(value: datetime, now: datetime, language: str) -> str | None:
    """``3 小时前`` / ``3 hours ago``; ``None`` from seven days on, where the page shows the instant itself."""
    apart = now - value
    past = apart >= timedelta(0)
    seconds = int(abs(apart).total_seconds())
    if seconds >= 7 * 86_400:
        return None
    for size, zh, en in ((86_400, "天", "day"), (3_600, "小时", "hour"), (60, "分钟", "minute")):
        if seconds >= size:
            count = seconds // size
            if language == "zh":
                return f"{count} {zh}{'前' if past else '后'}"
            words = f"{count} {en}{'' if count == 1 else 's'}"
            return f"{words} ago" if past else f"in {words}"
    return "刚刚" if language == "zh" else "just now"


def days_text(due: date, today: date, language: str) -> str:
    """Days to a due date: ``还有 12 天`` / ``in 12 days``, ``今天`` / ``today``, ``逾期 3 天`` / ``3 days late``."""
    days = (due - today).days
    if days == 0:
        return "今天" if language == "zh" else "today"
    count = abs(days)
    if language == "zh":
        return f"还有 {count:,} 天" if days > 0 else f"逾期 {count:,} 天"
    words = f"{count:,} day{'' if count == 1 else 's'}"
    return f"in {words}" if days > 0 else f"{words} late"


def identifier_groups(scheme: str, value: str) -> tuple[str, ...]:
    """Cut a long identifier where a person reads it: USCC 2-6-9-1, LEI by fours, others whole.

    The groups joined give the value back, so copying and exporting lose nothing.
    """
    if scheme == "USCC" and len(value) == 18:
        return value[:2], value[2:8], value[8:17], value[17:]
    if scheme in ("LEI", "IBAN", "ACCOUNT"):
        return tuple(value[i : i + 4] for i in range(0, len(value), 4))
    return (value,)


def short_id(text: str) -> tuple[str, str]:
    """``vch_01J…8F3K2Q`` as (prefix, last six): enough to recognise; the full id stands in the title."""
    prefix, mark, body = text.rpartition("_")
    return (prefix + mark, body[-6:]) if mark else ("", text if len(text) <= 10 else text[-6:])


def masked_account(value: str) -> str:
    """``6217 **** 8823``; nothing but stars when it is too short to hide anything."""
    return f"{value[:4]} **** {value[-4:]}" if len(value) >= 12 else "****"


def masked_name(value: str) -> str:
    """First character or first letter of each word, the rest starred: ``王**``, ``J*** D**``."""
    return " ".join(word[0] + "*" * (len(word) - 1) for word in value.split())


def masked_phone(value: str) -> str:
    """``138****1234``."""
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 9 else "****"


def initials(name: str) -> str:
    """What stands in the round of a person: the last character of a Chinese name, initials of a Latin one."""
    words = [letters for word in name.split() if (letters := word.strip("()（）[]\"'.,-"))]
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][-1] if ord(words[0][-1]) > 0x2E7F else words[0][0].upper()
    return (words[0][0] + words[-1][0]).upper()
