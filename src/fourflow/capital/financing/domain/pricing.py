"""The price of cash now, as a receipt that adds up to the cent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from fourflow.capital.financing.types import CostKind, CostLine, FeePayee, NothingLeft, Quote
from fourflow.platform.money import Money, round_half_up

YEARS = {"ACT/360": 360, "ACT/365": 365, "30/360": 360}


def day_count_days(start_on: date, end_on: date, day_count: str = "ACT/360") -> int:
    """Days between two dates, the first counted and the last not (算头不算尾); 30/360 is the bond basis (ISDA 4.16(f))."""
    if day_count != "30/360":
        return (end_on - start_on).days
    first = min(start_on.day, 30)
    last = 30 if end_on.day == 31 and first == 30 else end_on.day
    return (end_on.year - start_on.year) * 360 + (end_on.month - start_on.month) * 30 + last - first


def simple_interest(amount: int, annual_rate: Decimal, days: int, day_count: str) -> int:
    """Simple interest in minor units, rounded half up once: amount × rate × days / year (PBOC: day rate = annual / 360).

    >>> simple_interest(30_000_000, Decimal("0.045"), 120, "ACT/360")
    450000
    """
    return round_half_up(Decimal(amount) * annual_rate * days / YEARS[day_count])


def accrued(amount: int, annual_rate: Decimal, days: int, day_count: str, total: int, total_days: int) -> int:
    """What of a discount of ``total`` has been earned after ``days`` of ``total_days``, in minor units.

    Cumulative: a day's entry is this minus what was earned before, so that the days add up to the total exactly.
    """
    if days >= total_days:
        return total
    if days <= 0:
        return 0
    return min(total, simple_interest(amount, annual_rate, days, day_count))


def interest(quote: Quote) -> Money:
    """The whole discount of a quote."""
    lines = (line.amount for line in quote.lines if line.kind is CostKind.INTEREST)
    return sum(lines, start=Money.zero(quote.amount.currency))


def earned(quote: Quote, on: date) -> Money:
    """What of a quote's interest has been earned by a day, that day not counted; all of it from the due date on."""
    days = day_count_days(quote.start_on, min(on, quote.due_on), quote.day_count)
    whole = interest(quote)
    minor = accrued(quote.amount.minor, quote.annual_rate, days, quote.day_count, whole.minor, quote.days)
    return Money(minor, quote.amount.currency)


def annualised_cost(cost: int, net: int, days: int) -> Decimal:
    """All-in annual cost of the cash received: cost / net × 365 / days, six decimals, half up (PBOC announcement 2021-3).

    ``days`` are the calendar's, whatever convention counts the interest.
    """
    return round_rate(Decimal(cost) / Decimal(net) * 365 / days)


def round_rate(rate: Decimal) -> Decimal:
    """A rate as it is stored and shown: six decimals (a ten-thousandth of a percent), halves away from zero."""
    return rate.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class PriceInput:
    """Dated inputs of a quote, all fractions: interest and platform fee per year, the funder's fee of the amount, the
    platform's share of the funder's interest."""

    annual_rate: Decimal
    funder_fee_rate: Decimal
    platform_fee_rate: Decimal
    platform_share: Decimal
    day_count: str


@dataclass(frozen=True, slots=True)
class Price:
    """Result of :func:`price`."""

    lines: tuple[CostLine, ...]
    cost: Money
    net: Money
    annualised: Decimal
    platform_share: Money


def price(amount: Money, days: int, given: PriceInput, *, calendar_days: int | None = None) -> Price:
    """What cash now costs: interest and fees are taken off the amount at once.

    ``days`` as the convention counts them; ``calendar_days`` where the calendar has another number.

    The platform's share comes out of the funder's interest (domain: 7:3) and is therefore not added to the cost again.

    :raises NothingLeft: the cost is not smaller than the amount.
    """
    year = YEARS[given.day_count]
    interest = Money(simple_interest(amount.minor, given.annual_rate, days, given.day_count), amount.currency)
    funder_fee = Money(round_half_up(amount.minor * given.funder_fee_rate), amount.currency)
    platform_fee = Money(simple_interest(amount.minor, given.platform_fee_rate, days, given.day_count), amount.currency)
    lines = [
        CostLine(CostKind.INTEREST, FeePayee.FUNDER, interest, f"{amount} × {given.annual_rate} × {days} / {year}"),
        CostLine(CostKind.FUNDER_FEE, FeePayee.FUNDER, funder_fee, f"{amount} × {given.funder_fee_rate}"),
        CostLine(
            CostKind.PLATFORM_FEE,
            FeePayee.PLATFORM,
            platform_fee,
            f"{amount} × {given.platform_fee_rate} × {days} / {year}",
        ),
    ]
    cost = interest + funder_fee + platform_fee
    net = amount - cost
    if net.minor <= 0:
        raise NothingLeft(amount=str(amount), cost=str(cost))
    return Price(
        lines=tuple(line for line in lines if line.amount or line.kind is CostKind.INTEREST),
        cost=cost,
        net=net,
        annualised=annualised_cost(cost.minor, net.minor, calendar_days or days),
        platform_share=Money(round_half_up(interest.minor * given.platform_share), amount.currency),
    )
