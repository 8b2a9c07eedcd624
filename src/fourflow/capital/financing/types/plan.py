"""The plan of a financing as its funder reads it: when which cash flows, and what interest is earned when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from fourflow.platform.money import Money


class FlowKind(StrEnum):
    PAYOUT = "payout"
    COLLECTION = "collection"


@dataclass(frozen=True, slots=True)
class CashFlow:
    """One planned flow of the funder's cash, signed from its side, and what has really flowed of it."""

    kind: FlowKind
    on: date
    planned: Money
    actual: Money
    actual_on: date | None = None

    @property
    def open(self) -> Money:
        return self.planned - self.actual


@dataclass(frozen=True, slots=True)
class InterestDay:
    """What is earned on one day: the cumulative interest of the day less that of the day before."""

    on: date
    earned: Money
    cumulative: Money


@dataclass(frozen=True, slots=True)
class RepaymentPlan:
    """Flows and interest of one financing. ``interest`` is the whole discount, ``earned`` what the books have earned.

    ``days`` begins with the first day that counts; the last day of the term is not counted (算头不算尾).
    """

    flows: tuple[CashFlow, ...]
    interest: Money
    earned: Money
    days: tuple[InterestDay, ...]

    @property
    def unearned(self) -> Money:
        return self.interest - self.earned


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The debtor pays the whole amount on another day: what changes, and what does not.

    The discount was taken at the payout: it is neither given back for an early payment nor grows with a late one.
    ``days`` the cash is out; ``late`` of them after the due date; ``earned`` by then day by day, ``at_once`` is the rest,
    earned on that day. ``annualised``: all-in cost over the net cash for a year of 365 days, over the days really out.
    """

    on: date
    days: int
    late: int
    earned: Money
    at_once: Money
    annualised: Decimal
