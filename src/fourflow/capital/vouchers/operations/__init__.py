"""Writes of the register: one public function per business verb."""

from __future__ import annotations

from fourflow.capital.vouchers.operations.batch import (
    Together,
    draft_rows,
    plan_file,
    plan_row,
)
from fourflow.capital.vouchers.operations.cancelling import (
    agree_to_cancel,
    apply_credit_note,
    ask_to_cancel,
    cancel_content,
    expire_cancel,
    settle_credit_note_outside,
    withdraw_offer,
)
from fourflow.capital.vouchers.operations.financing import (
    assign_to_funder,
    lock_for_finance,
    pledge_to_funder,
    release_pledge,
    unlock_from_finance,
)
from fourflow.capital.vouchers.operations.issuing import acknowledge_term, check, draft, expire_draft, plan
from fourflow.capital.vouchers.operations.maturing import (
    begin_maturity,
    mark_defaulted,
    mark_overdue,
    note_restricted,
    plan_payment,
    redeem,
)
from fourflow.capital.vouchers.operations.offers import accept, expire_offer, reject
from fourflow.capital.vouchers.operations.overlays import answer_complaint, close_overlay, complain, dispute, freeze
from fourflow.capital.vouchers.operations.paying import hold_unpaid, instruct_again, instruct_due, release_payment
from fourflow.capital.vouchers.operations.promising import plan_promise, promise
from fourflow.capital.vouchers.operations.tallying import add_up, recount
from fourflow.capital.vouchers.operations.transfers import (
    accept_transfer,
    expire_transfer,
    offer_transfer,
    plan_transfer,
    receivers,
    reject_transfer,
    transfer_content,
)

__all__ = [
    "add_up",
    "Together",
    "accept",
    "accept_transfer",
    "acknowledge_term",
    "agree_to_cancel",
    "answer_complaint",
    "apply_credit_note",
    "ask_to_cancel",
    "expire_cancel",
    "assign_to_funder",
    "begin_maturity",
    "cancel_content",
    "check",
    "close_overlay",
    "complain",
    "dispute",
    "draft",
    "draft_rows",
    "expire_draft",
    "expire_offer",
    "expire_transfer",
    "freeze",
    "hold_unpaid",
    "instruct_again",
    "instruct_due",
    "lock_for_finance",
    "mark_defaulted",
    "mark_overdue",
    "note_restricted",
    "offer_transfer",
    "pledge_to_funder",
    "plan",
    "plan_file",
    "plan_payment",
    "plan_promise",
    "plan_row",
    "plan_transfer",
    "promise",
    "receivers",
    "recount",
    "redeem",
    "reject",
    "reject_transfer",
    "release_payment",
    "release_pledge",
    "settle_credit_note_outside",
    "transfer_content",
    "unlock_from_finance",
    "withdraw_offer",
]
