"""Where banks and our record differ: exceptions, which the operator's desk settles, and the comparisons of each day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import DifferenceKind, ExceptionKind, ExceptionView, ReconciliationView
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Body, Line, Money, Page, Part, Shown, Text
from fourflow.interfaces.api.ids import ExceptionId, InstructionId, ReconciliationId
from fourflow.interfaces.api.replies import by_id, page, read, reads, reply, show, writes
from fourflow.interfaces.api.writing import perform

router = Router(tags=["payments"])


class ExceptionBody(Part):
    """``answer`` and ``bank_reference`` are what the bank said, ``facts`` what contradicts it."""

    id: ExceptionId
    kind: ExceptionKind
    bank_code: str
    opened_at: AwareDatetime
    instruction_id: InstructionId | None
    reference: str
    answer: str
    bank_reference: str
    facts: dict[str, str]


class ExceptionPage(Page):
    data: list[ExceptionBody]


class BankDifferenceBody(Part):
    """One line that keeps a bank's statement and our record apart; amounts are signed, null where a side has none."""

    kind: DifferenceKind
    account_number: str
    bank_reference: str
    at_bank: Money | None
    here: Money | None
    note: str


class ReconciliationBody(Shown):
    """A comparison of a bank's day with our record; without ``differences`` they agree."""

    id: ReconciliationId
    bank_code: str
    day: date
    accounts: int
    lines: int
    differences: list[BankDifferenceBody]
    at: AwareDatetime


class ReconciliationPage(Page):
    data: list[ReconciliationBody]


class ResolveRequest(Body):
    resolution: Text = Field(min_length=1)


class ResolvedBody(Shown):
    id: ExceptionId


@router.get("/exceptions", **reads(ExceptionPage))
def list_exceptions(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """Those that are open, the oldest first; for the operator and the regulator."""
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[ExceptionView]:
        return queries.exceptions(actor=actor, after=after, limit=size)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, ExceptionPage, [ExceptionBody.model_validate(one) for one in found], following)


@router.get("/reconciliations", **reads(ReconciliationPage))
def list_reconciliations(
    request: HttpRequest,
    bank_code: Line = "",
    state: Literal["agreed", "differs"] | None = None,
    sort: str = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Comparisons of a bank's day with our record, the latest first or by ``sort``: day. For the operator, the regulator and
    the bank itself."""
    actor = caller(request).actor
    agreed = None if state is None else state == "agreed"

    def rows(after: UUID | None, size: int) -> list[ReconciliationView]:
        return queries.reconciliations(
            actor=actor, bank_code=bank_code, agreed=agreed, sort=sort, after=after, limit=size
        )

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, ReconciliationPage, [show(ReconciliationBody, one) for one in found], following)


@router.get("/reconciliations/{reconciliation_id}", **reads(ReconciliationBody))
def get_reconciliation(request: HttpRequest, reconciliation_id: ReconciliationId) -> HttpResponse:
    """One comparison."""
    actor = caller(request).actor
    found = read(request, lambda: queries.reconciliation(actor=actor, reconciliation_id=reconciliation_id))
    return reply(request, show(ReconciliationBody, found))


@router.post("/exceptions/{exception_id}/resolve", **writes(ResolvedBody))
def resolve_exception(request: HttpRequest, exception_id: ExceptionId, body: ResolveRequest) -> HttpResponse:
    """State how a contradiction between us and a bank was dealt with; nothing else changes by it."""
    who = caller(request)

    def run() -> dict[str, Any]:
        operations.resolve_exception(
            actor=who.actor, exception_id=exception_id, resolution=body.resolution, effective_at=who.now
        )
        return {}

    perform(request, "exception.resolve", {"exception_id": str(exception_id), **body.plain()}, run)
    return reply(request, ResolvedBody(id=exception_id))
