"""Reads of the ledger. Those that take an actor are for people; the others for operations of the modules above."""

from fourflow.capital.ledger.queries.balances import balance, balances, chart, trial_balance
from fourflow.capital.ledger.queries.checking import evidence_of, evidenced, imbalance, verify
from fourflow.capital.ledger.queries.journals import books, hledger_journal, journal, journal_csv, statement
from fourflow.capital.ledger.queries.transfers import by_reference, holds_due, of_instrument, open_holds, transfers

__all__ = [
    "balance",
    "balances",
    "books",
    "by_reference",
    "chart",
    "evidence_of",
    "evidenced",
    "hledger_journal",
    "holds_due",
    "imbalance",
    "journal",
    "journal_csv",
    "of_instrument",
    "open_holds",
    "statement",
    "transfers",
    "trial_balance",
    "verify",
]
