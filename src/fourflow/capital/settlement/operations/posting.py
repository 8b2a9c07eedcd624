"""What an operation has brought about: posted once in the ledger, last, then published with its postings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model

from fourflow.capital.ledger import operations as ledger
from fourflow.capital.ledger import queries as ledger_queries
from fourflow.capital.settlement.domain.cash import CashMovement, CashUnplaced
from fourflow.capital.settlement.models.evidence import evidenced
from fourflow.platform.events import operations as stream
from fourflow.platform.events.types import Event

#: Payments in one batch of the ledger; each has two entries.
PER_BATCH = 2_500


@dataclass
class Outcome:
    """Facts in their order, with the rows they changed and the money they moved."""

    facts: list[tuple[Event, tuple[Model, ...], CashMovement | CashUnplaced | None]] = field(default_factory=list)

    def add(self, fact: Event, *rows: Model, move: CashMovement | CashUnplaced | None = None) -> None:
        """One fact. ``move``: the money that a bank moved, or that nobody can place."""
        self.facts.append((fact, rows, move))

    def finish(self, *, effective_at: datetime) -> None:
        """Post bank ↔ in transit in the books of payers and payees, then publish the facts with rows and postings.

        A movement happens once (its instruction settles once, its match is made once, its entry comes once), so the
        reference of a batch, its first movement, is used once.
        """
        moving = [(fact, move) for fact, _, move in self.facts if move is not None]
        postings = {}
        for start in range(0, len(moving), PER_BATCH):
            moves = [move for _, move in moving[start : start + PER_BATCH]]
            posted = ledger.post_many(
                [entry for move in moves for entry in move.entries()],
                reference=f"settlement/{moves[0].reference.hex}",
                effective_at=effective_at,
            )
            postings[id(moving[start][0])] = ledger_queries.evidence_of(posted.batch_id)
        facts = []
        for fact, rows, _ in self.facts:
            with_rows = [evidenced(row) for row in rows]
            if id(fact) in postings:
                with_rows.append(postings[id(fact)])
            facts.append((fact, with_rows))
        if facts:
            stream.publish_many(facts)
        self.facts.clear()
