"""What settlement says to the rest of the house: instructions, answers, entries, matches and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, NewType
from uuid import UUID

from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from fourflow.platform.money import Money

InstructionId = NewType("InstructionId", UUID)
BankAccountId = NewType("BankAccountId", UUID)
ExpectationId = NewType("ExpectationId", UUID)
BankEntryId = NewType("BankEntryId", UUID)


class InstructionState(StrEnum):
    """Where an instruction stands; the allowed steps are in ``domain.steps`` and in a database trigger."""

    DRAFT = "draft"
    INSTRUCTED = "instructed"
    SENT = "sent"
    UNKNOWN = "unknown"
    IN_TRANSIT = "in_transit"
    SETTLED = "settled"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        return self in (InstructionState.SETTLED, InstructionState.REJECTED)


class Purpose(StrEnum):
    """Why money moves. The two platform purposes are the only ones that may name a platform account."""

    FINANCING_PROCEEDS = "financing_proceeds"
    VOUCHER_REDEMPTION = "voucher_redemption"
    LOAN_REPAYMENT = "loan_repayment"
    RECOURSE = "recourse"
    TRADE_PAYMENT = "trade_payment"
    FUNDER_FEE = "funder_fee"
    PLATFORM_FEE = "platform_fee"
    PLATFORM_BILL = "platform_bill"
    RETURN = "return"


class AccountKind(StrEnum):
    """What a bank account is for. PLATFORM_* accounts belong to the operator and never see customers' money."""

    OPERATING = "operating"
    SUPERVISED = "supervised"
    COLLECTION = "collection"
    PLATFORM_FEE = "platform_fee"
    PLATFORM_EXPENSE = "platform_expense"

    @property
    def is_platform(self) -> bool:
        return self in (AccountKind.PLATFORM_FEE, AccountKind.PLATFORM_EXPENSE)


class AnswerStatus(StrEnum):
    """What a bank says of one instruction. ACCEPTED and PENDING promise nothing; SETTLED and REJECTED are final."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    SETTLED = "settled"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        return self in (AnswerStatus.SETTLED, AnswerStatus.REJECTED)


class Verdict(StrEnum):
    """What became of an answer here."""

    APPLIED = "applied"
    REPEATED = "repeated"
    PARKED = "parked"


class Direction(StrEnum):
    """Side of the account holder: CREDIT is money in, DEBIT is money out."""

    CREDIT = "credit"
    DEBIT = "debit"


class MatchBasis(StrEnum):
    """Why an entry and an expectation belong together, from the strongest to the weakest."""

    INSTRUCTION = "instruction"
    REFERENCE = "reference"
    AMOUNT_AND_PARTY = "amount_and_party"
    AMOUNT_SET = "amount_set"
    PERSON = "person"


class DifferenceKind(StrEnum):
    """A line that keeps a bank's statement and our record apart."""

    ONLY_AT_BANK = "only_at_bank"
    ONLY_HERE = "only_here"
    AMOUNT_DIFFERS = "amount_differs"
    DIRECTION_DIFFERS = "direction_differs"
    BALANCE_DOES_NOT_FOLLOW = "balance_does_not_follow"
    NOT_BOOKED_IN_LEDGER = "not_booked_in_ledger"
    NOT_AT_BANK_BUT_SETTLED = "not_at_bank_but_settled"


class ExceptionKind(StrEnum):
    """Something a bank said that no rule may act upon; a person decides."""

    CONTRADICTORY_ANSWER = "contradictory_answer"
    AMOUNT_DIFFERS = "amount_differs"
    INSTRUCTION_UNKNOWN_HERE = "instruction_unknown_here"
    NEVER_SENT_BUT_ANSWERED = "never_sent_but_answered"
    REFERENCE_REUSED = "reference_reused"
    RETURNED = "returned"


@dataclass(frozen=True)
class BankAccount:
    """A watched account. ``watched``: incoming entries are fetched and matched."""

    id: BankAccountId
    party_id: UUID
    bank_code: str
    number: str
    holder: str
    currency: str
    kind: AccountKind
    watched: bool


@dataclass(frozen=True)
class PaymentInstruction:
    """An order to a bank to move money from a payer, who mandated it, to a payee."""

    id: InstructionId
    reference: str
    state: InstructionState
    payer_account: BankAccount
    payee_account: BankAccount
    amount: Money
    purpose: Purpose
    subject_id: UUID
    execution_date: date
    remittance: str
    mandate: str
    instructed_at: datetime
    sent_at: datetime | None = None
    finished_at: datetime | None = None
    bank_reference: str = ""
    reason_code: str = ""
    reason: str = ""
    invoice_id: UUID | None = None

    @property
    def end_to_end_id(self) -> str:
        return self.id.hex


