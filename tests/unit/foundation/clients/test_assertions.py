"""Which assertions are a client's: each test is an attack that someone has made somewhere."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.builders import clients
from tests.builders.clients import AUDIENCE, ED25519, P256, RSA, STRANGER

from fourflow.foundation.clients.domain.assertion import checked_claims, checked_keys, said_to_be, verified
from fourflow.foundation.clients.types import AssertionInvalid, ClientId, ClientRefused, ClientTermsInvalid
from fourflow.platform.ids import encode, new_id

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
CLIENT = ClientId(new_id())
NAME = encode("cli", CLIENT)
KEYS = checked_keys([key.as_dict(private=False) for key in (ED25519, P256, RSA)])


def said(**changes: Any) -> dict[str, Any]:
    return clients.claims(CLIENT, NOW, **changes)


@pytest.mark.parametrize(
    ("key", "algorithm"), [(ED25519, "EdDSA"), (ED25519, "Ed25519"), (P256, "ES256"), (RSA, "RS256")]
)
def test_each_kind_of_registered_key_signs_with_its_own_algorithm(key: Any, algorithm: str) -> None:
    claims = said()
    assert verified(clients.assertion(claims, key, algorithm), KEYS) == claims


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(header: dict[str, Any]) -> str:
    return f"{part(header)}.{part(said())}."


def with_public_key_as_secret() -> str:
    """The classic confusion: HMAC under the text of the public key, which everybody knows."""
    text = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(said())}"
    return f"{text}.{part(hmac.digest(RSA.as_pem(private=False), text.encode(), 'sha256'))}"


def with_key_of_its_own() -> str:
    header = {"alg": "EdDSA", "kid": "ed", "jwk": STRANGER.as_dict(private=False)}
    return jwt.encode(header, said(), STRANGER, algorithms=["EdDSA"])


def with_another_body() -> str:
    head, _, signature = clients.assertion(said()).split(".")
    return f"{head}.{part(said(jti='mine'))}.{signature}"


FORGED = {
    "alg none": unsigned({"alg": "none", "kid": "ed"}),
    "alg None": unsigned({"alg": "None", "kid": "ed"}),
    "no alg": unsigned({"kid": "ed"}),
    "HS256 over the public key": with_public_key_as_secret(),
    "a key in the header": with_key_of_its_own(),
    "a stranger's key under a known name": clients.assertion(said(), STRANGER),
    "an unknown key name": clients.assertion(said(), ED25519, kid="other"),
    "no key name though there are three keys": jwt.encode({"alg": "EdDSA"}, said(), ED25519, algorithms=["EdDSA"]),
    "a body that was exchanged": with_another_body(),
    "another algorithm than the key's": clients.assertion(said(), RSA, "RS512"),
    "PSS instead of PKCS1": clients.assertion(said(), RSA, "PS256"),
    "claims that are no object": f"{part({'alg': 'EdDSA', 'kid': 'ed'})}.{part([1])}.{part(b'x' * 64)}",
    "two parts": "a.b",
    "nothing": "",
    "no ASCII": "é.é.é",
    "very long": clients.assertion(said(padding="x" * 9000)),
    "deep": f"{part(b'[' * 5000)}.{part({})}.",
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_assertion_is_refused_without_saying_why(what: str) -> None:
    with pytest.raises(ClientRefused) as refusal:
        verified(FORGED[what], KEYS)
    assert refusal.value.params == {}


def test_a_client_with_one_key_need_not_name_it() -> None:
    text = jwt.encode({"alg": "EdDSA"}, said(), ED25519, algorithms=["EdDSA"])
    assert verified(text, KEYS[:1])["sub"] == NAME


@pytest.mark.parametrize("text", [*FORGED.values(), "x" * 100_000])
def test_who_an_assertion_says_to_be_is_read_from_anything_without_harm(text: str) -> None:
    assert said_to_be(text) in ("", NAME)


AT = int(NOW.timestamp())
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("iss", {"iss": "cli_other"}),
    ("iss", {"iss": None}),
    ("sub", {"sub": None}),
    ("aud", {"aud": "https://elsewhere.example/oauth/token"}),
    ("aud", {"aud": AUDIENCE + "/"}),
    ("aud", {"aud": AUDIENCE.upper()}),
    ("aud", {"aud": [AUDIENCE, "https://elsewhere.example"]}),
    ("aud", {"aud": []}),
    ("aud", {"aud": None}),
    ("exp", {"exp": AT - 31}),
    ("exp", {"iat": AT, "exp": AT + 301}),
    ("exp", {"exp": None}),
    ("exp", {"exp": str(AT + 60)}),
    ("exp", {"exp": AT + 60.5}),
    ("exp", {"exp": True}),
    ("exp", {"exp": 10**30}),
    ("exp", {"iat": AT, "exp": AT}),
    ("iat", {"iat": AT + 31, "exp": AT + 60}),
    ("iat", {"iat": None}),
    ("exp", {"iat": AT - 100_000, "exp": AT + 60}),
    ("nbf", {"nbf": AT + 31}),
    ("jti", {"jti": None}),
    ("jti", {"jti": ""}),
    ("jti", {"jti": "x" * 256}),
    ("jti", {"jti": 7}),
]


@pytest.mark.parametrize(("claim", "changes"), WRONG)
def test_an_assertion_for_somebody_else_or_another_time_names_the_wrong_claim(
    claim: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(AssertionInvalid) as refusal:
        checked_claims(said(**changes), client=NAME, audiences={AUDIENCE}, now=NOW)
    assert refusal.value.params["claim"] == claim


@pytest.mark.parametrize(
    "changes",
    [{}, {"aud": [AUDIENCE]}, {"exp": AT - 29, "iat": AT - 60}, {"iat": AT + 29, "exp": AT + 60}, {"nbf": AT + 29}],
)
def test_half_a_minute_of_skew_is_forgiven(changes: dict[str, Any]) -> None:
    claims = said(**changes)
    jti, until = checked_claims(claims, client=NAME, audiences={AUDIENCE}, now=NOW)
    assert jti == claims["jti"]
    assert until.timestamp() > claims["exp"] + 30, "remembered for longer than it could be accepted"


SMALL = RSAKey.generate_key(1024)
REFUSED_KEYS: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "six": [ED25519.as_dict(private=False)] * 6,
    "a private key": [ED25519.as_dict(private=True)],
    "a symmetric key": [{"kty": "oct", "k": "c2VjcmV0"}],
    "another curve": [ECKey.generate_key("P-384").as_dict(private=False)],
    "a key that cannot sign": [OKPKey.generate_key("X25519").as_dict(private=False)],
    "a small RSA key": [SMALL.as_dict(private=False)],
    "one name twice": [ED25519.as_dict(private=False), {**P256.as_dict(private=False), "kid": "ed"}],
    "a name that is no text": [{**ED25519.as_dict(private=False), "kid": 7}],
    "a point off the curve": [{**P256.as_dict(private=False), "x": "AAAA"}],
    "no key at all": [{"kty": "OKP"}],
}


@pytest.mark.parametrize("what", REFUSED_KEYS)
def test_only_public_keys_that_are_strong_enough_are_registered(what: str) -> None:
    with pytest.raises(ClientTermsInvalid):
        checked_keys(REFUSED_KEYS[what])


def test_of_a_key_only_what_the_key_needs_is_kept() -> None:
    given = {**ED25519.as_dict(private=False), "x5u": "https://elsewhere.example", "use": "enc"}
    assert set(checked_keys([given])[0]) == {"kty", "kid", "crv", "x"}
    nameless = {name: value for name, value in given.items() if name != "kid"}
    assert checked_keys([nameless])[0]["kid"] == ED25519.thumbprint()
