"""The stage: people act through :func:`Stage.do`, which is what the doors do; every operation is counted."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import httpx

from fourflow.config import outside
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor
from fourflow.platform import clock
from fourflow.platform.crypto.signing import SandboxSigner, Signature
from fourflow.platform.errors import FourflowError
from fourflow.platform.perform import perform

T = TypeVar("T")


@dataclass
class Stage:
    """Holds the clock, the cast and the counts."""

    assumptions: Mapping[str, Any]
    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    signer: SandboxSigner = field(default_factory=SandboxSigner)
    short: dict[UUID, str] = field(default_factory=dict)
    _actors: dict[tuple[UUID, str, datetime.date], Actor] = field(default_factory=dict)
    _today: datetime.date | None = None
    #: one client for the sandbox parties' own doors; making one costs more than many calls
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))

    @property
    def today(self) -> datetime.date:
        if self._today is None:
            self._today = clock.today()
        return self._today

    def now(self) -> datetime.datetime:
        return clock.now()

    def actor(self, party_id: UUID, who: str) -> Actor:
        """The maker or checker of an organisation, as a sign-in would make it today."""
        key = (party_id, who, self.today)
        if key not in self._actors:
            account = parties.account_by_email(email(self.short[party_id], who))
            self._actors[key] = parties.actor_for(account.id, party_id, self.today, session_id="story")
        return self._actors[key]

    def do(self, operation: str, key: str, actor: Actor, run: Callable[[], T], result: Callable[[T], Any]) -> T:
        """One write, as a door does it: idempotency key, one durable transaction, a stored result of ids."""
        kept: list[T] = []

        def once() -> dict[str, Any]:
            kept.append(run())
            return {"id": str(result(kept[0]))}

        scope = f"{actor.organisation_id}:{actor.account_id}"
        digest = hashlib.sha256(key.encode()).hexdigest()
        perform(scope=scope, key=f"{operation}:{digest[:40]}", operation=operation, input={"key": key}, run=once)
        self.counts[operation] += 1
        return kept[0]

    def refused(self, what: str, run: Callable[[], object]) -> str:
        """A scene in which the house says no; it would be a fault if it did not."""
        try:
            run()
        except FourflowError as error:
            self.refusals.append((what, error.code))
            self.counts["refused"] += 1
            return error.code
        raise AssertionError(f"not refused: {what}")

    def payload_hash(self, actor: Actor, approval_id: UUID | None) -> bytes:
        """What a second person is shown before deciding; the operation before this one has asked for it."""
        assert approval_id is not None
        return approvals.get(actor, approval_id).approval.payload_hash

    def sign(self, actor: Actor, content: dict[str, Any], terms: str) -> Signature:
        return self.signer.sign(actor.person_id, content, terms_version=terms)

    def move_to(self, day: datetime.date) -> None:
        """Move the clock of this database and of every outside party to a day."""
        if day > clock.today():
            clock.move_to(clock.instant_of(day))
        self.turn_to(clock.today())
        known = outside.read()
        for url in [*(bank.url for bank in known.banks), known.registry]:
            self.http.post(f"{url}/clock", json={"now": clock.now().isoformat()}).raise_for_status()

    def turn_to(self, day: datetime.date) -> None:
        """It is another day: people sign in anew."""
        self._today = day
        self._actors.clear()


def email(short: str, who: str) -> str:
    """The sign-in of a person of the story."""
    return f"{who}@{short}.sandbox"
