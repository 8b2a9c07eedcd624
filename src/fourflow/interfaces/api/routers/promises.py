"""What issuers promise where they pay late, and what became of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import Promise, PromiseOutcome, VoucherNotFound
from fourflow.capital.vouchers.types import VoucherId as Vouched
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Money, Page, Shown, Text
from fourflow.interfaces.api.ids import PartyId, PromiseId, VoucherId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, show, writes
from fourflow.interfaces.api.writing import about, perform

router = Router(tags=["vouchers"])


class PromiseRequest(Body):
    """By which business day all that is outstanding is paid, and why so late."""

    pays_on: date
    reason: Text


class PromiseBody(Shown):
    """The issuer's statement of ``said_on``: ``amount``, all that was outstanding then, is paid by ``pays_on``.

    ``outcome`` is read from the payments: open until the end of the day, then kept or broken; void where nothing is owed any
    more. ``outstanding`` is what is owed now, ``paid_on`` the day on which the voucher was wholly paid.
    """

    id: PromiseId
    voucher_id: VoucherId
    issuer_id: PartyId
    said_on: date
    due_on: date
    pays_on: date
    amount: Money
    reason: str
    outcome: PromiseOutcome
    outstanding: Money
    paid_on: date | None


class PromisePage(Page):
    data: list[PromiseBody]


@shows("promise")
def _promise(who: Caller, promise_id: UUID) -> PromiseBody:
    found = queries.promises(actor=who.actor, on=who.today, only=[promise_id])
    if not found:
        raise VoucherNotFound(value=str(promise_id))
    return show(PromiseBody, found[0])


@router.get("/promises", **reads(PromisePage))
def list_promises(
    request: HttpRequest,
    voucher_id: VoucherId | None = None,
    issuer_id: PartyId | None = None,
    outcome: PromiseOutcome | None = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Promises to pay what is late, about vouchers that the organisation sees, the latest first."""
    who = caller(request)

    def rows(after: UUID | None, size: int) -> list[Promise]:
        return queries.promises(
            actor=who.actor,
            on=who.today,
            voucher_id=Vouched(voucher_id) if voucher_id else None,
            issuer_id=issuer_id,
            outcome=outcome,
            after=after,
            limit=size,
        )

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, PromisePage, [show(PromiseBody, row) for row in found], following)


@router.post("/vouchers/{voucher_id}/promises", **writes(PromiseBody, 201))
def promise_payment(request: HttpRequest, voucher_id: VoucherId, body: PromiseRequest) -> HttpResponse:
    """The issuer says by when it pays what is late, and why. The voucher stays what it is: overdue is overdue."""
    who = caller(request)

    def run() -> dict[str, str]:
        made = operations.promise(
            voucher_id=Vouched(voucher_id),
            pays_on=body.pays_on,
            reason=body.reason,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
        )
        return {"id": str(made.id)}

    done = perform(request, "voucher.promise", {"voucher_id": str(voucher_id), **body.plain()}, run)
    return one(request, "promise", about(done), 201)
