"""``fourflow serve`` over a server of PostgreSQL that somebody else runs."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.interfaces.cli.served import PATIENCE, Served
from tests.interfaces.sandbox.party import eventually, free_ports

from fourflow.platform.db.embedded import Embedded

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of PostgreSQL 15 that somebody else runs, and its user who may create roles and databases."""
    if not DEBIAN.exists():
        pytest.skip("Debian's PostgreSQL 15 is not installed")
    monkeypatch.setenv("FOURFLOW_POSTGRES_BIN", str(DEBIAN))
    port = free_ports(1)[0]
    fast = {"fsync": "off", "listen_addresses": "127.0.0.1", "port": str(port), "shared_buffers": "32MB"}
    server = Embedded(tmp_path / "pg15", fast)
    server.start()
    with psycopg.connect(f"{server.dsn()} port={port}", autocommit=True) as superuser:
        superuser.execute("create role boss login createrole createdb password 'not a secret'")
    yield f"postgresql://boss:not%20a%20secret@127.0.0.1:{port}/supply"
    server.stop()


def test_debians_postgresql_15_serves_in_place_of_the_embedded_one(tmp_path: Path, debian: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    served = Served(home, FOURFLOW_DATABASE_URL=debian, FOURFLOW_POSTGRES_BIN=str(DEBIAN)).start()
    assert not (home / "db").exists()
    served.happen(3)
    eventually(lambda: served.log_size() == 3, PATIENCE)
    served.run("-m", "fourflow", "backup", "create", str(tmp_path / "copy"))
    assert json.loads(served.run("-m", "fourflow", "backup", "verify", str(tmp_path / "copy")))["log_size"] == 3
    assert served.end(signal.SIGTERM) == 0
    assert served.processes() == {}
