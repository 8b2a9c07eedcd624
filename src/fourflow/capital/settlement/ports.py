"""What a bank must be able to do for us, and the words of that conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fourflow.capital.settlement.types import Answer, BankEntry, Purpose
from fourflow.platform.money import Money


@dataclass(frozen=True)
class AccountAtBank:
    """An account as a bank knows it: what a message carries, nothing of our keys.

    ``bank_code`` and ``bic`` are both empty where the account is not registered and its bank was not named to us.
    """

    bank_code: str
    number: str
    holder: str
    currency: str
    bic: str = ""


@dataclass(frozen=True)
class PaymentOrder:
    """One credit transfer of a payment message; ``end_to_end_id`` is the instruction's id, ≤ 35 characters."""

    end_to_end_id: str
    payer: AccountAtBank
    payee: AccountAtBank
    amount: Money
    execution_date: date
    remittance: str
    purpose: Purpose
    ultimate_payer: str = ""


@dataclass(frozen=True)
class PaymentBatch:
    """Orders that travel in one message to one bank. ``message_id`` ≤ 35 characters, unique for ever."""

    message_id: str
    created_at: datetime
    initiator: str
    orders: tuple[PaymentOrder, ...]


@dataclass(frozen=True)
class NotKnown:
    """The bank's answer to a question: it has no payment under this id."""

    end_to_end_id: str


@dataclass(frozen=True)
class RawMessage:
    """Bytes as they crossed the wire, kept for ever. ``kind`` is the message name, e.g. ``pain.002.001.10``."""

    kind: str
    body: bytes
    message_id: str = ""


@dataclass(frozen=True)
class Reply:
    """Answers with the message that carried them."""

    message: RawMessage
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Notification:
    """A debit and credit notification. ``cursor`` is handed back at the next call to get what follows.

    An unreadable one has no entries and says why in ``refusal``: it is kept and shown, and does not hold up the rest.
    """

    message: RawMessage
    entries: tuple[BankEntry, ...]
    cursor: str
    refusal: str = ""


@dataclass(frozen=True)
class StatementLine:
    """A line of an end-of-day statement, numbered from 1 in the order of the bank."""

    number: int
    entry: BankEntry


@dataclass(frozen=True)
class Statement:
    """An end-of-day statement of one account. Balances are signed: overdrawn is negative."""

    message: RawMessage
    statement_id: str
    account_number: str
    currency: str
    day: date
    opening: Money
    closing: Money
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True)
class OwnerCheck:
    """A bank's word on who owns an account. ``matches`` is the verdict on name and identifier together."""

    account_number: str
    matches: bool
    reason: str = ""


class BankPort(Protocol):
    """A bank. Every call crosses the network: never inside a transaction.

    Each method raises :class:`BankUnavailable` when the bank certainly took nothing (not reachable, out of order) and
    :class:`BankTimeout` when that cannot be known; :class:`MessageRefused` when its message cannot be read.
    """

    def reachable(self) -> bool:
        """Whether the bank is there at all; asked before anything is marked as sent."""
        ...

    def write(self, batch: PaymentBatch) -> RawMessage:
        """The message that ``submit`` would send; makes no call. It is stored before it leaves."""
        ...

    def submit(self, message: RawMessage) -> Reply:
        """Hand over a message made by ``write``. Called at most once per instruction, ever."""
        ...

    def ask(self, end_to_end_id: str) -> Reply | NotKnown:
        """What became of one instruction."""
        ...

    def notifications(self, after: str) -> tuple[Notification, ...]:
        """Bookings that followed the cursor ``after`` (empty: from the beginning), oldest first."""
        ...

    def statement(self, account_number: str, currency: str, day: date) -> Statement:
        """The end-of-day statement of one account."""
        ...

    def owner_check(self, account_number: str, name: str, identifier: str) -> OwnerCheck:
        """Whether the account belongs to this name and identifier."""
        ...
