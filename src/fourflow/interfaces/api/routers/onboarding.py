"""Onboarding of parties and changes of what they are; two people each."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parties import operations
from fourflow.foundation.parties.types import (
    ApplicationState,
    ApplicationView,
    ChangeKind,
    ChangeState,
    ChangeView,
    Declaration,
    DocumentOf,
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
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Body, Digest, Line, Money, Reasoned, Shown, Text
from fourflow.interfaces.api.ids import ApplicationId, ApprovalId, ChangeId, PartyId, PersonId, RecordId
from fourflow.interfaces.api.replies import reply, writes
from fourflow.interfaces.api.writing import perform
from fourflow.platform.perform import Performed

router = Router(tags=["onboarding"])


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

    def to_type(self) -> LicenceTerms:
        return LicenceTerms(self.kind, self.number, self.issuer, self.valid_from, self.valid_to)


class RoleIn(_Dated):
    what: Literal["role"] = "role"
    kind: RoleKind
    programme_id: PartyId | None = None

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


class DocumentIn(Body):
    """A document handed in; the file is kept elsewhere, under its SHA-256."""

    kind: Line
    file_name: Line
    media_type: Line
    sha256: Digest


class ApplicationBody(Shown):
    """``approval_id`` is the latest request; ``party_id`` stands once the party is admitted."""

    id: ApplicationId
    state: ApplicationState
    approval_id: ApprovalId | None
    party_id: PartyId | None


class ApplicationVerdict(Body):
    """``send_back`` returns it for correction; ``payload_hash`` is that of the request in the inbox."""

    verdict: Verdict
    payload_hash: Digest
    reason: Text = ""
    send_back: bool = False


class ChangeRequest(Body):
    """``what`` tells the terms apart: licence, role, mandate, member, relation, or the end of one."""

    terms: Annotated[LicenceIn | RoleIn | MandateIn | MemberIn | RelationIn | EndIn, Field(discriminator="what")]


class ChangeBody(Shown):
    id: ChangeId
    party_id: PartyId
    kind: ChangeKind
    state: ChangeState
    approval_id: ApprovalId | None
    row_id: RecordId | None


class ChangeVerdict(Body):
    verdict: Verdict
    payload_hash: Digest
    reason: Text = ""


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _application(view: ApplicationView) -> dict[str, Any]:
    ids = {"id": str(view.id), "approval_id": _text(view.approval_id), "party_id": _text(view.party_id)}
    return {**ids, "state": view.state.value}


def _change(view: ChangeView) -> dict[str, Any]:
    ids = {name: _text(getattr(view, name)) for name in ("id", "party_id", "approval_id", "row_id")}
    return {**ids, "kind": view.kind.value, "state": view.state.value}


def _answer(request: HttpRequest, model: type[Shown], done: Performed, status: int = 200) -> HttpResponse:
    """What the operation left, ids and states only: the declaration itself is personal data."""
    fields = {name: _id(value) if name.endswith("id") else value for name, value in done.result.items()}
    return reply(request, model(**fields), status=status)


def _id(value: str | None) -> Any:
    return None if value is None else UUID(value)


@router.post("/applications", **writes(ApplicationBody, 201))
def apply(request: HttpRequest, body: DeclarationBody) -> HttpResponse:
    """Draft an application at the operator's desk."""
    who, declared = caller(request), body.to_type()

    def run() -> dict[str, Any]:
        return _application(operations.apply(declaration=declared, actor=who.actor, effective_at=who.now))

    return _answer(request, ApplicationBody, perform(request, "party.apply", body.plain(), run), 201)


@router.post("/applications/{application_id}/revise", **writes(ApplicationBody))
def revise_application(request: HttpRequest, application_id: ApplicationId, body: DeclarationBody) -> HttpResponse:
    """Change the declaration of a draft or returned application."""
    who, declared = caller(request), body.to_type()

    def run() -> dict[str, Any]:
        return _application(
            operations.revise(
                application_id=application_id, declaration=declared, actor=who.actor, effective_at=who.now
            )
        )

    asked = {"application_id": str(application_id), **body.plain()}
    return _answer(request, ApplicationBody, perform(request, "party.revise", asked, run))


