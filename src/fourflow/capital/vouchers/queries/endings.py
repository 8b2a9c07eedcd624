"""What was late and is so no more: vouchers that are paid, complaints that are answered; the latest first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.types import Complaint, Voucher, VoucherState
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db.ordering import Before, latest


def no_longer_late(
    *,
    actor: Actor,
    since: date,
    until: date,
    before: Before = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[Voucher]:
    """Vouchers that were overdue and were wholly paid on these days (both included), of those that the actor may see."""
    rows = models.Voucher.objects.visible_to(actor).filter(state=VoucherState.REDEEMED, overdue_on__isnull=False)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    found = latest(rows, "paid_on", since=since, until=until + timedelta(1), before=before, limit=limit)
    return [row.to_type() for row in found]


def answered(
    *,
    actor: Actor,
    since: date,
    until: date,
    before: Before = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[Complaint]:
    """Complaints that were answered on these days (both included): the actor's organisation's, or all for the desk."""
    rows = models.Complaint.objects.visible_to(actor)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    found = latest(rows, "answered_on", since=since, until=until + timedelta(1), before=before, limit=limit)
    return [row.to_type() for row in found]
