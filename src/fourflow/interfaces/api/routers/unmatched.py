"""Cash that no rule could place: two people say where it belongs, or send it back to whoever paid it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import Direction, MatchBasis, ReturnState, ReturnView, Share, UnmatchedCash
from fourflow.capital.settlement.types import ExpectationId as Expected
from fourflow.interfaces.api.auth import caller, confirm
from fourflow.interfaces.api.fields import Body, Intention, Line, Money, Page, Part, Password, Shown
from fourflow.interfaces.api.ids import (
    BankAccountId,
    EntryId,
    ExpectationId,
    InstructionId,
    PartyId,
    PersonId,
    ReturnId,
)
from fourflow.interfaces.api.replies import by_id, page, read, reads, reply, show, writes
from fourflow.interfaces.api.writing import perform

router = Router(tags=["payments"])
Size = Annotated[int, Query(ge=1, le=200)]


class ShareBody(Part):
    expectation_id: ExpectationId
    reference: str
    amount: Money


class SuggestionBody(Part):
    basis: MatchBasis
    grounds: str
    facts: dict[str, str]
    shares: list[ShareBody]


class UnmatchedBody(Shown):
    """A credit that lies in suspense; ``proposal`` stands once the first of two people has decided where it belongs,
    ``return_reason`` once that one wants to send it back. The second decides until the end of ``decide_by``."""

    id: EntryId
    account_id: BankAccountId
    party_id: PartyId
    direction: Direction
    amount: Money
    rest: Money
    bank_reference: str
    booked_on: date
    remittance: str
    counterparty: str
    counterparty_account: str
    counterparty_bank: str
    opened_at: AwareDatetime
    suggestions: list[SuggestionBody]
    proposal: list[ShareBody]
    proposed_by: PersonId | None
    decide_by: date | None
    return_reason: str


class UnmatchedPage(Page):
    data: list[UnmatchedBody]


class ShareRequest(Body):
    expectation_id: ExpectationId
    amount: Money


class MatchRequest(Body):
    shares: list[ShareRequest] = Field(min_length=1, max_length=100)


class ReturnRequest(Body):
    """``amount``: all that is unmatched of the credit, as it was seen."""

    amount: Money
    reason: Line = Field(min_length=1)


class ReturnConfirmation(Body):
    """``password`` confirms the person, unless ``POST /v1/session/confirmation`` was called before."""

    password: Password | None = None


class ReturnedBody(Shown):
    """Money that went, or goes, back to the account it came from; ``failed``: it is unmatched again."""

    id: ReturnId
    at: AwareDatetime
    state: ReturnState
    amount: Money
    counterparty: str
    counterparty_account: str
    remittance: str
    reason: str
    instruction_id: InstructionId
    maker_person_id: PersonId
    checker_person_id: PersonId


class ReturnedPage(Page):
    data: list[ReturnedBody]


class SentBackBody(Shown):
    """The payment that carries the money back."""

    id: EntryId
    instruction_id: InstructionId


class ProposedBody(Shown):
    id: EntryId


class AssignedBody(Shown):
    """What stays in suspense."""

    id: EntryId
    rest: Money


def _shares(parts: tuple[tuple[UUID, str, Money], ...]) -> list[ShareBody]:
    return [ShareBody(expectation_id=id_, reference=reference, amount=amount) for id_, reference, amount in parts]


def _unmatched(cash: UnmatchedCash) -> UnmatchedBody:
    entry = cash.entry
    return UnmatchedBody(
        id=cash.entry_id,
        account_id=cash.account_id,
        party_id=cash.party_id,
        direction=entry.direction,
        amount=entry.amount,
        rest=cash.rest,
        bank_reference=entry.bank_reference,
        booked_on=entry.booked_on,
        remittance=entry.remittance,
        counterparty=entry.counterparty,
        counterparty_account=entry.counterparty_account,
        counterparty_bank=entry.counterparty_bank,
        opened_at=cash.opened_at,
        suggestions=[
            SuggestionBody(basis=s.basis, grounds=s.grounds, facts=s.facts, shares=_shares(s.shares))
            for s in cash.suggestions
        ],
        proposal=_shares(cash.proposal),
        proposed_by=cash.proposed_by,
        decide_by=cash.decide_by,
        return_reason=cash.return_reason,
    )


@router.get("/unmatched-cash", **reads(UnmatchedPage))
def list_unmatched_cash(request: HttpRequest, cursor: str = "", limit: Size = 50) -> HttpResponse:
    """Cash that no rule could place, the oldest first, with suggestions and their grounds."""
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[UnmatchedCash]:
        return queries.unmatched(actor=actor, limit=size, after=after)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, UnmatchedPage, [_unmatched(row) for row in found], following)


@router.post("/unmatched-cash/{entry_id}/propose", **writes(ProposedBody))
def propose_match(request: HttpRequest, entry_id: EntryId, body: MatchRequest) -> HttpResponse:
    """A first person says where unmatched cash belongs."""
    who = caller(request)
    shares = [Share(Expected(share.expectation_id), share.amount) for share in body.shares]

    def run() -> dict[str, str]:
        operations.propose_assignment(actor=who.actor, entry_id=entry_id, shares=shares, effective_at=who.now)
        return {"id": str(entry_id)}

    perform(request, "cash.propose", {"entry_id": str(entry_id), **body.plain()}, run)
    return reply(request, ProposedBody(id=entry_id))


@router.post("/unmatched-cash/{entry_id}/assign", **writes(AssignedBody))
def assign_match(request: HttpRequest, entry_id: EntryId, body: Intention) -> HttpResponse:
    """A second person carries the proposal out; answered with what stays in suspense."""
    who = caller(request)

    def run() -> dict[str, dict[str, str]]:
        rest = operations.assign_suspense(actor=who.actor, entry_id=entry_id, effective_at=who.now)
        return {"rest": rest.to_body()}

    done = perform(request, "cash.assign", {"entry_id": str(entry_id)}, run)
    return reply(request, AssignedBody(id=entry_id, rest=done.result["rest"]))


@router.post("/unmatched-cash/{entry_id}/propose-return", **writes(ProposedBody))
def propose_return(request: HttpRequest, entry_id: EntryId, body: ReturnRequest) -> HttpResponse:
    """A first person says that it belongs to nobody here and goes back, whole, to the account it came from."""
    who = caller(request)

    def run() -> dict[str, str]:
        operations.propose_return(
            actor=who.actor, entry_id=entry_id, amount=body.amount, reason=body.reason, effective_at=who.now
        )
        return {"id": str(entry_id)}

    perform(request, "cash.propose_return", {"entry_id": str(entry_id), **body.plain()}, run)
    return reply(request, ProposedBody(id=entry_id))


@router.post("/unmatched-cash/{entry_id}/withdraw-proposal", **writes(ProposedBody))
def withdraw_proposal(request: HttpRequest, entry_id: EntryId, body: Intention) -> HttpResponse:
    """Who proposed a place for it, or its way back, takes that back; it lies there as before."""
    who = caller(request)

    def run() -> dict[str, str]:
        operations.withdraw_proposal(actor=who.actor, entry_id=entry_id, effective_at=who.now)
        return {"id": str(entry_id)}

    perform(request, "cash.withdraw_proposal", {"entry_id": str(entry_id)}, run)
    return reply(request, ProposedBody(id=entry_id))


@router.post("/unmatched-cash/{entry_id}/return", **writes(SentBackBody))
def return_cash(request: HttpRequest, entry_id: EntryId, body: ReturnConfirmation) -> HttpResponse:
    """A second person agrees, after a confirmation; the bank is told after the commit."""
    who = caller(request)
    confirm(request, body.password)

    def run() -> dict[str, Any]:
        payment = operations.carry_out_return(
            actor=who.actor, entry_id=entry_id, execution_date=who.today, effective_at=who.now
        )
        return {"instruction_id": str(payment.id)}

    done = perform(request, "cash.return", {"entry_id": str(entry_id)}, run)
    return reply(request, SentBackBody(id=entry_id, instruction_id=UUID(done.result["instruction_id"])))


@router.get("/returned-cash", **reads(ReturnedPage))
def list_returned_cash(request: HttpRequest, cursor: str = "", limit: Size = 50) -> HttpResponse:
    """What was sent back to its payer, or is on its way, the newest first."""
    actor = caller(request).actor

    def rows(before: UUID | None, size: int) -> list[ReturnView]:
        return queries.returns(actor=actor, limit=size, before=before)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, ReturnedPage, [show(ReturnedBody, row) for row in found], following)
