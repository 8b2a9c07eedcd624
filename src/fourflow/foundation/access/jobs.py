"""What ends by itself: halves of a recovery that nobody used while they were good."""

from __future__ import annotations

from fourflow.foundation.access import operations, queries
from fourflow.platform import clock
from fourflow.platform.jobs import each


def lapse_recoveries() -> int:
    """Approved recoveries whose hours are over: another one may be asked for."""
    now = clock.machine()
    return each(
        queries.lapsed_recoveries(now),
        lambda one: operations.lapse_recovery(recovery_id=one, at=now, effective_at=clock.now()),
    )
