"""Facts about schedules: subscribed, changed, a file made, a run failed. What a report says stands in none of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class ScheduleChanged(Event):
    """A person subscribed a report, paused, resumed or ended it, or it was stopped. Subject: the schedule."""

    kind: ClassVar[str] = "report.schedule_changed"
    organisation_id: UUID
    person_id: UUID
    rhythm: str
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReportMade(Event):
    """The file for a day lies ready. Subject: the schedule."""

    kind: ClassVar[str] = "report.made"
    report_id: UUID
    organisation_id: UUID
    person_id: UUID
    day: date
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class ReportFailed(Event):
    """The file for a day could not be made, after the last attempt. Subject: the schedule."""

    kind: ClassVar[str] = "report.failed"
    organisation_id: UUID
    person_id: UUID
    day: date
    code: str
