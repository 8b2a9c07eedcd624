"""A whole family of processes in a home of its own: started, asked, killed and ended as people do."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from tests.interfaces.sandbox.party import eventually, ports_in_a_row

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 240
FACTS = """
import django; django.setup()
from django.db import transaction
from fourflow.platform import clock
from tests.builders.evidence_log import facts
with transaction.atomic():
    facts(%d)
"""


#: a user who is not root, whoever runs the tests: files that are root's are his own there
SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


class Served:
    """``fourflow serve``, or ``fourflow demo``, in a home of its own; never as root where ``root`` is no."""

    def __init__(self, home: Path, command: str = "serve", *, root: bool = True, **environment: str) -> None:
        self.home, self.command, self.port = home, command, ports_in_a_row(4)
        self.python = [*(() if root or os.geteuid() else SOMEBODY), sys.executable]
        self.environment = {**os.environ, "FOURFLOW_HOME": str(home), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "fourflow.config.settings", **environment}
        self.environment.pop("FOURFLOW_DATABASE_NAME", None)
        self.process: subprocess.Popen[bytes] | None = None
        self.talk = ""

    def start(self) -> Served:
        command = [*self.python, "-m", "fourflow", self.command, "--port", str(self.port)]
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
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

    def sign_in(self, email: str, password: str) -> int:
        """The status of a sign-in through the API."""
        body = json.dumps({"email": email, "password": password}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/tokens", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)

    def end(self, number: int) -> int:
        """Its status after a signal; that of Ctrl-C comes to the whole group at once, as a terminal sends it."""
        assert self.process is not None
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self.process.wait(60)

    def run(self, *command: str) -> str:
        """A command beside the family; what it says besides its data is kept in ``talk``."""
        done = subprocess.run([*self.python, *command], env=self.environment, capture_output=True, text=True)
        self.talk = done.stderr
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def happen(self, count: int) -> None:
        self.run("-c", FACTS % count)

    def log_size(self) -> int:
        """Facts under a signed head."""
        return int(self.asked("select coalesce(max(size), 0) from evidence_checkpoint")[0][0])

    def asked(self, sql: LiteralString) -> list[tuple[Any, ...]]:
        """What the database of the running family answers."""
        known = json.loads((self.home / "database.json").read_text())
        with psycopg.connect(
            host=known["host"],
            port=known["port"] or None,
            dbname=known["dbname"],
            user="fourflow_writer",
            password=known["passwords"]["fourflow_writer"],
        ) as session:
            return session.execute(sql).fetchall()

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

    def kill_what_is_left(self) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
