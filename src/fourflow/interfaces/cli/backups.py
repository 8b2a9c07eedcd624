"""Backups with PostgreSQL's own programs, and the proof that a restored one is what was saved."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import sql

from fourflow.capital.ledger import queries as ledger
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.evidence.adapters.home import LocalKey
from fourflow.platform.crypto.keys import secret
from fourflow.platform.db import location
from fourflow.platform.db.embedded import binaries
from fourflow.platform.errors import Conflict

DUMP = "fourflow.dump"
PROOF = "proof.json"
DIGEST = "dump_sha256"


class BackupUnusable(Conflict):
    """The folder holds no backup, or one that is not what its proof says; nothing was changed."""

    code = "backup.unusable"


class DatabaseInUse(Conflict):
    """Others are connected to the database that is to be replaced: stop them first."""

    code = "backup.database_in_use"


def proof() -> dict[str, Any]:
    """What identifies the state of this database: the ledger's hash, the log's newest head, the rows of every table."""
    head = evidence.best_head()
    verified = ledger.verify()
    return {
        "ledger_root": verified.root,
        "transfers": verified.transfers,
        "ledger_sound": verified.sound,
        "log_size": evidence.size(),
        "log_head": head.note if head else "",
        "rows": _rows(),
    }


def _rows() -> dict[str, int]:
    """Row-level security could hide rows from a dump without a word: they are counted before and after."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        union = sql.SQL(" union all ").join(
            sql.SQL("select {}, count(*) from {}").format(sql.Literal(table), sql.Identifier(table)) for table in tables
        )
        cursor.execute(union)
        return dict(cursor.fetchall())


def create(folder: Path) -> Path:
    """Dump the database into a new folder, with the proof beside it, both of one and the same moment.

    The proof is written last: a folder without one is a backup that was broken off.

    :raises BackupUnusable: the folder exists already.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise BackupUnusable(folder=str(folder), problem="exists already") from None
    try:
        dump = folder / DUMP
        with _moment() as snapshot:
            state = proof()
            # the owner's policies show every row, but they are policies: without the option pg_dump refuses
            options = ["--format=custom", "--no-owner", "--enable-row-security", f"--snapshot={snapshot}"]
            _program("pg_dump", *options, f"--file={dump}", dbname=_present())
        (folder / PROOF).write_text(json.dumps({**state, DIGEST: _digest(dump)}, indent=1))
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder


def verify(folder: Path) -> dict[str, Any]:
    """Restore into a database of its own, compare, drop it; returns the proof.

    :raises BackupUnusable: something is missing, damaged, or differs from the proof.
    """
    dbname = f"{_present()}_check_{os.getpid()}"
    try:
        return _restore_into(dbname, folder)
    finally:
        _drop(dbname)


def restore(folder: Path) -> str:
    """Restore beside the present database, compare, and only then change places; returns the old one's new name.

    :raises BackupUnusable: something is missing, damaged, or differs from the proof.
    :raises DatabaseInUse: somebody is connected to the present database.
    """
    present = _present()
    fresh, old = f"{present}_restored", f"{present}_before_restore_{os.getpid()}"
    _drop(fresh)  # of a restore that was killed
    try:
        _restore_into(fresh, folder)
        _change_places(present, fresh, old)
    except BaseException:
        _drop(fresh)
        raise
    return old


def has_its_keys(folder: Path) -> bool:
    """Whether the home's keys are those of the backup's installation: with others sealed fields stay closed, and the log
    does not go on."""
    head: str = _saved(folder)["log_head"]
    return not head or head.partition("\n")[0] == LocalKey(secret("log")).origin


def _present() -> str:
    return str(connection.settings_dict["NAME"])


@contextlib.contextmanager
def _moment() -> Iterator[str]:
    """A transaction whose view of the database another session can share by the name that this gives."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("set local idle_in_transaction_session_timeout = 0")  # it idles while the dump is written
        cursor.execute("select pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _program(name: str, *arguments: str, dbname: str) -> None:
    """:raises ProgramFailed: with the end of what it said."""
    known = location.read()
    assert known is not None
    environment = {**os.environ, "PGPASSWORD": known["passwords"]["fourflow_owner"], "PGUSER": "fourflow_owner"}
    environment |= {"PGHOST": known["host"], "PGPORT": known["port"] or "5432", "PGDATABASE": dbname}
    done = subprocess.run(
        [str(binaries() / name), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProgramFailed(program=name, said=done.stderr[-800:].strip())


class ProgramFailed(Conflict):
    """One of PostgreSQL's programs refused; its own words say why."""

    code = "backup.program_failed"


def _owner(dbname: str) -> psycopg.Connection[Any]:
    known = location.read()
    assert known is not None
    return psycopg.connect(
        host=known["host"],
        port=known["port"] or None,
        dbname=dbname,
        user="fourflow_owner",
        password=known["passwords"]["fourflow_owner"],
        autocommit=True,
    )


def _saved(folder: Path) -> dict[str, Any]:
    try:
        saved: dict[str, Any] = json.loads((folder / PROOF).read_text())
        digest = _digest(folder / DUMP)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BackupUnusable(folder=str(folder), problem=f"{Path(error.filename).name} is missing") from None
    except ValueError:
        raise BackupUnusable(folder=str(folder), problem=f"{PROOF} is not JSON") from None
    if saved.get(DIGEST) != digest:
        raise BackupUnusable(folder=str(folder), problem=f"{DUMP} is damaged", expected=saved.get(DIGEST), value=digest)
    return saved


def _restore_into(dbname: str, folder: Path) -> dict[str, Any]:
    """Make a database of the backup and compare it with the proof."""
    saved = _saved(folder)
    with _owner("postgres") as owner:
        owner.execute(sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(dbname)))
    with _owner(dbname) as fresh:
        location.prepare_schema(fresh)
    _program("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={dbname}", str(folder / DUMP), dbname=dbname)
    found = _proof_of(dbname)
    differences = [
        f"{key}: saved {saved.get(key)!r}, restored {found[key]!r}" for key in found if saved.get(key) != found[key]
    ]
    if differences:
        raise BackupUnusable(folder=str(folder), problem="differs from its proof", differences=differences)
    return saved


def _proof_of(dbname: str) -> dict[str, Any]:
    before = _present()
    connection.close()
    connection.settings_dict["NAME"] = dbname
    try:
        return proof()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _drop(dbname: str) -> None:
    with _owner("postgres") as owner:
        owner.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(dbname)))


def _change_places(present: str, fresh: str, old: str) -> None:
    """Both names change in one transaction: whatever is killed, there is a database of the present name."""
    connection.close()
    with _owner("postgres") as owner, owner.transaction():
        others = owner.execute("select count(*) from pg_stat_activity where datname = %s", [present]).fetchone()
        if others and others[0]:
            raise DatabaseInUse(database=present, connections=others[0])
        rename = sql.SQL("alter database {} rename to {}")
        owner.execute(rename.format(sql.Identifier(present), sql.Identifier(old)))
        owner.execute(rename.format(sql.Identifier(fresh), sql.Identifier(present)))
