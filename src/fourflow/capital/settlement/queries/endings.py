"""What waited and does so no more: cash that is placed or went back, payments that came late, exceptions; the latest first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from fourflow.capital.settlement import models
from fourflow.capital.settlement.models.payments import LONG, TOOK_LONG, took
from fourflow.capital.settlement.queries.cash import exception_view
from fourflow.capital.settlement.types import ClosedCash, ExceptionView, PaymentInstruction, ReturnState
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db.ordering import Before, latest


def placed_or_returned(
    *,
    actor: Actor,
    since: datetime,
    until: datetime,
    before: Before = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[ClosedCash]:
    """Cash that was unmatched and is so no more since a time of this span (``until`` is excluded), the latest first."""
    found = models.Suspense.objects.visible_to(actor)
    if only is not None:
        found = found.filter(pk__in=list(only))
    spent = latest(found, "closed_at", since=since, until=until, before=before, limit=limit)
    rows = list(spent.select_related("entry__account"))
    sent = (
        models.Return.objects.visible_to(actor)
        .filter(entry_id__in=[row.entry_id for row in rows])
        .exclude(state=ReturnState.FAILED)
    )
    back = dict(sent.values_list("entry_id", "instruction_id"))
    return [
        ClosedCash(
            row.entry_id, row.party_id, row.entry.to_type(), row.opened_at, row.closed_at, back.get(row.entry_id)
        )
        for row in rows
        if row.closed_at is not None
    ]


def arrived_late(
    *,
    actor: Actor,
    since: datetime,
    until: datetime,
    longer_than: timedelta,
    before: Before = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[PaymentInstruction]:
    """Payments of which a bank spoke its last word in this time (``until`` is excluded), so long after they were sent or
    longer; the latest first."""
    found = models.Instruction.objects.visible_to(actor).filter(took(longer_than))
    if longer_than >= LONG:
        found = found.filter(TOOK_LONG)
    if only is not None:
        found = found.filter(pk__in=list(only))
    return [row.to_type() for row in latest(found, "finished_at", since=since, until=until, before=before, limit=limit)]


def resolved(
    *,
    actor: Actor,
    since: datetime,
    until: datetime,
    before: Before = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[ExceptionView]:
    """Exceptions that a person dealt with in this time (``until`` is excluded), the latest first; as :func:`exceptions`."""
    found = models.ExceptionItem.objects.visible_to(actor)
    if only is not None:
        found = found.filter(pk__in=list(only))
    rows = latest(found, "resolved_at", since=since, until=until, before=before, limit=limit)
    return [exception_view(row) for row in rows.select_related("instruction", "answer")]
