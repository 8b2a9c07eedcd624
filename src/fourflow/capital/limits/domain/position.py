"""The arithmetic of one credit line, and what each step means in the funder's memo book.

All amounts are whole minor units of the line's currency. The memo book mirrors the identity of the line: available,
blocked and utilised have debit balances, sanctioned and excess credit balances, so that the book balances exactly when

    available + blocked + utilised = sanctioned + excess

Source of the postings: the accounting guide of vouchers (rows "limit sanctioned", 1, 2, 5, 7a, 7b, 8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fourflow.capital.ledger.types import Chart
from fourflow.capital.limits.types import AmountNotPositive, LimitExceeded, Stage, UseExceeded


@dataclass(frozen=True, slots=True)
class Shift:
    """One transfer in the memo book: an amount > 0 from a credit account to a debit account."""

    debit: Chart
    credit: Chart
    minor: int


Shifts = tuple[Shift, ...]

STAGE_ACCOUNT = {Stage.BLOCKED: Chart.LIMIT_BLOCKED, Stage.UTILISED: Chart.LIMIT_UTILISED}


@dataclass(frozen=True, slots=True)
class Position:
    """The three amounts of a line from which the other two follow."""

    sanctioned: int
    blocked: int
    utilised: int

    @property
    def available(self) -> int:
        return max(0, self.sanctioned - self.blocked - self.utilised)

    @property
    def excess(self) -> int:
        return max(0, self.blocked + self.utilised - self.sanctioned)


def _positive(minor: int) -> None:
    if minor <= 0:
        raise AmountNotPositive(minor=minor)


def _shifts(*wanted: tuple[Chart, Chart, int]) -> Shifts:
    return tuple(Shift(debit, credit, minor) for debit, credit, minor in wanted if minor)


def resanction(before: Position, sanctioned: int) -> tuple[Position, Shifts]:
    """Set the sanctioned amount. A raise fills the excess first; a reduction below use makes excess.

    :raises AmountNotPositive: the sanctioned amount is negative.
    """
    if sanctioned < 0:
        raise AmountNotPositive(minor=sanctioned)
    after = replace(before, sanctioned=sanctioned)
    change = sanctioned - before.sanctioned
    if change >= 0:
        healed = before.excess - after.excess
        return after, _shifts(
            (Chart.LIMIT_EXCESS, Chart.LIMIT_SANCTIONED, healed),
            (Chart.LIMIT_AVAILABLE, Chart.LIMIT_SANCTIONED, change - healed),
        )
    unused = before.available - after.available
    return after, _shifts(
        (Chart.LIMIT_SANCTIONED, Chart.LIMIT_AVAILABLE, unused),
        (Chart.LIMIT_SANCTIONED, Chart.LIMIT_EXCESS, -change - unused),
    )


def block(before: Position, minor: int) -> tuple[Position, Shifts]:
    """Promise an amount of what is available.

    :raises AmountNotPositive: nothing, or less, is asked for.
    :raises LimitExceeded: less is available; a line in excess has nothing available.
    """
    _positive(minor)
    if minor > before.available:
        raise LimitExceeded()
    after = replace(before, blocked=before.blocked + minor)
    return after, _shifts((Chart.LIMIT_BLOCKED, Chart.LIMIT_AVAILABLE, minor))


def utilise(before: Position, minor: int) -> tuple[Position, Shifts]:
    """Turn a promise into a drawn amount. Always possible for what is blocked, also in excess: the promise was given.

    :raises AmountNotPositive: nothing, or less, is to be utilised.
    :raises UseExceeded: less is blocked.
    """
    _positive(minor)
    if minor > before.blocked:
        raise UseExceeded()
    after = replace(before, blocked=before.blocked - minor, utilised=before.utilised + minor)
    return after, _shifts((Chart.LIMIT_UTILISED, Chart.LIMIT_BLOCKED, minor))


def release(before: Position, minor: int, stage: Stage) -> tuple[Position, Shifts]:
    """Give back what was blocked or utilised. It reduces the excess first; only the rest becomes available.

    :raises AmountNotPositive: nothing, or less, is to be released.
    :raises UseExceeded: less is blocked, or utilised.
    """
    _positive(minor)
    held = before.blocked if stage is Stage.BLOCKED else before.utilised
    if minor > held:
        raise UseExceeded()
    if stage is Stage.BLOCKED:
        after = replace(before, blocked=held - minor)
    else:
        after = replace(before, utilised=held - minor)
    healed = before.excess - after.excess
    return after, _shifts(
        (Chart.LIMIT_EXCESS, STAGE_ACCOUNT[stage], healed),
        (Chart.LIMIT_AVAILABLE, STAGE_ACCOUNT[stage], minor - healed),
    )
