"""Consents: who lets whom read which of its data, under which authorisation."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import PartyRecordNotFound
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Line, Page, Reasoned, Shown
from fourflow.interfaces.api.ids import ConsentId, PartyId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, show, writes
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["parties"])


class ConsentBody(Shown):
    id: ConsentId
    subject_id: PartyId
    to_party_id: PartyId
    purpose: str
    authorisation_number: str
    valid_from: date
    valid_to: date
    withdrawn_at: AwareDatetime | None


class ConsentPage(Page):
    data: list[ConsentBody]


class ConsentRequest(Body):
    to_party_id: PartyId
    purpose: Line
    authorisation_number: Line
    valid_from: date
    valid_to: date


@shows("consent")
def _consent(who: Caller, consent_id: UUID) -> ConsentBody:
    found = next(iter(queries.consents(who.actor, only=[consent_id])), None)
    if found is None:
        raise PartyRecordNotFound(value=str(consent_id))
    return show(ConsentBody, found)


@router.get("/consents", **reads(ConsentPage))
def list_consents(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """Consents that the organisation gave or received, the latest first."""
    some = partial(queries.consents, caller(request).actor)
    found, following = read(request, lambda: by_id(cursor, limit, lambda after, n: some(after=after, limit=n)))
    return page(request, ConsentPage, [show(ConsentBody, row) for row in found], following)


@router.post("/consents", **writes(ConsentBody, 201))
def give_consent(request: HttpRequest, body: ConsentRequest) -> HttpResponse:
    """Let another party read the organisation's data for a purpose, up to (not including) ``valid_to``."""
    who = caller(request)

    def run() -> dict[str, Any]:
        given = operations.give_consent(
            to_party_id=body.to_party_id,
            purpose=body.purpose,
            authorisation_number=body.authorisation_number,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            actor=who.actor,
            effective_at=who.now,
        )
        return made(given)

    return one(request, "consent", about(perform(request, "consent.give", body.plain(), run)), 201)


@router.post("/consents/{consent_id}/withdraw", **writes(ConsentBody))
def withdraw_consent(request: HttpRequest, consent_id: ConsentId, body: Reasoned) -> HttpResponse:
    """End a consent at once."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.withdraw_consent(consent_id=consent_id, actor=who.actor, effective_at=who.now))

    done = perform(request, "consent.withdraw", {"consent_id": str(consent_id), **body.plain()}, run)
    return one(request, "consent", about(done))
