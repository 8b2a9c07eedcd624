"""Holdings: parts of vouchers in one hand, their way back to the core's signature, passing them on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import TERMS_VERSION, Holding, HoldingState
from fourflow.capital.vouchers.types import HoldingId as Held
from fourflow.capital.vouchers.types import VoucherId as Vouched
from fourflow.interfaces.api.auth import Caller, caller, confirm, sign
from fourflow.interfaces.api.fields import (
    Body,
    Line,
    Money,
    Page,
    Part,
    Password,
    Reasoned,
    Several,
    Shown,
    Signed,
    ToSign,
)
from fourflow.interfaces.api.fields import Digest as ContentDigest
from fourflow.interfaces.api.ids import HoldingId, PartyId, VoucherId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, computes, one, page, read, reads, reply, show, to_sign, writes
from fourflow.interfaces.api.routers.vouchers import ActBody, VoucherBody
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["holdings"])


class HoldingBody(Shown):
    """``path`` lists its ancestors from the root; ``tier`` counts hands."""

    id: HoldingId
    voucher_id: VoucherId
    holder_id: PartyId
    amount: Money
    paid: Money
    outstanding: Money
    parent_id: HoldingId | None
    path: list[HoldingId]
    tier: int
    state: HoldingState
    receiver_id: PartyId | None
    pledgee_id: PartyId | None
    trade_basis: str
    expires_on: date | None
    acquired_at: AwareDatetime | None


class HoldingPage(Page):
    data: list[HoldingBody]


class HoldingList(Shown):
    data: list[HoldingBody]


class OfferedBody(Shown):
    """What waits for the organisation's answer; ``has_more`` when there are vouchers or holdings beyond these."""

    vouchers: list[VoucherBody]
    holdings: list[HoldingBody]
    has_more: bool


class LinkBody(Part):
    holding: HoldingBody
    acts: list[ActBody]


class ChainBody(Shown):
    """From a holding back to the core's signed commitment, root first."""

    voucher: VoucherBody
    links: list[LinkBody]


class TransferRequest(Body):
    """``trade_basis`` names the trade between the two sides: kind and number of a document."""

    receiver_id: PartyId
    amount: Money
    trade_basis: Line


class TransferOffer(TransferRequest):
    password: Password | None = None
    content_digest: ContentDigest


class CreditNote(Body):
    amount: Money
    document: Line


@shows("holding")
def _holding(who: Caller, holding_id: UUID) -> HoldingBody:
    return show(HoldingBody, queries.holding(actor=who.actor, holding_id=Held(holding_id)))


@router.get("/holdings", **reads(HoldingPage))
def list_holdings(
    request: HttpRequest,
    state: Several[HoldingState] = (),
    currency: str = "",
    sort: str = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """What the organisation itself holds, the latest first or by ``sort``: amount, acquired, tier.

    Spent parts only when ``state=split`` asks for them.
    """
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[Holding]:
        return queries.holdings(actor=actor, states=state, currency=currency, sort=sort, after=after, limit=size)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, HoldingPage, [show(HoldingBody, row) for row in found], following)


