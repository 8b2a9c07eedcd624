"""What differs between two snapshots, for "what changed since the last decision"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fourflow.foundation.approvals.types import Change, Snapshot


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a snapshot with its dotted path; an empty object or list is itself a leaf."""
    if isinstance(value, Mapping) and value:
        for name in sorted(value):
            yield from flatten(value[name], f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from flatten(item, f"{path}.{number}" if path else str(number))
    else:
        yield path, value


def changes(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    """The leaves that differ, by path. Without an earlier snapshot there is nothing to compare: no changes."""
    if before is None:
        return ()
    old, new = dict(flatten(before)), dict(flatten(after))
    paths = sorted(old.keys() | new.keys())
    absent = object()
    return tuple(
        Change(path, old.get(path), new.get(path))
        for path in paths
        if old.get(path, absent) != new.get(path, absent) or type(old.get(path)) is not type(new.get(path))
    )
