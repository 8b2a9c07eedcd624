"""Settlement's half of every cash posting: bank ↔ in transit, once in the payer's book and once in the payee's.

The consumer of the fact posts the other half, in transit ↔ obligation; what stays in transit raises an alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, Entry, book_of
from fourflow.capital.settlement.types import in_transit
from fourflow.platform.money import Money


@dataclass(frozen=True)
class CashSide:
    """One side of a payment. ``account_id``: its bank account, where known. The operator's own book is no mirror."""

    party_id: UUID
    account_id: UUID | None
    is_platform: bool = False

    def bank(self, currency: str) -> AccountKey:
        """The party's cash at bank, by bank account."""
        book = book_of(BookKind.MONEY if self.is_platform else BookKind.MIRROR, self.party_id)
        return AccountKey(book, Chart.BANK.value, currency, self.account_id)

    def transit(self, transit_id: UUID, currency: str) -> AccountKey:
        """The party's cash in transit of one payment."""
        return in_transit(
            party_id=self.party_id, transit_id=transit_id, currency=currency, is_platform=self.is_platform
        )


@dataclass(frozen=True)
class CashMovement:
    """Money that a bank moved. ``transit_id`` names its account in transit: the instruction, or the match of an arrival."""

    payer: CashSide
    payee: CashSide
    amount: Money
    transit_id: UUID
    subject_id: UUID


def entries(movements: Sequence[CashMovement]) -> list[Entry]:
    """The postings of payments: the payer's bank falls into transit, the payee's bank rises out of it."""
    found = []
    for move in movements:
        currency = move.amount.currency
        paid = Entry(
            move.payer.transit(move.transit_id, currency),
            move.payer.bank(currency),
            move.amount,
            instrument=move.subject_id,
            narrative_code="payment.paid",
        )
        received = Entry(
            move.payee.bank(currency),
            move.payee.transit(move.transit_id, currency),
            move.amount,
            instrument=move.subject_id,
            narrative_code="payment.received",
        )
        found += [paid, received]
    return found
