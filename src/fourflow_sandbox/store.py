"""One SQLite file per party, durable on every commit (``synchronous=FULL``), one writer at a time."""

from __future__ import annotations

import os
import queue
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Row = sqlite3.Row
Connection = sqlite3.Connection


_crash = threading.local()


def crash_before_commit() -> None:
    """Fault switch: this thread's next commit, in whatever store, kills the process instead."""
    _crash.armed = True


class StoreMissing(Exception):
    """The database file does not exist and may not be created."""


class Store:
    """Connections to one SQLite file; ``writing()`` is one atomic, durable transaction."""

    def __init__(self, path: Path, schema: str, *, create: bool = True) -> None:
        """Open or create the file and apply ``schema`` (which must be repeatable).

        :raises StoreMissing: ``create`` is false and there is no file.
        """
        if not create and not path.exists():
            raise StoreMissing(str(path))
        self._path = path
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._writer = threading.Lock()
        first = self._connect()
        first.execute("PRAGMA journal_mode = WAL")
        first.executescript(schema)
        self._idle.put(first)

    def _connect(self) -> Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        return connection

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot."""
        with self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing; on return the change is on disk."""
        with self._writer, self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if getattr(_crash, "armed", False):
                    os.kill(os.getpid(), signal.SIGKILL)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close idle connections (the last one folds the write-ahead log into the file)."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return
