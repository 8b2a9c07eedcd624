"""Test mode: the clock moves forward, and outside parties fail as they are told to. In a sandbox only."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import httpx
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime, Field

from fourflow.config import outside
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Line, Rate, Shown
from fourflow.interfaces.api.replies import reads, reply, writes
from fourflow.interfaces.api.writing import perform
from fourflow.platform import clock
from fourflow.platform.errors import Conflict, Forbidden, NotFound, Unavailable

router = Router(tags=["sandbox"])

REGISTRY = "registry"
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


class ClockRequest(Body):
    """The business date to go to; the clock runs on from nine o'clock in Shanghai on that day."""

    date: date


class ClockBody(Shown):
    now: AwareDatetime
    business_date: date


class FaultRequest(Body):
    """How the next calls of a party's endpoint misbehave; see docs/operations/sandbox.md for endpoints and modes.

    ``match`` narrows to references that begin with it, such as one payment's.
    """

    party: Line
    endpoint: Line
    mode: Literal["timeout", "lost", "late", "down", "twice", "reject", "contradict", "crash-before", "crash-after"]
    times: int = Field(default=1, ge=1, le=1000)
    delay_seconds: Rate | None = None
    match: Line = ""
    reason: Line = ""
    polls: int = Field(default=1, ge=1, le=1000)


class PartyRequest(Body):
    party: Line


class FaultsBody(Shown):
    """The switches of a party, used-up ones too (``remaining`` 0)."""

    party: str
    faults: list[dict[str, Any]]


def _tester(request: HttpRequest) -> Caller:
    """The operator's own people (or its client) in a sandbox. :raises SandboxOnly: this is no sandbox."""
    if not settings.SANDBOX:
        raise SandboxOnly()
    who = caller(request)
    who.actor.require(Permission.PARAMETER_PROPOSE)
    return who


def _parties() -> dict[str, str]:
    known = outside.read()
    found = {bank.code: bank.url for bank in known.banks}
    return {**found, REGISTRY: known.registry} if known.registry else found


def _call(method: str, party: str, path: str, body: dict[str, Any] | None = None) -> Any:
    address = _parties().get(party)
    if address is None:
        raise PartyUnknown(value=party)
    try:
        answer = httpx.request(method, f"{address}{path}", json=body, timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError as error:
        raise Unavailable(party=party) from error
    if answer.status_code >= 400:
        raise PartyRefused(party=party, answer=answer.text[:500])
    return answer.json()


@router.get("/sandbox/clock", **reads(ClockBody))
def sandbox_clock(request: HttpRequest) -> HttpResponse:
    """The sandbox's present instant and business date."""
    if not settings.SANDBOX:
        raise SandboxOnly()
    who = caller(request)
    return reply(request, ClockBody(now=who.now, business_date=who.today))


@router.post("/sandbox/clock", **writes(ClockBody))
def move_clock(request: HttpRequest, body: ClockRequest) -> HttpResponse:
    """Move this sandbox, its banks and its registry forward to a day; sent again, who was missed is moved too."""
    _tester(request)

    def run() -> dict[str, Any]:
        if body.date != clock.today():
            clock.move_to(clock.instant_of(body.date))
        return {}

    perform(request, "sandbox.clock", body.plain(), run)
    for party in _parties():
        _call("POST", party, "/clock", {"date": body.date.isoformat()})
    now = clock.now()
    return reply(request, ClockBody(now=now, business_date=clock.business_date(now)))


@router.get("/sandbox/faults", **reads(FaultsBody))
def list_faults(request: HttpRequest, party: Line = "") -> HttpResponse:
    """The fault switches of an outside party: a bank by its code, or ``registry``."""
    _tester(request)
    return _faults(request, party)


@router.post("/sandbox/faults", **writes(FaultsBody, 201))
def add_fault(request: HttpRequest, body: FaultRequest) -> HttpResponse:
    """Let the next calls of an outside party's endpoint fail in a chosen way."""
    _tester(request)
    switch = body.model_dump(mode="json", exclude={"party"}, exclude_none=True)
    if body.delay_seconds is not None:
        switch["delay_seconds"] = int(body.delay_seconds * 1000) / 1000
    _call("GET", body.party, "/faults")  # a party that is not there is told before the key is spent
    if not perform(request, "sandbox.fault", body.plain(), dict).replayed:
        _call("POST", body.party, "/faults", switch)
    return _faults(request, body.party, 201)


@router.post("/sandbox/faults/clear", **writes(FaultsBody))
def clear_faults(request: HttpRequest, body: PartyRequest) -> HttpResponse:
    """Take all switches of an outside party away."""
    _tester(request)
    _call("GET", body.party, "/faults")
    perform(request, "sandbox.clear", body.plain(), dict)
    _call("DELETE", body.party, "/faults")
    return _faults(request, body.party)


def _faults(request: HttpRequest, party: str, status: int = 200) -> HttpResponse:
    found = _call("GET", party, "/faults")["faults"]
    return reply(request, FaultsBody(party=party, faults=found), status=status)
