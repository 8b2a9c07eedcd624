"""Business days, purely: a calendar is years and the days that differ from their week-day. Rows: platform.calendar."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from fourflow.platform.errors import Invalid


class CalendarUnknown(Invalid):
    """No row says anything about that year of that calendar."""

    code = "calendar.year_unknown"


@dataclass(frozen=True)
class BusinessCalendar:
    """A calendar's years and the days that differ from their week-day. Pure: loaded by ``platform.calendar.load``."""

    code: str
    years: frozenset[int]
    provisional: frozenset[int] = frozenset()
    exceptions: dict[datetime.date, bool] = field(default_factory=dict)

    def is_business_day(self, day: datetime.date) -> bool:
        """Whether banks work on a day.

        :raises CalendarUnknown: the year has no rows.
        """
        if day.year not in self.years:
            raise CalendarUnknown(calendar=self.code, year=day.year)
        return self.exceptions.get(day, day.weekday() < 5)

    def is_provisional(self, day: datetime.date) -> bool:
        """Whether the year's official notice was not out when its rows were made."""
        return day.year in self.provisional

    def next_business_day(self, day: datetime.date) -> datetime.date:
        """The day itself or the first business day after it (following convention)."""
        while not self.is_business_day(day):
            day += datetime.timedelta(days=1)
        return day

    def add_business_days(self, day: datetime.date, count: int) -> datetime.date:
        """The count-th business day after a day (count ≥ 0)."""
        for _ in range(count):
            day = self.next_business_day(day + datetime.timedelta(days=1))
        return day
