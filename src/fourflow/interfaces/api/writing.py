"""The way of every write: key, perform, and the answer built from what then stands in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from fourflow.interfaces.api.auth import caller
from fourflow.platform import perform as platform
from fourflow.platform.perform import KeyMissing, Performed


def idempotency_key(request: HttpRequest) -> str:
    """The caller's key, bare or quoted (both forms are in use).

    :raises KeyMissing: none, or longer than 255 characters.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > 255 or not key.isprintable():
        raise KeyMissing(expected="1 to 255 characters")
    return key


def perform(
    request: HttpRequest, operation: str, input: dict[str, Any], run: Callable[[], dict[str, Any]]
) -> Performed:
    """Perform an operation once under the caller's key; see :func:`fourflow.platform.perform.perform`."""
    found = platform.perform(
        scope=caller(request).scope, key=idempotency_key(request), operation=operation, input=input, run=run
    )
    request.replayed = found.replayed  # type: ignore[attr-defined]
    return found


def about(done: Performed, name: str = "id") -> UUID:
    """The id that a result carries."""
    return UUID(done.result[name])


def made(row: Any) -> dict[str, Any]:
    """The stored result of an operation that returns an object: its id and state, nothing personal."""
    state = getattr(row, "state", None)
    return {"id": str(row.id), **({"state": str(state)} if state is not None else {})}
