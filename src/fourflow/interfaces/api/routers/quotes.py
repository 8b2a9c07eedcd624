"""Cash now: what funders would give for a holding, and the content that the applicant signs."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime

from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import (
    TERMS_VERSION,
    CostKind,
    FeePayee,
    NoQuote,
    Quote,
)
from fourflow.capital.financing.types import QuoteId as Quoted
from fourflow.capital.vouchers.types import HoldingId as Held
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import (
    Body,
    Money,
    Part,
    Rate,
    Shown,
    ToSign,
)
from fourflow.interfaces.api.ids import (
    HoldingId,
    PartyId,
    QuoteId,
    VoucherId,
)
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import (
    one,
    read,
    reads,
    reply,
    show,
    to_sign,
    writes,
)
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["financing"])


class QuoteRequest(Body):
    holding_id: HoldingId
    funder_id: PartyId
    amount: Money
    recourse: bool = False


class ComparisonRequest(Body):
    holding_id: HoldingId
    amount: Money


class CostLineBody(Part):
    kind: CostKind
    payee: FeePayee
    amount: Money
    formula: str


class QuoteBody(Shown):
    """``platform_share`` is what the funder passes on out of its own charge: shown, and no cost on top."""

    id: QuoteId
    holding_id: HoldingId
    voucher_id: VoucherId
    applicant_id: PartyId
    funder_id: PartyId
    obligor_id: PartyId
    amount: Money
    recourse: bool
    annual_rate: Rate
    day_count: str
    start_on: date
    due_on: date
    days: int
    lines: list[CostLineBody]
    net: Money
    cost: Money
    annualised: Rate
    platform_share: Money
    valid_until: AwareDatetime


class ComparedBody(Part):
    """What one funder gives: its ``quote``, or null and as ``reason`` the code of what stands against it."""

    funder_id: PartyId
    recourse: bool
    quote: QuoteBody | None
    reason: str


class Comparison(Shown):
    data: list[ComparedBody]


@shows("quote")
def _quote(who: Caller, quote_id: UUID) -> QuoteBody:
    return show(QuoteBody, queries.quote(actor=who.actor, quote_id=Quoted(quote_id)))


@router.post("/quotes", **writes(QuoteBody, 201))
def create_quote(request: HttpRequest, body: QuoteRequest) -> HttpResponse:
    """What turning a holding, or a part of it, into cash now costs with one funder. Locks nothing."""
    who = caller(request)

    def run() -> dict[str, Any]:
        quote = operations.quote(
            holding_id=Held(body.holding_id),
            funder_id=body.funder_id,
            amount=body.amount,
            recourse=body.recourse,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
        )
        return made(quote)

    return one(request, "quote", about(perform(request, "financing.quote", body.plain(), run)), 201)


@router.post("/quotes/compare", **writes(Comparison, 201))
def compare_quotes(request: HttpRequest, body: ComparisonRequest) -> HttpResponse:
    """What every funder would give for a holding, or a part of it, without and with recourse, or why it names no price."""
    who = caller(request)

    def run() -> dict[str, Any]:
        found = operations.quotes(
            holding_id=Held(body.holding_id),
            amount=body.amount,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
        )
        return {
            "quotes": [str(one.id) for one in found if isinstance(one, Quote)],
            "refused": [[str(one.funder_id), one.recourse, one.reason] for one in found if isinstance(one, NoQuote)],
        }

    done = perform(request, "financing.quotes", body.plain(), run).result
    made_now = [Quoted(UUID(one)) for one in done["quotes"]]
    given = read(request, lambda: queries.quotes(actor=who.actor, quote_ids=made_now))
    compared = [
        ComparedBody(funder_id=one.funder_id, recourse=one.recourse, quote=show(QuoteBody, one), reason="")
        for one in given
    ]
    compared += [
        ComparedBody(funder_id=UUID(funder), recourse=recourse, quote=None, reason=reason)
        for funder, recourse, reason in done["refused"]
    ]
    return reply(request, Comparison(data=compared), status=201)


@router.get("/quotes/{quote_id}", **reads(QuoteBody))
def get_quote(request: HttpRequest, quote_id: QuoteId) -> HttpResponse:
    """One quote."""
    return one(request, "quote", quote_id)


@router.get("/quotes/{quote_id}/content", **reads(ToSign))
def quote_content(request: HttpRequest, quote_id: QuoteId) -> HttpResponse:
    """What the applicant signs: the consent to exactly this price."""
    actor = caller(request).actor
    found = read(request, lambda: queries.quote(actor=actor, quote_id=Quoted(quote_id)))
    return reply(request, to_sign(found.content(), TERMS_VERSION))
