"""Facts at the door. They carry ids, kinds and instants: no addresses, no names, no secrets.

``effective_at`` is the installation's business clock, ``until`` and the like the machine's (a sandbox moves only the first).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class SessionBegan(Event):
    """Somebody signed in. Subject: the session."""

    kind: ClassVar[str] = "access.session_began"
    account_id: UUID
    person_id: UUID
    door: str
    strength: str


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session ended before its time. Subject: the session."""

    kind: ClassVar[str] = "access.session_ended"
    account_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class SessionProlonged(Event):
    """The person was still there and stays signed in. Subject: the session."""

    kind: ClassVar[str] = "access.session_prolonged"
    account_id: UUID
    until: datetime


@dataclass(frozen=True, kw_only=True)
class SignerConfirmed(Event):
    """The person was recognised again for signing, good until `until`. Subject: the session."""

    kind: ClassVar[str] = "access.confirmed"
    account_id: UUID
    person_id: UUID
    organisation_id: UUID
    strength: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class DoorLocked(Event):
    """Alarm: too many attempts at one sign-in or from one address. Subject: the count, whose key is a keyed digest."""

    kind: ClassVar[str] = "access.locked"
    by: str
    attempts: int
    until: datetime
    account_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class FactorChanged(Event):
    """A second factor was added or removed, or recovery codes were made or used. Subject: the account."""

    kind: ClassVar[str] = "access.factor_changed"
    factor: str
    change: str


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """Subject: the account."""

    kind: ClassVar[str] = "access.password_changed"
    how: str


@dataclass(frozen=True, kw_only=True)
class PasskeyCopied(Event):
    """Alarm: a passkey's counter went backwards: there may be a copy of it. Subject: the account."""

    kind: ClassVar[str] = "access.passkey_copied"
    passkey_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecoveryMoved(Event):
    """A recovery of an account was asked for, approved, rejected or used. Subject: the recovery."""

    kind: ClassVar[str] = "access.recovery"
    account_id: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class GlassBroken(Event):
    """Alarm: a person of the operator took emergency permissions, until `until`. Subject: the emergency."""

    kind: ClassVar[str] = "access.glass_broken"
    person_id: UUID
    reason: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class EmergencyClosed(Event):
    """An emergency ended early or was reviewed by another person. Subject: the emergency."""

    kind: ClassVar[str] = "access.emergency_closed"
    person_id: UUID
    step: str


@dataclass(frozen=True, kw_only=True)
class DataRead(Event):
    """Core data of others, their people's, was read. Subject: the entry of the log."""

    kind: ClassVar[str] = "access.data_read"
    reader_person_id: UUID
    organisation_id: UUID
    subject_party_id: UUID | None
    what: str
    object_id: str
    purpose: str
    authorisation_number: str


@dataclass(frozen=True, kw_only=True)
class ReadsSealed(Event):
    """The log of reads was sealed from one line to another, in the order of their ids: the leaf has a digest of each.
    Subject: the log of reads, the same for every seal."""

    kind: ClassVar[str] = "access.reads_sealed"
    first_id: UUID
    last_id: UUID
    lines: int
