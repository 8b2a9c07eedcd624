"""Settlement's cash movements in the ledger: once, last in the operation, all together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fourflow.capital.ledger import operations as ledger
from fourflow.capital.settlement.domain.cash import CashMovement, entries

#: Payments in one batch of the ledger; each has two entries.
PER_BATCH = 2_500


def post_cash(movements: Sequence[CashMovement], *, effective_at: datetime) -> None:
    """Post bank ↔ in transit in the books of payers and payees, referenced by the first movement of each batch.

    A movement happens once (its instruction settles once, its match is made once), so the reference is used once.
    """
    for start in range(0, len(movements), PER_BATCH):
        part = movements[start : start + PER_BATCH]
        ledger.post_many(entries(part), reference=f"settlement/{part[0].transit_id.hex}", effective_at=effective_at)
