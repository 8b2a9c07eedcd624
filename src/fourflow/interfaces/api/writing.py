"""The way of every write: key, perform, and the answer built from what then stands in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.errors import PreconditionFailed, PreconditionRequired
from fourflow.interfaces.api.objects import is_shown, look, matches
from fourflow.platform import perform as platform
from fourflow.platform.ids import decode
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
    """Perform an operation once under the caller's key; see :func:`fourflow.platform.perform.perform`.

    With ``If-Match`` it runs only while the object that the address names is in the state that the caller read; callers
    that send it for one object take turns. A repeat is answered as before, whatever the object has become.

    :raises PreconditionFailed: the object has changed, or is none that can be read.
    """

    def guarded() -> dict[str, Any]:
        if (given := request.headers.get("If-Match")) is not None:
            _must_match(request, given)
        return run()

    found = platform.perform(
        scope=caller(request).scope, key=idempotency_key(request), operation=operation, input=input, run=guarded
    )
    request.replayed = found.replayed  # type: ignore[attr-defined]
    return found


def must_have_read(request: HttpRequest) -> None:
    """The first line of a route that replaces what another may have changed.

    :raises PreconditionRequired: no ``If-Match``.
    """
    if "If-Match" not in request.headers:
        raise PreconditionRequired()


def _must_match(request: HttpRequest, given: str) -> None:
    named = _named(request)
    if named is None:
        raise PreconditionFailed()
    prefix, object_id = named
    platform.turn(object_id)
    if not matches(given, look(caller(request), prefix, object_id)):
        raise PreconditionFailed()


def _named(request: HttpRequest) -> tuple[str, UUID] | None:
    """The object that the address names; None where it names none that can be read by itself."""
    assert request.resolver_match is not None
    for text in request.resolver_match.kwargs.values():
        prefix = str(text).partition("_")[0]
        if is_shown(prefix):
            return prefix, decode(prefix, str(text))
    return None


def about(done: Performed, name: str = "id") -> UUID:
    """The id that a result carries."""
    return UUID(done.result[name])


def made(row: Any) -> dict[str, Any]:
    """The stored result of an operation that returns an object: its id and state, nothing personal."""
    state = getattr(row, "state", None)
    return {"id": str(row.id), **({"state": str(state)} if state is not None else {})}
