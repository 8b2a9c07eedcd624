"""What must happen in the ledger without anybody asking for it."""

from __future__ import annotations

from fourflow.capital.ledger import operations
from fourflow.platform import clock


def expire_due() -> int:
    """Holds whose date has come lapse; returns how many."""
    return sum(len(posted.transfer_ids) for posted in operations.expire_due(now=clock.now()))
