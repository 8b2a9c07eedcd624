"""Making an installation: roles, database, schema, calendars, static files. Every step may be done again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import fourflow
from fourflow.platform.db import location
from fourflow.platform.db.embedded import Embedded

DBNAME = "fourflow"
#: Django's own apps that have tables
CONTRIB = ("auth", "contenttypes", "sessions")


def prepare(database: Embedded | None) -> None:
    """Create what is missing in the embedded server, or in the one that FOURFLOW_DATABASE_URL names, and migrate.

    The URL's user must be allowed to create roles and databases once; afterwards only the three roles are used.
    """
    known = location.read() or {"passwords": {}}
    if database is not None:
        admin_dsn, host, port, dbname = database.dsn(), str(database.socket), "", DBNAME
    else:
        admin_dsn = os.environ["FOURFLOW_DATABASE_URL"]
        given = conninfo_to_dict(admin_dsn)
        host, port, dbname = (str(given.get(name) or "") for name in ("host", "port", "dbname"))
        dbname = dbname or DBNAME
    with psycopg.connect(admin_dsn, autocommit=True, dbname="postgres") as admin:
        passwords = location.ensure_roles(admin, known["passwords"])
        location.ensure_database(admin, dbname)
    location.write(host, port, dbname, passwords)
    owner = make_conninfo(
        host=host, port=port or None, dbname=dbname, user="fourflow_owner", password=passwords["fourflow_owner"]
    )
    with psycopg.connect(owner, autocommit=True) as session:
        location.prepare_schema(session)
        waiting = migrations() - applied(session)
    if waiting:
        run_as_owner("migrate", "--verbosity", "0", "--skip-checks")


def migrations() -> set[tuple[str, str]]:
    """(app, name) of every migration that the code has, from the names of the files: Django takes seconds to say it."""
    ours = Path(fourflow.__file__).parent.rglob("migrations/[0-9]*.py")
    contrib = Path(django.__file__).parent / "contrib"
    theirs = (file for app in CONTRIB for file in (contrib / app / "migrations").glob("[0-9]*.py"))
    return {(file.parent.parent.name, file.stem) for file in (*ours, *theirs)}


def applied(session: psycopg.Connection[Any]) -> set[tuple[str, str]]:
    """(app, name) of what the database has had."""
    found = session.execute("select to_regclass('public.django_migrations') is not null").fetchone()
    if found is None or not found[0]:
        return set()
    return {(app, name) for app, name in session.execute("select app, name from django_migrations").fetchall()}


def run_as_owner(*command: str) -> None:
    """A Django command in a process of its own that signs in as the owner, at the database that set-up has just written."""
    environment = {
        **os.environ,
        "FOURFLOW_DATABASE_ROLE": "owner",
        "DJANGO_SETTINGS_MODULE": "fourflow.config.settings",
    }
    environment.pop("FOURFLOW_DATABASE_NAME", None)
    subprocess.run([sys.executable, "-m", "django", *command], check=True, env=environment)


def collect_static() -> None:
    """Copy, hash and compress the static files once a build."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "fourflow.config.settings"}
    command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, check=True, env=environment)
