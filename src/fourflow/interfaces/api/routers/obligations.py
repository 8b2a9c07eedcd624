"""What the issuer still does about an accepted voucher: pay it, or settle a late credit note."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from fourflow.capital.vouchers import operations
from fourflow.capital.vouchers.types import VoucherId as Vouched
from fourflow.interfaces.api.auth import caller, confirm
from fourflow.interfaces.api.fields import Body, Line, Money, Part, Password, Shown
from fourflow.interfaces.api.ids import HoldingId, PartyId, VoucherId
from fourflow.interfaces.api.replies import one, reply, writes
from fourflow.interfaces.api.routers.vouchers import VoucherBody
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["vouchers"])


class PaymentRequest(Body):
    """``amount`` left out: all that is outstanding. The password confirms that money may move."""

    amount: Money | None = None
    password: Password | None = None


class PaymentShare(Part):
    """What one part is to get once the issuer's bank has paid."""

    holding_id: HoldingId
    payee_id: PartyId
    amount: Money


class PaymentShares(Shown):
    voucher_id: VoucherId
    shares: list[PaymentShare]


class OutsideCreditNote(Body):
    amount: Money
    document: Line


@router.post("/vouchers/{voucher_id}/payments", **writes(PaymentShares, 201))
def release_voucher_payment(request: HttpRequest, voucher_id: VoucherId, body: PaymentRequest) -> HttpResponse:
    """The issuer releases a payment of a due or overdue voucher, whole or in part, pro rata over the living parts."""
    who = caller(request)
    confirm(request, body.password)

    def run() -> dict[str, Any]:
        shares = operations.release_payment(
            voucher_id=Vouched(voucher_id),
            amount=body.amount,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
        )
        return {"shares": [PaymentShare.model_validate(share).model_dump(mode="json") for share in shares]}

    done = perform(request, "voucher.release_payment", {"voucher_id": str(voucher_id), **body.plain()}, run)
    shares = [PaymentShare.model_validate(share) for share in done.result["shares"]]
    return reply(request, PaymentShares(voucher_id=voucher_id, shares=shares), status=201)


@router.post("/vouchers/{voucher_id}/credit-notes", **writes(VoucherBody))
def settle_credit_note(request: HttpRequest, voucher_id: VoucherId, body: OutsideCreditNote) -> HttpResponse:
    """A credit note after transfer or financing: the supplier owes it to the core; holders are not touched."""
    who = caller(request)

    def run() -> dict[str, Any]:
        voucher = operations.settle_credit_note_outside(
            voucher_id=Vouched(voucher_id),
            amount=body.amount,
            document=body.document,
            actor=who.actor,
            effective_at=who.now,
        )
        return made(voucher)

    done = perform(request, "voucher.credit_note_outside", {"voucher_id": str(voucher_id), **body.plain()}, run)
    return one(request, "voucher", about(done))
