"""The log of reads is sealed: what a superuser rewrites in it behind everybody's back is found and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.builders import parties

from fourflow.config import wiring
from fourflow.foundation.access import jobs, models, operations, queries
from fourflow.foundation.access.events import ReadsSealed
from fourflow.foundation.access.types import LOG_OF_READS, DataClass, Look
from fourflow.oversight.monitoring.queries import audit_rows
from fourflow.platform import clock
from fourflow.platform.events import queries as events
from fourflow.platform.ids import first_id, new_id

pytestmark = pytest.mark.django_db(transaction=True)

NOW = parties.NOON
LATER = timedelta(minutes=2)
LINES = """
insert into access_read (id, reader_person_id, session_id, organisation_id, data_class, what, object_id, filters, purpose,
    authorisation_number, read_at)
select (lpad(to_hex(%(from)s + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid, %(person)s, '',
    %(organisation)s, 'restricted', 'vouchers', '', '', 'supervision', 'rec_1', %(at)s from generate_series(1, %(count)s) n
"""


def look(reader: Any, what: str = "vouchers", data_class: DataClass = DataClass.RESTRICTED) -> None:
    operations.record_read(look=Look(data_class, what), actor=reader, effective_at=NOW)


def seal() -> int:
    return operations.seal_reads(at=clock.machine() + LATER, effective_at=NOW)


def found() -> list[tuple[str, str, str]]:
    return [(one.table, one.key, one.problem) for one in audit_rows(wiring.EVIDENCED).findings]


def ids() -> list[str]:
    return [str(one) for one in models.Read.objects.order_by("id").values_list("id", flat=True)]


@pytest.fixture
def rewrite(raw: Callable[[str], psycopg.Connection[Any]]) -> Callable[..., None]:
    """What somebody does who owns the server: no trigger, no constraint is in his way."""

    def run(statement: str, *values: Any) -> None:
        with raw("superuser") as session:
            session.execute("set local session_replication_role = replica")
            assert session.execute(statement, values).rowcount == 1

    return run


def test_a_sealed_line_that_is_changed_removed_or_put_in_is_named_and_one_below_no_seal_is_not_yet(
    rewrite: Callable[..., None],
) -> None:
    regulator = parties.regulator(parties.operator()).viewer
    look(regulator)
    look(regulator, "people", DataClass.CORE)
    for what in ("limits", "payments", "claims"):
        look(regulator, what)
    between = new_id()
    look(regulator)
    assert (seal(), seal(), found()) == (6, 0, [])
    look(regulator)  # under no seal yet
    first, core, changed, removed, moved, last, open_one = ids()
    rewrite("update access_read set authorisation_number = 'rec_other' where id = %s", changed)
    rewrite("delete from access_read where id = %s", removed)
    rewrite("update access_read set read_at = read_at - interval '1 day' where id = %s", moved)
    rewrite("update access_read set data_class = 'restricted' where id = %s", core)
    rewrite(
        "insert into access_read select (jsonb_populate_record(r, jsonb_build_object('id', %s::uuid))).* "
        "from access_read r where id = %s",
        between,
        first,
    )
    differs = "differs from what its last event recorded"
    assert sorted(found()) == sorted(
        [
            ("access_read", core, differs),
            ("access_read", changed, differs),
            ("access_read", removed, "is gone"),
            ("access_read", moved, differs),
            ("access_read", str(between), "no event knows this row"),
        ]
    )
    assert {first, last, open_one} <= set(ids())


def test_a_line_that_is_committed_late_is_waited_for_and_sealed_in_its_place(
    raw: Callable[[str], psycopg.Connection[Any]],
) -> None:
    operator = parties.operator()
    regulator = parties.regulator(operator).viewer
    look(regulator)
    slow = raw("writer")
    late = {"person": regulator.person_id, "organisation": regulator.organisation_id, "at": NOW, "count": 1}
    slow.execute(LINES, late | {"from": int(clock.machine().timestamp() * 1000)})
    for what in ("limits", "payments"):
        look(regulator, what)
    assert seal() == 0, "somebody is still writing who may have a line below these"
    slow.commit()
    assert (len(ids()), seal(), found()) == (4, 4, [])


def test_only_lines_that_have_settled_are_sealed_and_one_event_stands_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    regulator = parties.regulator(parties.operator()).viewer
    for _ in range(3):
        look(regulator)
    assert (jobs.seal_reads(), events.latest(LOG_OF_READS, {ReadsSealed.kind})) == (0, []), "no line is a minute old"
    monkeypatch.setattr("fourflow.foundation.access.operations.sealing.SEALED_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "SEALED_AT_ONCE", 2)
    ahead = clock.machine() + LATER
    monkeypatch.setattr(jobs.clock, "machine", lambda: ahead)
    assert (jobs.seal_reads(), jobs.seal_reads(), jobs.seal_reads()) == (1, 0, 0)
    seals = [one.body for one in events.latest(LOG_OF_READS, {ReadsSealed.kind})][::-1]
    one, two, three = ids()
    assert seals == [{"first_id": one, "last_id": two, "lines": 2}, {"first_id": three, "last_id": three, "lines": 1}]


def test_a_long_log_is_sealed_batch_by_batch_each_reading_no_more_than_its_own_lines(
    raw: Callable[[str], psycopg.Connection[Any]],
) -> None:
    regulator = parties.regulator(parties.operator()).viewer
    begun = int((clock.machine() - timedelta(hours=1)).timestamp() * 1000)
    many = {"person": regulator.person_id, "organisation": regulator.organisation_id, "at": NOW, "count": 4500}
    with raw("superuser") as session:
        session.execute(LINES, many | {"from": begun})
        session.execute("analyze access_read")
    assert [seal() for _ in range(6)] == [1000, 1000, 1000, 1000, 500, 0]
    assert found() == []
    with raw("superuser") as session:
        plan = session.execute(
            "explain select * from access_read where id > %s and id < %s order by id limit 1000",
            [queries.sealed_until(), first_id(datetime.fromtimestamp(begun / 1000 + 60, NOW.tzinfo))],
        ).fetchall()
    assert "Index Scan using access_read_pkey" in str(plan) and "Sort" not in str(plan)
