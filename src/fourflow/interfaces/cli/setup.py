"""Making an installation: roles, database, schema, calendars, static files. Every step may be done again."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

from fourflow.platform.db import location
from fourflow.platform.db.embedded import Embedded

DBNAME = "fourflow"


def prepare(database: Embedded | None) -> None:
    """Create what is missing in the embedded server, or in the one that FOURFLOW_DATABASE_URL names, and migrate.

    The URL's user must be allowed to create roles and databases once; afterwards only the three roles are used.
    """
    known = location.read() or {"passwords": {}}
    if database is not None:
        admin_dsn, host, port, dbname = database.dsn(), str(database.socket), "", DBNAME
    else:
        url = os.environ["FOURFLOW_DATABASE_URL"]
        parts = urlsplit(url)
        admin_dsn, host, port = url, parts.hostname or "", str(parts.port or "")
        dbname = parts.path.lstrip("/") or DBNAME
    with psycopg.connect(admin_dsn, autocommit=True, dbname="postgres") as admin:
        passwords = location.ensure_roles(admin, known["passwords"])
        location.ensure_database(admin, dbname)
    location.write(host, port, dbname, passwords)
    owner = make_conninfo(
        host=host, port=port or None, dbname=dbname, user="fourflow_owner", password=passwords["fourflow_owner"]
    )
    with psycopg.connect(owner, autocommit=True) as session:
        location.prepare_schema(session)
    run_as_owner("migrate", "--verbosity", "0")


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
