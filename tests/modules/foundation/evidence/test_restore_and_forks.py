"""A database restored from a backup is recognised, and no second truth is ever signed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.builders.evidence_log import LocalWitness, facts

from fourflow.foundation.evidence import operations, queries
from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.domain.checkpoints import Checkpoint
from fourflow.foundation.evidence.domain.notes import Note, parse_signature_lines
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow.foundation.evidence.types import LogReadOnly

Connect = Callable[[str], Any]


def signed_elsewhere(signer: LocalKey, size: int, root: bytes) -> str:
    """A head that the log's key has signed but this database does not hold."""
    text = str(Checkpoint(signer.origin, size, root))
    return str(Note(text, parse_signature_lines(signer.sign(text))))


@pytest.mark.django_db
def test_a_witness_that_knows_more_stops_the_writer_before_it_numbers_anything(
    log: Log, signer: LocalKey, bank: LocalWitness
) -> None:
    bank.add_checkpoint(old_size=0, proof=(), note=signed_elsewhere(signer, 900, b"r" * 32))
    facts(3)
    for _ in range(2):
        step = Writer(log, every=0).run_once()
        assert (step.read_only, step.added, step.signed) == ("behind", 0, None)
    assert queries.size() == 0 and queries.log_state().waiting == 3
    assert queries.log_state().witnesses[0].problem == "behind"


@pytest.mark.django_db
def test_nothing_is_numbered_until_every_witness_has_answered_once_since_the_start(
    log: Log, bank: LocalWitness
) -> None:
    bank.down = True
    facts(1)
    writer = Writer(log, every=0)
    step = writer.run_once()
    assert (step.read_only, step.waiting, queries.size()) == ("unasked", (bank.name,), 0)
    bank.down = False
    assert writer.run_once().signed == 1


@pytest.mark.django_db
def test_one_witness_of_two_that_knows_more_is_enough(log: Log, signer: LocalKey, bank: LocalWitness) -> None:
    other = LocalWitness("bank-b.example", signer)
    other.add_checkpoint(old_size=0, proof=(), note=signed_elsewhere(signer, 1, b"r" * 32))
    facts(1)
    assert Writer(Log(log.signer, log.head, (bank, other)), every=0).run_once().read_only == "behind"


@pytest.mark.django_db
def test_a_witness_that_has_seen_another_tree_of_the_same_size_stops_the_writer(
    log: Log, signer: LocalKey, bank: LocalWitness
) -> None:
    facts(3)
    Writer(Log(log.signer, log.head), every=0).run_once()
    bank.add_checkpoint(old_size=0, proof=(), note=signed_elsewhere(signer, 3, b"r" * 32))
    facts(1)
    step = Writer(log, every=0).run_once()
    assert (step.read_only, step.signed) == ("fork", None)
    assert queries.size() == 3


@pytest.mark.django_db
def test_a_published_head_beyond_the_database_stops_the_writer(log: Log, signer: LocalKey) -> None:
    alone = Log(log.signer, log.head)
    facts(3)
    Writer(alone, every=0).run_once()
    log.head.publish(signed_elsewhere(signer, 9, b"r" * 32))
    facts(1)
    assert Writer(alone, every=0).run_once().read_only == "head_ahead"
    assert queries.size() == 3


@pytest.mark.django_db
def test_a_published_head_that_is_no_beginning_of_the_tree_is_never_signed_over(log: Log, signer: LocalKey) -> None:
    alone = Log(log.signer, log.head)
    facts(3)
    operations.advance()
    log.head.publish(signed_elsewhere(signer, 2, b"r" * 32))
    with pytest.raises(LogReadOnly):
        operations.sign_checkpoint(log=alone)
    assert Writer(alone, every=0).run_once().read_only == "head_differs"


@pytest.mark.django_db
def test_a_lost_head_file_is_no_licence_to_sign_when_nobody_else_remembers(log: Log, tmp_path: Path) -> None:
    facts(3)
    Writer(log, every=0).run_once()
    lost = HeadFile(tmp_path / "elsewhere.txt")
    facts(1)
    assert Writer(Log(log.signer, lost), every=0).run_once().read_only == "head_missing"
    assert Writer(Log(log.signer, lost, log.witnesses), every=0).run_once().signed == 4


