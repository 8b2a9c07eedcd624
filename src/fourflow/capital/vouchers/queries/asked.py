"""What one side has signed and the other has not answered yet."""

from __future__ import annotations

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.types import Voucher
from fourflow.foundation.parties.types import Actor


def cancellations_asked(*, actor: Actor, limit: int = 50) -> list[Voucher]:
    """Vouchers whose issuer has signed that they shall be cancelled, and waits for the actor's organisation, which holds them;
    the first to be decided first."""
    rows = models.Voucher.objects.filter(receiver_id=actor.organisation_id, cancel_by__gte=actor.on)
    return [row.to_type() for row in rows.order_by("cancel_by", "id")[:limit]]
