"""A passkey's answer opens only with the person verified, by face, finger or code, at this site, to this question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticatorData, CollectedClientData

from fourflow.foundation.access.domain import passkeys
from fourflow.foundation.access.types import PasskeyRefused, Question, Site

SITE = Site(domain="fourflow.example", origin="https://fourflow.example", name="Fourflow")
KEY = ec.generate_private_key(ec.SECP256R1())
CREDENTIAL = AttestedCredentialData.create(Aaguid.NONE, b"credential-1", ES256.from_cryptography_key(KEY.public_key()))
PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


def answered(question: Question, flags: Any = PRESENT | VERIFIED, site: Site = SITE) -> dict[str, Any]:
    """What a browser sends back from an authenticator that was asked."""
    client = CollectedClientData.create(
        type=CollectedClientData.TYPE.GET, challenge=question.options["challenge"], origin=site.origin
    )
    data = AuthenticatorData.create(sha256(site.domain.encode()), flags, counter=7)
    signature = KEY.sign(bytes(data) + client.hash, ec.ECDSA(hashes.SHA256()))
    name = websafe_encode(CREDENTIAL.credential_id)
    return {
        "id": name,
        "rawId": name,
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(bytes(client)),
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(signature),
        },
        "clientExtensionResults": {},
    }


def heard(question: Question, answer: dict[str, Any]) -> int:
    return passkeys.read(SITE, question.state, bytes(CREDENTIAL), answer)


def test_a_verified_persons_answer_opens() -> None:
    question = passkeys.ask(SITE, [bytes(CREDENTIAL)])
    assert heard(question, answered(question)) == 7


def test_whom_the_device_has_not_verified_opens_nothing() -> None:
    question = passkeys.ask(SITE)
    assert question.options["userVerification"] == "required"
    assert passkeys.ask_new(SITE, uuid4(), "a@b.example", []).options["authenticatorSelection"]["userVerification"] == (
        "required"
    )
    for flags in (PRESENT, VERIFIED, AuthenticatorData.FLAG(0)):
        with pytest.raises(PasskeyRefused):
            heard(question, answered(question, flags))


def test_an_answer_to_another_question_or_another_site_opens_nothing() -> None:
    question, other = passkeys.ask(SITE), passkeys.ask(SITE)
    elsewhere = replace(SITE, domain="evil.example", origin="https://evil.example")
    for answer in (answered(other), answered(question, site=elsewhere)):
        with pytest.raises(PasskeyRefused):
            heard(question, answer)
    forged = answered(question)
    forged["response"]["signature"] = forged["response"]["signature"][::-1]
    with pytest.raises(PasskeyRefused):
        heard(question, forged)
