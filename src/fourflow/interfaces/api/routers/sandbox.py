"""Test mode: the clock moves forward, and outside parties fail as they are told to. In a sandbox only."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime, Field

from fourflow.config import sandbox
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Line, Rate, Shown
from fourflow.interfaces.api.replies import reads, reply, writes
from fourflow.interfaces.api.writing import perform
from fourflow.platform import clock

router = Router(tags=["sandbox"])


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
    sandbox.require()
    who = caller(request)
    who.actor.require(Permission.PARAMETER_PROPOSE)
    return who


@router.get("/sandbox/clock", **reads(ClockBody))
def sandbox_clock(request: HttpRequest) -> HttpResponse:
    """The sandbox's present instant and business date."""
    sandbox.require()
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
    now = clock.now()
    sandbox.follow(now)
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
    sandbox.ask("GET", body.party, "/faults")  # a party that is not there is told before the key is spent
    if not perform(request, "sandbox.fault", body.plain(), dict).replayed:
        sandbox.ask("POST", body.party, "/faults", switch)
    return _faults(request, body.party, 201)


@router.post("/sandbox/faults/clear", **writes(FaultsBody))
def clear_faults(request: HttpRequest, body: PartyRequest) -> HttpResponse:
    """Take all switches of an outside party away."""
    _tester(request)
    sandbox.ask("GET", body.party, "/faults")
    perform(request, "sandbox.clear", body.plain(), dict)
    sandbox.ask("DELETE", body.party, "/faults")
    return _faults(request, body.party)


def _faults(request: HttpRequest, party: str, status: int = 200) -> HttpResponse:
    found = sandbox.ask("GET", party, "/faults")["faults"]
    return reply(request, FaultsBody(party=party, faults=found), status=status)
