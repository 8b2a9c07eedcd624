"""The audit names whatever was tampered with, by someone with all rights over the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.builders.evidence_log import LocalWitness, facts

from fourflow.foundation.evidence import queries
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow.platform.events.types import Evidenced

Connect = Callable[[str], Any]


def report(log: Log, bank: LocalWitness) -> Any:
    policy = queries.read_policy(f"log {log.signer.vkey}\nwitness a {bank.vkey}\nquorum a\n")
    return queries.audit_log(policy=policy, log_vkey=log.signer.vkey)


@pytest.mark.requirement("R392")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("update platform_event set body = jsonb_set(body, '{amount}', '7') where position = 4", "leaf_differs"),
        ('update platform_event set rows = \'[["t", "1", "00"]]\' where position = 4', "leaf_differs"),
        ("update platform_event set kind = 'test.other' where position = 4", "leaf_differs"),
        ("update platform_event set effective_at = effective_at + interval '1 s' where position = 4", "leaf_differs"),
        ("update platform_event set subject_id = id where position = 4", "leaf_differs"),
        ("update platform_event set salt = decode(repeat('00', 32), 'hex') where position = 4", "leaf_differs"),
        ("update platform_event set entry = entry || '\\x20' where position = 4", "leaf_differs"),
        ("update platform_event set leaf_hash = decode(repeat('00', 32), 'hex') where position = 4", "leaf_differs"),
        ("delete from platform_event where position = 4", "position_gap"),
        ("delete from platform_event where position = 299", "head_differs"),
        (
            "update evidence_tile set hashes = set_byte(hashes, 9, 255 - get_byte(hashes, 9)) where number = 0",
            "tile_differs",
        ),
        ("delete from evidence_tile where level = 1", "tile_missing"),
        ("update evidence_head set root = decode(repeat('00', 32), 'hex')", "head_differs"),
        ("update evidence_checkpoint set note = replace(note, '300', '301')", "checkpoint_differs"),
        ("update evidence_cosignature set line = replace(line, 'bank-a', 'bank-x')", "cosignature_unknown"),
        ("update evidence_cosignature set line = overlay(line placing 'AAAA' from 60)", "cosignature_differs"),
    ],
)
def test_the_audit_names_what_was_changed_behind_the_codes_back(
    log: Log, bank: LocalWitness, raw: Connect, sql: str, code: str
) -> None:
    facts(300, rows=[Evidenced("t", "1", {"n": 1})])
    Writer(log, every=0).run_once()
    clean = report(log, bank)
    assert clean.sound, clean.findings
    assert (clean.leaves, clean.tiles, clean.checkpoints, clean.cosignatures) == (300, 3, 1, 1)
    session = raw("superuser")
    session.execute("set session_replication_role = replica")
    session.execute(sql)
    session.commit()
    assert f"evidence.{code}" in {finding.code for finding in report(log, bank).findings}


@pytest.mark.django_db
def test_events_that_are_not_numbered_yet_are_audited_too(log: Log, bank: LocalWitness) -> None:
    facts(2)
    Writer(log, every=0).run_once()
    facts(3)
    found = report(log, bank)
    assert found.sound and found.leaves == 5
