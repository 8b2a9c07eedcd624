"""Reads of capital.financing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from fourflow.capital.financing import models
from fourflow.capital.financing.types import Financing, FinancingId, FinancingState, Quote, QuoteId
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.ordering import in_order
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events.types import Evidenced

#: what a list may be sorted by
SORTS = {"amount": "quote__amount_minor", "net": "quote__net_minor", "due": "quote__due_on", "asked": "id"}
#: financings that one sweep takes up
AT_ONCE = 200
BEFORE_PAYOUT = [FinancingState.REQUESTED.value, FinancingState.APPROVED.value, FinancingState.REGISTERED.value]


def get(*, actor: Actor, financing_id: FinancingId) -> Financing:
    """One financing.

    :raises FinancingNotFound: no such financing, or the actor's organisation is none of its parties.
    """
    return models.Financing.objects.visible_to(actor).select_related("quote").get_visible(financing_id).to_type()


def consent(*, actor: Actor, financing_id: FinancingId) -> Signature:
    """The applicant's signature over the price (:meth:`Quote.content`).

    :raises FinancingNotFound: no such financing, or the actor's organisation is none of its parties.
    """
    return Signature.from_body(models.Financing.objects.visible_to(actor).get_visible(financing_id).consent)


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
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[Financing]:
    """Financings that the actor's organisation asked for, funds, or oversees; the newest first or by ``SORTS``.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.Financing.objects.visible_to(actor), sort, SORTS, after=after, only=only)
    rows = rows.select_related("quote")
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    if voucher_id is not None:
        rows = rows.filter(quote__voucher_id=voucher_id)
    return [row.to_type() for row in rows[:limit]]


def of_held(*, holding_ids: Sequence[UUID]) -> dict[UUID, Financing]:
    """The running financing of each part, by the part that the funder holds or has pledged."""
    rows = models.Financing.objects.visible_to(SYSTEM).select_related("quote").filter(held_id__in=holding_ids)
    return {row.held_id: row.to_type() for row in rows if row.held_id}


def _waiting(**where: Any) -> QuerySet[models.Financing]:
    return models.Financing.objects.visible_to(SYSTEM).select_related("quote").filter(**where).order_by("id")[:AT_ONCE]


#: what sweepers ask many times a minute, mostly for nothing
_IN_STATE = prepared(lambda: _waiting(state=Given("state")))
_FALLEN_DUE = prepared(lambda: _waiting(state__in=BEFORE_PAYOUT, quote__due_on__lte=Given("on")))
_UNDECIDED = prepared(lambda: _waiting(state=FinancingState.REQUESTED.value, approval_id__isnull=True))


def in_state(state: FinancingState) -> list[Financing]:
    """For sweepers: financings that wait in a state, the oldest first."""
    return [row.to_type() for row in _IN_STATE(state=state.value)]


def fallen_due(*, on: date) -> list[Financing]:
    """For the sweeper: requests without an instructed payout whose voucher is due."""
    return [row.to_type() for row in _FALLEN_DUE(on=on)]


def undecided() -> list[Financing]:
    """For the sweeper: requests on which the funder's system has not been heard, and no person is deciding."""
    return [row.to_type() for row in _UNDECIDED()]


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module as the events recorded it last, for the audit."""
    financed = models.Financing.objects.values("quote_id")
    tables: Sequence[Any] = (models.Quote.objects.filter(id__in=financed), models.Financing.objects.all())
    for rows in tables:
        for row in rows.order_by("pk").iterator(chunk_size=2000):
            yield row.evidence()
