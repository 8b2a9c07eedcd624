"""Parties, people and their papers, as queries and operations return them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fourflow.foundation.parties.types.kinds import (
    Barred,
    Function,
    IdentifierScheme,
    LicenceKind,
    PartyKind,
    PartyState,
    Permission,
    RestrictionSource,
    RoleKind,
    SizeClass,
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier in its scheme, normalised (NFKC, upper case, no separators)."""

    scheme: IdentifierScheme
    value: str


@dataclass(frozen=True, slots=True)
class PartyView:
    id: UUID
    kind: PartyKind
    name: str
    short_name: str
    country: str
    size_class: SizeClass
    state: PartyState
    identifiers: tuple[Identifier, ...] = ()
    roles: tuple[RoleKind, ...] = ()

    @property
    def is_large(self) -> bool:
        return self.size_class is SizeClass.LARGE


@dataclass(frozen=True, slots=True)
class RoleView:
    id: UUID
    party_id: UUID
    kind: RoleKind
    programme_id: UUID | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PersonView:
    id: UUID
    name: str
    organisation_id: UUID
    functions: frozenset[Function]
    valid_from: date
    valid_to: date | None
    membership_id: UUID


@dataclass(frozen=True, slots=True)
class MandateView:
    """A person may bind the party by `permission` up to `max_minor` minor units (None: any amount)."""

    id: UUID
    person_id: UUID
    party_id: UUID
    permission: Permission
    currency: str
    max_minor: int | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """A sign-in. Two accounts may belong to one person, who still is one person for maker and checker."""

    id: UUID
    email: str
    person_id: UUID
    is_active: bool


@dataclass(frozen=True, slots=True)
class RestrictionView:
    """What bars a party. A person says the ``reason``; a rule's is empty: ``source``, ``reference`` and ``facts`` say it."""

    id: UUID
    party_id: UUID
    bars: Barred
    source: RestrictionSource
    reference: str
    reason: str
    facts: Mapping[str, str]
    valid_from: date
    lifted_on: date | None


@dataclass(frozen=True, slots=True)
class ConsentView:
    """The subject lets `to_party_id` read its data for `purpose`, under an authorisation number, for a time."""

    id: UUID
    subject_id: UUID
    to_party_id: UUID
    purpose: str
    authorisation_number: str
    valid_from: date
    valid_to: date
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class LicenceView:
    id: UUID
    party_id: UUID
    kind: LicenceKind
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None
