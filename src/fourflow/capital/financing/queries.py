"""Reads of capital.financing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, DecimalField, F, Max, Min, Q, QuerySet, Sum

from fourflow.capital.financing import models
from fourflow.capital.financing.domain import plan as plans
from fourflow.capital.financing.domain.pricing import round_rate
from fourflow.capital.financing.types import (
    FeeLine,
    Financing,
    FinancingId,
    FinancingState,
    Quote,
    QuoteId,
    RepaymentPlan,
    Running,
    WhatIf,
)
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.ordering import in_order, page_by_page
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money

#: what a list may be sorted by
SORTS = {"amount": "quote__amount_minor", "net": "quote__net_minor", "due": "quote__due_on", "asked": "id"}
#: financings that a sweep reads with one statement
AT_ONCE = 200
#: an id that stands before every row's
BEFORE_ALL = UUID(int=0)
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


def plan(*, actor: Actor, financing_id: FinancingId) -> RepaymentPlan:
    """When which cash flows, and what interest is earned when.

    :raises FinancingNotFound: no such financing, or the actor's organisation is none of its parties.
    """
    return plans.plan(get(actor=actor, financing_id=financing_id))


def what_if(*, actor: Actor, financing_id: FinancingId, on: date) -> WhatIf:
    """What it would mean if the debtor paid the whole amount on another day; changes nothing.

    :raises FinancingNotFound: no such financing, or the actor's organisation is none of its parties.
    """
    return plans.what_if(get(actor=actor, financing_id=financing_id), on)


def quote(*, actor: Actor, quote_id: QuoteId) -> Quote:
    """One quote.

    :raises QuoteNotFound: no such quote of the actor's organisation.
    """
    return models.Quote.objects.visible_to(actor).get_visible(quote_id).to_type()


def quotes(*, actor: Actor, quote_ids: Sequence[QuoteId]) -> list[Quote]:
    """Several quotes of the actor's organisation, in the order asked for; what is not there or not its own is left out."""
    found = {row.id: row.to_type() for row in models.Quote.objects.visible_to(actor).filter(pk__in=quote_ids)}
    return [found[one] for one in quote_ids if one in found]


