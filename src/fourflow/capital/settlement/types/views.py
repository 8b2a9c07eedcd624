"""What queries return for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fourflow.capital.settlement.types.kinds import ExceptionKind, MatchBasis, Purpose, ReturnState
from fourflow.capital.settlement.types.records import BankEntry, Difference, PaymentInstruction
from fourflow.platform.money import Money


@dataclass(frozen=True)
class TrailStep:
    """One step on the way of a payment: what was sent, or what the bank said and what became of it.

    ``what`` is ``instructed``, ``sent`` or the status that the bank gave; ``verdict`` is empty for our own steps.
    ``message_kind`` and ``message_sha256`` identify the bytes that crossed the wire.
    """

    at: datetime
    what: str
    verdict: str = ""
    bank_reference: str = ""
    reason_code: str = ""
    reason: str = ""
    message_id: UUID | None = None
    message_kind: str = ""
    message_sha256: str = ""


@dataclass(frozen=True)
class PaymentWithTrail:
    """A payment and everything known of its way, oldest first."""

    payment: PaymentInstruction
    trail: tuple[TrailStep, ...]


@dataclass(frozen=True)
class Proposal:
    """A way to place unmatched cash, with its grounds; ``shares`` are (expectation, its reference, amount)."""

    basis: MatchBasis
    grounds: str
    facts: dict[str, str]
    shares: tuple[tuple[UUID, str, Money], ...]


@dataclass(frozen=True)
class UnmatchedCash:
    """A credit that lies in suspense. ``proposed_by`` is the first of two people, where one has decided.

    They propose either where it belongs (``proposal``) or to send it back (``return_reason``); the second one decides until
    the end of the day ``decide_by``.
    """

    entry_id: UUID
    account_id: UUID
    party_id: UUID
    entry: BankEntry
    rest: Money
    opened_at: datetime
    suggestions: tuple[Proposal, ...]
    proposal: tuple[tuple[UUID, str, Money], ...] = ()
    proposed_by: UUID | None = None
    decide_by: date | None = None
    return_reason: str = ""


@dataclass(frozen=True)
class ReturnView:
    """Money that went, or goes, back to the account it came from; by which two people, and why."""

    id: UUID
    at: datetime
    state: ReturnState
    amount: Money
    counterparty: str
    counterparty_account: str
    remittance: str
    reason: str
    instruction_id: UUID
    maker_person_id: UUID
    checker_person_id: UUID


@dataclass(frozen=True)
class MatchView:
    """A part of a credit that was given to an expectation: by which rule, or by which two people."""

    id: UUID
    at: datetime
    basis: MatchBasis
    amount: Money
    booked_on: date
    counterparty: str
    remittance: str
    reference: str
    purpose: Purpose
    maker_person_id: UUID | None = None
    checker_person_id: UUID | None = None


@dataclass(frozen=True)
class ExpectationView:
    """Money expected, and how much of it has come."""

    id: UUID
    reference: str
    purpose: Purpose
    subject_id: UUID
    payer_id: UUID
    payer_name: str
    payee_id: UUID
    amount: Money
    received: Money
    due_on: date
    is_cancelled: bool


@dataclass(frozen=True)
class ExceptionView:
    """Something a bank said that waits for a person, or what a person stated how it was resolved."""

    id: UUID
    kind: ExceptionKind
    bank_code: str
    opened_at: datetime
    instruction_id: UUID | None
    reference: str
    answer: str
    bank_reference: str
    facts: dict[str, str]
    resolved_at: datetime | None = None
    resolution: str = ""


@dataclass(frozen=True)
class ClosedCash:
    """A credit that lay in suspense and does so no more: placed, or sent back by ``return_id``, the payment."""

    entry_id: UUID
    party_id: UUID
    entry: BankEntry
    opened_at: datetime
    closed_at: datetime
    return_id: UUID | None


@dataclass(frozen=True)
class ReconciliationView:
    """A comparison of one bank's day with our record."""

    id: UUID
    bank_code: str
    day: date
    accounts: int
    lines: int
    differences: tuple[Difference, ...]
    at: datetime


@dataclass(frozen=True)
class MessageView:
    """A message as it crossed the wire."""

    id: UUID
    bank_code: str
    outgoing: bool
    kind: str
    at: datetime
    sha256: str
    body: str


@dataclass(frozen=True)
class Question:
    """An instruction whose fate is to be asked of its bank."""

    instruction_id: UUID
    end_to_end_id: str
    is_silent: bool
