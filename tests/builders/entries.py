"""Accounts and entries as values: nothing here asks a database, so that tests of the domain may use it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, Entry, EntryKind, book_of
from fourflow.platform.money import Money

NOON = datetime(2014, 3, 3, 4, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """An instant by seconds after a fixed noon in Shanghai."""
    return NOON + timedelta(seconds=seconds)


def key(
    code: Chart = Chart.AP_VOUCHER,
    *,
    kind: BookKind = BookKind.MIRROR,
    owner: UUID = UUID(int=1),
    currency: str = "CNY",
    counterparty: UUID | None = None,
) -> AccountKey:
    return AccountKey(book_of(kind, owner), code.value, currency, counterparty)


def limit(code: Chart, owner: UUID = UUID(int=7), currency: str = "CNY") -> AccountKey:
    """A bounded account of a funder's memo book."""
    return key(code, kind=BookKind.MEMO, owner=owner, currency=currency, counterparty=UUID(int=8))


def entry(debit: AccountKey, credit: AccountKey, minor: int, kind: EntryKind = EntryKind.POSTED, **more: Any) -> Entry:
    return Entry(debit, credit, Money(minor, debit.currency), kind, **more)
