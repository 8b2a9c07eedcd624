"""What recognises a person: his second factors, his password and his other sessions, each changed by himself alone."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime, Field

from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import Ending
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import NotPermitted
from fourflow.interfaces.api.auth import Caller, caller, confirm
from fourflow.interfaces.api.fields import Body, Intention, Line, Part, Password, Shown
from fourflow.interfaces.api.ids import PasskeyId
from fourflow.interfaces.api.replies import reads, reply, show, writes
from fourflow.interfaces.api.writing import perform

router = Router(tags=["access"])


class ConfirmedRequest(Body):
    """``password`` (and ``code``) confirm the person, unless ``POST /v1/session/confirmation`` was called before."""

    password: Password | None = None
    code: Line = Field("", exclude=True)


class PasswordRequest(ConfirmedRequest):
    """``new``: at least twelve characters."""

    new: Annotated[Password, Field(exclude=True)]


class PasskeyBody(Part):
    id: PasskeyId
    name: str
    added_at: AwareDatetime
    used_at: AwareDatetime | None


class FactorsBody(Shown):
    """What the account has beside its password. Apps and passkeys are added on the page *My sign-in*."""

    code: bool
    passkeys: list[PasskeyBody]
    recovery_codes: int


class CodesBody(Shown):
    """Ten new recovery codes, told once: a repeat of the request is answered without them."""

    codes: list[str]


class Done(Shown):
    done: bool = True


def _account(who: Caller) -> UUID:
    """The caller's own account. :raises NotPermitted: a machine calls."""
    if who.machine is not None or who.actor.account_id is None:
        raise NotPermitted(permission="a person")
    return who.actor.account_id


def _factors(request: HttpRequest) -> HttpResponse:
    return reply(request, show(FactorsBody, access.factors(_account(caller(request)))))


@router.get("/factors", **reads(FactorsBody), summary="My second factors")
def list_factors(request: HttpRequest) -> HttpResponse:
    """What the caller's account has beside its password."""
    return _factors(request)


@router.post("/factors/app/remove", **writes(FactorsBody))
def remove_app(request: HttpRequest, body: ConfirmedRequest) -> HttpResponse:
    """Take the authenticator app away, after a confirmation."""
    who, account = caller(request), _account(caller(request))
    confirm(request, body.password, body.code)

    def run() -> dict[str, Any]:
        operations.remove_app(account_id=account, at=who.at, effective_at=who.now)
        return {}

    perform(request, "factor.remove_app", body.plain(), run)
    return _factors(request)


@router.post("/factors/passkeys/{passkey_id}/remove", **writes(FactorsBody))
def remove_passkey(request: HttpRequest, passkey_id: PasskeyId, body: ConfirmedRequest) -> HttpResponse:
    """Take a passkey away, after a confirmation."""
    who, account = caller(request), _account(caller(request))
    confirm(request, body.password, body.code)

    def run() -> dict[str, Any]:
        operations.remove_passkey(account_id=account, passkey_id=passkey_id, at=who.at, effective_at=who.now)
        return {}

    perform(request, "factor.remove_passkey", {"passkey": str(passkey_id)}, run)
    return _factors(request)


@router.post("/factors/recovery-codes", **writes(CodesBody, 201))
def renew_recovery_codes(request: HttpRequest, body: ConfirmedRequest) -> HttpResponse:
    """Ten new recovery codes, after a confirmation; the ones before open nothing any more."""
    who, account = caller(request), _account(caller(request))
    confirm(request, body.password, body.code)
    told: list[str] = []

    def run() -> dict[str, Any]:
        told.extend(operations.renew_recovery_codes(account_id=account, at=who.at, effective_at=who.now))
        return {"count": len(told)}

    perform(request, "factor.renew_codes", body.plain(), run)
    return reply(request, CodesBody(codes=told), status=201)


@router.post("/session/password", **writes(Done))
def change_password(request: HttpRequest, body: PasswordRequest) -> HttpResponse:
    """A new password, after a confirmation; every other session of the account ends."""
    who, account = caller(request), _account(caller(request))
    confirm(request, body.password, body.code)

    def run() -> dict[str, Any]:
        operations.change_password(
            account=parties.account(account),
            password=body.new.get_secret_value(),
            keep=UUID(who.actor.session_id),
            at=who.at,
            effective_at=who.now,
        )
        return {}

    perform(request, "session.password", body.plain(), run)
    return reply(request, Done())


@router.post("/sessions/end-others", **writes(Done))
def end_other_sessions(request: HttpRequest, body: Intention) -> HttpResponse:
    """End every session of the person's account but this one."""
    who, account = caller(request), _account(caller(request))

    def run() -> dict[str, Any]:
        count = operations.end_all(
            account_id=account,
            ending=Ending.BY_OWNER,
            at=who.at,
            effective_at=who.now,
            but=UUID(who.actor.session_id),
        )
        return {"count": count}

    perform(request, "session.end_others", {}, run)
    return reply(request, Done())
