"""Where the database is and who connects as whom: one 0600 file in the home, made by set-up."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fourflow.platform.crypto.keys import home
from fourflow.platform.errors import Conflict


class NotSetUp(Conflict):
    """There is no database.json in the home: run ``fourflow setup`` (``make demo`` does)."""

    code = "installation.not_set_up"


def path() -> Path:
    return home() / "database.json"


def read() -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = json.loads(path().read_text())
        return loaded
    except FileNotFoundError:
        return None


def write(host: str, port: str, dbname: str, passwords: dict[str, str]) -> None:
    path().parent.mkdir(parents=True, exist_ok=True)
    temporary = path().with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"host": host, "port": port, "dbname": dbname, "passwords": passwords}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path())


def django_settings(role: str) -> dict[str, Any]:
    """The DATABASES entry for ``owner`` or ``writer``; placeholders that cannot connect before set-up."""
    known = read() or {"host": "/nonexistent", "port": "", "dbname": "fourflow", "passwords": {}}
    user = f"fourflow_{role}"
    pool = {"min_size": 1, "max_size": 8, "timeout": 10} if os.environ.get("FOURFLOW_POOL") else False
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": known["host"],
        "PORT": known["port"],
        "NAME": os.environ.get("FOURFLOW_DATABASE_NAME", known["dbname"]),
        "USER": user,
        "PASSWORD": known["passwords"].get(user, ""),
        "CONN_MAX_AGE": 0 if pool else None,
        "CONN_HEALTH_CHECKS": True,
        # parameters travel apart from the statement, and one that comes again is planned once a connection: to parse and
        # plan it anew took a third of the database's time in an operation
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 2, **({"pool": pool} if pool else {})},
    }


def ensure_roles(admin: psycopg.Connection[Any], passwords: dict[str, str]) -> dict[str, str]:
    """Create the three roles where they are missing; returns the passwords of the two that sign in.

    ``fourflow_owner`` migrates, ``fourflow_writer`` runs operations and may become ``fourflow_reader`` for people's reads.
    """
    wanted = {user: passwords.get(user) or secrets.token_hex(16) for user in ("fourflow_owner", "fourflow_writer")}
    for user, password in wanted.items():
        if not admin.execute("select 1 from pg_roles where rolname = %s", [user]).fetchone():
            admin.execute(sql.SQL("create role {} login noinherit").format(sql.Identifier(user)))
        admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(user), sql.Literal(password)))
    # it restores backups beside the present database, and owns the schema through its database (PostgreSQL 15 asks for inherit)
    admin.execute("alter role fourflow_owner createdb inherit")
    if not admin.execute("select 1 from pg_roles where rolname = 'fourflow_reader'").fetchone():
        admin.execute("create role fourflow_reader nologin")
    admin.execute("grant fourflow_reader to fourflow_writer")
    return wanted


def ensure_database(admin: psycopg.Connection[Any], dbname: str) -> None:
    """Create the database, owned by ``fourflow_owner``, where it is missing. ``admin`` is in autocommit."""
    if not admin.execute("select 1 from pg_database where datname = %s", [dbname]).fetchone():
        admin.execute("grant fourflow_owner to current_user")
        admin.execute(
            sql.SQL("create database {} owner fourflow_owner template template0 encoding 'UTF8'").format(
                sql.Identifier(dbname)
            )
        )


def prepare_schema(owner: psycopg.Connection[Any]) -> None:
    """Default rights for everything that migrations will create: the writer may not delete, the reader sees nothing."""
    for statement in (
        "revoke all on schema public from public",
        "grant usage on schema public to fourflow_writer, fourflow_reader",
        "alter default privileges in schema public grant select, insert, update on tables to fourflow_writer",
        "alter default privileges in schema public grant usage, select on sequences to fourflow_writer",
    ):
        owner.execute(statement)
