"""Is this assertion the client's? ``private_key_jwt`` of OpenID Connect Core §9 and RFC 7523, and nothing laxer. Pure.

Signatures are checked by joserfc against the registered public keys alone: what the header says about keys (``jwk``,
``jku``, ``x5u``) is never looked at, and an algorithm that is not a public-key signature has no way in.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey, import_key

from fourflow.foundation.clients.types import ALGORITHMS, AssertionInvalid, ClientRefused, ClientTermsInvalid, KeyView

# RFC 9864 renames EdDSA to Ed25519; partners' libraries still say EdDSA, and so may they
warnings.filterwarnings("ignore", category=SecurityWarning, message="EdDSA is deprecated")

PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
SKEW = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)
LARGEST_ASSERTION = 8 * 1024
SMALLEST_RSA = 2048
MOST_KEYS = 5


def checked_keys(keys: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The public keys of a JWKS as they are kept: only what the key itself needs, each with a ``kid``.

    :raises ClientTermsInvalid: none, too many, a private or symmetric key, a weak one, or one name twice.
    """
    if not 1 <= len(keys) <= MOST_KEYS:
        raise ClientTermsInvalid(field="keys", expected=f"1 to {MOST_KEYS} public keys")
    kept = [_checked_key(key, number) for number, key in enumerate(keys)]
    if len({key["kid"] for key in kept}) != len(kept):
        raise ClientTermsInvalid(field="keys", expected="another kid for each key")
    return tuple(kept)


def _checked_key(key: Mapping[str, Any], number: int) -> dict[str, Any]:
    field = f"keys.{number}"
    if PRIVATE & key.keys():
        raise ClientTermsInvalid(field=field, expected="the public part only; a key sent with its secret is burnt")
    if key.get("kty") not in ALGORITHMS:
        raise ClientTermsInvalid(field=field, expected="an Ed25519, P-256 or RSA key")
    try:
        found = import_key(dict(key))
    except (JoseError, ValueError, TypeError, KeyError):
        raise ClientTermsInvalid(field=field, expected="a public key as JWK (RFC 7517)") from None
    public = found.as_dict(private=False)
    if isinstance(found, RSAKey):
        fits = found.public_key.key_size >= SMALLEST_RSA
    else:
        fits = isinstance(found, OKPKey | ECKey) and public.get("crv") in ("Ed25519", "P-256")
    if not fits:
        raise ClientTermsInvalid(field=field, expected="Ed25519, P-256, or RSA of at least 2048 bits")
    kid = key.get("kid") or found.thumbprint()
    if not isinstance(kid, str) or len(kid) > 100 or not kid.isprintable():
        raise ClientTermsInvalid(field=field, expected="a kid of at most 100 characters")
    needed = {"OKP": ("crv", "x"), "EC": ("crv", "x", "y"), "RSA": ("n", "e")}[str(public["kty"])]
    return {"kty": public["kty"], "kid": kid, **{name: public[name] for name in needed}}


def recognised(keys: Sequence[Mapping[str, Any]]) -> tuple[KeyView, ...]:
    """What a person recognises the public keys of a JWKS by.

    :raises ClientTermsInvalid: see :func:`checked_keys`.
    """
    return tuple(_recognised(key) for key in checked_keys(keys))


def _recognised(key: dict[str, Any]) -> KeyView:
    found = import_key(key)
    algorithm = f"RSA {found.public_key.key_size}" if isinstance(found, RSAKey) else str(key["crv"])
    return KeyView(key["kid"], algorithm, found.thumbprint())


def said_to_be(assertion: str) -> str:
    """The subject that an assertion claims to be, before anything is known to be true; "" when it says none."""
    try:
        claims = json.loads(jws.extract_compact(assertion.encode("ascii")).payload)
        return claims["sub"] if isinstance(claims["sub"], str) else ""
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def verified(assertion: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The claims, once one of the client's own keys is known to have signed them.

    :raises ClientRefused: no key of that name, another algorithm than the key's, or a signature that does not hold.
    """
    try:
        if len(assertion) > LARGEST_ASSERTION:
            raise ValueError("too long")
        header = jws.extract_compact(assertion.encode("ascii")).headers()
        # a client with one key need not name it
        named = [key for key in keys if key["kid"] == header.get("kid") or (len(keys) == 1 and "kid" not in header)]
        allowed = ALGORITHMS[named[0]["kty"]]
        token = jwt.decode(assertion, KeySet([import_key(dict(named[0]))]), algorithms=list(allowed))
        if "crit" in header or not isinstance(token.claims, dict):
            raise ValueError("unknown extension")
        return token.claims
    except (JoseError, ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise ClientRefused() from error


def checked_claims(
    claims: Mapping[str, Any], *, client: str, audiences: Collection[str], now: datetime
) -> tuple[str, datetime]:
    """The ``jti`` of a signed assertion that is meant for us and for now, and until when that must be remembered.

    :raises AssertionInvalid: with the claim that is wrong.
    """
    for name in ("iss", "sub"):
        if claims.get(name) != client:
            raise AssertionInvalid(claim=name, expected=client)
    meant = claims.get("aud")
    meant = meant[0] if isinstance(meant, list) and len(meant) == 1 else meant
    if not isinstance(meant, str) or meant not in audiences:
        # one audience, exactly: an assertion that is good elsewhere too could be carried here
        raise AssertionInvalid(claim="aud", expected=" | ".join(sorted(audiences)))
    moment, skew, longest = int(now.timestamp()), int(SKEW.total_seconds()), int(LONGEST.total_seconds())
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires <= moment - skew:
        raise AssertionInvalid(claim="exp", expected="later than now")
    if issued > moment + skew:
        raise AssertionInvalid(claim="iat", expected="not later than now")
    if "nbf" in claims and _seconds(claims, "nbf") > moment + skew:
        raise AssertionInvalid(claim="nbf", expected="not later than now")
    if not 0 < expires - issued <= longest:
        raise AssertionInvalid(claim="exp", expected=f"at most {longest} seconds after iat")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 255:
        raise AssertionInvalid(claim="jti", expected="1 to 255 characters, used once")
    return jti, now + timedelta(seconds=expires - moment) + 2 * SKEW


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
        raise AssertionInvalid(claim=name, expected="whole seconds since 1970")
    return value
