"""A witness in memory, written after the text of tlog-witness v1.0.0, and facts to fill a log with."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from tests.builders.evidence import key

from fourflow.foundation.evidence.adapters.home import LocalKey
from fourflow.foundation.evidence.domain.checkpoints import Checkpoint, cosign
from fourflow.foundation.evidence.domain.merkle import verify_consistency
from fourflow.foundation.evidence.domain.notes import Algorithm, Note, VerifierKey, verified_by
from fourflow.foundation.evidence.types import ProofInvalid, WitnessBehind, WitnessRefused, WitnessUnavailable
from fourflow.platform.events import operations
from fourflow.platform.events.types import Event, Evidenced
from fourflow.platform.ids import new_id

NOON = datetime.datetime(2026, 11, 20, 4, tzinfo=datetime.UTC)


class LocalWitness:
    """One witness with one row of memory per log."""

    def __init__(self, name: str, log: LocalKey) -> None:
        self.name = name
        self.key = key(name)
        self.trusted = {log.origin: VerifierKey.parse(log.vkey)}
        self.memory: dict[str, Checkpoint] = {}
        self.down = False
        self.calls = 0

    @property
    def vkey(self) -> str:
        return str(self.key.verifier(Algorithm.ED25519_COSIGNATURE))

    def size(self, origin: str) -> int:
        return self.memory[origin].size if origin in self.memory else 0

    def add_checkpoint(self, *, old_size: int, proof: Sequence[bytes], note: str) -> str:
        self.calls += 1
        if self.down:
            raise WitnessUnavailable(witness=self.name)
        parsed = Note.parse(note)
        head = Checkpoint.parse(parsed.text)
        if head.origin not in self.trusted:
            raise WitnessRefused(witness=self.name, status=404)
        if not verified_by(parsed, [self.trusted[head.origin]]):
            raise WitnessRefused(witness=self.name, status=403)
        latest = self.memory.get(head.origin)
        if old_size != self.size(head.origin):
            raise WitnessBehind(witness=self.name, size=self.size(head.origin))
        try:
            if latest is not None and latest.size:
                verify_consistency(
                    old_size=latest.size, new_size=head.size, old_root=latest.root, new_root=head.root, path=proof
                )
            elif proof:
                raise ProofInvalid(what="consistency", reason="length", expected=0)
        except ProofInvalid as error:
            raise WitnessRefused(witness=self.name, status=422) from error
        self.memory[head.origin] = head
        return str(cosign(parsed, self.key, timestamp=1_790_000_000 + self.calls))


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    kind: ClassVar[str] = "test.happened"
    what: str
    amount: int = 1


@dataclass(frozen=True)
class Seer:
    """Someone who sees everything, or one organisation's objects."""

    organisation_id: UUID | None = None
    sees_all: bool = True
    account_id: UUID | None = None


def facts(count: int, *, subject: UUID | None = None, rows: Sequence[Evidenced] = ()) -> list[UUID]:
    """Publish facts in one statement."""
    made: list[tuple[Event, Any]] = [
        (Happened(subject_id=subject or new_id(), effective_at=NOON, what=f"fact {n}", amount=n), rows)
        for n in range(count)
    ]
    return operations.publish_many(made)
