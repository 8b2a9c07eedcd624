"""Writes of capital.financing: one public function per business verb."""

from __future__ import annotations

from fourflow.capital.financing.operations.deciding import (
    check_decision,
    decide,
    decision_content,
    expire_decision,
    note_asked,
    record_decision,
)
from fourflow.capital.financing.operations.disbursing import (
    confirm_disbursed,
    disburse,
    fail_disbursement,
    reopen_payout,
)
from fourflow.capital.financing.operations.quoting import quote, quotes
from fourflow.capital.financing.operations.recourse import call_recourse, take_recourse
from fourflow.capital.financing.operations.registering import note_registration, open_gate, release_registration
from fourflow.capital.financing.operations.requesting import lapse, request, withdraw
from fourflow.capital.financing.operations.servicing import accrue, collect, mark_overdue

__all__ = [
    "accrue",
    "call_recourse",
    "check_decision",
    "collect",
    "confirm_disbursed",
    "decide",
    "decision_content",
    "disburse",
    "expire_decision",
    "fail_disbursement",
    "lapse",
    "mark_overdue",
    "note_asked",
    "note_registration",
    "open_gate",
    "quote",
    "quotes",
    "record_decision",
    "release_registration",
    "reopen_payout",
    "request",
    "take_recourse",
    "withdraw",
]
