"""Test mode: reaching the outside parties of a sandbox to move their clocks and to let them fail as they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

from fourflow.config import outside
from fourflow.platform.errors import Conflict, Forbidden, NotFound, Unavailable

REGISTRY = "registry"
#: where an outside party may be told to fail (docs/operations/sandbox.md)
OF_BANK = (
    "pain.001",
    "status",
    "camt.054",
    "camt.053",
    "credit-decision",
    "accounts",
    "balance",
    "owner-check",
    "clearing",
    "incoming",
    "add-checkpoint",
)
OF_REGISTRY = ("registrations", "query", "amend", "extend", "cancel", "objection")
PATIENCE = httpx.Timeout(10.0, connect=2.0)


class SandboxOnly(Forbidden):
    """A production installation has no test mode."""

    code = "sandbox.only"


class PartyUnknown(NotFound):
    """No outside party of this name stands behind this sandbox."""

    code = "sandbox.party_unknown"


class PartyRefused(Conflict):
    """The outside party did not accept this; ``answer`` is what it said."""

    code = "sandbox.refused"


def require() -> None:
    """:raises SandboxOnly: this is no sandbox."""
    if not settings.SANDBOX:
        raise SandboxOnly()


def parties() -> dict[str, str]:
    """Where each outside party is reached: banks by code, and the registry."""
    known = outside.read()
    found = {bank.code: bank.url for bank in known.banks}
    return {**found, REGISTRY: known.registry} if known.registry else found


def endpoints() -> list[tuple[str, str]]:
    """Each outside party with each of its endpoints."""
    return [(party, one) for party in parties() for one in (OF_REGISTRY if party == REGISTRY else OF_BANK)]


def ask(method: str, party: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What an outside party's test mode answers.

    :raises PartyUnknown: no such party. :raises Unavailable: it does not answer. :raises PartyRefused: it refused.
    """
    address = parties().get(party)
    if address is None:
        raise PartyUnknown(value=party)
    try:
        answer = httpx.request(method, f"{address}{path}", json=body, timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError as error:
        raise Unavailable(party=party) from error
    if answer.status_code >= 400:
        raise PartyRefused(party=party, answer=answer.text[:500])
    return answer.json()


def follow(now: datetime) -> None:
    """Move every outside party's clock to where ours has gone; outside any transaction, and as often as one likes."""
    for party in parties():
        ask("POST", party, "/clock", {"now": now.isoformat()})
