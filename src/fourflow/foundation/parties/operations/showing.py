"""Who may look up whom."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fourflow.platform.db import visibility


def introduce(pairs: Iterable[tuple[UUID, UUID]], reason: str) -> None:
    """Let each two parties see each other's entry: they do business (a voucher, a limit, a request).

    Called by the operation that makes the business, in its transaction. Again is a no-op.
    """
    both = [(a, b, reason) for a, b in pairs if a != b]
    visibility.grant_many([*both, *((b, a, reason) for a, b, _ in both)])
