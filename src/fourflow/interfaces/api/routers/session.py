"""Signing in: a token for one account that acts for one organisation, and what it may do."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime

from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.api.auth import LIFETIME_SECONDS, caller, issue, sign_in
from fourflow.interfaces.api.fields import Body, Line, Money, Part, Password, Shown
from fourflow.interfaces.api.ids import PartyId, PersonId
from fourflow.interfaces.api.replies import PROBLEMS, reads, reply
from fourflow.platform.money import Money as PlatformMoney

router = Router(tags=["session"])


class TokenRequest(Body):
    """``organisation_id`` may be left out where the person acts for one organisation only."""

    email: Line
    password: Password
    organisation_id: PartyId | None = None


class TokenBody(Shown):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = LIFETIME_SECONDS
    organisation_id: PartyId


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


@router.post("/tokens", auth=None, response={201: TokenBody, **PROBLEMS}, summary="Sign in")
def create_token(request: HttpRequest, body: TokenRequest) -> HttpResponse:
    """A bearer token for 30 minutes. Wrong address, password or organisation are one and the same refusal."""
    account_id, organisation_id = sign_in(body.email, body.password, body.organisation_id)
    token = TokenBody(access_token=issue(account_id, organisation_id), organisation_id=organisation_id)
    return reply(request, token, status=201)


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
