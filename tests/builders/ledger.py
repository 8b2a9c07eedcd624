"""Batches in the ledger, for tests."""

from __future__ import annotations

from datetime import datetime

from tests.builders.entries import NOON

from fourflow.capital.ledger import operations
from fourflow.capital.ledger.types import Entry, Posted, TransferId
from fourflow.platform.ids import new_id


def post(*entries: Entry, reference: str | None = None, when: datetime = NOON) -> Posted:
    return operations.post_many(entries, reference=reference or str(new_id()), effective_at=when)


def post_one(*entries: Entry, when: datetime = NOON) -> TransferId:
    """Post a batch and answer its first transfer."""
    return post(*entries, when=when).transfer_ids[0]
