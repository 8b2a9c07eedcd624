"""Reading what forms and addresses give: days, amounts, decimals. What cannot be read is None or a refusal."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from fourflow.platform.money import Money

_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]*)?")


def day(text: str) -> date | None:
    """``2014-06-30``; None when it is no such day."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def uuid(text: str) -> UUID | None:
    """A UUID as forms carry it; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def amount(text: str, currency: str) -> Money:
    """An amount as people type it: spaces, full-width letters, and commas between thousands do not matter.

    A comma anywhere else is no separator (``1234,56`` is not a hundred times as much) and is refused with the text.

    :raises MalformedAmount: it is none.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return Money.parse(plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain, currency)


def per_cent(text: str) -> Decimal | None:
    """``3.95`` → ``Decimal("0.0395")``; None when it is no number from 0 to 100."""
    try:
        value = Decimal(text.strip().rstrip("%"))
    except InvalidOperation:
        return None
    return value / 100 if value.is_finite() and 0 <= value <= 100 else None
