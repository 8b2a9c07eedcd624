"""Reads: a person's schedules with their last run, the files of one, and what is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from fourflow.foundation.parties.types import Actor
from fourflow.oversight.reports import models
from fourflow.oversight.reports.domain.rhythm import following
from fourflow.oversight.reports.types import (
    Report,
    ReportId,
    Rhythm,
    Schedule,
    ScheduleId,
    ScheduleState,
)
from fourflow.platform import calendar
from fourflow.platform.db.ordering import every


def mine(actor: Actor) -> list[Schedule]:
    """The person's schedules for the organisation, the latest first; few."""
    return [row.to_type() for row in models.Schedule.objects.visible_to(actor).order_by("-id")[:200]]


def get(actor: Actor, schedule_id: ScheduleId) -> Schedule:
    """:raises ScheduleNotFound: no such schedule of this person, for this organisation."""
    return models.Schedule.objects.visible_to(actor).get_visible(schedule_id).to_type()


def last_runs(actor: Actor, schedule_ids: Iterable[UUID]) -> dict[UUID, Report]:
    """The latest run of each schedule that had one."""
    rows = models.Report.objects.visible_to(actor).with_kept().filter(schedule_id__in=list(schedule_ids))
    # one row a schedule, however many years of runs there are
    return {row.schedule_id: row.to_type() for row in rows.order_by("schedule_id", "-day").distinct("schedule_id")}


def runs(actor: Actor, schedule_id: ScheduleId, *, after: UUID | None = None, size: int = 50) -> list[Report]:
    """The runs of a schedule, the latest first; ``after`` is the last one seen."""
    rows = models.Report.objects.visible_to(actor).with_kept().filter(schedule_id=schedule_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return [row.to_type() for row in rows.order_by("-id")[:size]]


def file(actor: Actor, report_id: ReportId) -> tuple[Report, bytes]:
    """A file as it was made.

    :raises ReportNotFound: no such file of this person, none was made, or its days are over.
    """
    found = models.File.objects.visible_to(actor).get_visible(report_id)
    report = models.Report.objects.visible_to(actor).with_kept().get(id=report_id)
    return report.to_type(), bytes(found.content)


def next_day(rhythm: Rhythm, today: date) -> date:
    """The business day of the first file of a schedule that begins today.

    :raises fourflow.platform.business_days.CalendarUnknown: the calendar says nothing about that year yet.
    """
    return following(rhythm, today, calendar.load("CN"))


def due(actor: Actor, now: datetime) -> Iterator[Schedule]:
    """Every schedule whose file is to be made now, the one that has waited longest first, for the sweeper."""
    rows = models.Schedule.objects.visible_to(actor).filter(state=ScheduleState.ACTIVE.value, due_at__lte=now)
    return (row.to_type() for row in every(rows, "due_at"))
