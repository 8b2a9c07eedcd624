"""Who does what is being done: known while a write is performed, and written beside the events that it publishes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

import structlog

Doer = tuple[UUID, UUID]
_doer: ContextVar[Doer | None] = ContextVar("doer", default=None)


@contextmanager
def under(scope: str) -> Iterator[None]:
    """While a write is performed under a key: ``organisation:account`` or ``organisation:client:id``; others are nobody's."""
    organisation, _mark, rest = scope.partition(":")
    try:
        doer = UUID(organisation), UUID(rest.removeprefix("client:"))
    except ValueError:
        doer = None
    token = _doer.set(doer)
    try:
        yield
    finally:
        _doer.reset(token)


def doer() -> tuple[UUID | None, UUID | None]:
    """The organisation, and its account or API client, under whose key this is done; None twice where nobody's is."""
    return _doer.get() or (None, None)


def request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
