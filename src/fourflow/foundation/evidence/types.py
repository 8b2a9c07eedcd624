"""What evidence gives and refuses. Pure."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fourflow.platform.errors import Conflict, Invalid, NotFound, Unavailable


class ProofInvalid(Invalid):
    """A proof does not lead where it claims, or has not the shape that RFC 6962 demands."""

    code = "evidence.proof_invalid"


class NoteInvalid(Invalid):
    """A signed note, key, checkpoint or cosignature is malformed or does not verify."""

    code = "evidence.note_invalid"


class PolicyInvalid(Invalid):
    """A trust policy file is wrong; ``row`` is the number of the line."""

    code = "evidence.policy_invalid"


class BundleInvalid(Invalid):
    """A proof bundle is not what its format says."""

    code = "evidence.bundle_invalid"


class EventNotFound(NotFound):
    """No such event, or it concerns an object that the actor's organisation may not see."""

    code = "evidence.event_not_found"


class NotYetInLog(Conflict):
    """The event is recorded but no signed checkpoint covers it yet; a second later it will be."""

    code = "evidence.not_yet_in_log"


class LogReadOnly(Unavailable):
    """The log must not grow or sign now: a witness or the published head knows more than this database.

    ``reason`` is ``behind`` (restored from an old backup), ``fork`` (another tree was witnessed), ``head_ahead``,
    ``head_differs`` or ``unasked`` (a witness has not answered since the start).
    """

    code = "evidence.log_read_only"


class LogCorrupt(Conflict):
    """Stored leaves, tiles and heads contradict each other; the writer stops."""

    code = "evidence.log_corrupt"


class WitnessUnavailable(Unavailable):
    """A witness does not answer; asked again later."""

    code = "evidence.witness_unavailable"


class WitnessBehind(Conflict):
    """A witness last cosigned another size than assumed; ``size`` is the one it knows."""

    code = "evidence.witness_conflict"


class WitnessRefused(Conflict):
    """A witness refuses: ``status`` 403 (signature), 404 (unknown log), 422 (inconsistent) or another."""

    code = "evidence.witness_refused"


class Result(enum.StrEnum):
    """What a bundle is worth, from the reader's own policy."""

    WITNESSED = "witnessed"
    OPERATOR_ONLY = "operator's word only"
    QUORUM_MISSING = "quorum not met"
    REJECTED = "rejected"


EXIT_CODES: Mapping[Result, int] = {
    Result.WITNESSED: 0,
    Result.REJECTED: 1,
    Result.OPERATOR_ONLY: 3,
    Result.QUORUM_MISSING: 4,
}
"""Exit status of the verifiers; 2 is left for a wrong call or an unreadable policy."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a verdict, by name."""

    name: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a bundle showed. ``witnesses`` are the independent ones that cosigned, by policy name."""

    result: Result
    checks: tuple[Check, ...]
    witnesses: tuple[str, ...] = ()
    origin: str = ""
    size: int | None = None
    index: int | None = None
    kind: str = ""
    at: str = ""
    oldest_cosignature: int | None = None
    newest_cosignature: int | None = None
    disclosed: Mapping[str, Any] = field(default_factory=dict)
    undisclosed: int = 0

    @property
    def exit_code(self) -> int:
        """0 witnessed, 1 rejected, 3 operator's word only, 4 quorum not met."""
        return EXIT_CODES[self.result]

    def to_body(self) -> dict[str, Any]:
        """As JSON-able data; the stand-alone verifier prints the same."""
        return {
            "verdict": self.result.value,
            "checks": [{"check": one.name, "ok": one.ok, "detail": one.detail} for one in self.checks],
            "independent_witnesses": len(self.witnesses),
            "witnesses": list(self.witnesses),
            "origin": self.origin,
            "size": self.size,
            "index": self.index,
            "kind": self.kind,
            "at": self.at,
            "oldest_cosignature": self.oldest_cosignature,
            "newest_cosignature": self.newest_cosignature,
            "disclosed": dict(self.disclosed),
            "undisclosed": self.undisclosed,
        }


class Stage(enum.StrEnum):
    """How far an event has come."""

    RECORDED = "recorded"
    SEQUENCED = "sequenced"
    CHECKPOINTED = "checkpointed"
    WITNESSED = "witnessed"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A signed checkpoint with the cosignatures it has so far; ``witnesses`` by key name."""

    origin: str
    size: int
    root: bytes
    note: str
    witnesses: tuple[str, ...]
    recorded_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class WitnessState:
    """What a witness last cosigned (tree size), and what is the matter if it did not."""

    name: str
    size: int
    problem: str
    checked_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class LogState:
    """The log at a glance: leaves numbered, latest signed head, witnesses."""

    size: int
    waiting: int
    head: SignedHead | None
    witnesses: tuple[WitnessState, ...]


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one step of the sequencer did: the tree before and after."""

    before: int
    size: int
    root: bytes

    @property
    def added(self) -> int:
        """Leaves added."""
        return self.size - self.before


@dataclass(frozen=True, slots=True)
class Step:
    """What one round of the writer did. ``read_only`` says why it must not write; ``waiting`` whom it waits for."""

    added: int = 0
    signed: int | None = None
    cosigned: tuple[str, ...] = ()
    read_only: str = ""
    waiting: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """Leaves added, heads signed and cosignatures received: 0 when there was nothing to do."""
        return self.added + (self.signed is not None) + len(self.cosigned)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the audit of the log found wrong; ``subject`` names the row."""

    code: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Result of auditing the log: what was looked at, and what is wrong."""

    leaves: int
    tiles: int
    checkpoints: int
    cosignatures: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Nothing was found."""
        return not self.findings


EventId = UUID
