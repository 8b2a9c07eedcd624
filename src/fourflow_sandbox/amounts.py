"""Money as integer minor units; decimal text only at the border."""

from __future__ import annotations

import re
from decimal import Decimal

from fourflow_sandbox.refusal import Refusal

_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "XAF": 0, "XOF": 0, "KWD": 3, "BHD": 3, "TND": 3}
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,5})?")
_LARGEST = 10**15


def exponent(currency: str) -> int:
    """Digits after the decimal point (ISO 4217; 2 unless listed)."""
    return _EXPONENTS.get(currency, 2)


def to_text(minor: int, currency: str) -> str:
    """``123450`` in USD is ``1234.50``; the sign is kept."""
    return f"{Decimal(minor).scaleb(-exponent(currency)):.{exponent(currency)}f}"


def to_minor(text: str, currency: str) -> int | None:
    """Minor units, or ``None`` when the text is no amount of this currency (sign, too many decimals, too large)."""
    if not _AMOUNT.fullmatch(text):
        return None
    scaled = Decimal(text).scaleb(exponent(currency))
    if scaled != scaled.to_integral_value() or scaled >= _LARGEST:
        return None
    return int(scaled)


def is_currency(text: object) -> bool:
    """Three capital letters."""
    return isinstance(text, str) and re.fullmatch(r"[A-Z]{3}", text) is not None


def required_minor(text: object, currency: str, field: str) -> int:
    """As :func:`to_minor`, for request fields.

    :raises Refusal: 422 ``field.invalid``.
    """
    minor = to_minor(text, currency) if isinstance(text, str) else None
    if minor is None:
        raise Refusal(422, "field.invalid", field=field, expected=f"decimal text in {currency}")
    return minor
