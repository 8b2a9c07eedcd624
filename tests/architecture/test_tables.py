"""What holds for every table of the house, also for those that are added later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from tests.builders import api

from fourflow.capital.settlement.queries.payments import EVIDENCED_TABLES

ROOT = Path(__file__).resolve().parents[2]
#: left before right: a key may point to the same module or to one further left
ORDER = (
    "platform",
    "evidence",
    "approvals",
    "parties",
    "parameters",
    "access",
    "clients",
    "documents",
    "ledger",
    "limits",
    "claims",
    "settlement",
    "vouchers",
    "financing",
    "notices",
    "reports",
    "web",
)
#: side by side: they never point at each other
SIDE_BY_SIDE = {"limits", "claims", "settlement"}
#: tables that every signed-in reader may read whole, each with its reason
PUBLIC = {
    "platform_calendar_day": "business days are published by the State Council",
    "platform_calendar_year": "which years are announced",
    "platform_installation": "whether this is a sandbox stands on every screen",
    "evidence_checkpoint": "the signed head of the log is published",
    "evidence_cosignature": "what witnesses signed is published",
    "evidence_head": "the heads of the log are published",
    "evidence_tile": "the log's hashes are published; they are salted",
    "evidence_witness": "who cosigns the log is published",
    "evidence_witness_seen": "how far witnesses have followed is published",
    "settlement_bank": "names and codes of the banks that the installation is connected to",
    "parameters_parameter": "fees, terms and tolerances apply to everybody",
}


def house_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if model.__module__.startswith("fourflow."):
            yield model


def foreign_keys() -> Iterator[models.ForeignKey[Any, Any]]:
    for model in house_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey):
                yield field


def test_foreign_keys_protect_and_leave_no_trace_in_what_they_point_to() -> None:
    wrong = [
        str(field)
        for field in foreign_keys()
        if field.remote_field.on_delete is not models.PROTECT or field.remote_field.related_name != "+"
    ]
    assert wrong == []


def test_foreign_keys_point_only_down_or_left() -> None:
    wrong = []
    for field in foreign_keys():
        here, there = field.model._meta.app_label, field.remote_field.model._meta.app_label
        if there in ("contenttypes", "auth"):
            continue
        neighbours = here != there and {here, there} <= SIDE_BY_SIDE
        if ORDER.index(there) > ORDER.index(here) or neighbours:
            wrong.append(f"{field} -> {there}")
    assert wrong == []


def test_foreign_keys_in_the_database_point_only_down_or_left(raw: Callable[..., psycopg.Connection[Any]]) -> None:
    """Hand-written SQL may add keys that no model knows."""
    app_of = {model._meta.db_table: model._meta.app_label for model in house_models()}
    rows = raw("owner").execute(
        "select conrelid::regclass::text, confrelid::regclass::text, confdeltype::text from pg_constraint "
        "where contype = 'f' and connamespace = 'public'::regnamespace"
    )
    wrong = []
    for source, target, on_delete in rows:
        if source not in app_of or target not in app_of:
            continue
        if ORDER.index(app_of[target]) > ORDER.index(app_of[source]) or on_delete not in ("a", "r"):
            wrong.append((source, target, on_delete))
    assert wrong == []


def test_no_column_holds_money_or_anything_else_as_a_float(raw: Callable[..., psycopg.Connection[Any]]) -> None:
    rows = raw("owner").execute(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'public' and data_type in ('real', 'double precision', 'money')"
    )
    assert rows.fetchall() == []


def test_no_column_holds_an_instant_without_its_zone(raw: Callable[..., psycopg.Connection[Any]]) -> None:
    rows = raw("owner").execute(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'public' and data_type = 'timestamp without time zone'"
    )
    assert rows.fetchall() == []


def test_migrations_are_up_to_date(db: None) -> None:
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said, verbosity=1)
    except SystemExit:
        pytest.fail(said.getvalue())


def readable(owner: psycopg.Connection[Any]) -> dict[str, bool]:
    """Every table of which readers may read a column, and whether row-level security stands on it."""
    rows = owner.execute(
        "select c.relname, c.relrowsecurity from pg_class c "
        "where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') "
        "and has_any_column_privilege('fourflow_reader', c.oid, 'select')"
    )
    return dict(rows.fetchall())


def test_every_table_is_protected_by_row_or_closed_to_readers(raw: Callable[..., psycopg.Connection[Any]]) -> None:
    assert [table for table, protected in readable(raw("owner")).items() if not protected] == []


def test_readers_may_write_nothing(raw: Callable[..., psycopg.Connection[Any]]) -> None:
    rows = raw("owner").execute(
        "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') "
        "and has_table_privilege('fourflow_reader', c.oid, 'insert, update, delete, truncate')"
    )
    assert rows.fetchall() == []


def seen(connection: psycopg.Connection[Any], tables: list[str], organisation: str | None) -> dict[str, int]:
    """Rows of each table that a reader gets, with an organisation set or none."""
    found = {}
    for table in tables:
        with connection.transaction():
            if organisation is not None:
                connection.execute("select set_config('fourflow.organisation', %s, true)", [organisation])
            (found[table],) = connection.execute(f'select count(*) from "{table}"').fetchone() or (0,)
    return {table: count for table, count in found.items() if count}


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("R290")
def test_a_reader_without_an_organisation_or_of_another_one_sees_no_row(
    settings: Any, raw: Callable[..., psycopg.Connection[Any]]
) -> None:
    """A voucher has been issued, passed on and priced; a stranger's organisation opens every table that it may."""
    api.cheap_passwords(settings)
    world = api.world()
    world.limit()
    holding = world.holding_of(world.accepted("1000.00"))
    world.transfer(holding, "400.00", world.cast.suppliers[1])
    reader, tables = raw("reader"), sorted(set(readable(raw("owner"))) - set(PUBLIC))
    assert seen(reader, tables, None) == {}
    assert seen(reader, tables, str(uuid4())) == {}
    mine = seen(reader, tables, str(world.cast.core.id))
    assert {"vouchers_voucher", "claims_claim", "parties_party"} <= mine.keys(), "the test would see rows if there were"


