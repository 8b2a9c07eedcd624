"""Money as whole minor units of a currency, and the roundings that make shares of a sum add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, getcontext

from fourflow.platform.errors import Invalid

#: ISO 4217 minor-unit exponents of the currencies that an installation may use.
EXPONENTS: dict[str, int] = {"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "SGD": 2, "JPY": 0, "CHF": 2}

#: A bigint holds nine times this; the rest is head-room for sums.
MAX_MINOR = 10**18


class CurrencyMismatch(Invalid):
    """Two amounts of different currencies were added or compared."""

    code = "money.currency_mismatch"


class MalformedAmount(Invalid):
    """A text is not an amount: digits, at most the currency's decimals, no exponent, no thousands separator."""

    code = "money.malformed"


class UnknownCurrency(Invalid):
    """The currency is not in the table of minor units."""

    code = "money.unknown_currency"


def exponent(currency: str) -> int:
    """Number of decimals of a currency (ISO 4217).

    :raises UnknownCurrency: the currency is not in the table.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency=currency, expected=sorted(EXPONENTS)) from None


def round_half_up(value: Decimal) -> int:
    """Round to the nearest integer, halves away from zero (commercial rounding, 四舍五入)."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total into shares proportional to weights, by largest remainder (Hamilton's method).

    The shares add up to the total exactly; ties go to the first. A negative total is split as its mirror image.

    :raises ValueError: a weight is negative, or all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    if total < 0:
        return [-share for share in allocate(-total, weights)]
    shares = [total * weight // whole for weight in weights]
    rest = total - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[:rest]:
        shares[i] += 1
    return shares


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units (cents, 分) of one currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("Money.minor is an int of minor units")
        exponent(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a decimal string such as ``"3200000.00"``.

        :raises MalformedAmount: not a plain decimal, more decimals than the currency has, or beyond the range.
        """
        decimals = exponent(currency)
        try:
            value = Decimal(text.strip()) if isinstance(text, str) else Decimal("NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        plain = isinstance(text, str) and text.strip().lstrip("-").replace(".", "", 1).isascii()
        # more digits than the context keeps would be rounded where they are to be refused
        exact = len(value.as_tuple().digits) <= getcontext().prec
        if not value.is_finite() or not plain or not exact or "e" in text.lower() or "_" in text:
            raise MalformedAmount(value=str(text)[:40], currency=currency, decimals=decimals)
        minor = value.scaleb(decimals)
        if minor != minor.to_integral_value() or abs(minor) > MAX_MINOR:
            raise MalformedAmount(value=text[:40], currency=currency, decimals=decimals)
        return cls(int(minor), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Shares proportional to the weights that add up to this amount; see :func:`allocate`."""
        return [Money(share, self.currency) for share in allocate(self.minor, weights)]

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal:.{exponent(self.currency)}f} {self.currency}"

    def to_body(self) -> dict[str, str]:
        """The form that events, idempotency inputs and the API carry: a decimal string and the currency."""
        return {"amount": f"{self.decimal:.{exponent(self.currency)}f}", "currency": self.currency}