@router.get("/offers", **reads(OfferedBody))
def list_offers(request: HttpRequest, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> HttpResponse:
    """Vouchers and parts that are offered to the organisation, the first to expire first; at most ``limit`` of each.

    There is no cursor: what is answered leaves the list, so that the next of it come first.
    """
    actor = caller(request).actor
    vouchers, holdings = read(request, lambda: queries.offered_to(actor=actor, limit=limit + 1))
    body = OfferedBody(
        vouchers=[show(VoucherBody, voucher) for voucher in vouchers[:limit]],
        holdings=[show(HoldingBody, holding) for holding in holdings[:limit]],
        has_more=max(len(vouchers), len(holdings)) > limit,
    )
    return reply(request, body)


@router.get("/vouchers/{voucher_id}/holdings", **reads(HoldingList))
def voucher_holdings(request: HttpRequest, voucher_id: VoucherId) -> HttpResponse:
    """The parts of a voucher that the organisation may see, parents before children."""
    actor = caller(request).actor

    def query() -> list[Holding]:
        queries.get(actor=actor, voucher_id=Vouched(voucher_id))
        return queries.parts(actor=actor, voucher_id=Vouched(voucher_id))

    return reply(request, HoldingList(data=[show(HoldingBody, part) for part in read(request, query)]))


@router.get("/holdings/{holding_id}", **reads(HoldingBody))
def get_holding(request: HttpRequest, holding_id: HoldingId) -> HttpResponse:
    """One holding."""
    return one(request, "holding", holding_id)


@router.get("/holdings/{holding_id}/chain", **reads(ChainBody))
def holding_chain(request: HttpRequest, holding_id: HoldingId) -> HttpResponse:
    """Every hand and every signature between a holding and the core's commitment."""
    actor = caller(request).actor
    voucher, links = read(request, lambda: queries.chain(actor=actor, holding_id=Held(holding_id)))
    body = ChainBody(voucher=show(VoucherBody, voucher), links=[LinkBody.model_validate(link) for link in links])
    return reply(request, body)


@router.post("/holdings/{holding_id}/transfers/plan", **computes(ToSign))
def plan_transfer(request: HttpRequest, holding_id: HoldingId, body: TransferRequest) -> HttpResponse:
    """What the holder signs to offer a part to the next party; refused as the offer would be. Writes nothing."""
    who = caller(request)
    read(request, lambda: queries.holding(actor=who.actor, holding_id=Held(holding_id)))
    content, _rest = operations.plan_transfer(
        holding_id=Held(holding_id),
        receiver_id=body.receiver_id,
        amount=body.amount,
        trade_basis=body.trade_basis,
        actor=who.actor,
        today=who.today,
    )
    return reply(request, to_sign(content, TERMS_VERSION))


@router.post("/holdings/{holding_id}/transfers", **writes(HoldingBody, 201))
def offer_transfer(request: HttpRequest, holding_id: HoldingId, body: TransferOffer) -> HttpResponse:
    """Cut a part off and offer it; answered with the offered part, locked until the receiver answers."""
    confirm(request, body.password)

    def run(who: Caller) -> Holding:
        queries.holding(actor=who.actor, holding_id=Held(holding_id))
        content = operations.transfer_content(holding_id, body.receiver_id, body.amount, body.trade_basis)
        return operations.offer_transfer(
            holding_id=Held(holding_id),
            receiver_id=body.receiver_id,
            amount=body.amount,
            trade_basis=body.trade_basis,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
            signature=sign(who.actor, content, body.content_digest, TERMS_VERSION),
        )

    return _step(request, "holding.offer_transfer", holding_id, body, run, status=201)


def _offered_content(holding: Holding) -> dict[str, Any]:
    receiver_id = holding.receiver_id or holding.holder_id
    return operations.transfer_content(holding.id, receiver_id, holding.amount, holding.trade_basis)


@router.get("/holdings/{holding_id}/content", **reads(ToSign))
def transfer_content(request: HttpRequest, holding_id: HoldingId) -> HttpResponse:
    """What the receiver of an offered part signs to accept it."""
    actor = caller(request).actor
    found = read(request, lambda: queries.holding(actor=actor, holding_id=Held(holding_id)))
    return reply(request, to_sign(_offered_content(found), TERMS_VERSION))


@router.post("/holdings/{holding_id}/accept", **writes(HoldingBody))
def accept_transfer(request: HttpRequest, holding_id: HoldingId, body: Signed) -> HttpResponse:
    """The receiver accepts an offered part; answered with the part that it now holds."""
    confirm(request, body.password)

    def run(who: Caller) -> Holding:
        content = _offered_content(queries.holding(actor=who.actor, holding_id=Held(holding_id)))
        return operations.accept_transfer(
            holding_id=Held(holding_id),
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
            signature=sign(who.actor, content, body.content_digest, TERMS_VERSION),
        )

    return _step(request, "holding.accept_transfer", holding_id, body, run)


@router.post("/holdings/{holding_id}/reject", **writes(HoldingBody))
def reject_transfer(request: HttpRequest, holding_id: HoldingId, body: Reasoned) -> HttpResponse:
    """The receiver refuses an offered part, or the holder takes the offer back."""

    def run(who: Caller) -> Holding:
        return operations.reject_transfer(
            holding_id=Held(holding_id), actor=who.actor, effective_at=who.now, reason=body.reason
        )

    return _step(request, "holding.reject_transfer", holding_id, body, run)


@router.post("/holdings/{holding_id}/credit-notes", **writes(HoldingBody, 201))
def credit_note(request: HttpRequest, holding_id: HoldingId, body: CreditNote) -> HttpResponse:
    """A credit note (红字) of the first supplier takes a part of the debt away; answered with the cancelled part."""

    def run(who: Caller) -> Holding:
        return operations.apply_credit_note(
            holding_id=Held(holding_id),
            amount=body.amount,
            document=body.document,
            actor=who.actor,
            effective_at=who.now,
        )

    return _step(request, "holding.credit_note", holding_id, body, run, status=201)


def _step(
    request: HttpRequest,
    name: str,
    holding_id: UUID,
    body: Body,
    run: Callable[[Caller], Holding],
    *,
    status: int = 200,
) -> HttpResponse:
    """One step of a holding under the caller's key, answered with the part that came out of it."""
    who = caller(request)
    done = perform(request, name, {"holding_id": str(holding_id), **body.plain()}, lambda: made(run(who)))
    return one(request, "holding", about(done), status)
