"""Fault switches: how the next calls of an endpoint shall misbehave.

A switch is used up in its own committed transaction before it acts, so that a crash switch crashes once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fourflow_sandbox import fields
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection, Row, Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  endpoint TEXT NOT NULL,
  mode TEXT NOT NULL,
  remaining INTEGER NOT NULL CHECK (remaining >= 0),
  delay_ms INTEGER NOT NULL CHECK (delay_ms BETWEEN 0 AND 120000),
  polls INTEGER NOT NULL CHECK (polls >= 0),
  prefix TEXT NOT NULL,
  reason TEXT NOT NULL);
"""

TRANSPORT = frozenset({"down", "lost", "timeout", "late", "crash-before", "crash-after"})
NOTICE = frozenset({"late", "twice"})
BUSINESS = frozenset({"reject", "contradict", "twice"})
MODES = TRANSPORT | BUSINESS


@dataclass(frozen=True)
class Fault:
    """One switch. ``delay_ms`` is how long a connection is held; ``polls`` how many polls a late notice misses."""

    id: int
    endpoint: str
    mode: str
    remaining: int
    delay_ms: int
    polls: int
    prefix: str
    reason: str


def _of(row: Row) -> Fault:
    return Fault(**dict(row))


def _whole(body: dict[str, object], field: str, default: int, highest: int) -> int:
    value = body.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= highest:
        raise Refusal(422, "field.invalid", field=field, expected=f"whole number 0..{highest}")
    return value


def add(store: Store, body: dict[str, object], endpoints: Collection[str]) -> Fault:
    """Set a switch.

    :raises Refusal: 422 for an unknown endpoint or mode, or a wrong number.
    """
    endpoint, mode = str(body.get("endpoint", "")), str(body.get("mode", ""))
    if endpoint not in endpoints:
        raise Refusal(422, "field.invalid", field="endpoint", expected=sorted(endpoints))
    if mode not in MODES:
        raise Refusal(422, "field.invalid", field="mode", expected=sorted(MODES))
    if endpoint == "pain.001" and mode in NOTICE:
        endpoint = "camt.054"
    delay = body.get("delay_seconds", 2)
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay <= 120:
        raise Refusal(422, "field.invalid", field="delay_seconds", expected="0..120")
    reason = str(body.get("reason", ""))
    if not re.fullmatch(r"([A-Z0-9]{4})?", reason):
        raise Refusal(422, "field.invalid", field="reason", expected="four capital letters or digits")
    values = (
        endpoint,
        mode,
        _whole(body, "times", 1, 1_000_000),
        round(delay * 1000),
        _whole(body, "polls", 1, 1_000_000),
        fields.text(body, "match", default=""),
        reason,
    )
    with store.writing() as connection:
        cursor = connection.execute(
            "INSERT INTO fault (endpoint, mode, remaining, delay_ms, polls, prefix, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        row = connection.execute("SELECT * FROM fault WHERE id = ?", (cursor.lastrowid,)).fetchone()
    return _of(row)


def listed(store: Store) -> list[Fault]:
    """All switches, used up ones too (``remaining`` 0)."""
    with store.reading() as connection:
        return [_of(row) for row in connection.execute("SELECT * FROM fault ORDER BY id")]


def clear(store: Store) -> None:
    """Remove all switches."""
    with store.writing() as connection:
        connection.execute("DELETE FROM fault")


def _first(connection: Connection, endpoint: str, modes: Collection[str], subjects: Sequence[str]) -> Fault | None:
    rows = connection.execute(
        "SELECT * FROM fault WHERE endpoint = ? AND remaining > 0 ORDER BY id", (endpoint,)
    ).fetchall()
    for row in rows:
        if row["mode"] in modes and (not row["prefix"] or any(s.startswith(row["prefix"]) for s in subjects)):
            return _of(row)
    return None


def take_within(
    connection: Connection, endpoint: str, modes: Collection[str], subjects: Sequence[str] = ()
) -> Fault | None:
    """Use up the oldest matching switch inside the caller's write transaction."""
    fault = _first(connection, endpoint, modes, subjects)
    if fault is not None:
        connection.execute("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", (fault.id,))
    return fault


def take(store: Store, endpoint: str, modes: Collection[str], subjects: Sequence[str] = ()) -> Fault | None:
    """Use up the oldest matching switch in a transaction of its own."""
    with store.reading() as connection:
        if _first(connection, endpoint, modes, subjects) is None:
            return None
    with store.writing() as connection:
        return take_within(connection, endpoint, modes, subjects)
