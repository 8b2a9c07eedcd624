"""The one posting of an operation, as evidence of its event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fourflow.capital.ledger import operations as ledger
from fourflow.capital.ledger import queries as ledger_queries
from fourflow.capital.ledger.types import Entry
from fourflow.platform.events.types import Evidenced


def post(entries: Sequence[Entry], *, reference: str, effective_at: datetime) -> list[Evidenced]:
    """Post everything once under ``reference``; the batch, to be bound into the event. Nothing to post: nothing."""
    if not entries:
        return []
    posted = ledger.post_many(entries, reference=reference, effective_at=effective_at)
    return [ledger_queries.evidence_of(posted.batch_id)]
