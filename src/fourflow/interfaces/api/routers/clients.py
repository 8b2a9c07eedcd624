"""API clients of the organisation: proposed by one person, admitted by another, sent away by either."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.clients import operations, queries
from fourflow.foundation.clients.types import Client, ClientState, ClientTerms, Proposal, ProposalState
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Approvable, Body, Digest, Line, Page, Part, Reasoned, Shown, Text
from fourflow.interfaces.api.ids import ClientId, ClientProposalId, PartyId, PersonId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, waiting, writes
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["clients and webhooks"])


class TermsRequest(Body):
    """What a second person admits. Whoever proposes it answers for what the client does.

    ``keys``: public keys as JWK (RFC 7517), Ed25519, P-256 or RSA of at least 2048 bits; ``kid`` defaults to the thumbprint.
    """

    name: Line
    keys: list[dict[str, Text | list[Text]]]
    scopes: list[Line]
    requests_per_minute: int = 600

    def terms(self) -> ClientTerms:
        return ClientTerms(self.name, tuple(self.keys), frozenset(self.scopes), self.requests_per_minute)


class TermsVerdict(Body):
    verdict: Verdict
    payload_hash: Digest
    reason: Text = ""


class TermsBody(Part):
    name: str
    keys: list[dict[str, Any]]
    scopes: list[str]
    requests_per_minute: int


class ProposalBody(Approvable):
    """A client to be, or new terms of one; ``client_id`` is the subject of its assertions once it is admitted."""

    id: ClientProposalId
    client_id: ClientId
    organisation_id: PartyId
    state: ProposalState
    terms: TermsBody


class ProposalPage(Page):
    data: list[ProposalBody]


class ClientBody(Shown):
    """A machine that acts for the organisation, in the name of the person who answers for it.

    ``api_version`` is what it is answered in where it sends no ``Fourflow-Version``.
    """

    id: ClientId
    organisation_id: PartyId
    person_id: PersonId
    state: ClientState
    revoked_at: AwareDatetime | None
    api_version: str
    terms: TermsBody


class ClientPage(Page):
    data: list[ClientBody]


def _terms(terms: ClientTerms) -> TermsBody:
    return TermsBody(
        name=terms.name,
        keys=list(terms.keys),
        scopes=sorted(terms.scopes),
        requests_per_minute=terms.requests_per_minute,
    )


def _proposed(found: Proposal, pending: dict[UUID, Any]) -> ProposalBody:
    return ProposalBody(
        id=found.id,
        client_id=found.client_id,
        organisation_id=found.organisation_id,
        state=found.state,
        terms=_terms(found.terms),
        pending_approvals=pending.get(found.id, []),
    )


def _client(found: Client) -> ClientBody:
    return ClientBody(
        id=found.id,
        organisation_id=found.organisation_id,
        person_id=found.person_id,
        state=found.state,
        revoked_at=found.revoked_at,
        api_version=found.api_version,
        terms=_terms(found.terms),
    )


@shows("client")
def _show_client(who: Caller, client_id: UUID) -> ClientBody:
    return _client(queries.client(actor=who.actor, client_id=client_id))


@shows("client_proposal")
def _show_proposal(who: Caller, proposal_id: UUID) -> ProposalBody:
    found = queries.proposal(actor=who.actor, proposal_id=proposal_id)
    return _proposed(found, waiting([found.id]))


@router.get("/clients", **reads(ClientPage))
def list_clients(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """The organisation's API clients, the newest first; operator and regulator see everybody's."""
    actor = caller(request).actor
    found, following = read(
        request, lambda: by_id(cursor, limit, lambda after, n: queries.clients(actor=actor, after=after, limit=n))
    )
    return page(request, ClientPage, [_client(row) for row in found], following)


@router.post("/clients", **writes(ProposalBody, 201))
def propose_client(request: HttpRequest, body: TermsRequest) -> HttpResponse:
    """Propose an API client of the organisation; a second person admits it."""
    return _propose(request, body, None)


@router.get("/clients/{client_id}", **reads(ClientBody))
def get_client(request: HttpRequest, client_id: ClientId) -> HttpResponse:
    """One API client with the terms that hold."""
    return one(request, "client", client_id)


@router.post("/clients/{client_id}/changes", **writes(ProposalBody, 201))
def propose_client_change(request: HttpRequest, client_id: ClientId, body: TermsRequest) -> HttpResponse:
    """Propose other keys, scopes or limits of a client: all of its terms as they shall be."""
    return _propose(request, body, client_id)


def _propose(request: HttpRequest, body: TermsRequest, client_id: UUID | None) -> HttpResponse:
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.propose(terms=body.terms(), actor=who.actor, effective_at=who.now, client_id=client_id))

    given = {"client_id": str(client_id) if client_id else None, **body.plain()}
    return one(request, "client_proposal", about(perform(request, "client.propose", given, run)), 201)


@router.post("/clients/{client_id}/revoke", **writes(ClientBody))
def revoke_client(request: HttpRequest, client_id: ClientId, body: Reasoned) -> HttpResponse:
    """Send a client away for good; one person is enough, and its tokens end at once."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.revoke(client_id=client_id, actor=who.actor, effective_at=who.now, reason=body.reason))

    done = perform(request, "client.revoke", {"client_id": str(client_id), **body.plain()}, run)
    return one(request, "client", about(done))


@router.get("/client-proposals", **reads(ProposalPage))
def list_client_proposals(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """Proposed clients and terms, the newest first."""
    actor = caller(request).actor

    def query() -> tuple[list[ProposalBody], str | None]:
        found, following = by_id(cursor, limit, lambda after, n: queries.proposals(actor=actor, after=after, limit=n))
        pending = waiting(row.id for row in found)
        return [_proposed(row, pending) for row in found], following

    rows, following = read(request, query)
    return page(request, ProposalPage, rows, following)


@router.get("/client-proposals/{proposal_id}", **reads(ProposalBody))
def get_client_proposal(request: HttpRequest, proposal_id: ClientProposalId) -> HttpResponse:
    """One proposal."""
    return one(request, "client_proposal", proposal_id)


@router.post("/client-proposals/{proposal_id}/decide", **writes(ProposalBody))
def decide_client_proposal(request: HttpRequest, proposal_id: ClientProposalId, body: TermsVerdict) -> HttpResponse:
    """The second person admits a client under the proposed terms, or rejects them."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(
            operations.decide(
                proposal_id=proposal_id,
                actor=who.actor,
                payload_hash=bytes.fromhex(body.payload_hash),
                verdict=body.verdict,
                effective_at=who.now,
                reason=body.reason,
            )
        )

    done = perform(request, "client.decide", {"proposal_id": str(proposal_id), **body.plain()}, run)
    return one(request, "client_proposal", about(done))


@router.post("/client-proposals/{proposal_id}/withdraw", **writes(ProposalBody))
def withdraw_client_proposal(request: HttpRequest, proposal_id: ClientProposalId, body: Reasoned) -> HttpResponse:
    """The proposer takes a proposal back."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.withdraw(proposal_id=proposal_id, actor=who.actor, effective_at=who.now))

    done = perform(request, "client.withdraw", {"proposal_id": str(proposal_id), **body.plain()}, run)
    return one(request, "client_proposal", about(done))
