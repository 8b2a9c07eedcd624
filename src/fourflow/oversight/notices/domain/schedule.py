"""When a notice is sent, and when it is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fourflow.oversight.notices.types import When

ZONE = ZoneInfo("Asia/Shanghai")
#: when the day's notices are sent together
MORNING = time(8, 30)
#: waits before the second attempt, the third, …; after the last a notice is given up
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
#: a mail that was handed over this long ago without an answer: its sender died, and it is not sent again
LOST = timedelta(minutes=10)


def first(when: When, now: datetime) -> datetime:
    """When a notice is due."""
    if when is not When.DAILY:
        return now
    local = now.astimezone(ZONE)
    morning = datetime.combine(local.date(), MORNING, ZONE)
    return morning if local < morning else morning + timedelta(days=1)


def again(tries: int, at: datetime) -> datetime | None:
    """When to try after ``tries`` refused attempts; None when the schedule is used up."""
    return at + WAITS[tries - 1] if tries <= len(WAITS) else None
