"""One database server a run, a migrated template, a clone for each worker; tests connect as the writer role."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest

#: the site and the browser, once a worker, for page tests and journeys alike
pytest_plugins = ("tests.browsing", "tests.scenes")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

SEED = """
do $$ declare r record; filled bool; begin
  create schema seeded;
  for r in select c.relname as t from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace
      and relname not in ('django_migrations', 'django_content_type', 'auth_permission')
  loop
    execute format('select exists(select 1 from public.%I)', r.t) into filled;
    if filled then execute format('create table seeded.%I as table public.%I', r.t, r.t); end if;
  end loop;
end $$
"""


# the browser tests drive playwright's loop in the main thread; the ORM would refuse every later test of the same worker
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
# every worker has a home, and so a server, of its own: two over one data directory would end each other
if not os.environ.get("FOURFLOW_TEST_DSN"):
    _folder = tempfile.TemporaryDirectory(prefix="fourflow-test-")
    os.environ["FOURFLOW_HOME"] = _folder.name

# a busy machine is no finding: examples are judged by what they show, never by how long they took
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], database=None
)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "requirement(id): the requirement that this test would fail for if it were broken"
    )


#: long files begin first, so that no worker is left alone with one at the end
LONG = ("interfaces/web/test_journeys", "interfaces/cli", "journeys", "concurrency", "interfaces", "clients")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        path = item.path.relative_to(ROOT / "tests").as_posix()
        return next((place for place, start in enumerate(LONG) if path.startswith(start)), len(LONG))

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what was loaded stays until the end: a collector that looks through it takes a twentieth of the time


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Superuser connection string of this worker's server, or of the one that FOURFLOW_TEST_DSN names."""
    if dsn := os.environ.get("FOURFLOW_TEST_DSN"):
        yield dsn
        return
    from fourflow.platform.db.embedded import Embedded

    fast = {
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "autovacuum": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "4GB",
        "log_min_messages": "fatal",
    }
    embedded = Embedded(Path(os.environ["FOURFLOW_HOME"]) / "db", settings=fast)
    embedded.start()
    yield embedded.dsn()
    embedded.stop()


def _connect(dsn: str, **change: Any) -> psycopg.Connection[Any]:
    return psycopg.connect(dsn, autocommit=True, **change)


@pytest.fixture(scope="session")
def test_database(server: str, django_db_blocker: Any) -> Iterator[str]:
    """Name of this worker's database: a clone of the migrated template."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from fourflow.platform.db import location

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name, template = f"test_{worker}_{os.getpid()}", "fourflow_template"
    with django_db_blocker.unblock(), _connect(server) as admin:
        admin.execute("select pg_advisory_lock(4711)")
        info = admin.info
        known = location.read()
        passwords = location.ensure_roles(admin, (known or {}).get("passwords", {}))
        location.write(info.host, str(info.port), template, passwords)
        fields = {"HOST": info.host, "PORT": str(info.port)}
        if not admin.execute("select 1 from pg_database where datname = %s and datistemplate", [template]).fetchone():
            admin.execute(f"drop database if exists {template}")
            location.ensure_database(admin, template)
            owner = {"user": "fourflow_owner", "password": passwords["fourflow_owner"], "dbname": template}
            with _connect(server, **owner) as session:
                location.prepare_schema(session)
            _point(connection, settings, **fields, NAME=template, USER="fourflow_owner", PASSWORD=owner["password"])
            call_command("migrate", verbosity=0)
            connection.close()
            with _connect(server, dbname=template) as session:
                session.execute(SEED)
            admin.execute(f"alter database {template} is_template true")
        admin.execute("select pg_advisory_unlock(4711)")
        admin.execute(f"create database {name} template {template} owner fourflow_owner strategy file_copy")
        _point(connection, settings, **fields, NAME=name, USER="fourflow_writer", PASSWORD=passwords["fourflow_writer"])
        os.environ["FOURFLOW_DATABASE_NAME"] = name
        yield name
        connection.close()
        admin.execute(f"drop database {name} with (force)")


def _point(connection: Any, settings: Any, **fields: str) -> None:
    connection.close()
    connection.settings_dict.update(fields)
    settings.DATABASES["default"].update(fields)


@pytest.fixture(scope="session")
def django_db_setup(test_database: str, server: str) -> Iterator[None]:
    import django.test.testcases as testcases
    from tests.scenes import CLEAN

    def teardown(self: Any) -> None:
        with _connect(server, dbname=test_database) as admin:
            admin.execute(CLEAN)

    testcases.TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    yield


@pytest.fixture
def raw(test_database: str, server: str) -> Iterator[Callable[[str], psycopg.Connection[Any]]]:
    """Open plain connections as ``owner``, ``writer``, ``reader`` or ``superuser`` to try SQL behind the code's back."""
    from fourflow.platform.db import location

    known = location.read()
    assert known is not None
    opened: list[psycopg.Connection[Any]] = []

    def connect(role: str) -> psycopg.Connection[Any]:
        if role == "superuser":
            session = psycopg.connect(server, dbname=test_database)
        else:
            user = "fourflow_owner" if role == "owner" else "fourflow_writer"
            session = psycopg.connect(server, dbname=test_database, user=user, password=known["passwords"][user])
            if role == "reader":
                session.execute("set role fourflow_reader")
                session.commit()
        opened.append(session)
        return session

    yield connect
    for session in opened:
        session.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Reference data beside the checkout; tests that need it skip where it is absent."""
    if not SHARED.exists():
        pytest.skip("the shared reference data is not beside this checkout")
    return SHARED
