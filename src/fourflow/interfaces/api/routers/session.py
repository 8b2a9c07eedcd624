"""Signing in: a token for one account that acts for one organisation, and what it may do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime

from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import Ending
from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.api.auth import LIFETIME_SECONDS, caller, confirm, issue, sign_in
from fourflow.interfaces.api.fields import Body, Line, Money, Part, Password, Shown
from fourflow.interfaces.api.ids import PartyId, PersonId, SessionId
from fourflow.interfaces.api.replies import computes, reads, reply, writes
from fourflow.interfaces.api.writing import perform
from fourflow.platform.money import Money as PlatformMoney

router = Router(tags=["session"])


class TokenRequest(Body):
    """``organisation_id`` may be left out where the person acts for one organisation only.

    ``code``: of the authenticator app, or a recovery code, where the account has a second factor.
    """

    email: Line
    password: Password
    code: Line = ""
    organisation_id: PartyId | None = None


class TokenBody(Shown):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = LIFETIME_SECONDS
    organisation_id: PartyId


class ConfirmationRequest(Body):
    """``code``: where the account has a second factor."""

    password: Password
    code: Line = ""


class ConfirmationBody(Shown):
    """How the person was recognised (it is signed with every signature), and until when that holds by real time."""

    strength: str
    until: AwareDatetime


class OneSession(Part):
    """Instants are real time, which a sandbox's clock does not move."""

    id: SessionId
    kind: str
    strength: str
    origin: str
    began_at: AwareDatetime
    seen_at: AwareDatetime
    expires_at: AwareDatetime
    current: bool


class SessionsBody(Shown):
    data: list[OneSession]


class OrganisationBody(Part):
    id: PartyId
    name: str
    short_name: str
    roles: list[str]


class MandateBody(Part):
    """``ceiling`` null: any amount of the currency."""

    party_id: PartyId
    permission: str
    currency: str
    ceiling: Money | None = None
    valid_from: date
    valid_to: date | None


class SessionBody(Shown):
    """Who acts, for whom, and what that allows today."""

    person_id: PersonId
    organisation_id: PartyId
    organisations: list[OrganisationBody]
    roles: list[str]
    functions: list[str]
    permissions: list[str]
    mandates: list[MandateBody]
    now: AwareDatetime
    business_date: date


@router.post("/tokens", auth=None, **computes(TokenBody, 201), summary="Sign in")
def create_token(request: HttpRequest, body: TokenRequest) -> HttpResponse:
    """A bearer token for 30 minutes. Wrong address, password or organisation are one and the same refusal."""
    session = sign_in(request, body.email, body.password, body.code, body.organisation_id)
    assert session.organisation_id is not None
    token = TokenBody(access_token=issue(session), organisation_id=session.organisation_id)
    return reply(request, token, status=201)


@router.post("/session/confirmation", response={201: ConfirmationBody}, summary="Confirm before signing")
def create_confirmation(request: HttpRequest, body: ConfirmationRequest) -> HttpResponse:
    """Enter the password (and code) once: for some minutes this session signs without asking again."""
    held = confirm(request, body.password, body.code)
    return reply(request, ConfirmationBody(strength=held.strength.value, until=held.until), status=201)


@router.get("/sessions", **reads(SessionsBody), summary="Where I am signed in")
def list_sessions(request: HttpRequest) -> HttpResponse:
    """The person's sessions that go on, at the pages and at the API, the latest first."""
    who = caller(request)
    found = [
        OneSession.model_validate({**asdict(one), "current": str(one.id) == who.actor.session_id})
        for one in access.sessions(who.actor, who.at)
    ]
    return reply(request, SessionsBody(data=found))


@router.post("/sessions/{session_id}/end", **writes(SessionsBody), summary="End a session of mine")
def end_session(request: HttpRequest, session_id: SessionId) -> HttpResponse:
    """End this session or another of the same person; its token or cookie opens nothing from now on."""
    who = caller(request)
    own = str(session_id) == who.actor.session_id

    def run() -> dict[str, str]:
        ending = Ending.SIGNED_OUT if own else Ending.BY_OWNER
        operations.end(session_id=session_id, actor=who.actor, ending=ending, at=who.at, effective_at=who.now)
        return {"id": str(session_id)}

    perform(request, "session.end", {"session_id": str(session_id)}, run)
    return list_sessions(request)


@router.get("/session", **reads(SessionBody), summary="Who am I")
def session(request: HttpRequest) -> HttpResponse:
    """The person, the organisation acted for, its roles, and the person's permissions and mandates today."""
    who = caller(request)
    actor = who.actor
    assert actor.account_id is not None
    own = parties.organisations_of(actor.account_id, who.today)
    body = SessionBody(
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        organisations=[OrganisationBody.model_validate(view) for view in own],
        roles=sorted(actor.roles),
        functions=sorted(actor.functions),
        permissions=sorted(actor.permissions),
        mandates=[
            MandateBody(
                party_id=m.party_id,
                permission=m.permission,
                currency=m.currency,
                ceiling=None if m.max_minor is None else PlatformMoney(m.max_minor, m.currency),
                valid_from=m.valid_from,
                valid_to=m.valid_to,
            )
            for m in actor.mandates
        ],
        now=who.now,
        business_date=who.today,
    )
    return reply(request, body)
