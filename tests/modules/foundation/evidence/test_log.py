"""Events become leaves, heads are signed and cosigned, and every event can be proved to an outsider."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from tests.builders.evidence_log import LocalWitness, Seer, facts

from fourflow.foundation.evidence import operations, queries
from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.domain.checkpoints import Checkpoint
from fourflow.foundation.evidence.domain.merkle import verify_consistency
from fourflow.foundation.evidence.domain.notes import Note
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow.foundation.evidence.types import EventNotFound, LogCorrupt, NotYetInLog, ProofInvalid, Result, Stage
from fourflow.platform.db import visibility
from fourflow.platform.events.types import Evidenced
from fourflow.platform.ids import new_id
from fourflow.platform.jobs import run_forever

ROOT = Path(__file__).resolve().parents[4]
SEES_ALL = Seer()


def policy(signer: LocalKey, *witnesses: LocalWitness) -> str:
    names = [f"w{number}" for number in range(len(witnesses))]
    lines = [f"log {signer.vkey}", *(f"witness {n} {w.vkey}" for n, w in zip(names, witnesses, strict=True))]
    if names:
        lines.append("group all-banks all " + " ".join(names))
    return "\n".join([*lines, "quorum all-banks" if names else "quorum none"]) + "\n"


@pytest.mark.requirement("R279")
@pytest.mark.requirement("R392")
@pytest.mark.django_db
def test_an_event_is_numbered_signed_cosigned_and_proved_offline(
    log: Log, signer: LocalKey, bank: LocalWitness
) -> None:
    ids = facts(300)
    assert queries.stage(ids[7], SEES_ALL) is Stage.RECORDED
    step = Writer(log, every=0).run_once()
    assert (step.added, step.signed, step.cosigned, step.read_only) == (300, 300, (bank.name,), "")
    assert queries.stage(ids[7], SEES_ALL) is Stage.WITNESSED
    verdict = queries.verify(queries.bundle(ids[7], SEES_ALL), queries.read_policy(policy(signer, bank)))
    assert (verdict.result, verdict.witnesses, verdict.size) == (Result.WITNESSED, ("w0",), 300)
    assert verdict.disclosed["what"] == "fact 7" and verdict.kind == "test.happened"


@pytest.mark.django_db
def test_growing_in_rounds_keeps_every_older_head_a_beginning_of_the_newer(log: Log) -> None:
    writer = Writer(log, every=0)
    for count in (1, 255, 1, 300, 7):
        facts(count)
        writer.run_once()
    signed = [Checkpoint.parse(Note.parse(head.note).text) for head in reversed(queries.heads())]
    assert [head.size for head in signed] == [1, 256, 257, 557, 564]
    for old, new in itertools.pairwise(signed):
        proof = queries.consistency_proof(old.size, new.size)
        verify_consistency(old_size=old.size, new_size=new.size, old_root=old.root, new_root=new.root, path=proof)
    assert all(head.witnesses == ("bank-a.example",) for head in queries.heads())
    assert queries.audit_log(log_vkey=log.signer.vkey).sound


@pytest.mark.django_db
def test_a_bundle_of_an_event_without_cosignature_is_the_operators_word_only(log: Log, signer: LocalKey) -> None:
    alone = Log(log.signer, log.head)
    [event] = facts(1)
    with pytest.raises(NotYetInLog):
        queries.bundle(event, SEES_ALL)
    Writer(alone, every=0).run_once()
    verdict = queries.verify(queries.bundle(event, SEES_ALL), queries.read_policy(policy(signer)))
    assert verdict.result is Result.OPERATOR_ONLY and verdict.exit_code == 3


@pytest.mark.django_db
@pytest.mark.requirement("R226")
def test_the_stand_alone_verifier_accepts_what_the_platform_exports(
    log: Log, signer: LocalKey, bank: LocalWitness, tmp_path: Path
) -> None:
    [event] = facts(1, rows=[Evidenced("a_table", "1", {"secret": "of a row"})])
    Writer(log, every=0).run_once()
    (tmp_path / "bundle").write_bytes(queries.bundle(event, SEES_ALL))
    (tmp_path / "policy").write_text(policy(signer, bank))
    script = [sys.executable, "-I", "-S", str(ROOT / "tools" / "verify" / "fourflow_verify.py")]
    ran = subprocess.run(
        [*script, str(tmp_path / "bundle"), "--policy", str(tmp_path / "policy")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    verdict = json.loads(ran.stdout)
    assert verdict["independent_witnesses"] == 1 and verdict["undisclosed"] == 1
    assert "a_table" not in (tmp_path / "bundle").read_text()


@pytest.mark.django_db
def test_a_stranger_gets_no_bundle_and_cannot_tell_that_there_is_one(log: Log) -> None:
    subject, ours, theirs = new_id(), new_id(), new_id()
    [event] = facts(1, subject=subject)
    visibility.grant(subject, [ours], "test")
    Writer(log, every=0).run_once()
    assert queries.bundle(event, Seer(ours, sees_all=False))
    for actor, which in ((Seer(theirs, sees_all=False), event), (Seer(ours, sees_all=False), new_id())):
        with pytest.raises(EventNotFound):
            queries.bundle(which, actor)


@pytest.mark.django_db
def test_a_witness_that_is_down_delays_nothing_once_it_has_answered(log: Log, bank: LocalWitness) -> None:
    writer = Writer(log, every=0)
    facts(1)
    writer.run_once()
    bank.down = True
    facts(1)
    step = writer.run_once()
    assert (step.signed, step.cosigned) == (2, ())
    assert "unavailable" in queries.log_state().witnesses[0].problem
    bank.down = False
    assert writer.run_once().cosigned == (bank.name,)
    assert queries.log_state().witnesses[0].problem == ""
    assert queries.log_state().witnesses[0].size == 2


@pytest.mark.django_db
def test_a_witness_that_does_not_know_the_log_yet_cosigns_as_soon_as_it_does(log: Log, bank: LocalWitness) -> None:
    trusted, bank.trusted = bank.trusted, {}
    facts(1)
    writer = Writer(log, every=0)
    assert writer.run_once().signed == 1
    bank.trusted = trusted
    assert writer.run_once().cosigned == (bank.name,)


@pytest.mark.django_db
def test_a_cosignature_lost_on_the_way_back_is_fetched_again(log: Log, bank: LocalWitness) -> None:
    facts(3)
    operations.advance()
    operations.sign_checkpoint(log=log)
    note = queries.latest_note()
    assert note is not None
    bank.add_checkpoint(old_size=0, proof=(), note=note)  # and the answer never arrived
    assert Writer(log, every=0).run_once().cosigned == (bank.name,)


@pytest.mark.django_db
def test_heads_are_signed_once_a_second_however_many_rounds_there_are(log: Log) -> None:
    writer = Writer(log, every=3600)
    facts(1)
    assert writer.run_once().signed == 1
    facts(1)
    step = writer.run_once()
    assert (step.added, step.signed) == (1, None)
    assert writer.run_once(at_once=True).signed == 2


@pytest.mark.django_db
def test_the_published_head_outside_of_the_database_is_the_last_signed_one(log: Log, tmp_path: Path) -> None:
    facts(5)
    Writer(log, every=0).run_once()
    assert HeadFile(tmp_path / "head.txt").read() == queries.latest_note()


@pytest.mark.django_db(transaction=True)
def test_only_one_process_writes_at_a_time(log: Log, raw: Callable[[str], Any]) -> None:
    facts(2)
    other = raw("writer")
    other.execute("select pg_advisory_xact_lock(%s)", [operations.SEQUENCER_LOCK])
    assert operations.advance() is None and operations.sign_checkpoint(log=log) is None
    other.rollback()
    done = operations.advance()
    assert done is not None and done.added == 2


@pytest.mark.django_db(transaction=True)
def test_a_step_that_is_rolled_back_leaves_events_unnumbered_and_the_tree_as_it_was() -> None:
    facts(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operations.advance()
        _ = 1 / 0
    assert (queries.size(), queries.log_state().waiting) == (0, 2)
    done = operations.advance()
    assert done is not None and done.added == 2
    assert queries.audit_log().sound


@pytest.mark.django_db
def test_a_writer_whose_tiles_do_not_give_its_root_stops() -> None:
    facts(3)
    operations.advance()
    with connection.cursor() as cursor:
        cursor.execute("update evidence_tile set hashes = hashes || decode(repeat('00', 32), 'hex')")
    facts(1)
    with pytest.raises((LogCorrupt, ProofInvalid)):
        operations.advance()


@pytest.mark.django_db(transaction=True)
def test_the_loops_run_until_told_to_stop_and_lose_nothing(log: Log, signer: LocalKey) -> None:
    stop = threading.Event()

    class Last(LocalWitness):
        def add_checkpoint(self, *, old_size: int, proof: Sequence[bytes], note: str) -> str:
            lines = super().add_checkpoint(old_size=old_size, proof=proof, note=note)
            if self.size(signer.origin) == 500:
                stop.set()
            return lines

    facts(500)
    run_forever(Writer(Log(log.signer, log.head, (Last("bank-b.example", signer),))).sweepers(), stop)
    state = queries.log_state()
    assert state.head is not None
    assert (state.size, state.head.size, state.head.witnesses) == (500, 500, ("bank-b.example",))