@pytest.mark.django_db
def test_a_head_published_by_a_writer_that_died_before_storing_it_is_signed_again_the_same(
    log: Log, signer: LocalKey
) -> None:
    facts(3)
    operations.advance()
    log.head.publish(signed_elsewhere(signer, 3, queries.tree(3).root()))
    before = log.head.read()
    assert operations.sign_checkpoint(log=log) is not None
    assert queries.latest_note() == log.head.read() == before
    assert operations.sign_checkpoint(log=log) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql",
    [
        "update evidence_tile set hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))",
        "update evidence_tile set hashes = substring(hashes from 1 for 32)",
        "update evidence_tile set number = number + 1",
        "delete from evidence_tile",
        "truncate evidence_tile",
        "insert into evidence_tile values (0, 99, '\\x00')",
        "insert into evidence_tile values (9, 0, decode(repeat('00', 32), 'hex'))",
        "update evidence_head set root = decode(repeat('00', 32), 'hex')",
        "delete from evidence_head where size = 3",
        "insert into evidence_head (size, root) values (2, decode(repeat('00', 32), 'hex'))",
        "insert into evidence_head (size, root) values (9, decode(repeat('00', 31), 'hex'))",
        "update evidence_checkpoint set note = 'x'",
        "delete from evidence_checkpoint",
        "insert into evidence_checkpoint (size, note) values (77, 'x')",
        "update evidence_cosignature set line = 'x'",
        "delete from evidence_cosignature",
        "update evidence_witness set size = 0",
        "delete from evidence_witness",
    ],
)
def test_the_writer_role_cannot_change_or_take_back_anything_of_the_log(log: Log, raw: Connect, sql: str) -> None:
    facts(3)
    Writer(log, every=0).run_once()
    session = raw("writer")
    with pytest.raises(psycopg.errors.Error):
        session.execute(sql)
        session.execute("set constraints all immediate")


TABLES = (
    "platform_event",
    "evidence_tile",
    "evidence_head",
    "evidence_checkpoint",
    "evidence_cosignature",
    "evidence_witness",
)


class Backups:
    """Takes and puts back the state of the log's tables, as a dump and its restore would."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def take(self, name: str) -> None:
        for table in TABLES:
            self.session.execute(f"create temporary table {name}_{table} as table {table}")
        self.session.commit()

    def restore(self, name: str) -> None:
        self.session.execute("set local session_replication_role = replica")
        for table in TABLES:
            self.session.execute(f"delete from {table}")
            self.session.execute(f"insert into {table} select * from {name}_{table}")
        self.session.commit()


@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_stays_read_only_until_it_has_caught_up_with_every_witness(log: Log, raw: Connect) -> None:
    backups = Backups(raw("superuser"))
    facts(5)
    Writer(log, every=0).run_once()
    old_head = log.head.read()
    backups.take("monday")
    facts(5)
    Writer(log, every=0).run_once()
    new_head = log.head.read()
    backups.take("tuesday")
    assert old_head and new_head

    backups.restore("monday")
    log.head.publish(old_head)  # the whole machine was put back: only the bank remembers
    facts(3)
    writer = Writer(log, every=0)
    for _ in range(2):
        step = writer.run_once()
        assert (step.read_only, step.added, step.signed, queries.size()) == ("behind", 0, None, 5)

    log.head.publish(new_head)  # or only the database was: the file remembers too
    assert Writer(Log(log.signer, log.head), every=0).run_once().read_only == "head_ahead"
    assert queries.size() == 5

    backups.restore("tuesday")
    facts(2)
    step = writer.run_once()  # the same process goes on as soon as the database has caught up
    assert (step.read_only, step.signed, step.cosigned) == ("", 12, ("bank-a.example",))
    assert queries.audit_log(log_vkey=log.signer.vkey).sound
