"""Both sides of an evidence request are facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class EvidenceRequested(Event):
    """The regulator asked for the evidence about an object. Subject: the request."""

    kind: ClassVar[str] = "evidence.requested"
    organisation_id: UUID
    person_id: UUID
    about: str
    about_id: UUID
    authority: str
    answer_by: date


@dataclass(frozen=True, kw_only=True)
class EvidenceReleased(Event):
    """The operator handed it out. ``sha256`` is the digest of the manifest, which names every fact of the pack by its leaf.

    Subject: the request.
    """

    kind: ClassVar[str] = "evidence.released"
    person_id: UUID
    facts: int
    sha256: str