#: a value of each type, for rows that only exist
ANY = {
    "uuid": "'01a20000-0000-7000-8000-00000000000a'",
    "boolean": "true",
    "jsonb": "'{}'",
    "bytea": "''",
    "date": "'2014-03-01'",
    "timestamp with time zone": "'2014-03-01'",
    "text": "'x'",
    "character varying": "'x'",
    "daterange": "'empty'",
}
OWNER, STRANGER = "01a20000-0000-7000-8000-00000000000a", "01a20000-0000-7000-8000-00000000000b"


def put_a_row_everywhere(session: psycopg.Connection[Any], tables: list[str]) -> None:
    """One row in each table, whose every identifier is the owner's; no constraint and no trigger is in its way."""
    session.execute("set session_replication_role = replica")
    session.execute("truncate " + ", ".join(f'"{table}"' for table in tables) + " cascade")
    for table in tables:
        checks = session.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype in ('c', 'x') and conparentid = 0",
            [table],
        )
        for (name,) in checks.fetchall():
            session.execute(f'alter table "{table}" drop constraint "{name}"')
        columns = session.execute(
            "select attname, format_type(atttypid, null) from pg_attribute "
            "where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''",
            [table],
        ).fetchall()
        values = [ANY.get(kind, "'{}'" if kind.endswith("[]") else "1") for _, kind in columns]
        names = ", ".join(f'"{name}"' for name, _ in columns)
        session.execute(f'insert into "{table}" ({names}) values ({", ".join(values)})')


def test_whatever_a_table_holds_a_reader_without_an_organisation_or_of_another_one_gets_nothing_of_it(
    raw: Callable[..., psycopg.Connection[Any]],
) -> None:
    """Also of the tables that no story of the tests fills, and of those that are added later."""
    session = raw("superuser")
    found = session.execute(
        "select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid and p.polname = 'reader' "
        "where c.relkind in ('r', 'p') order by c.relname"
    )
    tables = [table for (table,) in found.fetchall() if table not in PUBLIC]
    assert set(tables) == set(readable(raw("owner"))) - set(PUBLIC)
    put_a_row_everywhere(session, sorted({*tables, "platform_visibility"}))
    session.execute("set local role fourflow_reader")
    settings = ("fourflow.organisation", "fourflow.account", "fourflow.sees_all")

    def opened(*values: str) -> set[str]:
        for name, value in zip(settings, values, strict=True):
            session.execute("select set_config(%s, %s, true)", [name, value])
        return {table for table in tables if session.execute(f'select 1 from "{table}"').fetchone()}

    assert opened("", "", "") == set()
    assert opened(STRANGER, STRANGER, "") == set()
    assert opened(OWNER, OWNER, "") | opened(STRANGER, OWNER, "yes") == set(tables), (
        "each has a row that somebody may see"
    )
    session.rollback()


def test_public_tables_are_listed_with_a_reason_and_still_exist(raw: Callable[..., psycopg.Connection[Any]]) -> None:
    rows = raw("owner").execute(
        "select tablename from pg_policies "
        "where schemaname = 'public' and 'fourflow_reader' = any (roles) and qual = 'true'"
    )
    assert {table for (table,) in rows} <= set(PUBLIC)


def test_every_evidenced_table_stands_in_the_description_of_evidence() -> None:
    described = (ROOT / "docs" / "subsystems" / "evidence.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z]+_[a-z_]+)`", described))
    used: set[str] = set()
    for file in (ROOT / "src" / "fourflow").rglob("*.py"):
        used |= set(re.findall(r"Evidenced\(\s*\"([a-z_]+)\"", file.read_text(encoding="utf-8")))
    tables = {model._meta.db_table for model in house_models() if hasattr(model, "evidence")} | used
    tables |= {model._meta.db_table for model in EVIDENCED_TABLES}
    assert sorted(tables - listed) == []
    known = {model._meta.db_table for model in house_models()}
    stale = {table for table in listed if table.partition("_")[0] in ORDER} - known
    assert sorted(stale) == [], "described, but there is no such table"
