"""Business calendars as dated rows. A library fills the years that are announced; later years are provisional."""

from __future__ import annotations

from fourflow.platform.business_days import BusinessCalendar, CalendarUnknown

__all__ = ["BusinessCalendar", "CalendarUnknown", "fill", "load"]


_VERSION = """
select (select array[count(*), coalesce(sum(hashtext(year::text || provisional::text)), 0)] from platform_calendar_year
        where calendar = %(code)s)
    || (select array[count(*), coalesce(sum(hashtext(day::text || working::text)), 0)] from platform_calendar_day
        where calendar = %(code)s)
"""
#: the last calendar of each code with the version of its rows; a thousand rows are not read again for every voucher
_kept: dict[str, tuple[list[int], BusinessCalendar]] = {}


def load(code: str = "CN") -> BusinessCalendar:
    """The calendar as the database has it now; rows are read again only when they have changed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"code": code})
        version: list[int] = cursor.fetchone()[0]
    kept = _kept.get(code)
    if kept is None or kept[0] != version:
        kept = _kept[code] = (version, _read(code))
    return kept[1]


def _read(code: str) -> BusinessCalendar:
    from fourflow.platform.models import CalendarDay, CalendarYear

    years = dict(CalendarYear.objects.filter(calendar=code).values_list("year", "provisional"))
    days = dict(CalendarDay.objects.filter(calendar=code).values_list("day", "working"))
    return BusinessCalendar(
        code=code,
        years=frozenset(years),
        provisional=frozenset(year for year, provisional in years.items() if provisional),
        exceptions=days,
    )


def fill(code: str = "CN", first: int = 2004, last: int = 2036) -> int:
    """Write the rows of the years that are missing, from the `holidays` library; returns how many years were added.

    A year of China without any make-up working day has no State Council notice yet and is marked provisional.
    """
    import holidays

    from fourflow.platform.models import CalendarDay, CalendarYear

    have = set(CalendarYear.objects.filter(calendar=code).values_list("year", flat=True))
    added = 0
    for year in sorted(set(range(first, last + 1)) - have):
        source = holidays.country_holidays(code, years=year)
        make_up = {day for day in getattr(source, "weekend_workdays", set()) if day.year == year}
        CalendarYear.objects.create(calendar=code, year=year, provisional=not make_up, source="holidays")
        CalendarDay.objects.bulk_create(
            [CalendarDay(calendar=code, day=day, working=False, name=str(name)) for day, name in source.items()]
            + [CalendarDay(calendar=code, day=day, working=True, name="make-up working day") for day in make_up],
            ignore_conflicts=True,
        )
        added += 1
    return added
