"""Tables of settlement, by subject: accounts, payments, incoming cash."""

from fourflow.capital.settlement.models.accounts import Bank, BankAccount, PlatformInvoice
from fourflow.capital.settlement.models.cash import (
    Entry,
    Expectation,
    Match,
    Reconciliation,
    Statement,
    StatementLine,
)
from fourflow.capital.settlement.models.payments import (
    Answer,
    BankMessage,
    ExceptionItem,
    Instruction,
    Submission,
)
from fourflow.capital.settlement.models.suspense import Return, Suspense

__all__ = [
    "Answer",
    "Bank",
    "BankAccount",
    "BankMessage",
    "Entry",
    "ExceptionItem",
    "Expectation",
    "Instruction",
    "Match",
    "PlatformInvoice",
    "Reconciliation",
    "Return",
    "Statement",
    "StatementLine",
    "Submission",
    "Suspense",
]
