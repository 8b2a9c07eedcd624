"""A cancellation that the issuer signed for and that comes to nothing: too late, or the voucher went another way."""

from __future__ import annotations

from datetime import datetime

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.events import CancelEnded
from fourflow.capital.vouchers.types import Act
from fourflow.platform.events import operations as events


def end(row: models.Voucher, outcome: str, effective_at: datetime) -> None:
    """End what waits for the holder's word, where anything does; the caller has locked the voucher.

    ``expired``: the holder did not agree in time. ``overtaken``: it does something else with the voucher, or the due date has
    come, so that nobody could agree any more. Whoever passes a part on or finances it first cuts it off, so the cut ends it.
    """
    if row.cancel_by is None:
        return
    row.cancel_by = None
    row.save(update_fields=["cancel_by"])
    asked = models.SignedAct.objects.filter(voucher_id=row.id, act=Act.CANCEL, organisation_id=row.issuer_id)
    by = asked.order_by("-recorded_at", "-id").values_list("person_id", flat=True)[0]
    event = CancelEnded(subject_id=row.id, effective_at=effective_at, outcome=outcome, proposed_by=by)
    events.publish(event, rows=[row.evidence()])
