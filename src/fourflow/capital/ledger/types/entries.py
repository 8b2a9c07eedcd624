"""What is posted, and what posting answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from fourflow.capital.ledger.types.chart import BookKind
from fourflow.capital.ledger.types.errors import (
    AmountNotPositive,
    BooksDiffer,
    CurrenciesDiffer,
    EntryMalformed,
    ExceedsHold,
    NotAHold,
    NotReversible,
    SameAccount,
)
from fourflow.platform.money import Money

#: ``"memo:<owner's uuid>"``, see :func:`book_of`
BookCode = NewType("BookCode", str)

#: ``batch << 16 | position in the batch, from 1``
TransferId = NewType("TransferId", int)


def book_of(kind: BookKind, owner: UUID) -> BookCode:
    """A party's book of a kind. There is one each, opened on first use, so that nobody looks up or opens a book."""
    return BookCode(f"{kind.value}:{owner}")


class EntryKind(StrEnum):
    """What a transfer does to the posted and the pending side of its two accounts."""

    POSTED = "posted"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRE = "expire"
    REVERSAL = "reversal"


#: Kinds that resolve a hold.
RESOLVING = frozenset({EntryKind.POST, EntryKind.VOID, EntryKind.EXPIRE})


@dataclass(frozen=True, slots=True)
class AccountKey:
    """An account by what it is: opened on first use.

    :param book: see :func:`book_of`
    :param chart_code: a value of :class:`Chart`
    :param currency: ISO 4217
    :param counterparty: the other side (an organisation; a payment instruction for cash in transit), or None
    """

    book: BookCode
    chart_code: str
    currency: str
    counterparty: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount from a credit account to a debit account of the same book and currency.

    :param hold: the hold that a POST, VOID or EXPIRE resolves
    :param reverses: the posted transfer that a REVERSAL takes back, whole, with its accounts swapped
    :param expires_at: when a HOLD lapses by itself (None: never)
    :param instrument: what it is about: a voucher, a holding, a loan
    :param narrative_code: a word for the statement, translated at the edge (``"voucher.accepted"``)
    :raises AmountNotPositive: zero or negative.
    :raises BooksDiffer: the accounts are of two books; :class:`CurrenciesDiffer`, :class:`SameAccount` likewise.
    :raises EntryMalformed: hold, reverses or expires_at do not suit the kind, or there is no narrative.
    """

    debit: AccountKey
    credit: AccountKey
    amount: Money
    kind: EntryKind = EntryKind.POSTED
    hold: TransferId | None = None
    reverses: TransferId | None = None
    expires_at: datetime | None = None
    instrument: UUID | None = None
    narrative_code: str = "entry"

    def __post_init__(self) -> None:
        debit, credit, amount = self.debit, self.credit, self.amount
        if amount.minor <= 0:
            raise AmountNotPositive(value=str(amount))
        if debit.book != credit.book:
            raise BooksDiffer(debit=debit.book, credit=credit.book)
        if not debit.currency == credit.currency == amount.currency:
            raise CurrenciesDiffer(debit=debit.currency, credit=credit.currency, amount=amount.currency)
        if debit == credit:
            raise SameAccount(account=debit.chart_code)
        if (self.hold is not None) != (self.kind in RESOLVING):
            raise EntryMalformed(field="hold", kind=self.kind.value)
        if (self.reverses is not None) != (self.kind is EntryKind.REVERSAL):
            raise EntryMalformed(field="reverses", kind=self.kind.value)
        if self.expires_at is not None and (self.kind is not EntryKind.HOLD or self.expires_at.tzinfo is None):
            raise EntryMalformed(field="expires_at", kind=self.kind.value)
        if not self.narrative_code:
            raise EntryMalformed(field="narrative_code", kind=self.kind.value)

    @property
    def refers_to(self) -> TransferId | None:
        """The earlier transfer that this one resolves or reverses."""
        return self.hold if self.hold is not None else self.reverses


@dataclass(frozen=True, slots=True)
class Posted:
    """A batch as posted. ``replayed``: the reference had been posted before with this very input; nothing moved now."""

    batch_id: int
    transfer_ids: tuple[TransferId, ...]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """A recorded transfer. ``resolved_by``: the transfer that resolved this hold or reversed this posting, if any."""

    id: TransferId
    batch_id: int
    reference: str
    debit: AccountKey
    credit: AccountKey
    amount: Money
    kind: EntryKind
    refers_to: TransferId | None
    expires_at: datetime | None
    instrument: UUID | None
    narrative_code: str
    effective_at: datetime
    recorded_at: datetime
    resolved_by: TransferId | None = None
    resolved_kind: EntryKind | None = None

    def _resolve(self, kind: EntryKind, amount: Money, narrative_code: str | None) -> Entry:
        if self.kind is not EntryKind.HOLD:
            raise NotAHold(transfer=self.id)
        narrative = narrative_code or self.narrative_code
        return Entry(
            self.debit, self.credit, amount, kind, hold=self.id, instrument=self.instrument, narrative_code=narrative
        )

    def post(self, amount: Money | None = None, *, narrative_code: str | None = None) -> Entry:
        """The entry that posts this hold, in part or whole; what is left is released.

        :raises NotAHold: this is not a hold.
        :raises ExceedsHold: more than was held.
        """
        amount = amount or self.amount
        if amount > self.amount:
            raise ExceedsHold(transfer=self.id, value=str(amount), expected=str(self.amount))
        return self._resolve(EntryKind.POST, amount, narrative_code)

    def void(self, *, narrative_code: str | None = None) -> Entry:
        """The entry that gives this hold up.

        :raises NotAHold: this is not a hold.
        """
        return self._resolve(EntryKind.VOID, self.amount, narrative_code)

    def expire(self) -> Entry:
        """The entry that lets this hold lapse at its date.

        :raises NotAHold: this is not a hold.
        """
        return self._resolve(EntryKind.EXPIRE, self.amount, None)

    def reversal(self, *, narrative_code: str | None = None) -> Entry:
        """The entry that takes this posting back, whole.

        :raises NotReversible: a hold, a release or a reversal.
        """
        if self.kind not in (EntryKind.POSTED, EntryKind.POST):
            raise NotReversible(transfer=self.id, kind=self.kind.value)
        narrative = narrative_code or self.narrative_code
        return Entry(
            self.credit,
            self.debit,
            self.amount,
            EntryKind.REVERSAL,
            reverses=self.id,
            instrument=self.instrument,
            narrative_code=narrative,
        )
