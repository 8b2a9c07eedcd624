"""A party's own clock: the wall clock plus a distance, which only ever grows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection, Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), offset_days REAL NOT NULL);
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


def parse_instant(text: object, field: str = "now") -> datetime:
    """An instant with its distance from UTC.

    :raises Refusal: 422 ``field.invalid``.
    """
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refusal(422, "field.invalid", field=field, expected="2014-03-31T01:00:00+00:00")


def start(store: Store, first_date: date | None) -> None:
    """Set the clock on the party's first day; later starts keep what is stored."""
    days = 0 if first_date is None else (first_date - _wall_date()).days
    with store.writing() as connection:
        connection.execute("INSERT OR IGNORE INTO clock (id, offset_days) VALUES (1, ?)", (days,))


def _instant(connection: Connection) -> datetime:
    return datetime.now(UTC) + timedelta(days=connection.execute("SELECT offset_days FROM clock").fetchone()[0])


def today(connection: Connection) -> date:
    """The business date (UTC+8)."""
    return _instant(connection).astimezone(_ZONE).date()


def now(connection: Connection) -> str:
    """The instant on this party's clock, ISO 8601 in UTC with milliseconds."""
    return _instant(connection).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def move(connection: Connection, body: Mapping[str, object]) -> None:
    """Move to the instant ``now``, or else by whole days to ``date``; what is earlier on the same day changes nothing.

    :raises Refusal: 409 ``clock.set_back``, 422 ``field.invalid``.
    """
    current, instant = today(connection), _instant(connection)
    wanted = parse_instant(body["now"]) if "now" in body else None
    target = wanted.astimezone(_ZONE).date() if wanted else parse_date(body.get("date"))
    if target < current:
        raise Refusal(409, "clock.set_back", today=current.isoformat(), asked=target.isoformat())
    ahead = wanted - instant if wanted else target - current
    if ahead > timedelta():
        connection.execute("UPDATE clock SET offset_days = offset_days + ?", (ahead / timedelta(days=1),))
