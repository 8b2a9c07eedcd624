"""What can be done in settlement, by subject."""

from fourflow.capital.settlement.operations.accounts import (
    owner_to_check,
    record_owner_check,
    register_account,
    register_bank,
    register_platform_invoice,
    retire_account,
)
from fourflow.capital.settlement.operations.answers import (
    PATIENCE,
    apply_reply,
    record_not_known,
    resolve_exception,
)
from fourflow.capital.settlement.operations.expecting import cancel_expectation, expect
from fourflow.capital.settlement.operations.incoming import apply_notifications
from fourflow.capital.settlement.operations.instructing import draft, expire_draft, instruct, release, withdraw
from fourflow.capital.settlement.operations.placing import assign_suspense, propose_assignment
from fourflow.capital.settlement.operations.reconciling import reconcile, record_statement, take_in_statement
from fourflow.capital.settlement.operations.returning import (
    carry_out_return,
    expire_proposal,
    fail_return,
    propose_return,
    settle_return,
    withdraw_proposal,
)
from fourflow.capital.settlement.operations.sending import ask_later, mark_unknown, plan_batch, record_submission

__all__ = [
    "PATIENCE",
    "ask_later",
    "apply_notifications",
    "apply_reply",
    "assign_suspense",
    "cancel_expectation",
    "carry_out_return",
    "draft",
    "expire_draft",
    "expect",
    "expire_proposal",
    "fail_return",
    "instruct",
    "mark_unknown",
    "plan_batch",
    "propose_assignment",
    "propose_return",
    "reconcile",
    "record_not_known",
    "owner_to_check",
    "record_owner_check",
    "record_statement",
    "record_submission",
    "register_account",
    "register_bank",
    "register_platform_invoice",
    "retire_account",
    "release",
    "resolve_exception",
    "settle_return",
    "take_in_statement",
    "withdraw",
    "withdraw_proposal",
]
