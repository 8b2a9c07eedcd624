"""Sealing every row anew under the current key, a few at a time, while everything goes on.

A row is readable at every moment: its own bytes say which key opens it, and old keys are kept. What a kill leaves undone is
found by the next run, because it still says the old key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from fourflow.platform.crypto import keys
from fourflow.platform.crypto.sealing import Sealed, seal, unseal_bytes
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import Event
from fourflow.platform.ids import new_id

#: the key id of a sealed value, as it stands in front
_KEY = sql.SQL("convert_from(substring({column} from 2 for get_byte({column}, 0)), 'UTF8')")


@dataclass(frozen=True, kw_only=True)
class KeyRotated(Event):
    """Every sealed field stands under the key ``key_id``: its name, never the key. Subject: the rotation.

    ``by`` is the account of the machine that the command ran under, ``resealed`` how many values it sealed anew.
    """

    kind: ClassVar[str] = "key.rotated"
    key_id: str
    by: str
    resealed: int


def rotate(*, by: str, effective_at: datetime) -> KeyRotated:
    """A new key, every sealed field under it, and the fact of it for the evidence log, in the transaction of the last batch.

    Where an earlier run was broken off it is finished, under the key that it made: as long as its fact is not told, some value
    still stands under another key.

    :raises Tampered: a value does not open; those before it are done, and nothing is said yet.
    """
    key_id = keys.sealing_keys().current()[0]
    if set(by_key()) <= {key_id}:  # otherwise an earlier rotation was broken off: no other key is needed
        key_id = keys.sealing_keys().renew()
    facts: list[KeyRotated] = []

    def tell(resealed: int) -> None:
        fact = KeyRotated(subject_id=new_id(), effective_at=effective_at, key_id=key_id, by=by, resealed=resealed)
        events.publish(fact)
        facts.append(fact)

    reseal_all(then=tell)
    return facts[0]


def fields() -> Iterator[Sealed]:
    """Every sealed field of every table."""
    for model in apps.get_models():
        yield from (field for field in model._meta.local_fields if isinstance(field, Sealed))


def by_key() -> dict[str, int]:
    """How many sealed values stand under each key."""
    found: Counter[str] = Counter()
    for field in fields():
        column = sql.Identifier(str(field.column))
        query = sql.SQL("select {key}, count(*) from {table} where {column} is not null group by 1")
        with connection.cursor() as cursor:
            cursor.execute(
                query.format(
                    key=_KEY.format(column=column), table=sql.Identifier(field.model._meta.db_table), column=column
                )
            )
            found.update(dict(cursor.fetchall()))
    return dict(found)


def reseal_all(batch: int | None = None, *, then: Callable[[int], None] = lambda _: None) -> int:
    """Seal anew whatever stands under another key than the current one; returns how many values that were.

    ``batch``: so many rows in one transaction, in place of what each field says of itself. ``then`` is told their number in the
    transaction of the last one.

    :raises Tampered: a value does not open; those before it are done.
    """
    done, waiting = 0, list(fields())
    while waiting:
        with transaction.atomic():
            done += _reseal(waiting[0], batch or waiting[0].at_once)
            while waiting and not _left(waiting[0]):
                del waiting[0]
            if not waiting:
                then(done)
    return done


def _left(field: Sealed) -> bool:
    """Whether a value of a column stands under another key than the current one."""
    column = sql.Identifier(str(field.column))
    query = sql.SQL("select exists (select 1 from {table} where {key} <> %s)")
    names = {"table": sql.Identifier(field.model._meta.db_table), "key": _KEY.format(column=column)}
    with connection.cursor() as cursor:
        cursor.execute(query.format(**names), [keys.sealing_keys().current()[0]])
        return bool(cursor.fetchone()[0])


def _reseal(field: Sealed, batch: int) -> int:
    """One batch of one column."""
    table = field.model._meta.db_table
    assert field.model._meta.pk is not None
    names = {
        "table": sql.Identifier(table),
        "pk": sql.Identifier(str(field.model._meta.pk.column)),
        "column": sql.Identifier(str(field.column)),
        "key": _KEY.format(column=sql.Identifier(str(field.column))),
    }
    waiting = sql.SQL("select {pk}, {column} from {table} where {key} <> %s order by {pk} limit %s for no key update")
    write = sql.SQL("update {table} set {column} = %s where {pk} = %s")
    with connection.cursor() as cursor:
        cursor.execute(waiting.format(**names), [keys.sealing_keys().current()[0], batch])
        rows = cursor.fetchall()
        anew = [
            (seal(unseal_bytes(bytes(old), place), place), pk)
            for pk, old in rows
            for place in [f"{table}.{field.column}:{pk}"]
        ]
        cursor.executemany(write.format(**names), anew)
    return len(rows)
