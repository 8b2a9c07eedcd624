"""The API as its callers see it: signed-in sessions over the Django test client, and the steps of a voucher's life."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings
from tests.builders import parties

from fourflow.foundation.parties import operations as party_operations
from fourflow.interfaces.api.ids import PREFIXES
from fourflow.platform import calendar, clock
from fourflow.platform.ids import decode, encode

PASSWORD = "correct horse battery staple"
PEOPLE = ("maker", "checker", "viewer")
CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_numbers = count(1)


@dataclass
class Session:
    """A person signed in for an organisation. Every call returns (status, body); the last response is kept."""

    token: str = ""
    language: str = "en"
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    last: Any = None

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> Any:
        """``key`` "" makes a new idempotency key; None sends none."""
        sent = {"HTTP_ACCEPT_LANGUAGE": self.language, **headers}
        if self.token:
            sent["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        if method == "POST" and key is not None:
            sent["HTTP_IDEMPOTENCY_KEY"] = key or f"key-{next(_numbers)}"
        data = body if isinstance(body, str) else json.dumps(body if body is not None else {})
        address = path if path.startswith("/") else f"/v1/{path}"
        arguments: dict[str, Any] = {"data": data, "content_type": "application/json"} if method == "POST" else {}
        self.last = self.client.generic(method, address, **arguments, **sent)
        kind = self.last.headers.get("Content-Type", "")
        return self.last.json() if "json" in kind else self.last.content

    @property
    def status(self) -> int:
        return int(self.last.status_code)

    def get(self, path: str, expect: int = 200) -> Any:
        body = self.call("GET", path)
        assert self.status == expect, (path, self.status, body)
        return body

    def post(self, path: str, body: Any = None, expect: int = 200, *, key: str | None = "") -> Any:
        answer = self.call("POST", path, body, key=key)
        assert self.status == expect, (path, self.status, answer)
        return answer

    def upload(self, path: str, content: bytes, expect: int = 200, **form: str) -> Any:
        """Send a file as a browser would."""
        self.upload_for_file(path, content, expect, **form)
        return self.last.json()

    def upload_for_file(self, path: str, content: bytes, expect: int = 200, **form: str) -> bytes:
        """Send a file and get one back."""
        file = SimpleUploadedFile("orders.csv", content, "text/csv")
        headers = {
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "HTTP_IDEMPOTENCY_KEY": f"key-{next(_numbers)}",
            "HTTP_ACCEPT_LANGUAGE": self.language,
        }
        self.last = self.client.post(f"/v1/{path}", {"file": file, **form}, **headers)
        assert self.status == expect, (path, self.status, self.last.content)
        return bytes(self.last.content)

    def sign(self, content_path: str, path: str, body: dict[str, Any] | None = None, expect: int = 200) -> Any:
        """Read what is to be signed, then sign exactly that."""
        digest = self.get(content_path)["content_digest"]
        return self.post(path, {**(body or {}), "password": PASSWORD, "content_digest": digest}, expect)


@cache
def _site() -> Client:
    return Client(raise_request_exception=False)


def over_http(request: httpx.Request) -> httpx.Response:
    """A request of an HTTP client, answered by the site in this process and in the test's transaction."""
    apart = ("content-type", "content-length", "host")
    sent = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items() if name not in apart
    }
    kind = request.headers.get("content-type", "")
    found = _site().generic(request.method, request.url.raw_path.decode(), request.read(), content_type=kind, **sent)
    answer = httpx.Response(found.status_code, headers=dict(found.headers), content=found.content, request=request)
    answer.elapsed = timedelta()
    return answer


def for_tests() -> Any:
    """Cheap passwords and a quota that nobody reaches, for scenes of more than one test."""
    return override_settings(PASSWORD_HASHERS=CHEAP, API_QUOTA=(1_000_000, 60))


def cheap_passwords(settings: Any) -> None:
    """Real password hashing is slow on purpose; tests sign in often."""
    settings.PASSWORD_HASHERS = CHEAP


def begin() -> None:
    """A sandbox whose day is the builders' day, with the business days of its year."""
    clock.found("sandbox", parties.NOON)
    calendar.fill(first=parties.TODAY.year, last=parties.TODAY.year + 1)


def open_accounts(firms: Iterable[parties.Firm]) -> None:
    """Give everybody the same password."""
    for firm in firms:
        for person in PEOPLE:
            account_id = getattr(firm, person).account_id
            assert account_id is not None
            party_operations.set_password(account_id=account_id, password=PASSWORD)


def sign_in(firm: parties.Firm, person: str = "maker", language: str = "en") -> Session:
    session = Session(language=language)
    email = f"{person}@{firm.view.short_name.lower()}.example"
    body = session.post("tokens", {"email": email, "password": PASSWORD}, 201, key=None)
    session.token = body["access_token"]
    return session


def prt(firm: parties.Firm) -> str:
    return encode("prt", firm.id)


def raw(kind: str, text: str) -> UUID:
    """The UUID behind an identifier of the API."""
    return decode(PREFIXES[kind], text)


