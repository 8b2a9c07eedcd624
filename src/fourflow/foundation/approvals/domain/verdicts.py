"""When a request counts as approved or rejected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fourflow.foundation.approvals.types import ApprovalState, Verdict


def state_after(checks: int, verdicts: Sequence[Verdict]) -> ApprovalState:
    """One rejection rejects; `checks` approvals of different people approve; else it stays pending."""
    if Verdict.REJECT in verdicts:
        return ApprovalState.REJECTED
    return ApprovalState.APPROVED if len(verdicts) >= checks else ApprovalState.PENDING


def is_late(expires_at: datetime | None, at: datetime) -> bool:
    """Whether a decision at an instant comes too late; the instant of expiry itself is too late."""
    return expires_at is not None and at >= expires_at
