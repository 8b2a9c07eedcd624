"""What the outside sees of maker-checker approval (双岗审核): states, records and the errors of a decision.

An approval knows an object's id and the digest of what is to be approved. It executes nothing: the owner of the
object calls :func:`fourflow.foundation.approvals.operations.decide` inside its own operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, NewType, Protocol
from uuid import UUID

from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound

ApprovalId = NewType("ApprovalId", UUID)

Snapshot = Mapping[str, Any]
"""A JSON-able picture (strings, integers, booleans, lists, objects; no float) of what is put up for approval."""


class ApprovalState(StrEnum):
    """Where an approval stands. Every state but PENDING is final."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Verdict(StrEnum):
    """What one checker says."""

    APPROVE = "approve"
    REJECT = "reject"


class Decider(Protocol):
    """Whoever asks or decides; :class:`fourflow.foundation.parties.types.Actor` fits."""

    @property
    def person_id(self) -> UUID: ...

    @property
    def organisation_id(self) -> UUID: ...

    @property
    def account_id(self) -> UUID | None: ...

    @property
    def sees_all(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """One checker's recorded word. `decided_at` is the business time; never changed, never deleted."""

    approval_id: ApprovalId
    person_id: UUID
    account_id: UUID | None
    organisation_id: UUID
    verdict: Verdict
    reason: str
    payload_hash: bytes
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A request for `checks` different people, none of them the maker, to approve one exact payload.

    `decide_by` is the last day on which they may; then the request ends as EXPIRED, and what waited for it is free.
    """

    id: ApprovalId
    kind: str
    object_id: UUID
    organisation_id: UUID
    maker_person_id: UUID
    snapshot: Snapshot
    payload_hash: bytes
    checks: int
    state: ApprovalState
    requested_at: datetime
    decide_by: date
    decisions: tuple[Decision, ...] = ()

    @property
    def is_approved(self) -> bool:
        return self.state is ApprovalState.APPROVED

    @property
    def checks_missing(self) -> int:
        """How many more approving people are needed."""
        given = sum(1 for decision in self.decisions if decision.verdict is Verdict.APPROVE)
        return max(0, self.checks - given) if self.state is ApprovalState.PENDING else 0


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two snapshots; `path` is dotted ("lines.2.amount"); None means absent."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One line of a checker's inbox, with what changed since the object was last decided."""

    approval: Approval
    changes: tuple[Change, ...]


class ApprovalNotFound(NotFound):
    """No such approval, or it belongs to an organisation for which the asker does not act."""

    code: ClassVar[str] = "approval.not_found"


class SamePerson(Forbidden):
    """The maker may not check, nor may one person check twice, under any account."""

    code: ClassVar[str] = "approval.same_person"


class PayloadChanged(Conflict):
    """What the checker saw is not what is to be approved."""

    code: ClassVar[str] = "approval.payload_changed"


class AlreadyDecided(Conflict):
    """The approval is no longer pending."""

    code: ClassVar[str] = "approval.already_decided"


class ApprovalExpired(Conflict):
    """The last day to decide has passed."""

    code: ClassVar[str] = "approval.expired"


class ApprovalPending(Conflict):
    """The object already waits for an approval of this kind."""

    code: ClassVar[str] = "approval.pending"


class NotTheMaker(Forbidden):
    """Only the maker withdraws a request."""

    code: ClassVar[str] = "approval.not_the_maker"


class ReasonMissing(Invalid):
    """A rejection needs a reason."""

    code: ClassVar[str] = "approval.reason_missing"


class ChecksInvalid(Invalid):
    """At least one checker is needed; no more than nine make sense."""

    code: ClassVar[str] = "approval.checks_invalid"
