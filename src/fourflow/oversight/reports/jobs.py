"""The sweeps that make files and remove old ones.

A file is made outside any transaction of ours; killed in between, the next sweep makes it.
"""

from __future__ import annotations

import structlog

from fourflow.foundation.parties.types import SYSTEM
from fourflow.oversight.reports import operations, queries
from fourflow.oversight.reports.ports import Maker
from fourflow.oversight.reports.types import ReportRefused, Schedule
from fourflow.platform import clock
from fourflow.platform.errors import FourflowError

log = structlog.get_logger()


def make_due(maker: Maker) -> int:
    """Make the files that are due; returns how many schedules went a step on."""
    done = 0
    for schedule in queries.due(SYSTEM, clock.now()):
        _make(schedule, maker)
        done += 1
    return done


def forget_old() -> int:
    """Remove the files whose days are over; returns how many."""
    return operations.forget_old(actor=SYSTEM, effective_at=clock.now())


def _make(schedule: Schedule, maker: Maker) -> None:
    now, day = clock.now(), schedule.next_on
    assert day is not None, "what is due has its day"
    try:
        content = maker(reader=schedule.reader, address=schedule.address, now=now)
    except ReportRefused as refusal:
        reason = str(refusal.params.get("value") or refusal.code)
        operations.stop(schedule_id=schedule.id, day=day, actor=SYSTEM, reason=reason, effective_at=now)
    except Exception as error:
        code = error.code if isinstance(error, FourflowError) else "service.failed"
        log.exception("report failed", schedule=str(schedule.id), code=code)
        operations.fail(schedule_id=schedule.id, day=day, actor=SYSTEM, code=code, effective_at=now)
    else:
        operations.keep(schedule_id=schedule.id, day=day, actor=SYSTEM, content=content, effective_at=now)
