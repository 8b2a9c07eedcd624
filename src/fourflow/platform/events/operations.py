"""Writing events, numbering them, and letting consumers follow them."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Iterable, Sequence
from uuid import UUID

import psycopg
from django.db import connection, transaction

from fourflow.platform import doing
from fourflow.platform.canonical_json import jsonable
from fourflow.platform.db.joining import whole
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events.leaf import build_leaf
from fourflow.platform.events.types import Consumer, Event, Evidenced, RecordedEvent, Sequenced
from fourflow.platform.ids import new_id
from fourflow.platform.models import Consumed, Cursor, Parked, StoredEvent

_INSERT = (
    "insert into platform_event "
    "(id, kind, version, subject_id, body, rows, salt, entry, leaf_hash, effective_at, visible_id, organisation_id, "
    "doer_id, request_id) "
    "select * from unnest(%b::uuid[], %b::text[], %b::int[], %b::uuid[], %b::text[]::jsonb[], %b::text[]::jsonb[], "
    "%b::bytea[], %b::bytea[], %b::bytea[], %b::timestamptz[], %b::uuid[], %b::uuid[], %b::uuid[], %b::text[])"
)
#: events that a consumer takes up in one look
AT_ONCE = 200
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=jsonable).encode


def publish(event: Event, *, rows: Iterable[Evidenced] = ()) -> UUID:
    """Write one fact in the transaction of the fact itself.

    ``rows`` are the database rows that the fact created or changed; their digests become part of the leaf, so that the
    audit finds any later change that no event explains.
    """
    return publish_many([(event, rows)])[0]


def publish_many(facts: Sequence[tuple[Event, Iterable[Evidenced]]]) -> list[UUID]:
    """Write many facts in one statement; see :func:`publish`."""
    columns: list[list[object]] = [[] for _ in range(14)]
    ids = []
    by = (*doing.doer(), doing.request_id())
    for event, rows in facts:
        event_id, salt = new_id(), os.urandom(32)
        body = event.to_body()
        digests = [[row.table, row.key, row.digest()] for row in rows]
        leaf = build_leaf(
            kind=event.kind,
            version=event.version,
            subject_id=event.subject_id,
            body=body,
            rows=digests,
            salt=salt,
            effective_at=event.effective_at,
        )
        values = (
            event_id,
            event.kind,
            event.version,
            event.subject_id,
            _json(body),
            _json(digests) if digests else "[]",
            salt,
            leaf.entry,
            leaf.hash,
            event.effective_at,
            event.visible_id,
            *by,
        )
        for column, value in zip(columns, values, strict=True):
            column.append(value)
        ids.append(event_id)
    connection.ensure_connection()
    # binary parameters, bound by the server: escaping them into the statement costs more than everything else
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_INSERT, columns, binary=True)
    return ids


def sequence(limit: int = 5000) -> list[Sequenced]:
    """Number committed events that have no position yet; the caller holds the sequencer's lock and its transaction.

    Order is the order of picking: a commit that comes late is simply picked later, so nothing is ever skipped.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "with picked as materialized (select id, row_number() over (order by id) - 1 as n from "
            "  (select id from platform_event where position is null order by id limit %s) w), "
            "base as (select coalesce(max(position), -1) + 1 as size from platform_event) "
            "update platform_event e set position = base.size + picked.n from picked, base where e.id = picked.id "
            "returning e.position, e.id, e.leaf_hash",
            [limit],
        )
        rows = cursor.fetchall()
    return [Sequenced(position, event_id, bytes(leaf)) for position, event_id, leaf in sorted(rows)]


