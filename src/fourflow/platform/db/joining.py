"""The transaction of an operation: its own, or that of the write around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.transaction import Atomic


@contextmanager
def whole() -> Iterator[None]:
    """Inside, operations come about together or not at all, so none of them needs a savepoint.

    For the outermost block of a write, which lets every refusal through. A savepoint costs two round trips, and an operation
    that is composed of others would make one for each. Where a refusal is caught and the write goes on (a batch that gives
    its bad rows back), an explicit ``transaction.atomic()`` keeps what was done before.
    """
    state: Any = connection
    before = getattr(state, "whole", False)
    state.whole = True
    try:
        yield
    finally:
        state.whole = before


class _Joins(Atomic):
    def __init__(self) -> None:
        super().__init__(using=DEFAULT_DB_ALIAS, savepoint=True, durable=False)

    @property
    def savepoint(self) -> bool:
        """Asked when the block is entered, for one object decorates many functions."""
        return not getattr(connection, "whole", False)

    @savepoint.setter
    def savepoint(self, value: bool) -> None:
        """Decided anew each time."""


#: decorates operations: atomic by itself, part of the whole inside :func:`whole`
joins = _Joins()
