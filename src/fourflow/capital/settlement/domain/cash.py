"""Settlement's half of every cash posting: bank ↔ in transit, once in the payer's book and once in the payee's.

The consumer of the fact posts the other half, in transit ↔ obligation; what stays in transit raises an alarm. A credit that
nobody can place yet is bank ↔ suspense; placed later it comes out of suspense, returned it goes out as it came.
"""

from __future__ import annotations

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

    def suspense(self, currency: str) -> AccountKey:
        """What lies on the bank account and belongs to nobody yet."""
        book = book_of(BookKind.MONEY if self.is_platform else BookKind.MIRROR, self.party_id)
        return AccountKey(book, Chart.SUSPENSE.value, currency, self.account_id)

    def open_item(self, chart: Chart, currency: str, other: UUID) -> AccountKey:
        """What the party has open with another: accounts payable or receivable."""
        return AccountKey(book_of(BookKind.MIRROR, self.party_id), chart.value, currency, other)

    def transit(self, transit_id: UUID, currency: str) -> AccountKey:
        """The party's cash in transit of one payment."""
        return in_transit(
            party_id=self.party_id, transit_id=transit_id, currency=currency, is_platform=self.is_platform
        )


@dataclass(frozen=True)
class CashMovement:
    """Money that a bank moved. ``transit_id`` names its account in transit: the instruction, or the match of an arrival.

    ``payee`` is empty where unmatched money goes back: its payer's book never heard of it. ``from_suspense``: it arrived
    before and was unmatched until now. ``is_trade``: an open item between the two is paid, which no other module follows.
    """

    payer: CashSide
    payee: CashSide | None
    amount: Money
    transit_id: UUID
    subject_id: UUID
    from_suspense: bool = False
    is_trade: bool = False

    @property
    def reference(self) -> UUID:
        return self.transit_id

    def entries(self) -> list[Entry]:
        """The payer's bank falls into transit, the payee's bank rises out of it (or did before, into suspense)."""
        currency = self.amount.currency
        paid = Entry(
            self.payer.transit(self.transit_id, currency),
            self.payer.bank(currency),
            self.amount,
            instrument=self.subject_id,
            narrative_code="payment.paid",
        )
        if self.payee is None:
            return [paid]
        received = Entry(
            self.payee.suspense(currency) if self.from_suspense else self.payee.bank(currency),
            self.payee.transit(self.transit_id, currency),
            self.amount,
            instrument=self.subject_id,
            narrative_code="payment.received",
        )
        return [paid, received, *(self._cleared(self.payee) if self.is_trade else ())]

    def _cleared(self, payee: CashSide) -> list[Entry]:
        """The other half of a trade payment: out of transit, against what was open between payer and payee."""
        currency = self.amount.currency
        owed = self.payer.open_item(Chart.AP_OPEN, currency, payee.party_id)
        due = payee.open_item(Chart.AR_OPEN, currency, self.payer.party_id)
        halves = (
            (owed, self.payer.transit(self.transit_id, currency)),
            (payee.transit(self.transit_id, currency), due),
        )
        return [
            Entry(debit, credit, self.amount, instrument=self.subject_id, narrative_code="trade.paid")
            for debit, credit in halves
        ]


@dataclass(frozen=True)
class CashUnplaced:
    """A credit, or its rest, that belongs to nobody yet; named by its bank entry."""

    side: CashSide
    amount: Money
    entry_id: UUID

    @property
    def reference(self) -> UUID:
        return self.entry_id

    def entries(self) -> list[Entry]:
        """The bank has it, and it is owed to whoever turns out to be its owner."""
        bank, suspense = self.side.bank(self.amount.currency), self.side.suspense(self.amount.currency)
        return [Entry(bank, suspense, self.amount, instrument=self.entry_id, narrative_code="cash.unmatched")]


def returned(side: CashSide, amount: Money, transit_id: UUID, entry_id: UUID) -> Entry:
    """The other half of a return: what was owed to nobody known is owed no more."""
    suspense, transit = side.suspense(amount.currency), side.transit(transit_id, amount.currency)
    return Entry(suspense, transit, amount, instrument=entry_id, narrative_code="cash.returned")
