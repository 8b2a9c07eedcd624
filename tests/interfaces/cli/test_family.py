"""``fourflow serve``: everything it starts ends with it, and whatever is killed is started again with its data."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.interfaces.sandbox.party import eventually, free_ports

from fourflow.platform.db.embedded import Embedded

ROOT = Path(__file__).resolve().parents[3]
DEBIAN = Path("/usr/lib/postgresql/15/bin")
PATIENCE = 240
FACTS = """
import django; django.setup()
from django.db import transaction
from fourflow.platform import clock
from tests.builders.evidence_log import facts
with transaction.atomic():
    facts(%d)
"""


class Served:
    """``fourflow serve`` in a home of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.port = home, free_ports(1)[0]
        self.environment = {**os.environ, "FOURFLOW_HOME": str(home), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "fourflow.config.settings", **environment}
        self.environment.pop("FOURFLOW_DATABASE_NAME", None)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Served:
        command = [sys.executable, "-m", "fourflow", "serve", "--port", str(self.port)]
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        eventually(self.ready, PATIENCE)
        eventually(lambda: "Ctrl-C" in self.told(), PATIENCE)
        return self

    def told(self) -> str:
        return (self.home / "serve.log").read_text()

    def ready(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.told()
        return self.ask("/readyz") == {"ready": True}

    def ask(self, address: str) -> object:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}{address}", timeout=20) as got,
        ):
            return json.load(got)
        return None

    def end(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def run(self, *command: str) -> str:
        """A command beside the family."""
        done = subprocess.run([sys.executable, *command], env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def happen(self, count: int) -> None:
        self.run("-c", FACTS % count)

    def log_size(self) -> int:
        """Facts under a signed head."""
        known = json.loads((self.home / "database.json").read_text())
        with psycopg.connect(
            host=known["host"],
            port=known["port"] or None,
            dbname=known["dbname"],
            user="fourflow_writer",
            password=known["passwords"]["fourflow_writer"],
        ) as session:
            row = session.execute("select coalesce(max(size), 0) from evidence_checkpoint").fetchone()
        assert row is not None
        return int(row[0])

    def processes(self) -> dict[int, str]:
        """Every living process that works in this home, by pid: its command."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name == str(os.getpid()):
                continue
            with contextlib.suppress(OSError, ValueError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                mine = f"FOURFLOW_HOME={self.home}\0".encode() in (entry / "environ").read_bytes() + b"\0"
                dead = (entry / "stat").read_text().rpartition(") ")[2].startswith("Z")
                if (mine or str(self.home) in command) and command and not dead:
                    found[int(entry.name)] = command
        return found

    def pid_of(self, word: str) -> int:
        """The oldest process with a word in its command; 0 when there is none."""
        return min((pid for pid, command in self.processes().items() if f"fourflow {word}" in command), default=0)


@pytest.fixture
def own_home(tmp_path: Path) -> Iterator[Path]:
    """A home in a path with spaces; nothing may live in it afterwards."""
    home = tmp_path / "four flow"
    home.mkdir()
    yield home
    for pid in Served(home).processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.requirement("R193")
def test_whatever_is_killed_is_started_again_and_ctrl_c_ends_everything(own_home: Path, tmp_path: Path) -> None:
    served = Served(own_home).start()
    served.happen(3)
    eventually(lambda: served.log_size() == 3, PATIENCE)

    killed = {word: served.pid_of(word) for word in ("web", "worker", "sequencer")}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    for word, pid in killed.items():
        eventually(lambda pid=pid, word=word: served.pid_of(word) not in (0, pid), PATIENCE)
    eventually(served.ready, PATIENCE)
    served.happen(2)
    eventually(lambda: served.log_size() == 5, PATIENCE)
    served.run("-m", "fourflow", "backup", "create", str(tmp_path / "copy"))

    assert served.process is not None
    served.process.kill()  # the supervisor: the kernel ends its children, the database ends by itself
    served.process.wait()
    eventually(lambda: not [c for c in served.processes().values() if "fourflow" in c], PATIENCE)
    served.start()
    assert served.log_size() == 5

    assert served.end(signal.SIGINT) == 0
    assert served.processes() == {}
    served.run("-m", "fourflow", "backup", "restore", "--yes", str(tmp_path / "copy"))
    assert served.processes() == {}, "a command that starts the database ends it"


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


def test_debians_postgresql_15_serves_in_place_of_the_embedded_one(own_home: Path, tmp_path: Path, debian: str) -> None:
    served = Served(own_home, FOURFLOW_DATABASE_URL=debian, FOURFLOW_POSTGRES_BIN=str(DEBIAN)).start()
    assert not (own_home / "db").exists()
    served.happen(3)
    eventually(lambda: served.log_size() == 3, PATIENCE)
    served.run("-m", "fourflow", "backup", "create", str(tmp_path / "copy"))
    assert json.loads(served.run("-m", "fourflow", "backup", "verify", str(tmp_path / "copy")))["log_size"] == 3
    assert served.end(signal.SIGTERM) == 0
    assert served.processes() == {}
