"""Who calls: bearer tokens of short sessions, the actor behind one, and the person's own confirmation of signatures."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from ninja.security import HttpBearer
from pydantic import SecretStr

from fourflow.foundation.access import operations as access_operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import (
    Confirmation,
    ConfirmationNeeded,
    Origin,
    Refused,
    SessionKind,
    SessionNotFound,
    SessionView,
)
from fourflow.foundation.clients.types import Machine
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountNotFound, Actor
from fourflow.interfaces.api import machines
from fourflow.interfaces.api.errors import ContentChanged, SignInRefused, TokenInvalid, Unauthenticated
from fourflow.interfaces.api.ids import PREFIXES
from fourflow.platform import clock, logs
from fourflow.platform.canonical_json import digest
from fourflow.platform.crypto.signing import Assurance, SandboxSigner, Signature, Signer
from fourflow.platform.ids import encode

LIFETIME_SECONDS = 30 * 60
_SALT = "fourflow.api.token.v1"

#: whose signatures the door asks for; a UKey or a third-party CA takes this place
SIGNER: Signer = SandboxSigner()


@dataclass(frozen=True, slots=True)
class Caller:
    """The actor of a request, with the request's one instant and business date.

    ``at`` is the machine's instant: what protects the door goes by it, and no sandbox moves it.
    """

    actor: Actor
    now: datetime
    today: date
    at: datetime
    #: the client that calls, where no person does
    machine: Machine | None = None

    @property
    def scope(self) -> str:
        """Whose idempotency keys these are."""
        if self.machine is not None:
            return f"{self.actor.organisation_id}:client:{self.machine.client_id}"
        return f"{self.actor.organisation_id}:{self.actor.account_id}"


def origin_of(request: HttpRequest) -> Origin:
    """Where the request comes from."""
    return Origin.of(request.META, behind_proxy=settings.BEHIND_PROXY)


def issue(session: SessionView) -> str:
    """A token for a session that acts for an organisation; it opens as long as the session goes on."""
    assert session.organisation_id is not None
    claims = {"a": session.account_id.hex, "o": session.organisation_id.hex, "j": session.id.hex}
    return signing.dumps(claims, salt=_SALT, compress=False)


def _read(token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        raise TokenInvalid() from None
    return claims


class Token(HttpBearer):
    """``Authorization: Bearer …`` → :class:`Caller`."""

    def __call__(self, request: HttpRequest) -> Any:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated()
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        if machines.is_machine(token):
            return _machine(request, token)
        claims = _read(token)
        now, at = clock.now(), clock.machine()
        today = clock.business_date(now)
        try:
            session = access.session(UUID(claims["j"]), UUID(claims["a"]), at)
            actor = access.actor_of(session, UUID(claims["o"]), today)
        except (AccountNotFound, SessionNotFound, ValueError):
            raise TokenInvalid() from None
        account, organisation = (
            encode(PREFIXES["account"], session.account_id),
            encode(PREFIXES["party"], actor.organisation_id),
        )
        logs.made_by(account=account, organisation=organisation)
        access_operations.see(session=session, at=at)
        return Caller(actor, now, today, at)


def _machine(request: HttpRequest, token: str) -> Caller:
    now, at = clock.now(), clock.machine()
    today = clock.business_date(now)
    machine = machines.behind(request, token, at=at, today=today)
    return Caller(machine.actor, now, today, at, machine)


def caller(request: HttpRequest) -> Caller:
    """Who calls; only behind :class:`Token`."""
    found = request.auth  # type: ignore[attr-defined]
    assert isinstance(found, Caller)
    return found


def sign_in(
    request: HttpRequest, email: str, password: SecretStr, code: str, organisation_id: UUID | None
) -> SessionView:
    """A session of 30 minutes for whom password (and second factor) recognise; one organisation need not be named.

    :raises SignInRefused: address, password or organisation do not fit.
    :raises Locked: too many attempts. :raises SecondFactorNeeded: the account has one, and no code was sent.
    :raises CodeWrong: the code is wrong, over, or was used.
    """
    now, at, origin = clock.now(), clock.machine(), origin_of(request)
    today = clock.business_date(now)
    try:
        account = access_operations.knock(
            email=email,
            password=password.get_secret_value(),
            address=origin.address,
            policy=access.policy(today),
            at=at,
            effective_at=now,
        )
    except Refused:
        raise SignInRefused() from None
    own = [view.id for view in parties.organisations_of(account.id, today)]
    if organisation_id is None and len(own) == 1:
        organisation_id = own[0]
    if organisation_id not in own:
        raise SignInRefused(organisations=len(own)) if organisation_id is None else SignInRefused()
    strength = access_operations.admit(account=account, code=code, address=origin.address, at=at, effective_at=now)
    return access_operations.begin(
        account=account,
        kind=SessionKind.API,
        strength=strength,
        origin=origin,
        lifetime=timedelta(seconds=LIFETIME_SECONDS),
        at=at,
        effective_at=now,
        organisation_id=organisation_id,
    )


def confirm(request: HttpRequest, password: SecretStr | None, code: str = "") -> Confirmation:
    """Step-up: before signing the person is recognised again, unless that happened in this session a few minutes ago.

    :raises ConfirmationNeeded: nothing was sent, and there is no confirmation (any more).
    :raises PasswordWrong: and the other errors of :func:`fourflow.foundation.access.operations.confirm`.
    :raises MachineCannotSign: a client calls, not a person.
    """
    who = caller(request)
    if who.machine is not None:
        raise machines.MachineCannotSign()
    given = password.get_secret_value() if password else ""
    if not given:
        held = access.confirmation(who.actor, who.at)
        if held is None:
            raise ConfirmationNeeded()
        return held
    return access_operations.confirm(
        actor=who.actor,
        password=given,
        code=code,
        address=origin_of(request).address,
        policy=access.policy(who.today),
        at=who.at,
        effective_at=who.now,
    )


def sign(actor: Actor, content: dict[str, Any], shown_digest: str, terms_version: str) -> Signature:
    """The person's signature over what was shown, after :func:`confirm`; how he was recognised is signed with it.

    :raises ContentChanged: the content is not any more (or never was) what the caller saw.
    :raises ConfirmationNeeded: nobody has confirmed.
    """
    held = access.confirmation(actor, clock.machine())
    if held is None:
        raise ConfirmationNeeded()
    if not hmac.compare_digest(digest(content).hex(), shown_digest):
        raise ContentChanged()
    assurance = Assurance(held.strength.value, held.at, actor.session_id)
    return SIGNER.sign(actor.person_id, content, terms_version=terms_version, assurance=assurance)
