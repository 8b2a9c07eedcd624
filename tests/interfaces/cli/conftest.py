"""Installations for tests of the command line."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.builders.installation import Installation

from fourflow.platform.db import location

NUMBERS = itertools.count(1)


@pytest.fixture
def installation(
    server: str, test_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """A home whose database is a clone of the migrated template on this worker's server."""
    known = location.read()
    assert known is not None
    dbname = f"{test_database}_own_{next(NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create database {dbname} template fourflow_template owner fourflow_owner strategy file_copy")
        with psycopg.connect(server, dbname=dbname) as superuser:
            superuser.execute("drop schema seeded cascade")  # of the tests, not of an installation
        monkeypatch.setenv("FOURFLOW_HOME", str(tmp_path))
        location.write(known["host"], known["port"], dbname, known["passwords"])
        monkeypatch.undo()
        given = conninfo_to_dict(server)
        url = f"postgresql://{given['user']}:{given.get('password', '')}@/{dbname}?host={given['host']}"
        found = Installation(tmp_path, dbname, {"FOURFLOW_DATABASE_URL": url})
        yield found
        found.end()
        for (name,) in admin.execute(
            "select datname from pg_database where starts_with(datname, %s)", [dbname]
        ).fetchall():
            admin.execute(f'drop database "{name}" with (force)')
