"""Facts cannot be changed, and every one of them is numbered once."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import ClassVar

import psycopg
import pytest

from fourflow.platform.events import operations, queries
from fourflow.platform.events.types import Consumer, Event, Evidenced, RecordedEvent
from fourflow.platform.ids import new_id
from fourflow.platform.models import Parked, StoredEvent

NOON = datetime.datetime(2026, 11, 20, 4, tzinfo=datetime.UTC)


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    kind: ClassVar[str] = "test.happened"
    what: str


def happen(what: str = "x", subject=None) -> Happened:
    return Happened(subject_id=subject or new_id(), effective_at=NOON, what=what)


@pytest.mark.django_db
def test_events_get_positions_from_zero_without_gaps_in_order_of_picking():
    ids = [operations.publish(happen(str(n)), rows=[Evidenced("t", str(n), {"n": n})]) for n in range(5)]
    first = operations.sequence(3)
    rest = operations.sequence(10)
    assert [row.position for row in first + rest] == [0, 1, 2, 3, 4]
    assert [row.event_id for row in first + rest] == ids
    assert operations.sequence() == []
    assert queries.unsequenced() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql",
    [
        "update platform_event set body = '{}'",
        "update platform_event set effective_at = now()",
        "delete from platform_event",
        "update platform_event set position = 7",
    ],
)
def test_nobody_changes_or_deletes_an_event_and_a_position_is_given_once(raw, sql):
    operations.publish(happen())
    operations.sequence()
    for role in ("writer", "owner"):
        with pytest.raises(psycopg.errors.Error):
            raw(role).execute(sql)


@pytest.mark.django_db(transaction=True)
def test_numbering_an_event_changes_no_other_column_of_it(raw):
    operations.publish(happen())
    session = raw("owner")
    session.autocommit = True
    columns = [field.column for field in StoredEvent._meta.concrete_fields if field.column != "position"]
    assert len(columns) > 10
    for column in columns:
        with pytest.raises(psycopg.errors.Error) as refused:
            session.execute(f"update platform_event set position = 0, {column} = {column}")
        assert refused.value.diag.constraint_name == "event_append_only"
    assert queries.unsequenced() == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_that_fails_parks_its_subject_and_the_stream_goes_on():
    bad, good = new_id(), new_id()
    seen: list[str] = []
    broken = True

    def effect(event: RecordedEvent) -> None:
        if broken and event.body["what"] == "bad":
            raise RuntimeError("cannot")
        seen.append(event.body["what"])

    consumer = Consumer("test.consumer", frozenset({"test.happened"}), effect)
    for what, subject in (("bad", bad), ("after bad", bad), ("good", good)):
        operations.publish(happen(what, subject))
    operations.sequence()
    operations.consume(consumer)
    assert seen == ["good"]
    assert Parked.objects.count() == 2
    broken = False
    assert operations.retry_parked(consumer, NOON) == 2
    assert seen == ["good", "bad", "after bad"]
    assert operations.consume(consumer) == 0
