"""Credit lines of funders on core enterprises: the board, announcements, freezing."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.capital.limits import operations, queries
from fourflow.capital.limits.types import Limit, LimitUse, Publication, PublicationState
from fourflow.capital.limits.types import LimitId as Line_
from fourflow.capital.limits.types import PublicationId as Published
from fourflow.foundation.approvals.types import Verdict
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Approvable, Body, Line, Money, Page, Reasoned, Shown, Text
from fourflow.interfaces.api.ids import LimitId, PartyId, PersonId, PublicationId, RecordId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, reply, show, waiting, writes
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["limits"])
Size = Annotated[int, Query(ge=1, le=200)]


class LimitBody(Shown):
    """available + blocked + utilised = sanctioned + excess."""

    id: LimitId
    funder_id: PartyId
    core_id: PartyId
    sanctioned: Money
    blocked: Money
    utilised: Money
    available: Money
    excess: Money
    valid_from: date
    valid_to: date | None
    frozen: bool


class LimitBoard(Shown):
    data: list[LimitBody]


class LimitUseBody(Shown):
    id: RecordId
    limit_id: LimitId
    reference: str
    amount: Money
    blocked: Money
    utilised: Money
    released: Money
    opened_at: AwareDatetime


class LimitUsePage(Page):
    data: list[LimitUseBody]


class LimitProposalRequest(Body):
    """``source`` names the funder's own paper, such as a credit approval number."""

    core_id: PartyId
    sanctioned: Money
    valid_from: date
    valid_to: date | None = None
    source: Line


class LimitProposalBody(Approvable):
    id: PublicationId
    funder_id: PartyId
    core_id: PartyId
    sanctioned: Money
    valid_from: date
    valid_to: date | None
    source: str
    state: PublicationState
    proposed_by: PersonId
    limit_id: LimitId | None


class LimitProposalPage(Page):
    data: list[LimitProposalBody]


class VerdictBody(Body):
    """A rejection needs a reason."""

    verdict: Verdict
    reason: Text = ""


@shows("limit")
def _limit(who: Caller, limit_id: UUID) -> LimitBody:
    return show(LimitBody, queries.get(actor=who.actor, limit_id=Line_(limit_id)))


@shows("publication")
def _proposal(who: Caller, publication_id: UUID) -> LimitProposalBody:
    found = queries.publication(actor=who.actor, publication_id=Published(publication_id))
    return show(LimitProposalBody, found, pending_approvals=waiting([found.id]).get(found.id, []))


@router.get("/limits", **reads(LimitBoard))
def limit_board(
    request: HttpRequest, funder_id: PartyId | None = None, core_id: PartyId | None = None, currency: str = ""
) -> HttpResponse:
    """The lines that the organisation may see, by funder, core and currency."""
    actor = caller(request).actor

    def query() -> list[Limit]:
        return queries.board(actor=actor, funder_id=funder_id, core_id=core_id, currency=currency or None)

    return reply(request, LimitBoard(data=[show(LimitBody, line) for line in read(request, query)]))


@router.get("/limits/proposals", **reads(LimitProposalPage))
def list_limit_proposals(
    request: HttpRequest,
    core_id: PartyId | None = None,
    state: PublicationState | None = None,
    cursor: str = "",
    limit: Size = 50,
) -> HttpResponse:
    """The organisation's announcements, the latest first."""
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[Publication]:
        return queries.publications(actor=actor, core_id=core_id, state=state, after=after, size=size)

    def query() -> tuple[list[LimitProposalBody], str | None]:
        found, following = by_id(cursor, limit, rows)
        pending = waiting(row.id for row in found)
        return [show(LimitProposalBody, r, pending_approvals=pending.get(r.id, [])) for r in found], following

    return page(request, LimitProposalPage, *read(request, query))


@router.post("/limits/proposals", **writes(LimitProposalBody, 201))
def propose_limit(request: HttpRequest, body: LimitProposalRequest) -> HttpResponse:
    """Announce a new line, another amount or another term; nothing changes before a second person decides."""
    who = caller(request)

    def run() -> dict[str, str]:
        proposed = operations.propose(
            actor=who.actor,
            core_id=body.core_id,
            sanctioned=body.sanctioned,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            source=body.source,
            effective_at=who.now,
        )
        return made(proposed)

    return one(request, "publication", about(perform(request, "limit.propose", body.plain(), run)), 201)


@router.get("/limits/proposals/{publication_id}", **reads(LimitProposalBody))
def get_limit_proposal(request: HttpRequest, publication_id: PublicationId) -> HttpResponse:
    """One announcement."""
    return one(request, "publication", publication_id)


@router.post("/limits/proposals/{publication_id}/decide", **writes(LimitProposalBody))
def decide_limit_proposal(request: HttpRequest, publication_id: PublicationId, body: VerdictBody) -> HttpResponse:
    """The funder's second person publishes the line or rejects the announcement."""
    who = caller(request)

    def run() -> dict[str, str]:
        decided = operations.decide(
            publication_id=Published(publication_id),
            actor=who.actor,
            verdict=body.verdict,
            effective_at=who.now,
            reason=body.reason,
        )
        return made(decided)

    done = perform(request, "limit.decide", {"publication_id": str(publication_id), **body.plain()}, run)
    return one(request, "publication", about(done))


@router.get("/limits/{limit_id}", **reads(LimitBody))
def get_limit(request: HttpRequest, limit_id: LimitId) -> HttpResponse:
    """One line."""
    return one(request, "limit", limit_id)


@router.get("/limits/{limit_id}/uses", **reads(LimitUsePage))
def limit_uses(
    request: HttpRequest, limit_id: LimitId, open_only: bool = False, cursor: str = "", limit: Size = 50
) -> HttpResponse:
    """What occupies a line, the latest first."""
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[LimitUse]:
        return queries.uses(actor=actor, limit_id=Line_(limit_id), open_only=open_only, after=after, size=size)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, LimitUsePage, [show(LimitUseBody, row) for row in found], following)


@router.post("/limits/{limit_id}/freeze", **writes(LimitBody))
def freeze_limit(request: HttpRequest, limit_id: LimitId, body: Reasoned) -> HttpResponse:
    """Stop new blocks in one step; what was promised stays promised."""
    who = caller(request)

    def run() -> dict[str, str]:
        return made(
            operations.freeze(limit_id=Line_(limit_id), actor=who.actor, reason=body.reason, effective_at=who.now)
        )

    done = perform(request, "limit.freeze", {"limit_id": str(limit_id), **body.plain()}, run)
    return one(request, "limit", about(done))


@router.post("/limits/{limit_id}/unfreeze", **writes(LimitBody))
def unfreeze_limit(request: HttpRequest, limit_id: LimitId, body: Reasoned) -> HttpResponse:
    """Allow new blocks again; another person than the one who froze."""
    who = caller(request)

    def run() -> dict[str, str]:
        return made(
            operations.unfreeze(limit_id=Line_(limit_id), actor=who.actor, reason=body.reason, effective_at=who.now)
        )

    done = perform(request, "limit.unfreeze", {"limit_id": str(limit_id), **body.plain()}, run)
    return one(request, "limit", about(done))
