"""Settlement's half of every cash posting: bank ↔ in transit, once in the payer's book and once in the payee's.

The consumer of the fact posts the other half, in transit ↔ obligation; what stays in transit raises an alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from fourflow.platform.money import Money


class Cash(StrEnum):
    """The two accounts that settlement touches in a book."""

    BANK = "bank"
    IN_TRANSIT = "in_transit"


@dataclass(frozen=True)
class CashLeg:
    """One transfer in one party's book; ``counterparty`` is the other party of the payment."""

    party: UUID
    counterparty: UUID
    debit: Cash
    credit: Cash
    amount: Money
    reference: str


def cash_legs(*, payer: UUID, payee: UUID, amount: Money, reference: str) -> tuple[CashLeg, CashLeg]:
    """What a payment does to cash: the payer's bank falls into transit, the payee's bank rises out of it."""
    return (
        CashLeg(payer, payee, Cash.IN_TRANSIT, Cash.BANK, amount, f"{reference}/paid"),
        CashLeg(payee, payer, Cash.BANK, Cash.IN_TRANSIT, amount, f"{reference}/received"),
    )
