"""Settlement's cash movements in the ledger: once, last in the operation, all together; then the facts that caused them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model

from fourflow.capital.ledger import operations as ledger
from fourflow.capital.ledger import queries as ledger_queries
from fourflow.capital.settlement.domain.cash import CashMovement, entries
from fourflow.capital.settlement.models.evidence import evidenced
from fourflow.platform.events import operations as stream
from fourflow.platform.events.types import Event

#: Payments in one batch of the ledger; each has two entries.
PER_BATCH = 2_500


@dataclass
class Outcome:
    """What an operation has brought about so far and will post and publish at its end."""

    moved: list[tuple[CashMovement, Event, Sequence[Model]]] = field(default_factory=list)

    def add(self, move: CashMovement, fact: Event, *rows: Model) -> None:
        """Money moved, and this is the fact of it with the rows it changed."""
        self.moved.append((move, fact, rows))

    def finish(self, *, effective_at: datetime) -> None:
        """Post bank ↔ in transit in the books of payers and payees, then publish the facts with the postings.

        A movement happens once (its instruction settles once, its match is made once), so the reference of a batch, its
        first movement, is used once.
        """
        for start in range(0, len(self.moved), PER_BATCH):
            part = self.moved[start : start + PER_BATCH]
            moves = [move for move, _, _ in part]
            posted = ledger.post_many(
                entries(moves), reference=f"settlement/{moves[0].transit_id.hex}", effective_at=effective_at
            )
            facts = [(fact, [evidenced(row) for row in rows]) for _, fact, rows in part]
            facts[0][1].append(ledger_queries.evidence_of(posted.batch_id))
            stream.publish_many(facts)
        self.moved.clear()
