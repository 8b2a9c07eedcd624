"""A backup proves what it holds; what it does not hold is never put in the place of the present database."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.builders.installation import Installation
from tests.interfaces.sandbox import party

from fourflow.foundation.evidence.adapters.home import head_path

FOUND_LOG = """
from fourflow.foundation.evidence.adapters.home import LocalKey, write_policy
from fourflow.interfaces.cli.demo_command import _witnesses
from fourflow.config import outside
from fourflow.platform import clock
from fourflow.platform.crypto.keys import home, secret
clock.found("sandbox")
outside.write(outside.Outside((outside.BankAddress("ALFA", "Alfa", %r),)))
signer = LocalKey(secret("log"))
write_policy(home=home(), signer=signer, witnesses=_witnesses(signer.vkey))
"""
HAPPEN = """
from django.db import transaction
from tests.builders.evidence_log import facts
from tests.builders.entries import entry, key
from tests.builders.ledger import post
from fourflow.capital.ledger.queries import evidence_of
from fourflow.capital.ledger.types import Chart
with transaction.atomic():
    posted = post(entry(key(), key(Chart.BANK), 500))
    facts(%d, rows=[evidence_of(posted.batch_id)])
"""
WRITE = """
from fourflow.config import wiring
step = wiring.writer().run_once(at_once=True)
answer = [step.read_only, step.added, step.signed, len(step.cosigned)]
"""
RESTORE_ALL = """
from fourflow.interfaces.cli import backups
before, told = backups.proof(), []
for folder in %r:
    try:
        backups.restore(backups.Path(folder))
    except backups.BackupUnusable as error:
        told.append(str(error))
answer = before, told, backups.proof()
"""
STATE = """
from fourflow.interfaces.cli import backups
answer = backups.proof()
"""


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[party.Party]:
    """The sandbox bank that witnesses the log."""
    one = party.bank("ALFA", tmp_path / "banks", party.free_ports(1)[0])
    yield one.start()
    one.stop()


@pytest.fixture
def running(installation: Installation, bank: party.Party) -> Installation:
    """Three facts and a posting, witnessed."""
    assert installation.python(FOUND_LOG % bank.url + HAPPEN % 3 + WRITE) == ["", 3, 3, 1]
    return installation


@pytest.mark.requirement("R400")
def test_a_restored_database_proves_ledger_and_log_and_stays_read_only_until_it_has_caught_up(
    running: Installation, tmp_path: Path
) -> None:
    monday, tuesday = tmp_path / "monday", tmp_path / "tuesday"
    running.fourflow("backup", "create", str(monday))
    assert running.python(HAPPEN % 2 + WRITE) == ["", 2, 5, 1]
    running.fourflow("backup", "create", str(tuesday))
    head = head_path(running.home).read_text()

    told = running.fourflow("backup", "restore", "--yes", str(monday))
    assert f"{running.dbname}_before_restore_" in told
    # the bank remembers, whether the published head was put back with the database or not
    assert running.python(WRITE) == ["behind", 0, None, 0]
    head_path(running.home).unlink()
    assert running.python(HAPPEN % 4 + WRITE) == ["behind", 0, None, 0]
    then = running.python(STATE)
    assert (then["log_size"], then["rows"]["platform_event"], then["transfers"], then["ledger_sound"]) == (
        3,
        7,
        2,
        True,
    )
    assert not head_path(running.home).exists(), "nothing was signed"

    running.fourflow("backup", "restore", "--yes", str(tuesday))
    assert running.python(STATE)["log_size"] == 5
    assert running.python(HAPPEN % 1 + WRITE) == ["", 1, 6, 1]
    assert head_path(running.home).read_text() != head
    running.fourflow("evidence", "audit")


def cut_short(content: bytes) -> bytes:
    return content[:-2000]


def turn_a_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def say(**fields: Any) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps(json.loads(content) | fields).encode()


DUMP, PROOF = "fourflow.dump", "proof.json"
DAMAGES: list[tuple[str, Callable[[bytes], bytes] | None, str]] = [
    (DUMP, cut_short, "fourflow.dump is damaged"),
    (DUMP, turn_a_bit, "fourflow.dump is damaged"),
    (DUMP, None, "fourflow.dump is missing"),
    (PROOF, None, "proof.json is missing"),
    (PROOF, lambda content: content[:-1], "proof.json is not JSON"),
    (PROOF, say(ledger_root="00" * 32), "ledger_root: saved"),
    (PROOF, say(log_size=2), "log_size: saved 2, restored 3"),
]


def test_a_damaged_backup_is_refused_in_words_and_changes_nothing(running: Installation, tmp_path: Path) -> None:
    running.fourflow("backup", "create", str(tmp_path / "good"))
    folders = [str(shutil.copytree(tmp_path / "good", tmp_path / str(number))) for number in range(len(DAMAGES))]
    for folder, (name, damage, _) in zip(folders, DAMAGES, strict=True):
        file = Path(folder) / name
        if damage is None:
            file.unlink()
        else:
            file.write_bytes(damage(file.read_bytes()))
    before, told, after = running.python(RESTORE_ALL % folders)
    assert before == after
    assert [word for word, said in zip([word for *_, word in DAMAGES], told, strict=True) if word not in said] == []
    said = running.fourflow("backup", "restore", "--yes", folders[0], status=1)
    assert said.startswith("backup.unusable(") and "Traceback" not in said


def test_a_good_backup_verifies_and_leaves_nothing_behind_and_nobody_is_thrown_out_for_it(
    running: Installation, tmp_path: Path, server: str
) -> None:
    folder = str(tmp_path / "one")
    running.fourflow("backup", "create", folder)
    assert json.loads(running.fourflow("backup", "verify", folder))["transfers"] == 1
    assert "exists already" in running.fourflow("backup", "create", folder, status=1)
    keys = running.home / "keys.json"
    assert "another installation" not in running.fourflow("backup", "verify", folder)
    own = keys.read_text()
    keys.write_text(json.dumps({**json.loads(own), "log": base64.b64encode(bytes(32)).decode()}))
    assert "keys.json is another installation's" in running.fourflow("backup", "verify", folder)
    keys.write_text(own)
    with psycopg.connect(server, dbname=running.dbname):
        told = running.fourflow("backup", "restore", "--yes", folder, status=1)
    assert "backup.database_in_use" in told and "connections=1" in told
    with psycopg.connect(server) as admin:
        names = admin.execute("select datname from pg_database where starts_with(datname, %s)", [running.dbname])
        assert names.fetchall() == [(running.dbname,)]


def test_a_restore_that_nobody_confirms_does_nothing(installation: Installation, tmp_path: Path) -> None:
    assert "nobody can be asked" in installation.fourflow("backup", "restore", str(tmp_path / "none"), status=2)