def consume(consumer: Consumer) -> int:
    """Let one consumer handle the next events of its kinds in order; returns how many it has handled.

    Each effect and the record of it are one transaction. An event that fails parks its subject: later events of the same
    subject are parked behind it, the stream goes on.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"consumer": consumer.name})
        position, head = cursor.fetchone()
    if position is None:
        Cursor.objects.get_or_create(consumer=consumer.name)
        position = -1
    if head is None or head <= position:
        return 0
    stored = _WAITING(position=position, head=head, kinds=list(consumer.kinds))
    for event in stored:
        _handle(consumer, event)
    if len(stored) < AT_ONCE:
        Cursor.objects.filter(consumer=consumer.name, position__lt=head).update(position=head)
    return len(stored)


#: how far a consumer has read, and how far it may. Numbers are given batch by batch under one lock: whoever sees a number
#: sees every lower one. Asked all day long by every consumer, mostly for nothing, so it is one statement.
_LOOK = """
select (select position from platform_cursor where consumer = %(consumer)s), (select max(position) from platform_event)
"""
_WAITING = prepared(
    lambda: (
        StoredEvent.objects.filter(
            position__gt=Given("position"), position__lte=Given("head"), kind__any=Given("kinds")
        )
        .order_by("position")
        .defer("entry", "rows")[:AT_ONCE]
    )
)

_BEGIN = """
select exists (select 1 from platform_consumed where consumer = %(consumer)s and event_id = %(event)s),
       exists (select 1 from platform_parked where consumer = %(consumer)s and subject_id = %(subject)s and resolved_at is null)
from platform_cursor where consumer = %(consumer)s for update
"""
_DONE = """
with done as (insert into platform_consumed (consumer, event_id) values (%(consumer)s, %(event)s))
update platform_cursor set position = %(position)s where consumer = %(consumer)s
"""
_PASSED = "update platform_cursor set position = %(position)s where consumer = %(consumer)s and position < %(position)s"


def _handle(consumer: Consumer, event: StoredEvent) -> None:
    """One event, its effect and the record of it in one transaction; the cursor's row keeps rivals out."""
    known = {
        "consumer": consumer.name,
        "event": event.id,
        "subject": event.subject_id,
        "position": event.position,
    }
    try:
        with transaction.atomic(), whole(), connection.cursor() as cursor:
            cursor.execute(_BEGIN, known)
            done, behind = cursor.fetchone()
            if done:
                cursor.execute(_PASSED, known)
            elif behind:
                _park(consumer, event, "waits behind an earlier event of the same subject")
                cursor.execute(_PASSED, known)
            else:
                consumer.function(to_type(event))
                cursor.execute(_DONE, known)
    except Exception:
        with transaction.atomic(), connection.cursor() as cursor:
            _park(consumer, event, traceback.format_exc(limit=-6)[-4000:])
            cursor.execute(_PASSED, known)


def _park(consumer: Consumer, event: StoredEvent, error: str) -> None:
    Parked.objects.get_or_create(
        consumer=consumer.name, event_id=event.id, defaults={"subject_id": event.subject_id, "error": error}
    )


def retry_parked(consumer: Consumer, resolved_at: object) -> int:
    """Try the parked events of a consumer again, oldest first; returns how many went through."""
    done, blocked = 0, set()
    waiting = Parked.objects.filter(consumer=consumer.name, resolved_at__isnull=True).select_related("event")
    for parked in waiting.order_by("event__position"):
        if parked.subject_id in blocked:
            continue
        try:
            with transaction.atomic():
                locked = Parked.objects.select_for_update().get(pk=parked.pk)
                if locked.resolved_at is not None:
                    continue
                consumer.function(to_type(parked.event))
                Consumed.objects.create(consumer=consumer.name, event_id=parked.event_id)
                Parked.objects.filter(pk=parked.pk).update(resolved_at=resolved_at)
                done += 1
        except Exception:
            blocked.add(parked.subject_id)
            error = traceback.format_exc(limit=-6)[-4000:]
            Parked.objects.filter(pk=parked.pk).update(attempts=parked.attempts + 1, error=error)
    return done


def to_type(event: StoredEvent) -> RecordedEvent:
    """A stored event as consumers and readers see it: without what only its leaf needs (salt, entry, row digests)."""
    return RecordedEvent(
        id=event.id,
        kind=event.kind,
        version=event.version,
        subject_id=event.subject_id,
        body=event.body,
        effective_at=event.effective_at,
        recorded_at=event.recorded_at,
        position=event.position,
        organisation_id=event.organisation_id,
        doer_id=event.doer_id,
        request_id=event.request_id,
    )
