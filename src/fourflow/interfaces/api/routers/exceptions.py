"""Exceptions: what a bank said that no rule may act upon; the operator's desk states how it was dealt with."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import ExceptionKind, ExceptionView
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Body, Page, Part, Shown, Text
from fourflow.interfaces.api.ids import ExceptionId, InstructionId
from fourflow.interfaces.api.replies import by_id, page, read, reads, reply, writes
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
