"""What figures over many vouchers say: terms, days past due, what fell due and what was paid of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from fourflow.platform.money import Money


class TermBand(StrEnum):
    """Terms from issue to due date in whole months: up to 3, 6 (the soft limit of 银发〔2025〕77号 art. 11), 12, or longer."""

    TO3 = "to3"
    TO6 = "to6"
    TO12 = "to12"
    LONG = "over12"

    @property
    def months(self) -> int:
        """The last month of the band; of the open one, the month that it is beyond."""
        return {"to3": 3, "to6": 6}.get(self.value, 12)


class Paid(StrEnum):
    """How a voucher was paid that is paid wholly: the last of it by the due date, or later."""

    ON_TIME = "on_time"
    LATE = "late"


class DaysPast(StrEnum):
    """Days past due (DPD). Over 90 days interest accrual stops in the funder's books."""

    D30 = "1-30"
    D60 = "31-60"
    D90 = "61-90"
    OVER = "over90"

    def due(self, on: date) -> tuple[date | None, date]:
        """The due dates of the bucket seen from a day, both included; None where it has no beginning."""
        first, last = {"1-30": (30, 1), "31-60": (60, 31), "61-90": (90, 61)}.get(self.value, (0, 91))
        return on - timedelta(first) if first else None, on - timedelta(last)


@dataclass(frozen=True, slots=True)
class Arrears:
    """Unpaid vouchers of one issuer and currency in one bucket of days past due."""

    issuer_id: UUID
    bucket: DaysPast
    count: int
    outstanding: Money
    oldest_due_on: date
    restricted_on: date | None


@dataclass(frozen=True, slots=True)
class TermTotal:
    """Living vouchers of one band of terms and currency."""

    band: TermBand
    count: int
    outstanding: Money


@dataclass(frozen=True, slots=True)
class DueMonth:
    """What fell due in a month (``first`` is its first day) less what was cancelled, and what has been paid of it."""

    first: date
    expected: Money
    paid: Money

    @property
    def open(self) -> Money:
        return self.expected - self.paid


@dataclass(frozen=True, slots=True)
class DueWeek:
    """What is outstanding on living vouchers due in a week (``first`` is its Monday), or before all weeks asked for (None)."""

    first: date | None
    count: int
    outstanding: Money

    def __add__(self, other: DueWeek) -> DueWeek:
        return DueWeek(self.first, self.count + other.count, self.outstanding + other.outstanding)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many of an issuer's vouchers that fell due were paid wholly by the due date, wholly but later, or not yet.

    ``days_late`` is the longest delay among those paid late, in days; ``open`` is what is outstanding on those not paid, by
    currency, ``oldest`` the first due date among them.
    """

    on_time: int
    late: int
    days_late: int
    unpaid: int
    open: tuple[Money, ...] = ()
    oldest: date | None = None
