"""What ends by itself: halves of a recovery that nobody used while they were good."""

from __future__ import annotations

from fourflow.foundation.access import operations, queries
from fourflow.foundation.access.types import SEALED_AT_ONCE
from fourflow.platform import clock
from fourflow.platform.jobs import each


def lapse_recoveries() -> int:
    """Approved recoveries whose hours are over: another one may be asked for."""
    now = clock.machine()
    return each(
        queries.lapsed_recoveries(now),
        lambda one: operations.lapse_recovery(recovery_id=one, at=now, effective_at=clock.now()),
    )


def seal_reads() -> int:
    """A seal over the lines of the log of reads that have settled; returns 1 where more may be waiting."""
    sealed = operations.seal_reads(at=clock.machine(), effective_at=clock.now())
    return int(sealed == SEALED_AT_ONCE)