@router.post("/applications/{application_id}/documents", **writes(ApplicationBody))
def add_application_document(request: HttpRequest, application_id: ApplicationId, body: DocumentIn) -> HttpResponse:
    """Record a document handed in with an application."""
    who = caller(request)
    document = DocumentOf(body.kind, body.file_name, body.media_type, body.sha256)

    def run() -> dict[str, Any]:
        return _application(
            operations.add_document(
                application_id=application_id, document=document, actor=who.actor, effective_at=who.now
            )
        )

    asked = {"application_id": str(application_id), **body.plain()}
    return _answer(request, ApplicationBody, perform(request, "party.add_document", asked, run))


@router.post("/applications/{application_id}/submit", **writes(ApplicationBody))
def submit_application(request: HttpRequest, application_id: ApplicationId, body: Reasoned) -> HttpResponse:
    """Put a complete application before a second person."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return _application(operations.submit(application_id=application_id, actor=who.actor, effective_at=who.now))

    asked = {"application_id": str(application_id), **body.plain()}
    return _answer(request, ApplicationBody, perform(request, "party.submit", asked, run))


@router.post("/applications/{application_id}/decide", **writes(ApplicationBody))
def decide_application(request: HttpRequest, application_id: ApplicationId, body: ApplicationVerdict) -> HttpResponse:
    """The second person admits the party, rejects it for good, or returns it for correction."""
    who = caller(request)

    def run() -> dict[str, Any]:
        decided = operations.decide_application(
            application_id=application_id,
            actor=who.actor,
            payload_hash=bytes.fromhex(body.payload_hash),
            verdict=body.verdict,
            effective_at=who.now,
            reason=body.reason,
            send_back=body.send_back,
        )
        return _application(decided)

    asked = {"application_id": str(application_id), **body.plain()}
    return _answer(request, ApplicationBody, perform(request, "party.decide_application", asked, run))


@router.post("/parties/{party_id}/changes", **writes(ChangeBody, 201))
def propose_change(request: HttpRequest, party_id: PartyId, body: ChangeRequest) -> HttpResponse:
    """Propose a role, licence, member, mandate or relation of a party, or the end of one."""
    who = caller(request)
    terms: Terms = body.terms.to_type()

    def run() -> dict[str, Any]:
        return _change(operations.propose_change(party_id=party_id, terms=terms, actor=who.actor, effective_at=who.now))

    asked = {"party_id": str(party_id), **body.plain()}
    return _answer(request, ChangeBody, perform(request, "party.propose_change", asked, run), 201)


@router.post("/changes/{change_id}/decide", **writes(ChangeBody))
def decide_change(request: HttpRequest, change_id: ChangeId, body: ChangeVerdict) -> HttpResponse:
    """The second person applies or rejects a proposed change."""
    who = caller(request)

    def run() -> dict[str, Any]:
        decided = operations.decide_change(
            change_id=change_id,
            actor=who.actor,
            payload_hash=bytes.fromhex(body.payload_hash),
            verdict=body.verdict,
            effective_at=who.now,
            reason=body.reason,
        )
        return _change(decided)

    asked = {"change_id": str(change_id), **body.plain()}
    return _answer(request, ChangeBody, perform(request, "party.decide_change", asked, run))


@router.post("/changes/{change_id}/withdraw", **writes(ChangeBody))
def withdraw_change(request: HttpRequest, change_id: ChangeId, body: Reasoned) -> HttpResponse:
    """The proposer takes the change back."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return _change(operations.withdraw_change(change_id=change_id, actor=who.actor, effective_at=who.now))

    asked = {"change_id": str(change_id), **body.plain()}
    return _answer(request, ChangeBody, perform(request, "party.withdraw_change", asked, run))
