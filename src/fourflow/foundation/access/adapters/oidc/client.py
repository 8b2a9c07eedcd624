"""OpenID Connect as a relying party: discovery, code for token, and a token that has to verify in every part."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fourflow.foundation.access.ports import ProviderRefused, ProviderSilent

ALGORITHMS = ["RS256", "PS256", "ES256"]
TIMEOUT = httpx.Timeout(5.0)
LEEWAY_SECONDS = 60


@dataclass(frozen=True)
class OpenIdProvider:
    """One provider as the operator has registered with it."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str

    def ask(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """See :class:`fourflow.foundation.access.ports.IdentityProvider`."""
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self.client_id,
            "redirect_uri": back,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self._described()['authorization_endpoint']}?{urlencode(query)}"

    def subject(self, *, code: str, back: str, nonce: str, verifier: str) -> str:
        """See :class:`fourflow.foundation.access.ports.IdentityProvider`."""
        described = self._described()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        answer = _json("POST", described["token_endpoint"], data=form, auth=(self.client_id, self.client_secret))
        keys: Any = _json("GET", described["jwks_uri"])
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            token = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            rules.validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused() from error
        if isinstance(token.claims["aud"], list) and token.claims.get("azp") != self.client_id:
            raise ProviderRefused()
        return str(token.claims["sub"])

    def _described(self) -> dict[str, str]:
        """Its endpoints; each has to lie where its issuer may put it: behind TLS, or on this machine."""
        found = _json("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderRefused()
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            parts = urlsplit(str(found.get(name, "")))
            if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
                raise ProviderRefused()
        return found


def _json(method: str, address: str, **more: Any) -> dict[str, Any]:
    try:
        answer = httpx.request(method, address, timeout=TIMEOUT, follow_redirects=False, **more)
        if answer.status_code in (400, 401, 403):
            raise ProviderRefused()
        answer.raise_for_status()
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderSilent() from error
    if not isinstance(body, dict):
        raise ProviderSilent()
    return body
