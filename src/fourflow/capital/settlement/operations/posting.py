"""Settlement's cash legs as entries of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fourflow.capital.settlement.domain.cash import CashLeg


def post_cash(legs: Sequence[CashLeg], *, effective_at: datetime) -> None:
    """Post bank ↔ in transit in the mirror books of payer and payee, all in one call of the ledger."""
