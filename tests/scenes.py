"""Companies are built once a worker: who asks for the same one again gets a copy of the database as it stood then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
import pytest

Built = TypeVar("Built")
#: seconds after which a scene is built anew: an API token lives for thirty minutes
FRESH = 900

# deletes nothing that migrations seeded: those rows are put back from the template's copy
CLEAN = """
do $$ declare r record; filled bool; begin
  set local session_replication_role = replica;
  for r in select c.oid::regclass as t from pg_class c where relkind in ('r', 'p') and not relispartition
      and relnamespace = 'public'::regnamespace
      and relname not in ('django_migrations', 'django_content_type', 'auth_permission')
  loop
    execute format('select exists(select 1 from %s)', r.t) into filled;
    if filled then execute format('delete from %s', r.t); end if;
  end loop;
  for r in select c.relname as t from pg_class c where relkind = 'r' and relnamespace = 'seeded'::regnamespace
  loop execute format('insert into public.%I overriding system value select * from seeded.%I', r.t, r.t); end loop;
end $$
"""


@dataclass
class Scenes:
    """What was built in this worker's database, by the name of its builder, with a copy of the database each.

    Builders run the real operations; only the second and later times are copies. What a builder returns is shared by all
    tests that stand on it: they must not change it, and the rows only inside a transaction that is rolled back, unless they
    are the only test on the scene.
    """

    server: str
    database: str
    blocker: Any
    built: dict[str, tuple[Any, str, float]] = field(default_factory=dict)

    @contextmanager
    def standing(self, build: Callable[[], Built]) -> Iterator[Built]:
        """What ``build`` makes stands in the database, committed; at the end nothing but the migrations' rows does.

        In a file with two scenes the second takes the place of the first: tests of the first come before it.
        """
        with self.blocker.unblock():
            found = self.stand(build)
        yield found
        self.clear()

    def clear(self) -> None:
        with psycopg.connect(self.server, autocommit=True, dbname=self.database) as admin:
            admin.execute(CLEAN)

    def stand(self, build: Callable[[], Built]) -> Built:
        """The same for one test, which commits and is cleaned away after."""
        from django.db import connection

        name = _name(build)
        copy, since = self.built[name][1:] if name in self.built else (f"{self.database}_scene_{len(self.built)}", None)
        first = since is None or time.monotonic() - since > FRESH
        if first:
            self.clear()  # another scene of the same file may still stand
            with outermost():
                self.built[name] = (build(), copy, time.monotonic())
        target, source = (copy, self.database) if first else (self.database, copy)
        connection.close()
        with psycopg.connect(self.server, autocommit=True) as admin:
            # nobody may be connected to what is copied; a thread of an earlier test's site may still be
            admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [source])
            admin.execute(f"drop database if exists {target} with (force)")
            admin.execute(f"create database {target} template {source} owner fourflow_owner strategy file_copy")
        found: Built = self.built[name][0]
        return found


@contextmanager
def outermost(*, undone: bool = False) -> Iterator[None]:
    """A transaction around a whole scene, in which even durable operations may run; ``undone`` rolls it back at its end."""
    from django.db import transaction

    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(undone)


def _name(build: Callable[[], Any]) -> str:
    return f"{build.__module__}.{build.__qualname__}"


@pytest.fixture(scope="session")
def scenes(server: str, test_database: str, django_db_setup: None, django_db_blocker: Any) -> Scenes:
    """The scenes of this worker."""
    return Scenes(server, test_database, django_db_blocker)


@pytest.fixture(scope="module")
def people(scenes: Scenes) -> Iterator[Any]:
    """A company of one supplier, in which everybody can sign in, for a whole file (see builders/api.py)."""
    from tests.builders import api  # not above: it needs the settings

    with scenes.standing(api.people) as cast:
        yield cast