def financings(
    *,
    actor: Actor,
    states: Sequence[FinancingState] = (),
    voucher_id: UUID | None = None,
    funder_id: UUID | None = None,
    applicant_id: UUID | None = None,
    obligor_id: UUID | None = None,
    currency: str = "",
    disbursed_from: date | None = None,
    disbursed_to: date | None = None,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[Financing]:
    """Financings that the actor's organisation asked for, funds, or oversees; the newest first or by ``SORTS``.

    ``disbursed_from`` and ``disbursed_to`` (inclusive) leave those that were paid out in these days.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.Financing.objects.visible_to(actor), sort, SORTS, after=after, only=only)
    rows = rows.select_related("quote")
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    if voucher_id is not None:
        rows = rows.filter(quote__voucher_id=voucher_id)
    if funder_id is not None:
        rows = rows.filter(funder_id=funder_id)
    if applicant_id is not None:
        rows = rows.filter(applicant_id=applicant_id)
    if obligor_id is not None:
        rows = rows.filter(quote__obligor_id=obligor_id)
    if currency:
        rows = rows.filter(quote__currency=currency)
    if disbursed_from is not None:
        rows = rows.filter(disbursed_on__gte=disbursed_from)
    if disbursed_to is not None:
        rows = rows.filter(disbursed_on__lte=disbursed_to)
    return [row.to_type() for row in rows[:limit]]


def count(*, actor: Actor, states: Sequence[FinancingState]) -> int:
    """How many financings in some states the actor's organisation asked for, funds, or oversees."""
    return models.Financing.objects.visible_to(actor).filter(state__in=[state.value for state in states]).count()


def received(*, actor: Actor, since: date) -> tuple[int, list[Money]]:
    """How many financings that the actor's organisation asked for are on their way, and what cash it got from a day on."""
    open_ = Q(state__in=[state.value for state in FinancingState if state.is_open])
    rows = (
        models.Financing.objects.visible_to(actor)
        .filter(applicant_id=actor.organisation_id)
        .values("quote__currency")
        .annotate(open=Count("id", filter=open_), net=Sum("quote__net_minor", filter=Q(disbursed_on__gte=since)))
        .order_by("quote__currency")
    )
    paid = [Money(int(row["net"]), row["quote__currency"]) for row in rows if row["net"]]
    return sum(row["open"] for row in rows), paid


def paid_for(*, actor: Actor, voucher_id: UUID) -> list[UUID]:
    """What payments for a voucher are about: its parts and its financings, as far as the actor's organisation may see them."""
    parts = vouchers.parts(actor=actor, voucher_id=VoucherId(voucher_id))
    lent = models.Financing.objects.visible_to(actor).filter(quote__voucher_id=voucher_id)
    return [*(part.id for part in parts), *lent.values_list("id", flat=True)]


def running(*, actor: Actor, funder_id: UUID) -> list[Running]:
    """What a funder has paid out and not got back, as far as the actor may see it: by applicant, debtor and currency."""
    rows = (
        models.Financing.objects.visible_to(actor)
        .filter(funder_id=funder_id, state__in=[FinancingState.DISBURSED.value, FinancingState.OVERDUE.value])
        .values("applicant_id", "quote__obligor_id", "quote__currency")
        .annotate(
            n=Count("id"),
            late=Count("id", filter=Q(state=FinancingState.OVERDUE.value)),
            amount=Sum("quote__amount_minor"),
            back=Sum("collected_minor"),
        )
        .order_by("applicant_id", "quote__obligor_id")
    )
    return [
        Running(
            applicant_id=row["applicant_id"],
            obligor_id=row["quote__obligor_id"],
            count=row["n"],
            overdue=row["late"],
            outstanding=Money(int(row["amount"] - row["back"]), row["quote__currency"]),
        )
        for row in rows
    ]


def fee_survey(*, actor: Actor) -> list[FeeLine]:
    """What cash now has cost, bank by bank, over every financing paid out that the actor may see."""
    paid = models.Financing.objects.visible_to(actor).filter(disbursed_on__isnull=False)
    weight = F("quote__annualised") * F("quote__net_minor")
    rows = (
        paid.values("funder_id", "quote__currency")
        .annotate(
            n=Count("id"),
            amount=Sum("quote__amount_minor"),
            net=Sum("quote__net_minor"),
            cost=Sum("quote__cost_minor"),
            weighted=Sum(weight, output_field=DecimalField()),
            low=Min("quote__annualised"),
            high=Max("quote__annualised"),
        )
        .order_by("funder_id", "quote__currency")
    )
    return [
        FeeLine(
            funder_id=row["funder_id"],
            count=row["n"],
            amount=Money(int(row["amount"]), row["quote__currency"]),
            net=Money(int(row["net"]), row["quote__currency"]),
            cost=Money(int(row["cost"]), row["quote__currency"]),
            annualised=round_rate(Decimal(row["weighted"]) / row["net"]),
            lowest=Decimal(row["low"]),
            highest=Decimal(row["high"]),
        )
        for row in rows
    ]


def of_held(*, holding_ids: Sequence[UUID]) -> dict[UUID, Financing]:
    """The running financing of each part, by the part that the funder holds or has pledged."""
    rows = models.Financing.objects.visible_to(SYSTEM).select_related("quote").filter(held_id__in=holding_ids)
    return {row.held_id: row.to_type() for row in rows if row.held_id}


def _waiting(**where: Any) -> QuerySet[models.Financing]:
    return models.Financing.objects.visible_to(SYSTEM).select_related("quote").filter(**where).order_by("id")[:AT_ONCE]


#: what sweepers ask many times a minute, mostly for nothing
_IN_STATE = prepared(lambda: _waiting(state=Given("state"), id__gt=Given("after")))
_FALLEN_DUE = prepared(lambda: _waiting(state__in=BEFORE_PAYOUT, quote__due_on__lte=Given("on"), id__gt=Given("after")))
_UNDECIDED = prepared(
    lambda: (
        models.Financing.objects.visible_to(SYSTEM)
        .select_related("quote")
        .filter(state=FinancingState.REQUESTED.value, approval_id__isnull=True, funder_id__any=Given("funders"))
        .order_by(F("asked_at").asc(nulls_first=True), "id")[:AT_ONCE]
    )
)


def in_state(state: FinancingState) -> Iterator[Financing]:
    """For sweepers: all financings that wait in a state, the oldest first; those of frozen parts hold up no other."""

    return _every(lambda after: _IN_STATE(state=state.value, after=after))


def fallen_due(*, on: date) -> Iterator[Financing]:
    """For the sweeper: all requests without an instructed payout whose voucher is due, the oldest first."""
    return _every(lambda after: _FALLEN_DUE(on=on, after=after))


def _every(behind: Callable[[UUID], Iterable[models.Financing]]) -> Iterator[Financing]:
    """All rows of a prepared query that goes on behind a key."""

    def page(last: Financing | None) -> list[Financing]:
        return [row.to_type() for row in behind(last.id if last else BEFORE_ALL)]

    return page_by_page(page, AT_ONCE)


def undecided(*, funder_ids: Collection[UUID]) -> list[Financing]:
    """For the sweeper: requests on which the system of one of these funders has not been heard, and no person is deciding.

    Who was never asked comes first, then who was asked longest ago: a silent funder keeps no other's requests waiting.
    """
    return [row.to_type() for row in _UNDECIDED(funders=list(funder_ids))]


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module as the events recorded it last, for the audit."""
    financed = models.Financing.objects.values("quote_id")
    tables: Sequence[Any] = (models.Quote.objects.filter(id__in=financed), models.Financing.objects.all())
    for rows in tables:
        for row in rows.order_by("pk").iterator(chunk_size=2000):
            yield row.evidence()
