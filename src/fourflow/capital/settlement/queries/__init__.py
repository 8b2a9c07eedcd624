"""What can be read in settlement."""

from fourflow.capital.settlement.queries.cash import (
    exceptions,
    expectations,
    latest_reconciliations,
    matches,
    reconciled_until,
    returns,
    suspense,
    unmatched,
)
from fourflow.capital.settlement.queries.payments import (
    account,
    accounts,
    accounts_at,
    evidenced,
    message,
    notified_after,
    of_subject,
    overdue_in_transit,
    payment,
    payments,
    to_ask,
    unanswered_since,
)

__all__ = [
    "account",
    "accounts",
    "accounts_at",
    "evidenced",
    "exceptions",
    "expectations",
    "latest_reconciliations",
    "matches",
    "message",
    "notified_after",
    "of_subject",
    "overdue_in_transit",
    "payment",
    "payments",
    "reconciled_until",
    "returns",
    "suspense",
    "to_ask",
    "unanswered_since",
    "unmatched",
]
