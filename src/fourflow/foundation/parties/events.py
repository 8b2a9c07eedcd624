"""Facts about parties. They carry ids, kinds and days; no names of people, no addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from fourflow.foundation.parties.types import Identifier
from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class OperatorFounded(Event):
    """The installation has its operator. Subject: the party."""

    kind: ClassVar[str] = "party.founded"
    name: str


@dataclass(frozen=True, kw_only=True)
class ApplicationChanged(Event):
    """An application was drafted, submitted, rejected, returned or has expired; `state` is where it stands. Subject: it."""

    kind: ClassVar[str] = "party.application_changed"
    state: str
    content_digest: bytes
    maker_person_id: UUID
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartyOnboarded(Event):
    """Two people admitted a party. Subject: the party."""

    kind: ClassVar[str] = "party.onboarded"
    application_id: UUID
    name: str
    identifiers: tuple[Identifier, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeProposed(Event):
    """A change of a party was proposed. Subject: the change."""

    kind: ClassVar[str] = "party.change_proposed"
    party_id: UUID
    what: str
    content_digest: bytes


@dataclass(frozen=True, kw_only=True)
class ChangeClosed(Event):
    """A proposed change was applied, rejected or withdrawn. Subject: the change."""

    kind: ClassVar[str] = "party.change_closed"
    party_id: UUID
    what: str
    state: str


@dataclass(frozen=True, kw_only=True)
class RestrictionImposed(Event):
    """A party is barred from something. Subject: the restriction."""

    kind: ClassVar[str] = "party.restricted"
    party_id: UUID
    bars: str
    source: str
    reference: str
    valid_from: date


@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """Two people lifted a restriction; `lifted_on` is the first free day. Subject: the restriction."""

    kind: ClassVar[str] = "party.restriction_lifted"
    party_id: UUID
    bars: str
    lifted_on: date


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Event):
    """A party lets another read its data for a purpose. Subject: the consent."""

    kind: ClassVar[str] = "party.consent_given"
    subject_party_id: UUID
    to_party_id: UUID
    purpose: str
    authorisation_number: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Event):
    """Subject: the consent."""

    kind: ClassVar[str] = "party.consent_withdrawn"
    authorisation_number: str


@dataclass(frozen=True, kw_only=True)
class AccountClosed(Event):
    """A sign-in was closed. Subject: the account."""

    kind: ClassVar[str] = "party.account_closed"
    person_id: UUID
