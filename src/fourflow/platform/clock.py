"""The one clock. Only doors and jobs read it; operations take instants and dates as parameters."""

from __future__ import annotations

import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fourflow.platform.db.prepared import Prepared, prepared
from fourflow.platform.errors import Conflict, Invalid

if TYPE_CHECKING:
    from fourflow.platform.models import Installation

SHANGHAI = ZoneInfo("Asia/Shanghai")


class ClockNotMovable(Conflict):
    """The clock of a production database is never moved, and no clock is ever set back."""

    code = "clock.not_movable"


class ClockTooFar(Invalid):
    """So far ahead is a slip of the pen: there is no way back, and whatever is due until then would happen."""

    code = "clock.too_far"


#: how far a sandbox moves at once: its calendar goes on year by year
FARTHEST = datetime.timedelta(days=366)


def now() -> datetime.datetime:
    """The present instant in UTC: the machine's, plus the distance that a sandbox has been moved forward."""
    row = _installation().first()
    return datetime.datetime.now(datetime.UTC) + (row.clock_offset if row else datetime.timedelta())


@cache
def _installation() -> Prepared[Installation]:
    from fourflow.platform.models import Installation

    return prepared(Installation.objects.all)


def machine() -> datetime.datetime:
    """The machine's own instant in UTC, which no sandbox moves: for sessions, codes and locks, never for business."""
    return datetime.datetime.now(datetime.UTC)


def business_date(instant: datetime.datetime, zone: ZoneInfo = SHANGHAI) -> datetime.date:
    """The date of an instant where the book is kept."""
    return instant.astimezone(zone).date()


def instant_of(day: datetime.date, hour: int = 9, zone: ZoneInfo = SHANGHAI) -> datetime.datetime:
    """An instant on a business date, in UTC; the opening hour unless told otherwise."""
    return datetime.datetime.combine(day, datetime.time(hour), zone).astimezone(datetime.UTC)


def span(
    first: datetime.date | None, last: datetime.date | None
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """The instants from the beginning of the first day up to, not including, the end of the last; None where it is open.

    A day at either end of the calendar bounds nothing: no instant of any zone lies beyond it.
    """
    opens = None if first is None or first <= datetime.date(1, 1, 2) else instant_of(first, hour=0)
    ends = None if last is None or last >= datetime.date.max else instant_of(last + datetime.timedelta(1), hour=0)
    return opens, ends


def today() -> datetime.date:
    """The present business date in Asia/Shanghai."""
    return business_date(now())


def found(environment: str, begin: datetime.datetime | None = None) -> Installation:
    """Say once what this database is; a sandbox's clock may begin at another instant than the machine's."""
    from fourflow.platform.models import Installation

    offset = begin - datetime.datetime.now(datetime.UTC) if begin else datetime.timedelta()
    return Installation.objects.create(environment=environment, clock_offset=offset)


def move_to(instant: datetime.datetime) -> datetime.datetime:
    """Move a sandbox's clock forward to an instant; from there it runs on.

    :raises ClockNotMovable: the database is not a sandbox, or the instant lies before the present one.
    :raises ClockTooFar: it lies more than a year ahead.
    """
    from django.db import transaction

    from fourflow.platform.models import Installation

    with transaction.atomic():
        row = Installation.objects.select_for_update().first() or found("sandbox")
        offset = instant - datetime.datetime.now(datetime.UTC)
        if row.environment != "sandbox" or offset < row.clock_offset - datetime.timedelta(seconds=1):
            raise ClockNotMovable(environment=row.environment, to=instant.isoformat())
        if offset > row.clock_offset + FARTHEST:
            last = datetime.datetime.now(datetime.UTC) + row.clock_offset + FARTHEST
            raise ClockTooFar(to=instant.isoformat(), expected=business_date(last).isoformat())
        row.clock_offset = max(offset, row.clock_offset)
        row.save(update_fields=["clock_offset"])
    return instant
