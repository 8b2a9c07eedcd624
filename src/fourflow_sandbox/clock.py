"""A party's own clock: the wall clock plus whole days, which only ever grow."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection, Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), offset_days INTEGER NOT NULL);
"""
_ZONE = timezone(timedelta(hours=8))


def _wall_date() -> date:
    return datetime.now(_ZONE).date()


def parse_date(text: object, field: str = "date") -> date:
    """A calendar date.

    :raises Refusal: 422 ``field.invalid``.
    """
    try:
        if isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refusal(422, "field.invalid", field=field, expected="YYYY-MM-DD")


def start(store: Store, first_date: date | None) -> None:
    """Set the clock on the party's first day; later starts keep what is stored."""
    days = 0 if first_date is None else (first_date - _wall_date()).days
    with store.writing() as connection:
        connection.execute("INSERT OR IGNORE INTO clock (id, offset_days) VALUES (1, ?)", (days,))


def _offset(connection: Connection) -> int:
    return int(connection.execute("SELECT offset_days FROM clock").fetchone()[0])


def today(connection: Connection) -> date:
    """The business date (UTC+8)."""
    return _wall_date() + timedelta(days=_offset(connection))


def now(connection: Connection) -> str:
    """The instant on this party's clock, ISO 8601 in UTC with milliseconds."""
    instant = datetime.now(UTC) + timedelta(days=_offset(connection))
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def move(connection: Connection, target: date) -> None:
    """Move to ``target``.

    :raises Refusal: 409 ``clock.set_back``.
    """
    current = today(connection)
    if target < current:
        raise Refusal(409, "clock.set_back", today=current.isoformat(), asked=target.isoformat())
    connection.execute("UPDATE clock SET offset_days = offset_days + ?", ((target - current).days,))
