"""The data dictionary says what the database has: every column with its owner, type and class, under one standard of names.

docs/data-dictionary.csv is written by ``FOURFLOW_WRITE_DICTIONARY=1`` and read as a diff.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from tests.architecture.test_tables import PUBLIC

from fourflow.platform.crypto.sealing import Sealed

DICTIONARY = Path(__file__).resolve().parents[2] / "docs" / "data-dictionary.csv"
HEAD = ("table", "column", "owner", "type", "null", "class")
SOURCE = Path(__file__).resolve().parents[2] / "src" / "fourflow"
WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from|copy|truncate)\s+(?:only\s+)?([a-z_]+)", re.IGNORECASE)
FOREIGN = re.compile(r"^(django|auth)_")
#: what must never be readable in the database: who people are, what opens a door, what signs in somebody's name
CORE = {
    ("parties_person", "name"),
    ("parties_application_file", "content"),
    ("access_session", "origin"),
    ("access_totp", "secret"),
    ("claims_registration", "modify_code"),
    ("clients_signing_key", "seed"),
}
#: endings that say what a column holds, and the type that they promise
ENDINGS = {"_at": "timestamp with time zone", "_on": "date", "_date": "date", "_minor": "bigint", "_days": "integer"}
INSTANTS = re.compile(r"(^|_)(at|until|since|after|login)$")
DAYS = re.compile(r"(^|_)(on|date|day|from|to|by|of)$")
#: what keeps another standard's name or its owner's currency, each with its reason
ELSEWHERE = {
    ("evidence_cosignature", "cosigned_at"): "seconds, as C2SP signs them",
    ("documents_delivery_line", "amount_minor"): "in the currency of its delivery",
    ("documents_order_line", "amount_minor"): "in the currency of its order",
    ("financing_financing", "accrued_minor"): "in the currency of its quote",
    ("financing_financing", "collected_minor"): "in the currency of its quote",
}


def sealed() -> set[tuple[str, str]]:
    return {
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, Sealed)
    }


def owner(table: str) -> str:
    """The module that a table belongs to: its label stands before the first underscore."""
    return apps.get_app_config(table.partition("_")[0]).name.removeprefix("fourflow.").replace(".", "/")


def columns(database: psycopg.Connection[Any]) -> list[tuple[str, ...]]:
    """Every column of the house as the dictionary has it, with the module that owns its table.

    Public: who is signed in reads the whole table. Restricted: the rows that concern the reader's organisation, or none at all.
    Core: sealed by a key that is not in the database.
    """
    found = database.execute(
        "select c.table_name, c.column_name, c.data_type, c.is_nullable from information_schema.columns c "
        "join pg_class t on t.relname = c.table_name and t.relnamespace = 'public'::regnamespace "
        "where c.table_schema = 'public' and t.relkind in ('r', 'p') and not t.relispartition "
        "order by c.table_name, c.column_name"
    ).fetchall()
    core = sealed()
    return [
        (
            table,
            column,
            owner(table),
            kind,
            null.lower(),
            "core" if (table, column) in core else "public" if table in PUBLIC else "restricted",
        )
        for table, column, kind, null in found
        if not FOREIGN.match(table)
    ]


def written(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([HEAD, *rows])
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.requirement("R285")
@pytest.mark.requirement("R290")
@pytest.mark.requirement("R402")
@pytest.mark.requirement("R167")
def test_every_column_stands_in_the_dictionary_with_its_owner_type_and_class(
    raw: Callable[..., psycopg.Connection[Any]],
) -> None:
    now = written(columns(raw("owner")))
    if os.environ.get("FOURFLOW_WRITE_DICTIONARY"):
        DICTIONARY.write_text(now, encoding="utf-8")
    assert now == DICTIONARY.read_text(encoding="utf-8"), (
        "write it anew with FOURFLOW_WRITE_DICTIONARY=1 and read the diff"
    )


@pytest.mark.django_db
@pytest.mark.requirement("R402")
def test_names_of_columns_say_what_they_hold(raw: Callable[..., psycopg.Connection[Any]]) -> None:
    """Lower case with underscores; an instant ends in _at, a day in _on, an amount in _minor beside its currency."""
    rows = columns(raw("owner"))
    known = {(table, column) for table, column, *_rest in rows}
    wrong = [f"{t}.{c}" for t, c, *_rest in rows if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", c)]
    for table, column, _owner, kind, *_rest in rows:
        promised = next((kind for ending, kind in ENDINGS.items() if column.endswith(ending)), kind)
        fits = (
            kind == promised
            and (kind != "timestamp with time zone" or INSTANTS.search(column))
            and (kind != "date" or DAYS.search(column))
            and (not column.endswith("_minor") or (table, "currency") in known)
        )
        if not fits and (table, column) not in ELSEWHERE:
            wrong.append(f"{table}.{column} is a {kind}")
    assert "\n".join(wrong) == ""
    assert set(ELSEWHERE) <= known, "no exception outlives its column"


@pytest.mark.requirement("R167")
def test_data_is_written_by_its_owner_alone() -> None:
    """A module's models are private by the import contracts; this holds for its SQL."""
    with DICTIONARY.open(encoding="utf-8", newline="") as file:
        owners = {row["table"]: row["owner"] for row in csv.DictReader(file)}
    wrong = [
        f"{path.relative_to(SOURCE)} writes {table} of {owners[table]}"
        for path in sorted(SOURCE.rglob("*.py"))
        for table in WRITES.findall(path.read_text(encoding="utf-8"))
        if table in owners and not path.is_relative_to(SOURCE / owners[table])
    ]
    assert wrong == []


@pytest.mark.requirement("R285")
def test_what_is_core_is_sealed() -> None:
    assert sealed() == CORE, "a new sealed column is named here; one that is named here is sealed"
