"""What somebody declares about a party, or proposes to change. Periods are half-open; `valid_to` None is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fourflow.foundation.parties.types.documents import DocumentOf
from fourflow.foundation.parties.types.kinds import (
    ApplicationState,
    ChangeKind,
    ChangeState,
    Function,
    LicenceKind,
    PartyKind,
    Permission,
    RelationKind,
    RoleKind,
    SizeClass,
)
from fourflow.foundation.parties.types.records import Identifier


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    kind: LicenceKind
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class RoleTerms:
    """A role everywhere, or in the programme of the core enterprise `programme_id`.

    For a role that needs a licence, the party's licence of a fitting kind in force on `valid_from` is taken.
    """

    kind: RoleKind
    valid_from: date
    valid_to: date | None = None
    programme_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MandateTerms:
    """The person may bind the party that gives the mandate, up to `max_minor` minor units (None: any amount).

    `organisation_id` is the organisation whose person signs, where that is not the party itself: a group's treasury
    for a subsidiary. The mandate is a change of the party that is bound, never of the one that signs.
    """

    permission: Permission
    currency: str
    max_minor: int | None
    valid_from: date
    valid_to: date | None = None
    organisation_id: UUID | None = None
    person_id: UUID | None = None
    """Needed where the mandate is proposed by itself, not with a member."""


@dataclass(frozen=True, slots=True)
class MemberTerms:
    """A person of the organisation with a sign-in. An address that already signs in means the person behind it.

    `person_id` gives a known person one more sign-in: both accounts count as one person. It opens everything that the person
    may do, so an organisation gives one to its own people only; to who acts for others too the operator does.
    """

    name: str
    email: str
    functions: frozenset[Function]
    valid_from: date
    valid_to: date | None = None
    mandates: tuple[MandateTerms, ...] = ()
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RelationTerms:
    other_id: UUID
    kind: RelationKind
    source: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class EndTerms:
    """The row of kind `what` ends: `on` is the first day on which it does not hold any more."""

    what: ChangeKind
    row_id: UUID
    on: date


Terms = LicenceTerms | RoleTerms | MandateTerms | MemberTerms | RelationTerms | EndTerms


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an applicant declares: who it is, in which role it wants to work, and who acts for it."""

    kind: PartyKind
    name: str
    country: str
    identifiers: tuple[Identifier, ...]
    roles: tuple[RoleTerms, ...]
    short_name: str = ""
    size_class: SizeClass = SizeClass.UNKNOWN
    licences: tuple[LicenceTerms, ...] = ()
    members: tuple[MemberTerms, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application as the operator's people see it. `approval_id` is the latest request for approval."""

    id: UUID
    state: ApplicationState
    declaration: Declaration
    documents: tuple[DocumentOf, ...]
    note: str
    approval_id: UUID | None
    party_id: UUID | None
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A proposed change; `row_id` is the row it made or ended once it is applied."""

    id: UUID
    party_id: UUID
    kind: ChangeKind
    terms: Terms
    state: ChangeState
    approval_id: UUID | None
    row_id: UUID | None
