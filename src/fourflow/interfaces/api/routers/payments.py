"""Payments with their trail of bank messages, expected and unmatched cash."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from fourflow.capital.financing import queries as financing
from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import (
    ExpectationNotFound,
    ExpectationView,
    InstructionState,
    PaymentInstruction,
    Purpose,
)
from fourflow.interfaces.api.auth import Caller, caller, confirm
from fourflow.interfaces.api.fields import Body, Intention, Line, Money, Page, Part, Password, Reasoned, Several, Shown
from fourflow.interfaces.api.ids import (
    BankAccountId,
    ExpectationId,
    InstructionId,
    MessageId,
    PartyId,
    VoucherId,
)
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, reply, show, writes
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["payments"])
Size = Annotated[int, Query(ge=1, le=200)]


class ReleaseRequest(Body):
    """``password`` confirms the person, unless ``POST /v1/session/confirmation`` was called before."""

    password: Password | None = None


class PaymentBody(Shown):
    id: InstructionId
    reference: str
    state: InstructionState
    bank_code: str
    payer_id: PartyId
    payer_name: str
    payer_account: str
    payee_id: PartyId | None
    payee_name: str
    payee_account: str
    amount: Money
    purpose: Purpose
    execution_date: date
    decide_by: date | None
    remittance: str
    end_to_end_id: str
    instructed_at: AwareDatetime
    sent_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    bank_reference: str
    reason_code: str
    reason: str


class PaymentPage(Page):
    data: list[PaymentBody]


class TrailStepBody(Part):
    """One step: what was sent, or what the bank said and what became of it."""

    at: AwareDatetime
    what: str
    verdict: str
    bank_reference: str
    reason_code: str
    reason: str
    message_id: MessageId | None
    message_kind: str
    message_sha256: str


class PaymentTrail(Shown):
    payment: PaymentBody
    trail: list[TrailStepBody]


class MessageBody(Shown):
    """A message as it crossed the wire; for the operator and the regulator."""

    id: MessageId
    bank_code: str
    outgoing: bool
    kind: str
    at: AwareDatetime
    sha256: str
    body: str


class ExpectationBody(Shown):
    id: ExpectationId
    reference: str
    purpose: Purpose
    payer_id: PartyId
    payer_name: str
    payee_id: PartyId
    amount: Money
    received: Money
    due_on: date
    is_cancelled: bool


class ExpectationPage(Page):
    data: list[ExpectationBody]


class ExpectationRequest(Body):
    """``account_id``: an own account whose arrivals are fetched; ``reference``: what the payer writes into its payment."""

    account_id: BankAccountId
    payer_id: PartyId
    amount: Money
    due_on: date
    reference: Line = Field(min_length=1, max_length=100)


@shows("expectation")
def _expectation(who: Caller, expectation_id: UUID) -> ExpectationBody:
    for found in queries.expectations(actor=who.actor, only=[expectation_id]):
        return show(ExpectationBody, found)
    raise ExpectationNotFound(value=str(expectation_id))


@router.get("/payments", **reads(PaymentPage))
def list_payments(
    request: HttpRequest,
    state: Several[InstructionState] = (),
    purpose: Purpose | None = None,
    voucher_id: VoucherId | None = None,
    q: Line = "",
    sort: str = "",
    cursor: str = "",
    limit: Size = 50,
) -> HttpResponse:
    """Payments in which the organisation takes part, the latest first or by ``sort``: amount, on; ``q`` begins a reference.

    ``voucher_id``: those for a voucher's parts and financings.
    """
    actor = caller(request).actor

    def rows(before: UUID | None, size: int) -> list[PaymentInstruction]:
        return queries.payments(
            actor=actor,
            limit=size,
            before=before,
            states=state,
            purpose=purpose,
            search=q,
            about=None if voucher_id is None else financing.paid_for(actor=actor, voucher_id=voucher_id),
            sort=sort,
        )

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, PaymentPage, [show(PaymentBody, row) for row in found], following)


@router.get("/payments/{instruction_id}", **reads(PaymentTrail))
def get_payment(request: HttpRequest, instruction_id: InstructionId) -> HttpResponse:
    """One payment with everything its bank was told and said, oldest first."""
    actor = caller(request).actor
    found = read(request, lambda: queries.payment(actor=actor, instruction_id=instruction_id))
    trail = [TrailStepBody.model_validate(step) for step in found.trail]
    return reply(request, PaymentTrail(payment=show(PaymentBody, found.payment), trail=trail))


@router.post("/payments/{instruction_id}/release", **writes(PaymentBody))
def release_payment(request: HttpRequest, instruction_id: InstructionId, body: ReleaseRequest) -> HttpResponse:
    """A second person releases a draft, after a confirmation; its bank is told after the commit."""
    who = caller(request)
    confirm(request, body.password)

    def run() -> dict[str, Any]:
        operations.release(actor=who.actor, instruction_id=instruction_id, effective_at=who.now)
        return {}

    perform(request, "payment.release", {"instruction_id": str(instruction_id)}, run)
    return _payment(request, instruction_id)


@router.post("/payments/{instruction_id}/withdraw", **writes(PaymentBody))
def withdraw_payment(request: HttpRequest, instruction_id: InstructionId, body: Reasoned) -> HttpResponse:
    """Take back an instruction that was not sent; what was sent can only be asked about."""
    who = caller(request)

    def run() -> dict[str, Any]:
        operations.withdraw(actor=who.actor, instruction_id=instruction_id, reason=body.reason, effective_at=who.now)
        return {}

    perform(request, "payment.withdraw", {"instruction_id": str(instruction_id), **body.plain()}, run)
    return _payment(request, instruction_id)


def _payment(request: HttpRequest, instruction_id: UUID) -> HttpResponse:
    actor = caller(request).actor
    found = read(request, lambda: queries.payment(actor=actor, instruction_id=instruction_id))
    return reply(request, show(PaymentBody, found.payment))


@router.get("/bank-messages/{message_id}", **reads(MessageBody))
def get_bank_message(request: HttpRequest, message_id: MessageId) -> HttpResponse:
    """A raw bank message."""
    actor = caller(request).actor
    return reply(request, show(MessageBody, read(request, lambda: queries.message(actor=actor, message_id=message_id))))


@router.get("/expected-cash", **reads(ExpectationPage))
def list_expected_cash(
    request: HttpRequest,
    open_only: bool = True,
    q: Line = "",
    currency: str = "",
    sort: str = "due",
    cursor: str = "",
    limit: Size = 50,
) -> HttpResponse:
    """Money expected by or from the organisation, the first due first or by ``sort``: due, amount; ``q`` is part of the
    payer's name or of the reference."""
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[ExpectationView]:
        return queries.expectations(
            actor=actor, only_open=open_only, text=q, currency=currency, sort=sort, after=after, limit=size
        )

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, ExpectationPage, [show(ExpectationBody, row) for row in found], following)


