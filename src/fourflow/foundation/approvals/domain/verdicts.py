"""When a request counts as approved or rejected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fourflow.foundation.approvals.types import ApprovalState, Verdict


def state_after(checks: int, verdicts: Sequence[Verdict]) -> ApprovalState:
    """One rejection rejects; `checks` approvals of different people approve; else it stays pending."""
    if Verdict.REJECT in verdicts:
        return ApprovalState.REJECTED
    return ApprovalState.APPROVED if len(verdicts) >= checks else ApprovalState.PENDING


def is_late(decide_by: date, on: date) -> bool:
    """Whether a decision on a business day comes too late; the last day counts whole."""
    return on > decide_by
