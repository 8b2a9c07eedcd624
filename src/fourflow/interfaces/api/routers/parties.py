"""Parties and people, restrictions, consents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import Query, Router

from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    Barred,
    Function,
    IdentifierScheme,
    LicenceKind,
    PartyKind,
    PartyRecordNotFound,
    PartyState,
    RestrictionSource,
    RestrictionView,
    RoleKind,
    SizeClass,
)
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import (
    Approvable,
    Body,
    Digest,
    Line,
    Page,
    Part,
    PendingApproval,
    Reasoned,
    Shown,
    Text,
)
from fourflow.interfaces.api.ids import (
    AccountId,
    ApprovalId,
    LicenceId,
    PartyId,
    PersonId,
    RecordId,
    RestrictionId,
)
from fourflow.interfaces.api.objects import shows, shows_many
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, reply, show, waiting, writes
from fourflow.interfaces.api.texts import GROUNDS
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["parties"])


class IdentifierShown(Part):
    scheme: IdentifierScheme
    value: str


class PartyBody(Shown):
    id: PartyId
    kind: PartyKind
    name: str
    short_name: str
    country: str
    size_class: SizeClass
    state: PartyState
    identifiers: list[IdentifierShown]
    roles: list[RoleKind]


class PartyPage(Page):
    data: list[PartyBody]


class RoleBody(Part):
    id: RecordId
    party_id: PartyId
    kind: RoleKind
    programme_id: PartyId | None
    valid_from: date
    valid_to: date | None


class RoleList(Shown):
    data: list[RoleBody]


class LicenceBody(Part):
    id: LicenceId
    party_id: PartyId
    kind: LicenceKind
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None


class LicenceList(Shown):
    data: list[LicenceBody]


class PersonBody(Part):
    id: PersonId
    name: str
    organisation_id: PartyId
    functions: list[Function]
    valid_from: date
    valid_to: date | None


class PersonList(Shown):
    data: list[PersonBody]


class RestrictionBody(Approvable):
    """``reason``: a person's own words, or what a rule's source, reference and ``facts`` mean, in the reader's language."""

    id: RestrictionId
    party_id: PartyId
    bars: Barred
    source: RestrictionSource
    reference: str
    reason: str
    facts: dict[str, str]
    valid_from: date
    lifted_on: date | None


class RestrictionPage(Page):
    data: list[RestrictionBody]


class RestrictionRequest(Body):
    party_id: PartyId
    bars: Barred
    source: RestrictionSource
    reference: Line
    reason: Text


class LiftVerdict(Body):
    """``approval_id`` and ``payload_hash`` are those of the request in the inbox."""

    approval_id: ApprovalId
    payload_hash: Digest
    verdict: Verdict
    reason: Text = ""


class AccountBody(Shown):
    id: AccountId
    is_active: bool


@shows("party")
def _party(who: Caller, party_id: UUID) -> PartyBody:
    return show(PartyBody, queries.party(who.actor, party_id))


@shows_many("party")
def _parties(who: Caller, party_ids: Sequence[UUID]) -> dict[UUID, PartyBody]:
    return {which: show(PartyBody, view) for which, view in queries.views(party_ids, who.today).items()}


