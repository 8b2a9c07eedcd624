"""Instructions, answers, entries and matches as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NewType
from uuid import UUID

from fourflow.capital.settlement.types.kinds import (
    AccountKind,
    AnswerStatus,
    DifferenceKind,
    Direction,
    InstructionState,
    InvoiceDirection,
    MatchBasis,
    Purpose,
)
from fourflow.platform.money import Money

InstructionId = NewType("InstructionId", UUID)
BankAccountId = NewType("BankAccountId", UUID)
ExpectationId = NewType("ExpectationId", UUID)
BankEntryId = NewType("BankEntryId", UUID)


@dataclass(frozen=True)
class BankAccount:
    """A party's account. ``watched``: incoming entries are fetched and matched.

    ``owner_checked_at``: when its bank last confirmed the holder; ``closed_on``: from when on nothing new goes over it.
    """

    id: BankAccountId
    party_id: UUID
    bank_code: str
    number: str
    holder: str
    currency: str
    kind: AccountKind
    watched: bool
    owner_checked_at: datetime | None = None
    closed_on: date | None = None


@dataclass(frozen=True)
class PaymentInstruction:
    """An order to a bank to move money from a payer, who mandated it, to a payee; accounts by their numbers.

    ``payee_id`` is empty where unmatched money goes back to an account that nobody here has registered.
    """

    id: InstructionId
    reference: str
    state: InstructionState
    bank_code: str
    payer_id: UUID
    payer_name: str
    payer_account: str
    payee_id: UUID | None
    payee_name: str
    payee_account: str
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

    decide_by: date | None = None


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
    """One booking on an account, as notified or stated. ``bank_reference`` is unique per bank and account.

    ``counterparty_bank``: the other side's bank, by its code or BIC, where the message names it.
    """

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
    counterparty_bank: str = ""
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


@dataclass(frozen=True)
class PlatformInvoice:
    """The platform's own invoice: the only ground on which money reaches or leaves a platform account."""

    id: UUID
    number: str
    direction: InvoiceDirection
    counterparty_id: UUID
    amount: Money
    subject_id: UUID
    issued_on: date
