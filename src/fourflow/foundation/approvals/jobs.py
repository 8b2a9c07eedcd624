"""What ends by itself: requests that nobody decided in time, each by the owner of what waited for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from fourflow.foundation.approvals import queries
from fourflow.foundation.approvals.types import Approval
from fourflow.platform import clock
from fourflow.platform.jobs import each


class Expire(Protocol):
    """The owner's operation: it locks its object, calls :func:`approvals.operations.expire` and lets the object go."""

    def __call__(self, *, approval: Approval, effective_at: datetime) -> object: ...


def expire_due(owners: Mapping[str, Expire]) -> int:
    """End what nobody decided in time; ``owners`` says by the kind of a request whose operation does it."""
    late = queries.overdue(clock.today())
    return each(late, lambda one: owners[one.kind](approval=one, effective_at=clock.now()))