@router.get("/parties", **reads(PartyPage))
def list_parties(
    request: HttpRequest,
    q: Line = "",
    role: RoleKind | None = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Parties that the organisation has to do with, by name; ``q`` is a part of a name or a whole identifier."""
    search = partial(queries.search, caller(request).actor, q, role=role)
    found, following = read(request, lambda: by_id(cursor, limit, lambda after, n: search(after=after, limit=n)))
    return page(request, PartyPage, [show(PartyBody, party) for party in found], following)


@router.get("/parties/{party_id}", **reads(PartyBody))
def get_party(request: HttpRequest, party_id: PartyId) -> HttpResponse:
    """One party."""
    return one(request, "party", party_id)


@router.get("/parties/{party_id}/roles", **reads(RoleList))
def party_roles(request: HttpRequest, party_id: PartyId) -> HttpResponse:
    """All roles of a party, past and future too."""
    actor = caller(request).actor

    def query() -> list[RoleBody]:
        queries.party(actor, party_id)
        return [RoleBody.model_validate(role) for role in queries.roles(actor, party_id)]

    return reply(request, RoleList(data=read(request, query)))


@router.get("/licences", **reads(LicenceList))
def list_licences(
    request: HttpRequest, party_id: PartyId | None = None, ending_before: date | None = None
) -> HttpResponse:
    """Licences that the organisation may see, the soonest to end first."""
    actor = caller(request).actor
    found = read(request, lambda: queries.licences(actor, party_id=party_id, ending_before=ending_before))
    return reply(request, LicenceList(data=[LicenceBody.model_validate(row) for row in found]))


@router.get("/people", **reads(PersonList))
def list_people(request: HttpRequest, organisation_id: PartyId | None = None) -> HttpResponse:
    """Members of the organisation today (for the operator: of any; it leaves an entry in the log of reads)."""
    actor = caller(request).actor
    request.subject_party_id = organisation_id or actor.organisation_id  # type: ignore[attr-defined]
    found = read(request, lambda: queries.people(actor, organisation_id))
    rows = [show(PersonBody, row, functions=sorted(row.functions)) for row in found]
    return reply(request, PersonList(data=rows))


@router.post("/accounts/{account_id}/close", **writes(AccountBody))
def close_account(request: HttpRequest, account_id: AccountId, body: Reasoned) -> HttpResponse:
    """Close a sign-in of the organisation's people."""
    who = caller(request)

    def run() -> dict[str, Any]:
        closed = operations.close_account(account_id=account_id, actor=who.actor, effective_at=who.now)
        return {"id": str(closed.id), "is_active": closed.is_active}

    done = perform(request, "account.close", {"account_id": str(account_id), **body.plain()}, run)
    return reply(request, AccountBody(id=about(done), is_active=done.result["is_active"]))


@shows("restriction")
def _restriction(who: Caller, restriction_id: UUID) -> RestrictionBody:
    found = next(iter(queries.restrictions(who.actor, only=[restriction_id])), None)
    if found is None:
        raise PartyRecordNotFound(value=str(restriction_id))
    return restriction_body(found, waiting([found.id]).get(found.id, []))


def restriction_body(found: RestrictionView, pending: list[PendingApproval]) -> RestrictionBody:
    """A restriction with its reason in words: the person's own, or the rule's in the reader's language."""
    rule = GROUNDS.get(found.source.value, "") if found.facts else ""
    reason = found.reason or (gettext(rule).format(reference=found.reference, **found.facts) if rule else "")
    return show(RestrictionBody, found, reason=reason, pending_approvals=pending)


@router.get("/restrictions", **reads(RestrictionPage))
def list_restrictions(
    request: HttpRequest,
    party_id: PartyId | None = None,
    in_force_on: date | None = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Restrictions that the organisation may see, the latest first."""
    some = partial(queries.restrictions, caller(request).actor, party_id=party_id, in_force_on=in_force_on)

    def query() -> tuple[list[RestrictionBody], str | None]:
        found, following = by_id(cursor, limit, lambda after, n: some(after=after, limit=n))
        pending = waiting(row.id for row in found)
        return [restriction_body(row, pending.get(row.id, [])) for row in found], following

    data, following = read(request, query)
    return page(request, RestrictionPage, data, following)


@router.post("/restrictions", **writes(RestrictionBody, 201))
def impose_restriction(request: HttpRequest, body: RestrictionRequest) -> HttpResponse:
    """Bar a party from today on; the same source and reference is imposed once."""
    who = caller(request)

    def run() -> dict[str, Any]:
        imposed = operations.impose(
            party_id=body.party_id,
            bars=body.bars,
            source=body.source,
            reference=body.reference,
            reason=body.reason,
            actor=who.actor,
            effective_at=who.now,
        )
        return made(imposed)

    return one(request, "restriction", about(perform(request, "restriction.impose", body.plain(), run)), 201)


@router.post("/restrictions/{restriction_id}/lift", **writes(RestrictionBody))
def request_lift(request: HttpRequest, restriction_id: RestrictionId, body: Reasoned) -> HttpResponse:
    """Ask a second person to lift a restriction."""
    who = caller(request)

    def run() -> dict[str, Any]:
        operations.request_lift(
            restriction_id=restriction_id,
            reason=body.reason,
            actor=who.actor,
            effective_at=who.now,
            decide_by=parameters.decide_by(who.now),
        )
        return {"id": str(restriction_id)}

    done = perform(request, "restriction.lift", {"restriction_id": str(restriction_id), **body.plain()}, run)
    return one(request, "restriction", about(done))


@router.post("/restrictions/{restriction_id}/lift/decide", **writes(RestrictionBody))
def decide_lift(request: HttpRequest, restriction_id: RestrictionId, body: LiftVerdict) -> HttpResponse:
    """The second person lifts the restriction from today on, or keeps it."""
    who = caller(request)

    def run() -> dict[str, Any]:
        decided = operations.decide_lift(
            restriction_id=restriction_id,
            approval_id=body.approval_id,
            actor=who.actor,
            payload_hash=bytes.fromhex(body.payload_hash),
            verdict=body.verdict,
            effective_at=who.now,
            reason=body.reason,
        )
        return made(decided)

    done = perform(request, "restriction.decide", {"restriction_id": str(restriction_id), **body.plain()}, run)
    return one(request, "restriction", about(done))
