"""Reads of capital.financing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fourflow.capital.financing import models
from fourflow.capital.financing.types import Financing, FinancingId, FinancingState, Quote, QuoteId
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.events.types import Evidenced


def get(*, actor: Actor, financing_id: FinancingId) -> Financing:
    """One financing.

    :raises FinancingNotFound: no such financing, or the actor's organisation is none of its parties.
    """
    return models.Financing.objects.visible_to(actor).select_related("quote").get_visible(financing_id).to_type()


def quote(*, actor: Actor, quote_id: QuoteId) -> Quote:
    """One quote.

    :raises QuoteNotFound: no such quote of the actor's organisation.
    """
    return models.Quote.objects.visible_to(actor).get_visible(quote_id).to_type()


def financings(
    *,
    actor: Actor,
    states: Sequence[FinancingState] = (),
    voucher_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Financing]:
    """Financings that the actor's organisation asked for, funds, or oversees; the newest first."""
    rows = models.Financing.objects.visible_to(actor).select_related("quote")
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    if voucher_id is not None:
        rows = rows.filter(quote__voucher_id=voucher_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return [row.to_type() for row in rows.order_by("-id")[:limit]]


def of_held(*, holding_ids: Sequence[UUID]) -> dict[UUID, Financing]:
    """The running financing of each part, by the part that the funder holds or has pledged."""
    rows = models.Financing.objects.visible_to(SYSTEM).select_related("quote").filter(held_id__in=holding_ids)
    return {row.held_id: row.to_type() for row in rows if row.held_id}


def in_state(state: FinancingState, limit: int = 200) -> list[Financing]:
    """For sweepers: financings that wait in a state, the oldest first."""
    rows = models.Financing.objects.visible_to(SYSTEM).select_related("quote").filter(state=state.value)
    return [row.to_type() for row in rows.order_by("id")[:limit]]


def fallen_due(*, on: date, limit: int = 200) -> list[Financing]:
    """For the sweeper: requests without an instructed payout whose voucher is due."""
    states = [FinancingState.REQUESTED.value, FinancingState.APPROVED.value, FinancingState.REGISTERED.value]
    rows = models.Financing.objects.visible_to(SYSTEM).select_related("quote")
    return [row.to_type() for row in rows.filter(state__in=states, quote__due_on__lte=on).order_by("id")[:limit]]


def undecided(limit: int = 50) -> list[Financing]:
    """For the sweeper: requests on which the funder's system has not been heard, and no person is deciding."""
    rows = models.Financing.objects.visible_to(SYSTEM).select_related("quote")
    rows = rows.filter(state=FinancingState.REQUESTED.value, approval_id__isnull=True)
    return [row.to_type() for row in rows.order_by("id")[:limit]]


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module as the events recorded it last, for the audit."""
    financed = models.Financing.objects.values("quote_id")
    tables: Sequence[Any] = (models.Quote.objects.filter(id__in=financed), models.Financing.objects.all())
    for rows in tables:
        for row in rows.order_by("pk").iterator(chunk_size=2000):
            yield row.evidence()
