"""On which days a report is made: business days, the first of a week or month that is one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.oversight.reports.domain.rhythm import ATTEMPTS, again, following
from fourflow.oversight.reports.types import Rhythm
from fourflow.platform.business_days import BusinessCalendar, CalendarUnknown

#: the National Day holiday of 2014, with its make-up Saturday
HOLIDAY = {date(2014, 10, day): False for day in range(1, 8)} | {date(2014, 10, 11): True}
DAYS = BusinessCalendar("CN", frozenset({2014, 2015}), exceptions=HOLIDAY)
ANY_DAY = st.dates(date(2014, 1, 1), date(2015, 11, 1))


@pytest.mark.parametrize(
    ("rhythm", "after", "expected"),
    [
        (Rhythm.DAILY, date(2014, 3, 3), date(2014, 3, 4)),
        (Rhythm.DAILY, date(2014, 3, 7), date(2014, 3, 10)),
        (Rhythm.DAILY, date(2014, 9, 30), date(2014, 10, 8)),
        (Rhythm.DAILY, date(2014, 10, 10), date(2014, 10, 11)),
        (Rhythm.WEEKLY, date(2014, 3, 3), date(2014, 3, 10)),
        (Rhythm.WEEKLY, date(2014, 3, 9), date(2014, 3, 10)),
        (Rhythm.WEEKLY, date(2014, 9, 30), date(2014, 10, 8)),
        (Rhythm.MONTHLY, date(2014, 3, 3), date(2014, 4, 1)),
        (Rhythm.MONTHLY, date(2014, 9, 1), date(2014, 10, 8)),
        (Rhythm.MONTHLY, date(2014, 12, 31), date(2015, 1, 1)),
    ],
)
def test_the_next_day_is_a_business_day_of_the_rhythm(rhythm: Rhythm, after: date, expected: date) -> None:
    assert following(rhythm, after, DAYS) == expected


@given(st.sampled_from(Rhythm), ANY_DAY)
def test_it_always_goes_forward_to_a_business_day(rhythm: Rhythm, after: date) -> None:
    found = following(rhythm, after, DAYS)
    assert found > after and DAYS.is_business_day(found)


def test_beyond_the_calendar_nothing_is_promised() -> None:
    with pytest.raises(CalendarUnknown):
        following(Rhythm.MONTHLY, date(2015, 12, 5), DAYS)


def test_a_failed_run_is_tried_again_ever_more_slowly_within_two_hours() -> None:
    now = datetime(2014, 3, 3, tzinfo=UTC)
    waits = [again(now, attempts) - now for attempts in range(1, ATTEMPTS)]
    assert waits == sorted(waits) and sum(waits, timedelta()) < timedelta(hours=2)
