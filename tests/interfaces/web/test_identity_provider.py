"""Signing on by an identity provider: a small one on the loopback, that can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as configured
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from tests.builders import api

from fourflow.foundation.access.models import Session

CLIENT, SECRET = "fourflow-here", "a shared secret of thirty-two chars"


class Provider:
    """What it says is in ``claims`` and ``key``; ``codes`` are good once and bound to a PKCE challenge."""

    def __init__(self) -> None:
        self.key: Any = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
        self.algorithm = "ES256"
        self.lie: dict[str, Any] = {}
        self.codes: dict[str, tuple[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = {"/.well-known/openid-configuration": provider.description, "/jwks": provider.keys}
                self.say(200, known[urlsplit(self.path).path]())

            def do_POST(self) -> None:
                body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.say(*provider.token({name: values[0] for name, values in body.items()}))

            def say(self, status: int, body: dict[str, Any]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def description(self) -> dict[str, str]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in names.items()}}

    def keys(self) -> dict[str, Any]:
        public = self.key.as_dict(private=False) if isinstance(self.key, ECKey) else PUBLISHED.as_dict(private=False)
        return {"keys": [public]}

    def approve(self, address: str) -> dict[str, str]:
        """The person presses "yes" there; what the browser brings back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = (query["nonce"], query["code_challenge"])
        return {"code": code, "state": query["state"]}

    def token(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        nonce, challenge = self.codes.pop(given["code"], ("", ""))
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != challenge:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "person-7", "nonce": nonce, "iat": now, "exp": now + 300}
        header = {"alg": self.algorithm, "kid": "one"}
        return 200, {"id_token": jwt.encode(header, {**claims, **self.lie}, self.key, algorithms=[self.algorithm])}


PUBLISHED = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()


@pytest.fixture
def client(people: Any, db: None, settings: Any, provider: Provider, tmp_path: Path) -> Iterator[Client]:
    """The core's maker, signed in by password; the provider is known."""
    from fourflow.platform.crypto.keys import home

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**configured.STORAGES, "staticfiles": plain}
    api.cheap_passwords(settings)
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    row = {"name": "house", "label": "House", "issuer": provider.issuer, "client_id": CLIENT}
    file = home() / "identity.json"
    file.write_text(json.dumps({"providers": [{**row, "client_secret_file": str(secret)}]}))
    signed_in = Client(headers={"accept-language": "en"})
    signed_in.post("/sign-in", {"email": "maker@core.example", "password": api.PASSWORD})
    yield signed_in
    file.unlink()


def link(client: Client, provider: Provider) -> None:
    client.post("/me", {"act": "confirm", "password": api.PASSWORD})
    address = client.get("/sign-in/with/house")["Location"]
    assert client.get("/sign-in/with/house/back", provider.approve(address))["Location"] == "/me"


def round_trip(provider: Provider, client: Client | None = None, **change: str) -> Any:
    client = client or Client(headers={"accept-language": "en"})
    address = client.get("/sign-in/with/house?next=/vouchers")["Location"]
    return client.get("/sign-in/with/house/back", {**provider.approve(address), **change})


def test_a_linked_person_signs_in_and_still_confirms_before_signing(client: Client, provider: Provider) -> None:
    link(client, provider)
    fresh = Client(headers={"accept-language": "en"})
    assert round_trip(provider, fresh)["Location"] == "/vouchers"
    assert fresh.get("/vouchers").status_code == 200
    assert Session.objects.order_by("-began_at").values_list("strength", "confirmed_at")[0] == ("oidc", None)


def test_nobody_is_linked_without_a_confirmation_and_nobody_by_an_address(client: Client, provider: Provider) -> None:
    assert client.get("/sign-in/with/house").status_code == 403
    provider.lie = {"email": "maker@core.example", "email_verified": True}
    assert round_trip(provider).status_code == 403


def test_a_person_at_the_provider_is_one_account_here_and_unlinking_ends_it(client: Client, provider: Provider) -> None:
    link(client, provider)
    other = Client(headers={"accept-language": "en"})
    other.post("/sign-in", {"email": "checker@core.example", "password": api.PASSWORD})
    other.post("/me", {"act": "confirm", "password": api.PASSWORD})
    address = other.get("/sign-in/with/house")["Location"]
    assert other.get("/sign-in/with/house/back", provider.approve(address)).status_code == 409
    assert client.post("/me", {"act": "unlink", "provider": "house", "token": "u"}).status_code == 302
    assert round_trip(provider).status_code == 403


def test_an_answer_is_good_once_and_in_its_own_browser_only(client: Client, provider: Provider) -> None:
    link(client, provider)
    mine = Client()
    address = mine.get("/sign-in/with/house")["Location"]
    answer = provider.approve(address)
    assert Client().get("/sign-in/with/house/back", answer).status_code == 403, "another browser: login CSRF"
    assert round_trip(provider, state="another").status_code == 403
    assert mine.get("/sign-in/with/house/back", answer).status_code == 302
    assert mine.get("/sign-in/with/house/back", answer).status_code == 403, "replayed"


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "somebody-else"},
        {"aud": ["fourflow-here", "somebody-else"], "azp": "somebody-else"},
        {"iss": "https://evil.example"},
        {"nonce": "of another sign-in"},
        {"exp": 1},
        {"sub": "person-8"},
    ],
)
def test_a_token_that_does_not_fit_in_every_part_opens_nothing(
    client: Client, provider: Provider, lie: dict[str, Any]
) -> None:
    link(client, provider)
    provider.lie = lie
    assert round_trip(provider).status_code == 403


def test_a_token_signed_by_another_key_or_a_shared_secret_opens_nothing(client: Client, provider: Provider) -> None:
    link(client, provider)
    provider.key, honest = OctKey.import_key(SECRET), provider.key
    provider.algorithm = "HS256"
    assert round_trip(provider).status_code == 403, "the algorithm is ours to name, not the token's"
    provider.key, provider.algorithm = honest, "ES256"
    assert round_trip(provider).status_code == 302


def test_a_provider_that_is_away_leaves_the_other_ways_in(client: Client, provider: Provider) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    answer = Client(headers={"accept-language": "en"}).get("/sign-in/with/house")
    assert answer.status_code == 503 and "by password" in answer.content.decode()
    assert Client().get("/sign-in/with/nobody").status_code == 404
