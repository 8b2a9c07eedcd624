"""Subscribing a report, pausing, resuming and ending it; and what came of a run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import transaction

from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import Actor
from fourflow.oversight.reports import models, queries
from fourflow.oversight.reports.domain import rhythm as rhythms
from fourflow.oversight.reports.events import ReportFailed, ReportMade, ScheduleChanged
from fourflow.oversight.reports.types import (
    Language,
    Report,
    Rhythm,
    Schedule,
    ScheduleId,
    ScheduleInvalid,
    ScheduleState,
    ScheduleStateWrong,
    TooManySchedules,
)
from fourflow.platform import clock
from fourflow.platform.events import operations as events
from fourflow.platform.perform import turn

MOST = 20
LONGEST_NAME, LONGEST_ADDRESS = 80, 1600
#: at this hour of the business day (Shanghai) files are made
HOUR = 6
LIVING = (ScheduleState.ACTIVE.value, ScheduleState.PAUSED.value, ScheduleState.STOPPED.value)


@transaction.atomic
def subscribe(
    *, name: str, address: str, rhythm: Rhythm, language: Language, actor: Actor, effective_at: datetime, today: date
) -> Schedule:
    """A file of what an address shows this person, made anew by the rhythm with the rights that he then has.

    The door has tried once that the address gives a file. The first one is made on the next day of the rhythm after today.

    :raises ScheduleInvalid: no name, one of over 80 characters, or no address of this site.
    :raises TooManySchedules: the person has twenty for this organisation.
    :raises fourflow.platform.business_days.CalendarUnknown: the calendar does not reach that far.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ScheduleInvalid(field="name", expected=f"1–{LONGEST_NAME}")
    if not address.startswith("/") or address.startswith("//") or len(address) > LONGEST_ADDRESS:
        raise ScheduleInvalid(field="address", value=address[:80])
    if actor.account_id is None:
        raise ScheduleInvalid(field="account")
    turn(actor.account_id)
    mine = models.Schedule.objects.visible_to(actor).filter(state__in=LIVING)
    if mine.count() >= MOST:
        raise TooManySchedules(expected=str(MOST))
    row = models.Schedule(
        account_id=actor.account_id,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        name=name,
        address=address,
        rhythm=rhythm.value,
        language=language,
        subscribed_at=effective_at,
    )
    _begin(row, today)
    row.save(force_insert=True)
    _tell(row, effective_at)
    return row.to_type()


def pause(*, schedule_id: ScheduleId, actor: Actor, effective_at: datetime) -> Schedule:
    """No files until it is resumed. :raises ScheduleNotFound, ScheduleStateWrong: it is not active."""
    return _become(schedule_id, actor, ScheduleState.PAUSED, effective_at, only=(ScheduleState.ACTIVE,))


def resume(*, schedule_id: ScheduleId, actor: Actor, effective_at: datetime, today: date) -> Schedule:
    """Files again from the next day of the rhythm; what was missed is not made up for.

    :raises ScheduleNotFound, ScheduleStateWrong: it is neither paused nor stopped.
    """
    wanted = (ScheduleState.PAUSED, ScheduleState.STOPPED)
    return _become(schedule_id, actor, ScheduleState.ACTIVE, effective_at, only=wanted, today=today)


def end(*, schedule_id: ScheduleId, actor: Actor, effective_at: datetime) -> Schedule:
    """No files any more; those that were made stay. :raises ScheduleNotFound, ScheduleStateWrong: it has ended."""
    wanted = (ScheduleState.ACTIVE, ScheduleState.PAUSED, ScheduleState.STOPPED)
    return _become(schedule_id, actor, ScheduleState.ENDED, effective_at, only=wanted)


@transaction.atomic
def keep(*, schedule_id: ScheduleId, day: date, content: bytes, actor: Actor, effective_at: datetime) -> Report | None:
    """The file for a day is made; None where somebody else made or ended it meanwhile. Called by the sweeper."""
    row = _due(schedule_id, day, actor)
    if row is None:
        return None
    report = _run(row, effective_at)
    report.size, report.sha256 = len(content), sha256(content).hexdigest()
    report.save(force_insert=True)
    models.File.objects.create(
        report=report,
        account_id=row.account_id,
        organisation_id=row.organisation_id,
        made_at=effective_at,
        content=content,
    )
    vars(report)["kept"] = True
    event = ReportMade(
        subject_id=row.id,
        effective_at=effective_at,
        report_id=report.id,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        day=day,
        sha256=report.sha256,
        size=report.size,
    )
    events.publish(event)
    _go_on(row, effective_at)
    return report.to_type()


