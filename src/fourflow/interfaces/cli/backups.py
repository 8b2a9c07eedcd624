"""Backups with PostgreSQL's own programs, and the proof that a restored one is what was saved."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from fourflow.capital.ledger import queries as ledger
from fourflow.foundation.evidence import queries as evidence
from fourflow.platform.db import location
from fourflow.platform.db.embedded import binaries

DUMP = "fourflow.dump"
PROOF = "proof.json"


def proof() -> dict[str, Any]:
    """What identifies the state of this database: the ledger's hash and the log's newest head."""
    head = evidence.best_head()
    verified = ledger.verify()
    return {
        "ledger_root": verified.root,
        "transfers": verified.transfers,
        "ledger_sound": verified.sound,
        "log_size": evidence.size(),
        "log_head": head.note if head else "",
    }


def _program(name: str, *arguments: str, dbname: str) -> None:
    known = location.read()
    assert known is not None
    environment = {**os.environ, "PGPASSWORD": known["passwords"]["fourflow_owner"], "PGUSER": "fourflow_owner"}
    environment |= {"PGHOST": known["host"], "PGPORT": known["port"] or "5432", "PGDATABASE": dbname}
    done = subprocess.run(
        [str(binaries() / name), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-800:]}")


def create(folder: Path) -> Path:
    """Dump the database into a new folder, with the proof beside it."""
    folder.mkdir(parents=True, exist_ok=False)
    dbname = str(connection.settings_dict["NAME"])
    (folder / PROOF).write_text(json.dumps(proof(), indent=1))
    _program("pg_dump", "--format=custom", "--no-owner", f"--file={folder / DUMP}", dbname=dbname)
    return folder


def _owner(dbname: str) -> psycopg.Connection[Any]:
    known = location.read()
    assert known is not None
    port = {"port": known["port"]} if known["port"] else {}
    return psycopg.connect(
        host=known["host"],
        dbname=dbname,
        user="fourflow_owner",
        password=known["passwords"]["fourflow_owner"],
        autocommit=True,
        **port,
    )


def _compare(folder: Path, dbname: str) -> list[str]:
    saved = json.loads((folder / PROOF).read_text())
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = dbname
    try:
        found = proof()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
    return [f"{key}: saved {saved[key]!r}, restored {found[key]!r}" for key in saved if saved[key] != found[key]]


def _restore_into(folder: Path, dbname: str) -> None:
    with _owner(str(connection.settings_dict["NAME"])) as owner:
        owner.execute(f'create database "{dbname}" template template0')
    with _owner(dbname) as fresh:
        location.prepare_schema(fresh)
    _program("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={dbname}", str(folder / DUMP), dbname=dbname)


def verify(folder: Path) -> list[str]:
    """Restore into a database of its own, compare, drop it; returns what differs."""
    dbname = f"fourflow_check_{os.getpid()}"
    try:
        _restore_into(folder, dbname)
        return _compare(folder, dbname)
    finally:
        connection.close()
        with _owner(str(connection.settings_dict["NAME"])) as owner:
            owner.execute(f'drop database if exists "{dbname}" with (force)')


def restore(folder: Path) -> list[str]:
    """Restore beside the present database, compare, and only then change places; the old one is kept under a new name."""
    present = str(connection.settings_dict["NAME"])
    dbname = f"{present}_restored"
    _restore_into(folder, dbname)
    problems = _compare(folder, dbname)
    connection.close()
    if problems:
        return problems
    with _owner(dbname) as owner:
        owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
            [present],
        )
    with _owner("postgres") as owner:
        owner.execute(f'alter database "{present}" rename to "{present}_before_restore_{os.getpid()}"')
        owner.execute(f'alter database "{dbname}" rename to "{present}"')
    return []