@router.post("/expected-cash", **writes(ExpectationBody, 201))
def expect_payment(request: HttpRequest, body: ExpectationRequest) -> HttpResponse:
    """Say that a firm is to pay into an own watched account: what arrives with the reference is recognised by itself.

    A trade payment; it asks nobody for money. The payer sees it.
    """
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(
            operations.expect(
                actor=who.actor,
                reference=body.reference,
                payee_account_id=body.account_id,
                payer_id=body.payer_id,
                amount=body.amount,
                due_on=body.due_on,
                effective_at=who.now,
            )
        )

    return one(request, "expectation", about(perform(request, "cash.expect", body.plain(), run)), 201)


@router.get("/expected-cash/{expectation_id}", **reads(ExpectationBody))
def get_expected_payment(request: HttpRequest, expectation_id: ExpectationId) -> HttpResponse:
    """One expected payment, also one that has come or is cancelled."""
    return one(request, "expectation", expectation_id)


@router.post("/expected-cash/{expectation_id}/cancel", **writes(ExpectationBody))
def cancel_expected_payment(request: HttpRequest, expectation_id: ExpectationId, body: Intention) -> HttpResponse:
    """The payee expects it no longer; what has arrived stays placed."""
    who = caller(request)

    def run() -> dict[str, Any]:
        operations.cancel_expectation(actor=who.actor, expectation_id=expectation_id, effective_at=who.now)
        return {"id": str(expectation_id)}

    perform(request, "cash.cancel_expectation", {"expectation_id": str(expectation_id)}, run)
    return one(request, "expectation", expectation_id)