def money(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


@dataclass
class World:
    """One core, suppliers and funders with people signed in; ``limit`` gives a line of the first funder on the core."""

    cast: parties.Cast
    core: Session
    core_checker: Session
    supplier: Session
    second: Session
    funder: Session
    funder_checker: Session
    operator: Session
    regulator: Session

    def again(self) -> World:
        """The same people under the same tokens, in sessions that nobody has used."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        fresh = {name: Session(one.token, one.language) for name, one in named.items() if isinstance(one, Session)}
        return replace(self, **fresh)

    def limit(self, amount: str = "1000000.00") -> Any:
        """A line of the first funder on the core, announced by one and decided by another."""
        terms = {
            "core_id": prt(self.cast.core),
            "sanctioned": money(amount),
            "valid_from": parties.TODAY.isoformat(),
            "valid_to": None,
            "source": "credit committee 2014-1",
        }
        proposed = self.funder.post("limits/proposals", terms, 201)
        return self.funder_checker.post(f"limits/proposals/{proposed['id']}/decide", {"verdict": "approve"})

    def payable(self, amount: str = "1000.00", creditor: parties.Firm | None = None) -> Any:
        """A confirmed payable on a claim that nobody used before."""
        number = next(_numbers)
        claim = self.core.post(
            "claims",
            {
                "scheme": "po_asn",
                "parts": {"buyer": prt(self.cast.core), "order": f"PO-{number}", "delivery": f"ASN-{number}"},
                "debtor_id": prt(self.cast.core),
                "creditor_id": prt(creditor or self.cast.supplier),
                "amount": money(amount),
                "documents": [{"kind": "delivery", "number": f"ASN-{number}"}],
            },
            201,
        )
        terms = {
            "claim_id": claim["id"],
            "amount": money(amount),
            "due_date": (parties.TODAY + timedelta(days=58)).isoformat(),
            "delivered_on": parties.TODAY.isoformat(),
        }
        proposed = self.core.post("payables", terms, 201)
        path = f"payables/{proposed['id']}"
        return self.core_checker.sign(f"{path}/content", f"{path}/confirm")

    def plan(self, payable: Any, **changes: Any) -> dict[str, Any]:
        """A request for a voucher over the whole payable."""
        request = {
            "payable_id": payable["id"],
            "funder_id": prt(self.cast.funder),
            "face": payable["amount"],
            "due_on": (parties.TODAY + timedelta(days=58)).isoformat(),
        }
        return {**request, **changes}

    def draft(self, amount: str = "1000.00", **changes: Any) -> Any:
        request = self.plan(self.payable(amount), **changes)
        planned = self.core.post("vouchers/plan", request, key=None)
        signed = {"voucher_id": planned["voucher_id"], "content_digest": planned["content_digest"]}
        return self.core.post("vouchers", {**request, **signed, "password": PASSWORD}, 201)

    def offered(self, amount: str = "1000.00", **changes: Any) -> Any:
        path = f"vouchers/{self.draft(amount, **changes)['id']}"
        return self.core_checker.sign(f"{path}/content", f"{path}/check", {"verdict": "approve"})

    def accepted(self, amount: str = "1000.00", **changes: Any) -> Any:
        path = f"vouchers/{self.offered(amount, **changes)['id']}"
        return self.supplier.sign(f"{path}/content", f"{path}/accept")

    def holding_of(self, voucher: Any) -> Any:
        """The root part of a voucher."""
        return self.supplier.get(f"vouchers/{voucher['id']}/holdings")["data"][0]

    def transfer(self, holding: Any, amount: str, to: parties.Firm, expect: int = 201) -> Any:
        """An offer of a part to another firm."""
        request = {"receiver_id": prt(to), "amount": money(amount), "trade_basis": "order SO-7"}
        path = f"holdings/{holding['id']}/transfers"
        planned = self.supplier.post(f"{path}/plan", request, key=None)
        signed = {"content_digest": planned["content_digest"], "password": PASSWORD}
        return self.supplier.post(path, {**request, **signed}, expect)


@override_settings(PASSWORD_HASHERS=CHEAP)
def people() -> parties.Cast:
    """A small company in which everybody can sign in."""
    begin()
    cast = parties.cast(suppliers=1)
    open_accounts((cast.operator, cast.core, cast.supplier, cast.funder, cast.regulator))
    return cast


@override_settings(PASSWORD_HASHERS=CHEAP)
def world() -> World:
    begin()
    cast = parties.cast(suppliers=3)
    firms = [cast.operator, cast.core, *cast.suppliers, *cast.funders, cast.regulator]
    open_accounts(firms)
    return World(
        cast=cast,
        core=sign_in(cast.core),
        core_checker=sign_in(cast.core, "checker"),
        supplier=sign_in(cast.supplier),
        second=sign_in(cast.suppliers[1]),
        funder=sign_in(cast.funder),
        funder_checker=sign_in(cast.funder, "checker"),
        operator=sign_in(cast.operator),
        regulator=sign_in(cast.regulator, "viewer"),
    )
