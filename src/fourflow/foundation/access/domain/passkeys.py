"""WebAuthn, by Yubico's library: the questions a browser is asked, and whether its answers fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fourflow.foundation.access.types import PasskeyRefused, Question, Site

_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class NewPasskey:
    credential_id: bytes
    credential: bytes
    sign_count: int


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=site.domain, name=site.name)
    return Fido2Server(party, verify_origin=lambda origin: origin == site.origin)


def ask_new(site: Site, account_id: UUID, address: str, known: Sequence[bytes]) -> Question:
    """Ask a browser for a new passkey of an account, on none of the authenticators that hold one already."""
    user = PublicKeyCredentialUserEntity(id=account_id.bytes, name=address, display_name=address)
    options, state = _server(site).register_begin(
        user,
        [AttestedCredentialData(credential) for credential in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_VERIFIED,
    )
    return Question(dict(options)["publicKey"], dict(state))


def read_new(site: Site, state: Mapping[str, Any], answer: Mapping[str, Any]) -> NewPasskey:
    """:raises PasskeyRefused: another question's, site's or origin's answer, or nobody verified the person."""
    try:
        found = _server(site).register_complete(state, answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyRefused() from error
    credential = found.credential_data
    if credential is None:
        raise PasskeyRefused()
    return NewPasskey(bytes(credential.credential_id), bytes(credential), int(found.counter))


def ask(site: Site, known: Sequence[bytes] = ()) -> Question:
    """Ask for any passkey of the site, or for one of those that an account has."""
    credentials = [AttestedCredentialData(credential) for credential in known]
    options, state = _server(site).authenticate_begin(credentials or None, user_verification=_VERIFIED)
    return Question(dict(options)["publicKey"], dict(state))


def credential_id_of(answer: Mapping[str, Any]) -> bytes:
    """:raises PasskeyRefused: the answer is none."""
    try:
        return bytes(AuthenticationResponse.from_dict(answer).raw_id)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyRefused() from error


def read(site: Site, state: Mapping[str, Any], credential: bytes, answer: Mapping[str, Any]) -> int:
    """The authenticator's counter, once its signature over our question fits the credential.

    :raises PasskeyRefused: it does not.
    """
    try:
        _server(site).authenticate_complete(state, [AttestedCredentialData(credential)], answer)
        return int(AuthenticationResponse.from_dict(answer).response.authenticator_data.counter)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        raise PasskeyRefused() from error
