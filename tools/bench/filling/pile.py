"""What one transaction of the fill will write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass
class Pile:
    """The rows and facts of one transaction."""

    claims: list[Any] = field(default_factory=list)
    payables: list[Any] = field(default_factory=list)
    vouchers: list[Any] = field(default_factory=list)
    holdings: list[Any] = field(default_factory=list)
    approvals: list[Any] = field(default_factory=list)
    uses: list[Any] = field(default_factory=list)
    limit_uses: list[Any] = field(default_factory=list)
    seen: dict[tuple[UUID, UUID, str], None] = field(default_factory=dict)
    entries: list[Any] = field(default_factory=list)
    facts: list[tuple[Any, list[Any]]] = field(default_factory=list)
    blocked: int = 0
    utilised: int = 0
    released: tuple[int, int] = (0, 0)
    paid: dict[UUID, int] = field(default_factory=dict)

    def show(self, object_id: UUID, *parties: UUID) -> None:
        """Open an object to parties."""
        for party in parties:
            self.seen[object_id, party, "party"] = None
