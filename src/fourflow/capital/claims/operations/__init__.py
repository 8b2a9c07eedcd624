"""Writes: claims are registered and used; debtors confirm payables; registrations take their way through the registry."""

from __future__ import annotations

from fourflow.capital.claims.operations.exchange import (
    hand_over,
    record_answer,
    record_asked,
    record_not_received,
    record_unknown,
    try_again,
)
from fourflow.capital.claims.operations.payable import confirm, expire_payable, propose_payable, withdraw_payable
from fourflow.capital.claims.operations.register import register_claim, reveal
from fourflow.capital.claims.operations.registration import (
    abandon_registration,
    amend_registration,
    cancel_registration,
    open_registration,
    query_again,
    register_security,
    search_again_before_filing,
)
from fourflow.capital.claims.operations.use import credit_note, release, use

__all__ = [
    "abandon_registration",
    "amend_registration",
    "cancel_registration",
    "confirm",
    "credit_note",
    "expire_payable",
    "hand_over",
    "open_registration",
    "propose_payable",
    "query_again",
    "record_answer",
    "record_asked",
    "record_not_received",
    "record_unknown",
    "register_claim",
    "register_security",
    "release",
    "reveal",
    "search_again_before_filing",
    "try_again",
    "use",
    "withdraw_payable",
]
