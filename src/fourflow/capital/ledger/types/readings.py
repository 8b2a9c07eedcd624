"""What the ledger answers when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fourflow.capital.ledger.types.chart import BookKind, Side
from fourflow.capital.ledger.types.entries import AccountKey, BookCode, EntryKind, TransferId
from fourflow.platform.money import Money


@dataclass(frozen=True, slots=True)
class Book:
    """``zone``: where its business dates are derived."""

    code: BookCode
    kind: BookKind
    owner_id: UUID
    zone: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Totals of an account, each ≥ 0. Pending: held, neither posted nor released yet."""

    debits_posted: Money
    credits_posted: Money
    debits_pending: Money
    credits_pending: Money

    def net(self, side: Side = Side.DEBIT) -> Money:
        """Posted balance seen from a side: negative when the account stands on the other."""
        net = self.debits_posted - self.credits_posted
        return net if side is Side.DEBIT else -net

    def available(self, side: Side) -> Money:
        """What can still leave an account of this normal side: the posted balance less the holds against it."""
        against = self.credits_pending if side is Side.DEBIT else self.debits_pending
        return self.net(side) - against


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One account of a trial balance."""

    account: AccountKey
    balance: Balance


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transfer as one account sees it. ``debit`` − ``credit`` moves ``running`` (posted, debit side positive)."""

    transfer_id: TransferId
    reference: str
    effective_at: datetime
    recorded_at: datetime
    kind: EntryKind
    narrative_code: str
    contra: AccountKey
    instrument: UUID | None
    amount: Money
    debit: Money
    credit: Money
    running: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """One page of an account's statement for ``from_ <= effective < to``.

    ``opening`` and ``closing`` are those of the page: the closing of one is the opening of the next.
    ``next_cursor`` is None on the last page.
    """

    account: AccountKey
    from_: datetime
    to: datetime
    opening: Money
    lines: tuple[StatementLine, ...]
    closing: Money
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that does not follow from the transfers. ``what``: see ``ledger_verify``."""

    what: str
    key: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of recomputing everything from the transfers. ``root`` identifies the state: a digest over all batches."""

    accounts: int
    batches: int
    transfers: int
    root: str
    differences: tuple[Difference, ...]

    @property
    def sound(self) -> bool:
        return not self.differences
