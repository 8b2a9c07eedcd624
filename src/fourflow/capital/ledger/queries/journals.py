"""Books, statements and journals, for people and for their programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from fourflow.capital.ledger import models
from fourflow.capital.ledger.domain import exports
from fourflow.capital.ledger.queries import transfers as recorded
from fourflow.capital.ledger.queries.balances import balance
from fourflow.capital.ledger.types import (
    AccountKey,
    AccountNotFound,
    Book,
    BookCode,
    EntryKind,
    Statement,
    StatementLine,
    Transfer,
)
from fourflow.foundation.parties.types import Actor
from fourflow.platform.errors import Invalid
from fourflow.platform.money import Money

_INSTANT = timedelta(microseconds=1)
_MOVING = frozenset({EntryKind.POSTED, EntryKind.POST, EntryKind.REVERSAL})


class MalformedCursor(Invalid):
    """The cursor is not one that a page of this statement gave."""

    code = "ledger.malformed_cursor"


def books(*, actor: Actor) -> list[Book]:
    """The books that the actor's organisation may read: its own; the operator and the regulator all."""
    return [row.to_type() for row in models.Book.objects.visible_to(actor).order_by("code")]


def _book(actor: Actor, code: BookCode) -> models.Book:
    return models.Book.objects.visible_to(actor).get_visible(models.book_id(code))


def statement(
    *, actor: Actor, account: AccountKey, from_: datetime, to: datetime, cursor: str | None = None, limit: int = 100
) -> Statement:
    """One page of an account's statement: transfers with ``from_ <= effective < to``, by (effective, id).

    Holds and releases are shown, and do not move the running balance.

    :raises BookNotFound: no such book, or it is another organisation's.
    :raises AccountNotFound: nothing was ever posted to the account.
    :raises MalformedCursor: the cursor is not one that a page gave.
    """
    book = _book(actor, account.book)
    number = (
        models.Account.objects.filter(
            book=book, chart_code=account.chart_code, currency=account.currency, counterparty=account.counterparty
        )
        .values_list("id", flat=True)
        .first()
    )
    if number is None:
        raise AccountNotFound(book=account.book, account=account.chart_code)
    instant, after = _after(cursor, from_)
    opening = balance(account, effective_at=instant - _INSTANT).net() + _moved_until(number, instant, after, account)
    page = [*_page(number, instant, after, to, limit + 1)]
    lines, running = [], opening
    for transfer in page[:limit]:
        line = _line(transfer, account, running)
        running = line.running
        lines.append(line)
    last = page[limit - 1] if len(page) > limit else None
    following = f"{last.effective_at.isoformat()}~{last.id}" if last else None
    return Statement(account, from_, to, opening, tuple(lines), running, following)


def _after(cursor: str | None, from_: datetime) -> tuple[datetime, int]:
    if cursor is None:
        return from_, 0
    instant, _, number = cursor.partition("~")
    try:
        after = datetime.fromisoformat(instant), int(number)
    except ValueError:
        raise MalformedCursor(value=cursor[:80]) from None
    if after[0].tzinfo is None or after[0] < from_ or not 0 <= after[1] < 1 << 63:
        raise MalformedCursor(value=cursor[:80])
    return after


def _moved_until(account: int, instant: datetime, until: int, key: AccountKey) -> Money:
    """Net posted movement at exactly one instant, up to and including one transfer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(ledger_posted(kind, amount) * case when debit_account_id = %s then 1 else -1 end), 0) "
            "from ledger_transfer where (debit_account_id = %s or credit_account_id = %s) and effective_at = %s and id <= %s",
            [account, account, account, instant, until],
        )
        return Money(int(cursor.fetchone()[0]), key.currency)


def _page(account: int, instant: datetime, after: int, to: datetime, limit: int) -> Iterator[Transfer]:
    side = (
        "(select * from ledger_transfer where {side}_account_id = %s and (effective_at, id) > (%s, %s) "
        "and effective_at < %s order by effective_at, id limit %s)"
    )
    source = f"(select * from ({side.format(side='debit')} union all {side.format(side='credit')}) s "
    parameters: list[Any] = [account, instant, after, to, limit] * 2
    return recorded.select(
        source + "order by effective_at, id limit %s) t", [*parameters, limit], "t.effective_at, t.id"
    )


def _line(transfer: Transfer, account: AccountKey, running: Money) -> StatementLine:
    is_debit = transfer.debit == account
    zero = Money.zero(account.currency)
    moved = transfer.amount if transfer.kind in _MOVING else zero
    debit, credit = (moved, zero) if is_debit else (zero, moved)
    return StatementLine(
        transfer_id=transfer.id,
        reference=transfer.reference,
        effective_at=transfer.effective_at,
        recorded_at=transfer.recorded_at,
        kind=transfer.kind,
        narrative_code=transfer.narrative_code,
        contra=transfer.credit if is_debit else transfer.debit,
        instrument=transfer.instrument,
        amount=transfer.amount,
        debit=debit,
        credit=credit,
        running=running + debit - credit,
    )


def journal(
    *, actor: Actor, book: BookCode, from_: datetime | None = None, to: datetime | None = None
) -> Iterator[Transfer]:
    """The transfers of a book with ``from_ <= effective < to``, by (effective, id).

    :raises BookNotFound: no such book, or it is another organisation's.
    """
    found = _book(actor, book)
    source = (
        "(select t.* from ledger_account a join ledger_transfer t on t.debit_account_id = a.id where a.book_id = %s "
        "and t.effective_at >= coalesce(%s, '-infinity'::timestamptz) "
        "and t.effective_at < coalesce(%s, 'infinity'::timestamptz)) t"
    )
    return recorded.select(source, [found.id, from_, to], "t.effective_at, t.id")


def hledger_journal(
    *, actor: Actor, book: BookCode, from_: datetime | None = None, to: datetime | None = None
) -> Iterator[str]:
    """A book as lines of an hledger journal; business dates in the book's zone.

    :raises BookNotFound: no such book, or it is another organisation's.
    """
    zone = ZoneInfo(_book(actor, book).zone)
    for line in exports.hledger(journal(actor=actor, book=book, from_=from_, to=to), zone):
        yield f"{line}\n"


def journal_csv(
    *,
    actor: Actor,
    book: BookCode,
    from_: datetime | None = None,
    to: datetime | None = None,
    names: Mapping[UUID, str] | None = None,
) -> Iterator[str]:
    """A book as CSV lines for its owner's ERP: two a transfer, no cell that a spreadsheet would run as a formula.

    :param names: names of counterparties, where known
    :raises BookNotFound: no such book, or it is another organisation's.
    """
    zone = ZoneInfo(_book(actor, book).zone)
    yield _csv(exports.JOURNAL_COLUMNS)
    for row in exports.journal_rows(journal(actor=actor, book=book, from_=from_, to=to), zone, names):
        yield _csv(row)


def _csv(row: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(row)
    return buffer.getvalue()
