"""On which business days a report is made, and when it is tried again. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fourflow.oversight.reports.types import Rhythm
from fourflow.platform.business_days import BusinessCalendar

#: failed so often, a run is given up for its day
ATTEMPTS = 6


def following(rhythm: Rhythm, after: date, days: BusinessCalendar) -> date:
    """The next business day of the rhythm after a day.

    A week or month without a business day (long holidays) is passed over.

    :raises fourflow.platform.business_days.CalendarUnknown: the calendar says nothing about that year yet.
    """
    if rhythm is Rhythm.DAILY:
        return days.add_business_days(after, 1)
    if rhythm is Rhythm.WEEKLY:
        begins = after + timedelta(days=7 - after.weekday())
    else:
        begins = (after.replace(day=1) + timedelta(days=32)).replace(day=1)
    return days.next_business_day(begins)


def again(now: datetime, attempts: int) -> datetime:
    """When a run that has failed so often is tried again: after 2, 4, 8 … minutes."""
    return now + timedelta(minutes=2**attempts)
