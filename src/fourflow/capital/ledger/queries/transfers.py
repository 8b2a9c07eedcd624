"""Recorded transfers, with what became of them. For operations of the modules above: there is no actor here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from fourflow.capital.ledger.types import AccountKey, BookCode, EntryKind, Transfer, TransferId
from fourflow.platform.money import Money

COLUMNS = """
select t.id, t.batch_id, h.reference, b.code, t.currency, d.chart_code, d.counterparty, c.chart_code, c.counterparty,
       t.amount, t.kind, t.refers_to_id, t.expires_at, t.instrument, t.narrative_code, t.effective_at, t.recorded_at,
       r.id, r.kind
"""
JOINS = """
  join ledger_batch h on h.id = t.batch_id
  join ledger_account d on d.id = t.debit_account_id
  join ledger_account c on c.id = t.credit_account_id
  join ledger_book b on b.id = t.book_id
  left join ledger_transfer r on r.refers_to_id = t.id
"""


def of_row(row: Sequence[Any]) -> Transfer:
    """A transfer from a row of :data:`COLUMNS`."""
    book, currency = BookCode(row[3]), row[4]
    return Transfer(
        id=TransferId(row[0]),
        batch_id=row[1],
        reference=row[2],
        debit=AccountKey(book, row[5], currency, row[6]),
        credit=AccountKey(book, row[7], currency, row[8]),
        amount=Money(row[9], currency),
        kind=EntryKind(row[10]),
        refers_to=TransferId(row[11]) if row[11] is not None else None,
        expires_at=row[12],
        instrument=row[13],
        narrative_code=row[14],
        effective_at=row[15],
        recorded_at=row[16],
        resolved_by=TransferId(row[17]) if row[17] is not None else None,
        resolved_kind=EntryKind(row[18]) if row[18] is not None else None,
    )


def select(source: str, parameters: Sequence[Any], order: str = "t.id") -> Iterator[Transfer]:
    """Transfers ``t`` of a source: the text after ``from``, up to and including its own conditions as a subquery."""
    with connection.cursor() as cursor:
        cursor.execute(f"{COLUMNS} from {source} {JOINS} order by {order}", parameters)
        while rows := cursor.fetchmany(2000):
            yield from map(of_row, rows)


def transfers(ids: Sequence[TransferId]) -> list[Transfer]:
    """Transfers by id, in ascending order; an id that does not exist is left out."""
    return list(select("(select * from ledger_transfer where id = any(%s)) t", [list(ids)]))


def by_reference(reference: str) -> list[Transfer]:
    """The transfers of the batch posted under a reference; none if there is no such batch."""
    source = (
        "(select t.* from ledger_batch q join ledger_transfer t on t.id between q.id << 16 and (q.id << 16) + 65535 "
    )
    return list(select(source + "where q.reference = %s) t", [reference]))


def of_instrument(instrument: UUID) -> list[Transfer]:
    """All transfers about a voucher, a holding, a loan, in the order of recording."""
    return list(select("(select * from ledger_transfer where instrument = %s) t", [instrument], "t.recorded_at, t.id"))


def open_holds(instrument: UUID) -> list[Transfer]:
    """The holds about an instrument that are neither posted nor released yet."""
    return [t for t in of_instrument(instrument) if t.kind is EntryKind.HOLD and t.resolved_by is None]


def holds_due(*, now: datetime, limit: int) -> list[Transfer]:
    """Unresolved holds whose date has come, the longest overdue first."""
    source = (
        "(select * from ledger_transfer t where expires_at <= %s "
        "and not exists (select from ledger_transfer r where r.refers_to_id = t.id) order by expires_at, id limit %s) t"
    )
    return list(select(source, [now, limit], "t.expires_at, t.id"))