def forget_old(*, actor: Actor, effective_at: datetime) -> int:
    """Remove files whose days are over; returns how many. What they were stays: day, digest and size, and the fact of it.

    Called by the sweeper.
    """
    days = parameters.integer(Key.REPORT_KEEP_DAYS, clock.business_date(effective_at))
    over = models.File.objects.visible_to(actor).filter(made_at__lt=effective_at - timedelta(days=days))
    deleted, _by_table = over.delete()
    return deleted


@transaction.atomic
def fail(*, schedule_id: ScheduleId, day: date, code: str, actor: Actor, effective_at: datetime) -> None:
    """A run broke: it is tried again later, ever more slowly; after the last attempt the day is given up and said to be."""
    row = _due(schedule_id, day, actor)
    if row is None:
        return
    row.attempts += 1
    if row.attempts < rhythms.ATTEMPTS:
        row.due_at = rhythms.again(effective_at, row.attempts)
        row.save(update_fields=["attempts", "due_at"])
        return
    report = _run(row, effective_at)
    report.code = code
    report.save(force_insert=True)
    event = ReportFailed(
        subject_id=row.id,
        effective_at=effective_at,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        day=day,
        code=code,
    )
    events.publish(event)
    _go_on(row, effective_at)


@transaction.atomic
def stop(*, schedule_id: ScheduleId, day: date, reason: str, actor: Actor, effective_at: datetime) -> None:
    """Its person may not see the report any more: the schedule stops, and says so. Called by the sweeper."""
    row = _due(schedule_id, day, actor)
    if row is not None:
        row.reason = reason
        _rest(row, ScheduleState.STOPPED, effective_at)


@transaction.atomic
def _become(
    schedule_id: ScheduleId,
    actor: Actor,
    state: ScheduleState,
    effective_at: datetime,
    *,
    only: tuple[ScheduleState, ...],
    today: date | None = None,
) -> Schedule:
    row = models.Schedule.objects.visible_to(actor).lock(schedule_id)
    if ScheduleState(row.state) not in only:
        raise ScheduleStateWrong(value=row.state, expected=[one.value for one in only])
    row.reason = ""
    if today is not None:
        _begin(row, today)
    _rest(row, state, effective_at)
    return row.to_type()


def _rest(row: models.Schedule, state: ScheduleState, effective_at: datetime) -> None:
    row.state = state.value
    if state is not ScheduleState.ACTIVE:
        row.next_on = row.due_at = None
    row.save()
    _tell(row, effective_at)


def _begin(row: models.Schedule, today: date) -> None:
    row.next_on = queries.next_day(Rhythm(row.rhythm), today)
    row.due_at = clock.instant_of(row.next_on, HOUR)
    row.attempts = 0


def _go_on(row: models.Schedule, at: datetime) -> None:
    """To the next day that still lies ahead; missed days are passed over: a report shows what is, not what was."""
    assert row.next_on is not None
    _begin(row, max(row.next_on, clock.business_date(at)))
    row.save()


def _due(schedule_id: ScheduleId, day: date, actor: Actor) -> models.Schedule | None:
    """The schedule, locked, if its file for this day is still to be made."""
    row = models.Schedule.objects.visible_to(actor).lock(schedule_id)
    return row if row.state == ScheduleState.ACTIVE and row.next_on == day else None


def _run(row: models.Schedule, effective_at: datetime) -> models.Report:
    assert row.next_on is not None
    return models.Report(
        schedule=row,
        account_id=row.account_id,
        organisation_id=row.organisation_id,
        day=row.next_on,
        made_at=effective_at,
    )


def _tell(row: models.Schedule, effective_at: datetime) -> None:
    event = ScheduleChanged(
        subject_id=row.id,
        effective_at=effective_at,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        rhythm=row.rhythm,
        state=row.state,
        reason=row.reason,
    )
    events.publish(event)
