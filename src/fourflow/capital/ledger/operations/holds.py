"""The sweeper of holds: those whose date has come lapse."""

from __future__ import annotations

from datetime import datetime

from fourflow.capital.ledger import queries
from fourflow.capital.ledger.operations.posting import post_many
from fourflow.capital.ledger.types import Posted, Transfer
from fourflow.platform.db.joining import joins


@joins
def expire_due(*, now: datetime, limit: int = 1000) -> list[Posted]:
    """Let the unresolved holds lapse whose ``expires_at`` has come, with effect from that instant.

    One batch per instant of expiry. Run again by the sweeper until it answers nothing.

    :param limit: how many holds at most.
    :raises AlreadyResolved: somebody resolved one of them meanwhile; nothing moved, the next sweep finds the others.
    """
    by_instant: dict[datetime, list[Transfer]] = {}
    for hold in queries.holds_due(now=now, limit=limit):
        assert hold.expires_at is not None
        by_instant.setdefault(hold.expires_at, []).append(hold)
    return [
        post_many(
            [hold.expire() for hold in holds],
            reference=f"ledger.expire:{instant.isoformat()}:{holds[0].id}",
            effective_at=instant,
        )
        for instant, holds in sorted(by_instant.items())
    ]
