"""Writes of capital.financing: one public function per business verb."""

from __future__ import annotations

from fourflow.capital.financing.operations.deciding import check_decision, decide, note_asked, record_decision
from fourflow.capital.financing.operations.disbursing import confirm_disbursed, disburse, fail_disbursement
from fourflow.capital.financing.operations.quoting import quote
from fourflow.capital.financing.operations.registering import note_registration, open_gate
from fourflow.capital.financing.operations.requesting import request, withdraw
from fourflow.capital.financing.operations.servicing import accrue, collect, mark_overdue, take_recourse

__all__ = [
    "accrue",
    "check_decision",
    "collect",
    "confirm_disbursed",
    "decide",
    "disburse",
    "fail_disbursement",
    "mark_overdue",
    "note_asked",
    "note_registration",
    "open_gate",
    "quote",
    "record_decision",
    "request",
    "take_recourse",
    "withdraw",
]