@dataclass(frozen=True)
class Answer:
    """One statement of a bank about one instruction.

    ``bank_reference`` names the booking or refusal at that bank; the same reference arriving again is the same answer.
    ``amount`` is empty where the message does not repeat it.
    """

    end_to_end_id: str
    status: AnswerStatus
    bank_reference: str
    reason_code: str = ""
    reason: str = ""
    amount: Money | None = None


@dataclass(frozen=True)
class BankEntry:
    """One booking on an account, from a notification or a statement. ``bank_reference`` is unique per bank and account."""

    account_number: str
    currency: str
    bank_reference: str
    direction: Direction
    amount: Money
    booked_on: date
    value_on: date
    end_to_end_id: str = ""
    remittance: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    is_reversal: bool = False


@dataclass(frozen=True)
class Expected:
    """Money someone is to pay. ``open_amount`` is what has not arrived yet."""

    id: ExpectationId
    reference: str
    payee_account_id: BankAccountId
    open_amount: Money
    due_on: date
    payer_name: str = ""
    payer_account_number: str = ""


@dataclass(frozen=True)
class Share:
    """A part of an entry given to one expectation."""

    expectation_id: ExpectationId
    amount: Money


@dataclass(frozen=True)
class Suggestion:
    """A way to place an entry, with its grounds. ``certain`` ones are applied without a person."""

    basis: MatchBasis
    shares: tuple[Share, ...]
    certain: bool
    grounds: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One disagreement found by a reconciliation; amounts are signed in minor units, empty where a side has none."""

    kind: DifferenceKind
    account_number: str
    bank_reference: str
    at_bank: Money | None
    here: Money | None
    note: str = ""


@dataclass(frozen=True)
class Reconciliation:
    """The result of comparing one bank's statements of one day with our record."""

    bank_code: str
    day: date
    accounts: int
    lines: int
    differences: tuple[Difference, ...]

    @property
    def is_clean(self) -> bool:
        return not self.differences


class InstructionNotFound(NotFound):
    """No such instruction, or the reader may not see it."""

    code: ClassVar[str] = "settlement.instruction_not_found"


class AccountNotFound(NotFound):
    """No such bank account."""

    code: ClassVar[str] = "settlement.account_not_found"


class EntryNotFound(NotFound):
    """No such bank entry, or the reader may not see it."""

    code: ClassVar[str] = "settlement.entry_not_found"


class ExpectationNotFound(NotFound):
    """No such expectation."""

    code: ClassVar[str] = "settlement.expectation_not_found"


class StepNotAllowed(Conflict):
    """The instruction does not go from this state to that one; from UNKNOWN the only way on is to ask."""

    code: ClassVar[str] = "settlement.step_not_allowed"


class AlreadySubmitted(Conflict):
    """An instruction goes to its bank once; what became of it is asked, never sent again."""

    code: ClassVar[str] = "settlement.already_submitted"


class PlatformAccountBarred(Forbidden):
    """A platform account receives only its own invoiced fees and pays only its own bills."""

    code: ClassVar[str] = "settlement.platform_account_barred"


class AmountNotPositive(Invalid):
    """Money moves in positive amounts."""

    code: ClassVar[str] = "settlement.amount_not_positive"


class CurrenciesDiffer(Invalid):
    """Accounts and amount of an instruction share one currency."""

    code: ClassVar[str] = "settlement.currencies_differ"


class OverMatched(Conflict):
    """More was given out than the entry holds, or than the expectation still waits for."""

    code: ClassVar[str] = "settlement.over_matched"


class InvoiceExceeded(Conflict):
    """Instructions on a platform invoice add up to more than the invoice."""

    code: ClassVar[str] = "settlement.invoice_exceeded"


class SamePersonTwice(Forbidden):
    """The second decision must come from another natural person."""

    code: ClassVar[str] = "settlement.same_person_twice"


class MessageRefused(Invalid):
    """A bank's message cannot be read: malformed, too large, or not of the announced kind."""

    code: ClassVar[str] = "settlement.message_refused"


class BankTimeout(Unavailable):
    """The bank did not answer in time: it may have acted or not. Ask, never send again."""

    code: ClassVar[str] = "settlement.bank_timeout"


class BankUnavailable(Unavailable):
    """The bank could not be reached, or said that it is out of order, before taking anything."""

    code: ClassVar[str] = "settlement.bank_unavailable"


def total(amounts: Sequence[Money]) -> Money:
    """Sum of at least one amount of one currency."""
    result = amounts[0]
    for amount in amounts[1:]:
        result = result + amount
    return result
