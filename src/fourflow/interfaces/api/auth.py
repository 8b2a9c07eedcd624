"""Who calls: short-lived bearer tokens, the actor behind one, and the person's own confirmation of a signature."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest
from ninja.security import HttpBearer
from pydantic import SecretStr

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountNotFound, Actor
from fourflow.interfaces.api.errors import ContentChanged, PasswordWrong, SignInRefused, TokenInvalid, Unauthenticated
from fourflow.platform import clock
from fourflow.platform.canonical_json import digest
from fourflow.platform.crypto.signing import SandboxSigner, Signature, Signer

LIFETIME_SECONDS = 30 * 60
_SALT = "fourflow.api.token.v1"

#: whose signatures the door asks for; a UKey or a third-party CA takes this place
SIGNER: Signer = SandboxSigner()


@dataclass(frozen=True, slots=True)
class Caller:
    """The actor of a request, with the request's one instant and business date."""

    actor: Actor
    now: datetime
    today: date

    @property
    def scope(self) -> str:
        """Whose idempotency keys these are."""
        return f"{self.actor.organisation_id}:{self.actor.account_id}"


def issue(account_id: UUID, organisation_id: UUID) -> str:
    """A token for an account that acts for an organisation.

    Every way to authenticate ends here: the password now; ``private_key_jwt`` of a client that is an account later.
    """
    claims = {"a": account_id.hex, "o": organisation_id.hex, "j": secrets.token_hex(8)}
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
        claims = _read(token)
        now = clock.now()
        today = clock.business_date(now)
        try:
            actor = parties.actor_for(UUID(claims["a"]), UUID(claims["o"]), today, session_id=claims["j"])
        except AccountNotFound:
            raise TokenInvalid() from None
        return Caller(actor, now, today)


def caller(request: HttpRequest) -> Caller:
    """Who calls; only behind :class:`Token`."""
    found = request.auth  # type: ignore[attr-defined]
    assert isinstance(found, Caller)
    return found


def sign_in(email: str, password: SecretStr, organisation_id: UUID | None) -> tuple[UUID, UUID]:
    """The account and organisation that a password opens; the organisation may be left out where there is only one.

    :raises SignInRefused: address, password or organisation do not fit.
    """
    account = parties.authenticate(email, password.get_secret_value())
    if account is None:
        raise SignInRefused()
    own = [view.id for view in parties.organisations_of(account.id, clock.today())]
    if organisation_id is None and len(own) == 1:
        return account.id, own[0]
    if organisation_id not in own:
        raise SignInRefused(organisations=len(own)) if organisation_id is None else SignInRefused()
    return account.id, organisation_id


def confirm(request: HttpRequest, password: SecretStr) -> None:
    """The person behind the token enters the password again before signing (step-up); slow on purpose.

    :raises PasswordWrong: it is not this account's.
    """
    who = caller(request).actor
    assert who.account_id is not None
    email = parties.accounts_of([who.person_id]).get(who.person_id, [])
    address = next((account.email for account in email if account.id == who.account_id), "")
    account = parties.authenticate(address, password.get_secret_value())
    if account is None or account.id != who.account_id:
        raise PasswordWrong()


def sign(actor: Actor, content: dict[str, Any], shown_digest: str, terms_version: str) -> Signature:
    """The person's signature over what was shown, after :func:`confirm`.

    :raises ContentChanged: the content is not any more (or never was) what the caller saw.
    """
    if not hmac.compare_digest(digest(content).hex(), shown_digest):
        raise ContentChanged()
    return SIGNER.sign(actor.person_id, content, terms_version=terms_version)
