"""Requests and answers of the registry's HTTP port. What a status means is decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import httpx

from fourflow.capital.claims.ports import Change, Filing, NotKnown, Query, RegistryAnswer
from fourflow.capital.claims.types import ExchangeKind, Hit, RegistrationKind, RegistryTimeout, RegistryUnavailable

#: Our kinds in the registry's vocabulary: an assignment of receivables is registered as factoring.
KINDS = {
    RegistrationKind.RECEIVABLE_TRANSFER: "factoring",
    RegistrationKind.RECEIVABLE_PLEDGE: "receivable_pledge",
}

A = TypeVar("A")
_REFUSED = frozenset({400, 403, 404, 409, 422})


class HttpRegistry:
    """A registry at an address. ``timeout`` in seconds, for connecting and for each answer."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self._client = httpx.Client(base_url=url, timeout=timeout, trust_env=False)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def reachable(self) -> bool:
        """Whether the registry answers at all."""
        try:
            return self._client.get("/clock").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def query(self, request: Query) -> RegistryAnswer:
        """Search by assets."""
        reply = self._send("GET", "/query", params={"asset": ",".join(request.assets)})
        if reply.status_code in _REFUSED:
            return _refusal(request.client_reference, reply)
        return _read(_found, request.client_reference, reply)

    def register(self, request: Filing) -> RegistryAnswer:
        """File. A refusal is believed only after asking: a registry may have filed and said no."""
        body = {
            "client_reference": request.client_reference,
            "kind": KINDS[request.kind],
            "secured_party": request.secured_party.to_body(),
            "debtor": request.debtor.to_body(),
            "collateral": request.collateral,
            "asset_hashes": list(request.assets),
            "term_months": request.term_months,
        }
        reply = self._send("POST", "/registrations", json=body)
        if reply.status_code in _REFUSED:
            asked = self.ask(ExchangeKind.REGISTER, request.client_reference, "")
            return _refusal(request.client_reference, reply) if isinstance(asked, NotKnown) else asked
        return _read(_filed, request.client_reference, reply)

    def amend(self, request: Change) -> RegistryAnswer:
        """Change collateral and assets."""
        wanted = {"collateral": request.collateral, "asset_hashes": list(request.assets)}
        return self._change("amend", request, wanted)

    def cancel(self, request: Change) -> RegistryAnswer:
        """End it. One that has ended already counts as done."""
        answer = self._change("cancel", request, {})
        if answer.accepted:
            return answer
        asked = self.ask(ExchangeKind.CANCEL, request.client_reference, request.registration_no)
        return answer if isinstance(asked, NotKnown) else asked

    def ask(self, kind: ExchangeKind, client_reference: str, registration_no: str) -> RegistryAnswer | NotKnown:
        """A filing is found by its reference, an ended registration by its state; a search is simply made again, and an
        amendment sent again under its reference counts once."""
        if kind is ExchangeKind.REGISTER:
            reply = self._send("GET", "/registrations", params={"client_reference": client_reference})
            found = reply.status_code == httpx.codes.OK
            return _read(_filed, client_reference, reply) if found else NotKnown(client_reference)
        if kind is ExchangeKind.CANCEL:
            reply = self._send("GET", f"/registrations/{registration_no}")
            if reply.status_code == httpx.codes.OK and _read(_state, client_reference, reply) == "cancelled":
                return RegistryAnswer(client_reference, True, registration_no=registration_no)
        return NotKnown(client_reference)

    def _change(self, verb: str, request: Change, wanted: dict[str, Any]) -> RegistryAnswer:
        body = {"client_reference": request.client_reference, "modify_code": request.modify_code, **wanted}
        reply = self._send("POST", f"/registrations/{request.registration_no}/{verb}", json=body)
        if reply.status_code in _REFUSED:
            return _refusal(request.client_reference, reply)
        return _read(_changed, request.client_reference, reply)

    def _send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """One request. Not reached or out of order: it took nothing. Anything else without an answer: nobody knows."""
        try:
            reply = self._client.request(method, path, **parts)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise RegistryUnavailable(reason=type(error).__name__) from error
        except httpx.HTTPError as error:
            raise RegistryTimeout(reason=type(error).__name__) from error
        if reply.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise RegistryUnavailable(reason="out of order")
        if reply.is_success or reply.status_code in _REFUSED:
            return reply
        raise RegistryTimeout(reason=f"status {reply.status_code}")


def _read(as_: Callable[[str, dict[str, Any]], A], client_reference: str, reply: httpx.Response) -> A:
    """What an accepted request was answered with.

    :raises RegistryTimeout: it cannot be read. The registry has acted; what it did is asked about.
    """
    try:
        return as_(client_reference, reply.json())
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryTimeout(reason="malformed answer") from error


def _found(client_reference: str, body: dict[str, Any]) -> RegistryAnswer:
    hits = tuple(Hit(h["registration_no"], h["secured_party"]["identifier"], h["rank"]) for h in body["hits"])
    return RegistryAnswer(client_reference, True, certificate=body["certificate_no"], hits=hits)


def _changed(client_reference: str, body: dict[str, Any]) -> RegistryAnswer:
    return RegistryAnswer(client_reference, True, registration_no=body["registration_no"])


def _state(client_reference: str, body: dict[str, Any]) -> str:
    return str(body["state"])


def _filed(client_reference: str, body: dict[str, Any]) -> RegistryAnswer:
    return RegistryAnswer(
        client_reference,
        True,
        registration_no=body["registration_no"],
        modify_code=body["modify_code"],
        expires_on=date.fromisoformat(body["expires_on"]),
    )


def _refusal(client_reference: str, reply: httpx.Response) -> RegistryAnswer:
    try:
        reason = str(reply.json().get("code", reply.status_code))
    except (AttributeError, ValueError):
        reason = str(reply.status_code)
    return RegistryAnswer(client_reference, False, reason=reason)
