"""What must happen in the ledger without anybody asking for it."""

from __future__ import annotations

from fourflow.capital.ledger import operations
from fourflow.platform import clock
from fourflow.platform.jobs import Sweeper


def expire_due() -> int:
    """Holds whose date has come lapse."""
    return sum(len(posted.transfer_ids) for posted in operations.expire_due(now=clock.now()))


SWEEPERS = (Sweeper("ledger.expire_due", 60, expire_due),)
