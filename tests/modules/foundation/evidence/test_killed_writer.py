"""kill -9 between any two steps of the writer: nothing is lost, nothing is numbered twice, no second truth is signed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.builders.evidence_log import facts

from fourflow.foundation.evidence import queries
from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.adapters.http_witness import HttpWitness
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow_sandbox.witness.service import open_witness

SRC = Path(__file__).resolve().parents[4] / "src"
SEED = b"k" * 32
NAME = "witness.bank-a.sandbox.example"
POINTS = ("sign", "before publish", "after publish", "before witness", "after witness")


CHILD = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from tests.modules.foundation.evidence.test_killed_writer import open_for
from fourflow.foundation.evidence.jobs import Writer

point, home = sys.argv[1], Path(sys.argv[2])
def die(here):
    if here == point:
        os.kill(os.getpid(), signal.SIGKILL)
print(Writer(open_for(home, die), every=0).run_once(), file=sys.stderr)
"""


class Deadly:
    """Passes every call on and lets ``die`` end the process before or after it."""

    def __init__(self, log: Log, die) -> None:  # type: ignore[no-untyped-def]
        self.log, self.die = log, die
        self.origin, self.vkey = log.signer.origin, log.signer.vkey

    def sign(self, text: str) -> str:
        if "\n0\n" not in text:  # not the question with the empty tree
            self.die("sign")
        return self.log.signer.sign(text)

    def read(self) -> str | None:
        return self.log.head.read()

    def publish(self, note: str) -> None:
        self.die("before publish")
        self.log.head.publish(note)
        self.die("after publish")


class DeadlyWitness(HttpWitness):
    """The bank's witness, with a process that may die on the way there or back."""

    die = staticmethod(lambda here: None)

    def add_checkpoint(self, *, old_size, proof, note):  # type: ignore[no-untyped-def]
        question = "\n0\n" in note
        if not question:
            self.die("before witness")
        lines = super().add_checkpoint(old_size=old_size, proof=proof, note=note)
        if not question:
            self.die("after witness")
        return lines


def open_for(home: Path, die=lambda here: None) -> Log:  # type: ignore[no-untyped-def]
    """The log with the bank's durable witness; ``die`` is told of every step."""
    bank = open_witness(home / "witness.key", home / "witness.sqlite3", NAME)
    signer = LocalKey(SEED, "log.example/killed")
    bank.trust(signer.vkey)

    def answer(request: httpx.Request) -> httpx.Response:
        from fourflow_sandbox.refusal import Refusal

        try:
            got = bank.add_checkpoint(request.content)
        except Refusal as refusal:
            return httpx.Response(refusal.status)
        return httpx.Response(got.status, content=got.body)

    vkey = bank._vkey(None).body.decode().strip()  # type: ignore[arg-type]
    client = httpx.Client(transport=httpx.MockTransport(answer))
    witness = DeadlyWitness("bank-a", vkey, "http://bank-a", client=client)
    witness.die = die  # type: ignore[method-assign]
    deadly = Deadly(Log(signer, HeadFile(home / "head.txt")), die)
    return Log(deadly, deadly, (witness,))


def run_and_die(point: str, home: Path) -> subprocess.CompletedProcess[str]:
    """One round of a writer in a process of its own, which is killed at ``point``.

    A new process and no fork: the test's own may have a browser, sites and their connections open.
    """
    environment = {**os.environ, "PYTHONPATH": f"{SRC}{os.pathsep}{SRC.parent}"}
    environment["DJANGO_SETTINGS_MODULE"] = "fourflow.config.settings"
    command = [sys.executable, "-c", CHILD, point, str(home)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.django_db(transaction=True)
def test_a_writer_killed_at_any_step_leaves_a_log_that_the_next_one_goes_on_with(tmp_path: Path) -> None:
    total = 0
    for point in POINTS:
        facts(7)
        total += 7
        ran = run_and_die(point, tmp_path)
        assert ran.returncode == -signal.SIGKILL, (point, ran.stderr[-2000:])
        assert queries.audit_log().sound, point
    facts(1)
    step = Writer(open_for(tmp_path), every=0).run_once()
    assert (step.signed, step.read_only) == (total + 1, "")
    state = queries.log_state()
    assert state.head is not None and (state.size, state.waiting) == (total + 1, 0)
    assert state.head.witnesses == ("bank-a",)
    assert HeadFile(tmp_path / "head.txt").read() == queries.latest_note()
    report = queries.audit_log(log_vkey=LocalKey(SEED, "log.example/killed").vkey)
    assert report.sound and report.leaves == total + 1
