"""A report's life: made on its days, tried again when it breaks, stopped with the right, nobody else's business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.builders.financing import Desk
from tests.builders.refusals import refuse

from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.oversight.notices import operations as notices
from fourflow.oversight.notices import queries as told
from fourflow.oversight.reports import jobs, operations, queries
from fourflow.oversight.reports.types import (
    Reader,
    ReportNotFound,
    ReportRefused,
    Rhythm,
    Schedule,
    ScheduleInvalid,
    ScheduleNotFound,
    ScheduleState,
    ScheduleStateWrong,
    TooManySchedules,
)
from fourflow.platform import clock
from fourflow.platform.db.reading import reading
from fourflow.platform.events import operations as events


@dataclass
class Pages:
    """Pages that give what the test says, and remember who asked."""

    answer: Callable[[], bytes] = lambda: b"rows"
    asked: list[tuple[Reader, str, datetime]] = field(default_factory=list)

    def __call__(self, *, reader: Reader, address: str, now: datetime) -> bytes:
        self.asked.append((reader, address, now))
        return self.answer()


def subscribed(desk: Desk, **changes: Any) -> Schedule:
    given = {"name": "Late ones", "address": "/overdue", "rhythm": Rhythm.DAILY, "language": "en"}
    today = clock.today()
    return operations.subscribe(
        **{**given, **changes},
        actor=desk.company.core.maker,
        effective_at=clock.now(),
        today=changes.pop("today", today),
    )


def on(day: date | None, hours: float = 7) -> None:
    assert day is not None
    clock.move_to(clock.instant_of(day, 0) + timedelta(hours=hours))


def state(desk: Desk, one: Schedule) -> Schedule:
    with reading(desk.company.core.maker):
        return queries.get(desk.company.core.maker, one.id)


def failing() -> bytes:
    raise RuntimeError("the disk is full")


def gone() -> bytes:
    raise ReportRefused(field="address", value="action.forbidden")


def test_a_file_is_made_once_on_its_day_and_kept_as_it_was_made(desk: Desk) -> None:
    one, pages = subscribed(desk), Pages()
    assert jobs.make_due(pages) == 0, "not before its day"
    on(one.next_on, 5.9)
    assert jobs.make_due(pages) == 0
    on(one.next_on, 6)
    assert [jobs.make_due(pages), jobs.make_due(pages)] == [1, 0]
    ((reader, address, _now),) = pages.asked
    assert (reader, address) == (Reader(desk.company.core.maker.account_id, desk.company.core.id, "en"), "/overdue")
    with reading(desk.company.core.maker):
        (run,) = queries.runs(desk.company.core.maker, one.id)
        made, content = queries.file(desk.company.core.maker, run.id)
    assert content == b"rows" and made.size == 4 and made.day == one.next_on
    later = state(desk, one)
    assert later.next_on is not None and one.next_on is not None and later.next_on > one.next_on


def test_a_file_goes_when_its_days_are_over_and_its_digest_stays(
    desk: Desk,
) -> None:
    one, maker = subscribed(desk), desk.company.core.maker
    on(one.next_on)
    jobs.make_due(Pages())
    with reading(maker):
        (run,) = queries.runs(maker, one.id)
        assert run.kept and queries.last_runs(maker, [one.id])[one.id].kept
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update reports_file set content = 'other'")
    days = parameters.integer(Key.REPORT_KEEP_DAYS, clock.today())
    clock.move_to(run.made_at + timedelta(days=days, minutes=-5))
    assert jobs.forget_old() == 0, "not before its days are over"
    clock.move_to(run.made_at + timedelta(days=days, minutes=1))
    assert [jobs.forget_old(), jobs.forget_old()] == [1, 0]
    with reading(maker):
        (left,) = queries.runs(maker, one.id)
        with pytest.raises(ReportNotFound):
            queries.file(maker, run.id)
    assert (left.kept, left.failed, left.sha256, left.size) == (False, False, run.sha256, 4)


def test_one_sweep_makes_every_file_that_is_due_however_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourflow.platform.db.ordering.AT_ONCE", 2)
    due = [subscribed(desk, name=f"List {number}") for number in range(5)]
    pages = Pages()
    on(due[0].next_on)
    assert [jobs.make_due(pages), jobs.make_due(pages), len(pages.asked)] == [5, 0, 5]


def test_days_that_were_missed_are_passed_over(desk: Desk) -> None:
    one, pages = subscribed(desk), Pages()
    on(clock.today() + timedelta(days=21))
    assert [jobs.make_due(pages), jobs.make_due(pages)] == [1, 0]
    following = state(desk, one).next_on
    assert following is not None and following > clock.today()


def test_a_run_that_breaks_is_tried_again_and_given_up_in_the_end_with_a_notice(desk: Desk) -> None:
    one, pages = subscribed(desk), Pages(failing)
    on(one.next_on)
    tries = 0
    while state(desk, one).next_on == one.next_on:
        due = state(desk, one).due_at
        assert due is not None
        clock.move_to(max(due, clock.now()))
        tries += jobs.make_due(pages)
    assert tries == 6
    with reading(desk.company.core.maker):
        (run,) = queries.runs(desk.company.core.maker, one.id)
        with pytest.raises(ReportNotFound):
            queries.file(desk.company.core.maker, run.id)
    assert (run.failed, run.code) == (True, "service.failed")
    assert state(desk, one).state is ScheduleState.ACTIVE and state(desk, one).attempts == 0
    assert notices_of(desk) == ["report.failed"]


def test_without_the_right_it_stops_says_so_and_can_be_resumed(desk: Desk) -> None:
    one = subscribed(desk)
    on(one.next_on)
    assert jobs.make_due(Pages(gone)) == 1
    stopped = state(desk, one)
    assert (stopped.state, stopped.reason, stopped.next_on) == (ScheduleState.STOPPED, "action.forbidden", None)
    assert jobs.make_due(Pages()) == 0 and notices_of(desk) == ["report.schedule_changed"]
    operations.resume(schedule_id=one.id, actor=desk.company.core.maker, effective_at=clock.now(), today=clock.today())
    assert state(desk, one).reason == "" and state(desk, one).next_on is not None


def notices_of(desk: Desk) -> list[str]:
    events.sequence()
    while notices.tell(now=clock.machine(), today=clock.today(), checkers={}):
        pass
    with reading(desk.company.core.maker):
        return [one.event for one in told.mine(actor=desk.company.core.maker) if one.event.startswith("report.")]


def test_pausing_resuming_and_ending(desk: Desk) -> None:
    one, me = subscribed(desk), desk.company.core.maker
    operations.pause(schedule_id=one.id, actor=me, effective_at=clock.now())
    with pytest.raises(ScheduleStateWrong):
        operations.pause(schedule_id=one.id, actor=me, effective_at=clock.now())
    on(one.next_on)
    assert jobs.make_due(Pages()) == 0
    operations.resume(schedule_id=one.id, actor=me, effective_at=clock.now(), today=clock.today())
    assert state(desk, one).next_on != one.next_on, "what was missed is not made up for"
    operations.end(schedule_id=one.id, actor=me, effective_at=clock.now())
    for step in (operations.pause, operations.end):
        with pytest.raises(ScheduleStateWrong):
            step(schedule_id=one.id, actor=me, effective_at=clock.now())
    on(state(desk, one).next_on or clock.today() + timedelta(days=30))
    assert jobs.make_due(Pages()) == 0


def test_nobody_else_sees_it_not_even_the_operator(desk: Desk) -> None:
    one = subscribed(desk)
    on(one.next_on)
    jobs.make_due(Pages())
    with reading(desk.company.core.maker):
        (run,) = queries.runs(desk.company.core.maker, one.id)
    for other in (desk.company.core.checker, desk.company.cast.operator.maker, desk.company.supplier().maker):
        with reading(other):
            assert queries.mine(other) == [] and queries.runs(other, one.id) == []
            with pytest.raises(ScheduleNotFound):
                queries.get(other, one.id)
            with pytest.raises(ReportNotFound):
                queries.file(other, run.id)
        with pytest.raises(ScheduleNotFound):
            operations.end(schedule_id=one.id, actor=other, effective_at=clock.now())


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"name": "x" * 81}, {"address": "overdue"}, {"address": "//evil.example"}]
)
def test_a_schedule_without_name_or_list_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(ScheduleInvalid):
        subscribed(desk, **wrong)


def test_a_person_keeps_at_most_twenty(desk: Desk) -> None:
    made = [subscribed(desk, name=f"Report {number}") for number in range(operations.MOST)]
    with pytest.raises(TooManySchedules):
        subscribed(desk)
    operations.end(schedule_id=made[0].id, actor=desk.company.core.maker, effective_at=clock.now())
    assert subscribed(desk).state is ScheduleState.ACTIVE


def test_the_database_itself_keeps_files_as_they_were_and_an_ended_schedule_ended(desk: Desk) -> None:
    one = subscribed(desk)
    on(one.next_on)
    jobs.make_due(Pages())
    refuse("update reports_schedule set address = '/vouchers'", constraint="schedule_fixed")
    refuse("update reports_schedule set next_on = null", constraint="schedule_due_while_active")
    refuse("update reports_schedule set reason = 'x'", constraint="schedule_stopped_with_reason")
    operations.end(schedule_id=one.id, actor=desk.company.core.maker, effective_at=clock.now())
    refuse("update reports_schedule set state = 'paused'", constraint="schedule_fixed")
