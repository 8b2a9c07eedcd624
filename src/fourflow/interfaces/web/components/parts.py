"""Parts of a whole and bars, as shares of a width; the templates draw them as SVG with percentages. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fourflow.interfaces.web.components.shell import Words
from fourflow.platform.money import Money, allocate


@dataclass(frozen=True, slots=True)
class Part:
    """A part: ``tone`` is kept, passed, financed, redeemed, used, blocked, free, rest, ok, warn, bad or info."""

    label: Words
    amount: Money
    tone: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part with its place on the bar, in per cent of the width."""

    part: Part
    x: str
    width: str
    share: str


@dataclass(frozen=True, slots=True)
class PartsBar:
    """One bar made of parts; drawn by ``{% parts_bar %}`` with a legend that is also its table twin."""

    label: Words
    parts: tuple[Part, ...]

    @property
    def total(self) -> Money:
        total = Money.zero(self.parts[0].amount.currency)
        for part in self.parts:
            total = total + part.amount
        return total

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Segments in hundredths of a per cent that fill the bar exactly (largest remainder); gaps are drawn by CSS."""
        weights = [max(0, part.amount.minor) for part in self.parts]
        if not any(weights):
            return tuple(Segment(part, "0%", "0%", "–") for part in self.parts)
        widths = allocate(10_000, weights)
        shares = allocate(1_000, weights)
        found, x = [], 0
        for part, width, share in zip(self.parts, widths, shares, strict=True):
            found.append(Segment(part, _percent(x), _percent(width), f"{share // 10}.{share % 10}%"))
            x += width
        return tuple(found)


def _percent(hundredths: int) -> str:
    return f"{Decimal(hundredths) / 100:.2f}%"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a series: a label, an amount, where a click leads."""

    label: Words
    amount: Money
    tone: str = "info"
    href: str = ""
    note: Words = ""


@dataclass(frozen=True, slots=True)
class PlacedBar:
    bar: Bar
    x: str
    middle: str
    width: str
    y: int
    height: int
    quiet: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """A series of bars: ``across`` draws rows (ageing), otherwise columns (maturity ladder)."""

    label: Words
    bars: tuple[Bar, ...]
    across: bool = False
    as_of: Words = ""
    source: Words = ""

    HEIGHT = 132
    TOP = 20

    @property
    def largest(self) -> int:
        return max((bar.amount.minor for bar in self.bars), default=0) or 1

    @property
    def rows(self) -> tuple[tuple[Bar, str], ...]:
        """Each bar with its length in per cent of the largest; what is not zero stays visible."""
        return tuple((bar, _percent(_scaled(bar.amount.minor, self.largest, 10_000, 60))) for bar in self.bars)

    @property
    def columns(self) -> tuple[PlacedBar, ...]:
        """Columns with places in per cent across and pixels up or (negative) down from the base.

        On a phone every second label is left out.
        """
        pitch = Decimal(100) / max(1, len(self.bars))
        width = min(pitch * Decimal("0.62"), Decimal(9))
        found = []
        for n, bar in enumerate(self.bars):
            middle = pitch * n + pitch / 2
            height = _scaled(abs(bar.amount.minor), self._span, self.HEIGHT, 2)
            found.append(
                PlacedBar(
                    bar,
                    x=f"{middle - width / 2:.2f}%",
                    middle=f"{middle:.2f}%",
                    width=f"{width:.2f}%",
                    y=self.base - height if bar.amount.minor >= 0 else self.base,
                    height=height,
                    quiet=n % 2 == 1 and len(self.bars) > 6,
                )
            )
        return tuple(found)

    @property
    def _span(self) -> int:
        """From the lowest bar to the highest, in minor units."""
        return (self.largest - min(0, *(bar.amount.minor for bar in self.bars))) if self.bars else 1

    @property
    def base(self) -> int:
        """Where zero lies: at the bottom, or higher where bars hang below it."""
        return self.TOP + self.HEIGHT * max(0, self.largest) // self._span

    @property
    def text_y(self) -> int:
        return self.TOP + self.HEIGHT + 18

    @property
    def total_height(self) -> int:
        return self.TOP + self.HEIGHT + 26


def _scaled(value: int, largest: int, full: int, least: int) -> int:
    if value <= 0:
        return 0
    return max(least, value * full // largest)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was promised for a month (or another line of a series) and what of it was paid."""

    label: Words
    promised: Money
    paid: Money
    href: str = ""

    @property
    def open(self) -> Money:
        return self.promised - self.paid


@dataclass(frozen=True, slots=True)
class Promises:
    """Promised against paid, line by line; drawn by ``{% promises %}`` as a table whose bars are in it."""

    label: Words
    lines: tuple[Kept, ...]
    as_of: Words = ""
    source: Words = ""

    @property
    def rows(self) -> tuple[tuple[Kept, str, str], ...]:
        """Each line with the lengths of promise and payment, in per cent of the largest promise."""
        largest = max((line.promised.minor for line in self.lines), default=0) or 1
        return tuple(
            (
                line,
                _percent(_scaled(line.promised.minor, largest, 10_000, 60)),
                _percent(_scaled(line.paid.minor, largest, 10_000, 60)),
            )
            for line in self.lines
        )
