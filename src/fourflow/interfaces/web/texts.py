"""Figures as plain text in the reader's language, for sentences that Python puts together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, pgettext

from fourflow.platform import formats
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money


def language() -> str:
    return "zh" if (get_language() or "").startswith("zh") else "en"


def listed(words: Iterable[object]) -> str:
    """Several things in one cell or sentence, with what stands between them in the reader's language."""
    return pgettext("between things", ", ").join(str(one) for one in words)


def money(value: Money) -> str:
    return formats.money_text(value, language())


def of_body(body: object) -> Money | None:
    """``{"amount": "12.00", "currency": "USD"}`` as Money; None when it is something else."""
    if not isinstance(body, Mapping) or set(body) != {"amount", "currency"}:
        return None
    try:
        return Money.parse(str(body["amount"]), str(body["currency"]))
    except FourflowError:
        return None


def amount_of(body: object) -> str:
    found = of_body(body)
    return money(found) if found else ""


def rate(value: Decimal, day_count: str = "ACT/360") -> str:
    return formats.rate_text(value, language(), day_count)


def day(value: date) -> str:
    return formats.date_prose(value, language())
