"""What an applicant declares and what a change proposes, as the API reads and shows them."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from fourflow.foundation.parties.types import (
    ChangeKind,
    Declaration,
    EndTerms,
    Function,
    Identifier,
    IdentifierScheme,
    LicenceKind,
    LicenceTerms,
    MandateTerms,
    MemberTerms,
    PartyKind,
    Permission,
    RelationKind,
    RelationTerms,
    RoleKind,
    RoleTerms,
    SizeClass,
    Terms,
)
from fourflow.interfaces.api.fields import Body, Line, Money
from fourflow.interfaces.api.ids import PartyId, PersonId, RecordId
from fourflow.platform.money import Money as PlatformMoney


def _fields(terms: Any) -> dict[str, Any]:
    return {field.name: getattr(terms, field.name) for field in fields(terms)}


class IdentifierBody(Body):
    scheme: IdentifierScheme
    value: Line


class _Dated(Body):
    """Half-open: ``valid_to`` is the first day on which it does not hold any more."""

    valid_from: date
    valid_to: date | None = None


class LicenceIn(_Dated):
    what: Literal["licence"] = "licence"
    kind: LicenceKind
    number: Line
    issuer: Line

    @classmethod
    def of(cls, terms: LicenceTerms) -> Self:
        return cls(**_fields(terms))

    def to_type(self) -> LicenceTerms:
        return LicenceTerms(self.kind, self.number, self.issuer, self.valid_from, self.valid_to)


class RoleIn(_Dated):
    what: Literal["role"] = "role"
    kind: RoleKind
    programme_id: PartyId | None = None

    @classmethod
    def of(cls, terms: RoleTerms) -> Self:
        return cls(**_fields(terms))

    def to_type(self) -> RoleTerms:
        return RoleTerms(self.kind, self.valid_from, self.valid_to, self.programme_id)


class MandateIn(_Dated):
    """``ceiling`` null: any amount of the currency."""

    what: Literal["mandate"] = "mandate"
    permission: Permission
    currency: Line
    ceiling: Money | None = None
    organisation_id: PartyId | None = None
    person_id: PersonId | None = None

    @classmethod
    def of(cls, terms: MandateTerms) -> Self:
        fields, most = _fields(terms), terms.max_minor
        del fields["max_minor"]
        return cls(ceiling=None if most is None else PlatformMoney(most, terms.currency), **fields)

    def to_type(self) -> MandateTerms:
        most = self.ceiling.minor if self.ceiling else None
        ends = (self.valid_from, self.valid_to)
        return MandateTerms(self.permission, self.currency, most, *ends, self.organisation_id, self.person_id)


class MemberIn(_Dated):
    what: Literal["member"] = "member"
    name: Line
    email: Line
    functions: list[Function] = Field(min_length=1)
    mandates: list[MandateIn] = Field(default=[], max_length=100)
    person_id: PersonId | None = None

    @classmethod
    def of(cls, terms: MemberTerms) -> Self:
        more = {"functions": sorted(terms.functions), "mandates": [MandateIn.of(one) for one in terms.mandates]}
        return cls(**{**_fields(terms), **more})

    def to_type(self) -> MemberTerms:
        mandates = tuple(mandate.to_type() for mandate in self.mandates)
        functions = frozenset(self.functions)
        ends = (self.valid_from, self.valid_to)
        return MemberTerms(self.name, self.email, functions, *ends, mandates, self.person_id)


class RelationIn(_Dated):
    what: Literal["relation"] = "relation"
    other_id: PartyId
    kind: RelationKind
    source: Line

    @classmethod
    def of(cls, terms: RelationTerms) -> Self:
        return cls(**_fields(terms))

    def to_type(self) -> RelationTerms:
        return RelationTerms(self.other_id, self.kind, self.source, self.valid_from, self.valid_to)


class EndIn(Body):
    """A row of the party ends: ``on`` is the first day on which it does not hold any more."""

    what: Literal["end"] = "end"
    of: ChangeKind
    row_id: RecordId
    on: date

    def to_type(self) -> EndTerms:
        return EndTerms(self.of, self.row_id, self.on)


TermsBody = Annotated[LicenceIn | RoleIn | MandateIn | MemberIn | RelationIn | EndIn, Field(discriminator="what")]


def terms_body(terms: Terms) -> Any:
    """Terms of any kind as a body; ``what`` tells them apart."""
    if isinstance(terms, EndTerms):
        return EndIn(of=terms.what, row_id=terms.row_id, on=terms.on)
    bodies: dict[type, Any] = {
        LicenceTerms: LicenceIn,
        RoleTerms: RoleIn,
        MandateTerms: MandateIn,
        MemberTerms: MemberIn,
        RelationTerms: RelationIn,
    }
    return bodies[type(terms)].of(terms)


class DeclarationBody(Body):
    """Who the applicant is, in which role it wants to work, and who acts for it."""

    kind: PartyKind
    name: Line
    country: Line
    identifiers: list[IdentifierBody] = Field(max_length=10)
    roles: list[RoleIn] = Field(max_length=10)
    short_name: Line = ""
    size_class: SizeClass = SizeClass.UNKNOWN
    licences: list[LicenceIn] = Field(default=[], max_length=20)
    members: list[MemberIn] = Field(default=[], max_length=50)

    @classmethod
    def of(cls, declared: Declaration) -> Self:
        return cls(
            kind=declared.kind,
            name=declared.name,
            country=declared.country,
            identifiers=[IdentifierBody(scheme=one.scheme, value=one.value) for one in declared.identifiers],
            roles=[RoleIn.of(role) for role in declared.roles],
            short_name=declared.short_name,
            size_class=declared.size_class,
            licences=[LicenceIn.of(licence) for licence in declared.licences],
            members=[MemberIn.of(member) for member in declared.members],
        )

    def to_type(self) -> Declaration:
        return Declaration(
            kind=self.kind,
            name=self.name,
            country=self.country,
            identifiers=tuple(Identifier(one.scheme, one.value) for one in self.identifiers),
            roles=tuple(role.to_type() for role in self.roles),
            short_name=self.short_name,
            size_class=self.size_class,
            licences=tuple(licence.to_type() for licence in self.licences),
            members=tuple(member.to_type() for member in self.members),
        )
