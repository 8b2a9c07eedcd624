"""What a schedule is: whose, of which list or report, how often; and the files that were made by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Literal, NewType
from uuid import UUID

from fourflow.platform.errors import Conflict, Invalid, NotFound

ScheduleId = NewType("ScheduleId", UUID)
ReportId = NewType("ReportId", UUID)
Language = Literal["zh", "en"]


class Rhythm(StrEnum):
    """On which business days a report is made: each, the first of a week, the first of a month."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class ScheduleState(StrEnum):
    """STOPPED: its person may not see the report any more; may be resumed. ENDED is final."""

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Reader:
    """With whose rights a report is made: a person's account, for one of its organisations, in its language."""

    account_id: UUID
    organisation_id: UUID
    language: Language


@dataclass(frozen=True, slots=True)
class Schedule:
    """A person's subscription to what an address of the pages shows, as a file.

    ``next_on`` is the business day of the next file (None unless active), ``due_at`` when it is tried next;
    ``attempts`` failed for that day so far. ``reason`` is the code of the refusal that stopped it.
    """

    id: ScheduleId
    reader: Reader
    person_id: UUID
    name: str
    address: str
    rhythm: Rhythm
    state: ScheduleState
    next_on: date | None
    due_at: datetime | None
    attempts: int
    reason: str
    subscribed_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """One run: the file for a business day, or (``code`` set) the failure after the last attempt. ``size`` in bytes.

    ``kept``: the file is still there; after the days of the parameter only its digest and size are.
    """

    id: ReportId
    schedule_id: ScheduleId
    day: date
    made_at: datetime
    code: str
    sha256: str
    size: int
    kept: bool

    @property
    def failed(self) -> bool:
        return bool(self.code)


class ReportRefused(Invalid):
    """The address shows no report to this person: another's, none that exists, or the right to see it is gone.

    Parameter ``value`` is the code of what stands in the way.
    """

    code: ClassVar[str] = "report.refused"


class ScheduleInvalid(Invalid):
    """No name or one that is too long, or an address that is none of a list."""

    code: ClassVar[str] = "report.schedule_invalid"


class TooManySchedules(Conflict):
    """A person keeps at most twenty schedules for an organisation; ended ones do not count."""

    code: ClassVar[str] = "report.too_many"


class ScheduleNotFound(NotFound):
    """No such schedule of this person, for this organisation."""

    code: ClassVar[str] = "report.schedule_not_found"


class ReportNotFound(NotFound):
    """No such file of this person, for this organisation, none was made, or its days are over."""

    code: ClassVar[str] = "report.not_found"


class ScheduleStateWrong(Conflict):
    """The schedule is not in a state that allows this."""

    code: ClassVar[str] = "report.schedule_state"
