"""When a delivery is tried again, and when an endpoint is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

#: waits before the attempts, as Standard Webhooks recommends; together three days and three hours
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
GONE = 410


def is_delivered(status: int | None) -> bool:
    """Only 2xx counts; a redirect is an answer of somebody else and is not followed."""
    return status is not None and 200 <= status < 300


def next_attempt(attempts: int, at: datetime, delivery_id: UUID) -> datetime | None:
    """When to try after ``attempts`` failed ones; None when the schedule is used up.

    Up to a tenth more, fixed by the delivery's id: endpoints that fell over together are not hit together.
    """
    if attempts >= len(WAITS):
        return None
    wait = WAITS[attempts]
    return at + wait + wait * (delivery_id.int % 100) / 1000
