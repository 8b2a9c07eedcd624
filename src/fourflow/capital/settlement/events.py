"""Facts of settlement. Amounts are decimal strings with currency; parties are ids; no names, no account numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event
from fourflow.platform.money import Money


@dataclass(frozen=True, kw_only=True)
class AccountRegistered(Event):
    """A party's bank account became known; subject: the account."""

    kind: ClassVar[str] = "account.registered"
    party_id: UUID
    bank: str
    account_kind: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class AccountOwnerChecked(Event):
    """The bank confirmed or denied that the account belongs to the party; subject: the account."""

    kind: ClassVar[str] = "account.owner_checked"
    matches: bool


@dataclass(frozen=True, kw_only=True)
class AccountRetired(Event):
    """Nothing new goes over the account any more; what is under way ends as it ends. Subject: the account."""

    kind: ClassVar[str] = "account.retired"
    party_id: UUID


@dataclass(frozen=True, kw_only=True)
class PlatformInvoiceRegistered(Event):
    """The platform issued or received an invoice; subject: the invoice."""

    kind: ClassVar[str] = "platform_invoice.registered"
    direction: str
    counterparty_id: UUID
    amount: Money
    about_id: UUID


@dataclass(frozen=True, kw_only=True)
class OfInstruction(Event):
    """What every fact about an instruction carries; subject: the instruction, ``about_id``: what it pays for.

    ``payee_id`` is empty where money goes back to an account that nobody has registered.
    """

    reference: str
    purpose: str
    about_id: UUID
    payer_id: UUID
    payee_id: UUID | None
    amount: Money


@dataclass(frozen=True, kw_only=True)
class InstructionDrafted(OfInstruction):
    kind: ClassVar[str] = "instruction.drafted"


@dataclass(frozen=True, kw_only=True)
class InstructionGiven(OfInstruction):
    """The instruction is committed and will be sent."""

    kind: ClassVar[str] = "instruction.given"
    execution_date: date


@dataclass(frozen=True, kw_only=True)
class InstructionSent(OfInstruction):
    """It is handed to the bank; published before the first byte leaves."""

    kind: ClassVar[str] = "instruction.sent"
    bank: str


@dataclass(frozen=True, kw_only=True)
class PaymentUnknown(OfInstruction):
    """The bank did not answer; it is being asked."""

    kind: ClassVar[str] = "payment.unknown"


@dataclass(frozen=True, kw_only=True)
class PaymentInTransit(OfInstruction):
    """The bank has taken the payment and promises nothing yet."""

    kind: ClassVar[str] = "payment.in_transit"


@dataclass(frozen=True, kw_only=True)
class PaymentSettled(OfInstruction):
    """The bank moved the money; bank ↔ in transit is posted in both books, named by the instruction."""

    kind: ClassVar[str] = "payment.settled"
    bank_reference: str


@dataclass(frozen=True, kw_only=True)
class PaymentRejected(OfInstruction):
    """No money moved; a new payment needs a new instruction. ``reason_code`` NOT_RECEIVED: the bank never got it.

    WITHDRAWN and EXPIRED were never sent: taken back, or released by nobody in time (``prepared_by``: whose it was).
    """

    kind: ClassVar[str] = "payment.rejected"
    reason_code: str
    prepared_by: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerRepeated(OfInstruction):
    """A bank gave its final word once more; nothing changes by it."""

    kind: ClassVar[str] = "payment.answer_repeated"


@dataclass(frozen=True, kw_only=True)
class AnswerParked(Event):
    """A bank said something that no rule may act upon; subject: the exception."""

    kind: ClassVar[str] = "answer.parked"
    exception: str
    instruction_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class ExceptionResolved(Event):
    """A person has dealt with an exception; subject: the exception."""

    kind: ClassVar[str] = "answer.exception_resolved"
    by_person_id: UUID


@dataclass(frozen=True, kw_only=True)
class CashExpected(Event):
    """Someone is to pay into a watched account; subject: the expectation."""

    kind: ClassVar[str] = "cash.expected"
    reference: str
    purpose: str
    about_id: UUID
    payer_id: UUID
    payee_id: UUID
    amount: Money
    due_on: date


@dataclass(frozen=True, kw_only=True)
class ExpectationCancelled(Event):
    """Nothing (more) is expected; subject: the expectation."""

    kind: ClassVar[str] = "cash.expectation_cancelled"
    about_id: UUID


@dataclass(frozen=True, kw_only=True)
class CashBooked(Event):
    """A bank booked an entry on a registered account; subject: the entry."""

    kind: ClassVar[str] = "cash.booked"
    account_id: UUID
    direction: str
    amount: Money
    instruction_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CashUnmatched(Event):
    """A credit could not be placed in full; subject: the entry. ``rest`` lies in suspense."""

    kind: ClassVar[str] = "cash.unmatched"
    account_id: UUID
    party_id: UUID
    rest: Money


@dataclass(frozen=True, kw_only=True)
class CashMatched(Event):
    """Part of an entry pays an expectation; subject: the expectation. ``complete``: nothing is open any more.

    Bank ↔ in transit is posted in both books; the account in transit is named by ``transit_id``, which is the match.
    """

    kind: ClassVar[str] = "cash.matched"
    transit_id: UUID
    reference: str
    purpose: str
    about_id: UUID
    payer_id: UUID
    payee_id: UUID
    amount: Money
    complete: bool
    basis: str
    entry_id: UUID
    booked_on: date


@dataclass(frozen=True, kw_only=True)
class SuspenseProposed(Event):
    """A first person proposed where unmatched cash belongs; subject: the entry."""

    kind: ClassVar[str] = "cash.assignment_proposed"
    by_person_id: UUID
    decide_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnProposed(Event):
    """A first person proposed to send unmatched cash back to its payer; subject: the entry."""

    kind: ClassVar[str] = "cash.return_proposed"
    by_person_id: UUID
    amount: Money
    decide_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class ProposalWithdrawn(Event):
    """The first person took back what was proposed for unmatched cash, a place or its way back; subject: the entry."""

    kind: ClassVar[str] = "cash.proposal_withdrawn"
    by_person_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class ProposalExpired(Event):
    """Nobody decided in time what was proposed for unmatched cash; it lies there as before. Subject: the entry."""

    kind: ClassVar[str] = "cash.proposal_expired"
    proposed_by: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class OfReturn(Event):
    """What every fact about a return carries; subject: the entry. ``party_id``: on whose account the money lay."""

    instruction_id: UUID
    party_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class ReturnInstructed(OfReturn):
    """A second person agreed: the money goes back to the account it came from."""

    kind: ClassVar[str] = "cash.return_instructed"


@dataclass(frozen=True, kw_only=True)
class CashReturned(OfReturn):
    """The bank paid it back; suspense ↔ in transit is posted in the book of the account's owner."""

    kind: ClassVar[str] = "cash.returned"


@dataclass(frozen=True, kw_only=True)
class ReturnFailed(OfReturn):
    """The bank did not pay it back, or the order was withdrawn: the money is unmatched again."""

    kind: ClassVar[str] = "cash.return_failed"


@dataclass(frozen=True, kw_only=True)
class StatementReceived(Event):
    """An end-of-day statement was kept; subject: the statement."""

    kind: ClassVar[str] = "statement.received"
    account_id: UUID
    day: date
    lines: int


@dataclass(frozen=True, kw_only=True)
class BankReconciled(Event):
    """A bank's day was compared with our record; subject: the reconciliation."""

    kind: ClassVar[str] = "bank.reconciled"
    bank: str
    day: date
    lines: int
    differences: int
