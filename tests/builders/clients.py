"""Partners' machines: a key pair, assertions of every kind, a client that two people admitted, an endpoint to call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.builders.parties import NOON, Firm

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.clients import operations
from fourflow.foundation.clients.types import ClientId, ClientTerms
from fourflow.platform.ids import encode, new_id

AUDIENCE = "https://fourflow.test/oauth/token"
ED25519 = OKPKey.generate_key("Ed25519", {"kid": "ed"})
P256 = ECKey.generate_key("P-256", {"kid": "ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
STRANGER = OKPKey.generate_key("Ed25519", {"kid": "ed"})


def terms(*scopes: str, keys: tuple[Any, ...] = (ED25519,), **changes: Any) -> ClientTerms:
    public = tuple(key.as_dict(private=False) for key in keys)
    given = {"name": "ERP of the firm", "keys": public, "requests_per_minute": 60, **changes}
    return ClientTerms(scopes=frozenset(scopes or ("vouchers:read",)), **given)


def admit(firm: Firm, *scopes: str, client_id: ClientId | None = None, **changes: Any) -> ClientId:
    """A client of the firm: proposed by its maker, admitted by its checker."""
    proposed = operations.propose(
        terms=terms(*scopes, **changes), actor=firm.maker, effective_at=NOON, client_id=client_id
    )
    assert proposed.approval_id is not None
    operations.decide(
        proposal_id=proposed.id,
        actor=firm.checker,
        payload_hash=approvals.get(firm.checker, proposed.approval_id).approval.payload_hash,
        verdict=Verdict.APPROVE,
        effective_at=NOON,
    )
    return proposed.client_id


def claims(client_id: ClientId, now: datetime, audience: str = AUDIENCE, **changes: Any) -> dict[str, Any]:
    """What a good assertion says; a change to None leaves the claim out."""
    name, at = encode("cli", client_id), int(now.timestamp())
    said = {"iss": name, "sub": name, "aud": audience, "iat": at, "exp": at + 60, "jti": new_id().hex, **changes}
    return {claim: value for claim, value in said.items() if value is not None}


def assertion(said: dict[str, Any], key: Any = ED25519, algorithm: str = "EdDSA", **header: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, said, key, algorithms=[algorithm])


@dataclass
class Receiver:
    """A partner's endpoint on this machine: it keeps what it got, and answers with the statuses it is told."""

    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    """A receiver that answers with these statuses one after another, then with 204."""
    receiver = Receiver(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = receiver.answers.pop(0) if receiver.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
