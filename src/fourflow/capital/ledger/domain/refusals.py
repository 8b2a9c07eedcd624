"""The words for what the database refuses: from the name of a constraint to an error with parameters."""

from __future__ import annotations

from typing import Any

from fourflow.capital.ledger.types import (
    AccountClosed,
    AccountNotAtZero,
    AlreadyResolved,
    AlreadyReversed,
    AmountNotPositive,
    BooksDiffer,
    CreditsExceedDebits,
    DebitsExceedCredits,
    EntryMalformed,
    ExceedsHold,
    HoldExpired,
    HoldNotDue,
    LedgerRefused,
    NotAHold,
    NotReversible,
    SameAccount,
    TransferNotFound,
)
from fourflow.platform.errors import FourflowError

_ERRORS: dict[str, type[FourflowError]] = {
    "ledger_balance_debits_within_credits": DebitsExceedCredits,
    "ledger_balance_credits_within_debits": CreditsExceedDebits,
    "ledger_balance_closed_at_zero": AccountNotAtZero,
    "ledger_account_closed": AccountClosed,
    "ledger_transfer_one_book_and_currency": BooksDiffer,
    "ledger_transfer_two_accounts": SameAccount,
    "ledger_transfer_amount_positive": AmountNotPositive,
    "ledger_transfer_refers": TransferNotFound,
    "ledger_transfer_refers_by_kind": TransferNotFound,
    "ledger_transfer_post_within_hold": ExceedsHold,
    "ledger_transfer_release_whole": EntryMalformed,
    "ledger_transfer_expiry": EntryMalformed,
    "ledger_hold_same_accounts": NotAHold,
    "ledger_resolves_hold": NotAHold,
    "ledger_hold_expired": HoldExpired,
    "ledger_hold_not_due": HoldNotDue,
    "ledger_reversal_of_posting": NotReversible,
    "ledger_reversal_swaps_accounts": NotReversible,
    "ledger_reversal_whole": NotReversible,
}


def refusal(constraint: str | None, detail: str | None) -> FourflowError:
    """The error for a violated constraint. ``detail`` is the database's: a transfer's id, and how it was resolved."""
    name = constraint or ""
    if name == "ledger_transfer_referred_once":
        transfer, _, by = (detail or "").partition(" ")
        if by == "reversal":
            return AlreadyReversed(transfer=transfer)
        return AlreadyResolved(transfer=transfer, by=by)
    params: dict[str, Any] = {"constraint": name}
    if detail and detail.isdecimal():
        params["transfer"] = int(detail)
    return _ERRORS.get(name, LedgerRefused)(**params)
