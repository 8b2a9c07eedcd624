"""kill -9 between any two steps of the writer: nothing is lost, nothing is numbered twice, no second truth is signed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx
import pytest
from django.db import connection
from tests.builders.evidence_log import facts

from fourflow.foundation.evidence import queries
from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.adapters.http_witness import HttpWitness
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow_sandbox.witness.service import open_witness

SEED = b"k" * 32
NAME = "witness.bank-a.sandbox.example"
POINTS = ("sign", "before publish", "after publish", "before witness", "after witness")


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


def lock_is_held() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid() "
            "and database = (select oid from pg_database where datname = current_database()))"
        )
        held: bool = cursor.fetchone()[0]
    return held


def run_and_die(point: str, home: Path) -> int:
    """One round of a writer in a process of its own, which is killed at ``point``; gives its wait status."""
    connection.close()
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        while lock_is_held():  # until the server has noticed the death
            pass
        return status
    try:
        log = open_for(home, lambda here: os.kill(os.getpid(), signal.SIGKILL) if here == point else None)
        Writer(log, every=0).run_once()
    finally:
        os._exit(1)


@pytest.mark.django_db(transaction=True)
def test_a_writer_killed_at_any_step_leaves_a_log_that_the_next_one_goes_on_with(tmp_path: Path) -> None:
    total = 0
    for point in POINTS:
        facts(7)
        total += 7
        status = run_and_die(point, tmp_path)
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (point, status)
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
