"""Facts about requests and decisions. The payload itself stays out; its digest is enough to prove it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(Event):
    """A maker put an object up for approval. Subject: the approval."""

    kind: ClassVar[str] = "approval.requested"
    what: str
    object_id: UUID
    organisation_id: UUID
    maker_person_id: UUID
    payload_hash: bytes
    checks: int
    decide_by: date


@dataclass(frozen=True, kw_only=True)
class ApprovalDecided(Event):
    """A checker approved or rejected; `state` is where the request stands after it."""

    kind: ClassVar[str] = "approval.decided"
    what: str
    object_id: UUID
    maker_person_id: UUID
    person_id: UUID
    verdict: str
    payload_hash: bytes
    state: str


@dataclass(frozen=True, kw_only=True)
class ApprovalClosed(Event):
    """A request ended without a decision: `withdrawn` by its maker or together with what waited, or `expired`."""

    kind: ClassVar[str] = "approval.closed"
    what: str
    object_id: UUID
    maker_person_id: UUID
    state: str
