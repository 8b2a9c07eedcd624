"""Onboarding of parties and changes of what they are; two people each."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, UploadedFile

from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    DOCUMENT_TYPES,
    MAX_DOCUMENT,
    ApplicationState,
    ApplicationView,
    ChangeKind,
    ChangeState,
    ChangeView,
    DocumentOf,
    NotADocument,
    Terms,
)
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Approvable, Body, Digest, Line, Page, Part, Reasoned, Text
from fourflow.interfaces.api.ids import ApplicationId, ApprovalId, ChangeId, PartyId, RecordId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, file, files, one, page, read, reads, waiting, writes
from fourflow.interfaces.api.routers.onboarding_bodies import DeclarationBody, TermsBody, terms_body
from fourflow.interfaces.api.writing import about, made, must_have_read, perform

router = Router(tags=["onboarding"])
Size = Annotated[int, Query(ge=1, le=200)]


class DocumentIn(Body):
    """A document handed in; whoever hands it in keeps the file, under its SHA-256."""

    kind: Line
    file_name: Line
    media_type: Line
    sha256: Digest


class DocumentShown(Part):
    """``kept``: its content can be read; otherwise whoever handed it in keeps it, or its days are over."""

    kind: str
    file_name: str
    media_type: str
    sha256: str
    kept: bool


class ApplicationBody(Approvable):
    """``approval_id`` is the latest request; ``party_id`` stands once the party is admitted; ``note`` is the examiner's."""

    id: ApplicationId
    state: ApplicationState
    declaration: DeclarationBody
    documents: list[DocumentShown]
    note: str
    approval_id: ApprovalId | None
    party_id: PartyId | None


class ApplicationPage(Page):
    data: list[ApplicationBody]


class ApplicationVerdict(Body):
    """``send_back`` returns it for correction; ``payload_hash`` is that of the request in the inbox."""

    verdict: Verdict
    payload_hash: Digest
    reason: Text = ""
    send_back: bool = False


class ChangeRequest(Body):
    """``what`` tells the terms apart: licence, role, mandate, member, relation, or the end of one."""

    terms: TermsBody


class ChangeBody(Approvable):
    """``row_id`` is the row that it made or ended once it is applied."""

    id: ChangeId
    party_id: PartyId
    kind: ChangeKind
    terms: TermsBody
    state: ChangeState
    approval_id: ApprovalId | None
    row_id: RecordId | None


class ChangePage(Page):
    data: list[ChangeBody]


class ChangeVerdict(Body):
    verdict: Verdict
    payload_hash: Digest
    reason: Text = ""


@shows("application")
def _application(who: Caller, application_id: UUID) -> ApplicationBody:
    return _applications([queries.application(who.actor, application_id)])[0]


def _applications(views: list[ApplicationView]) -> list[ApplicationBody]:
    pending = waiting(view.id for view in views)
    return [
        ApplicationBody(
            id=view.id,
            state=view.state,
            declaration=DeclarationBody.of(view.declaration),
            documents=[DocumentShown.model_validate(document) for document in view.documents],
            note=view.note,
            approval_id=view.approval_id,
            party_id=view.party_id,
            pending_approvals=pending.get(view.id, []),
        )
        for view in views
    ]


@shows("change")
def _change(who: Caller, change_id: UUID) -> ChangeBody:
    return _changes([queries.change(who.actor, change_id)])[0]


def _changes(views: list[ChangeView]) -> list[ChangeBody]:
    pending = waiting(view.id for view in views)
    return [
        ChangeBody(
            id=view.id,
            party_id=view.party_id,
            kind=view.kind,
            terms=terms_body(view.terms),
            state=view.state,
            approval_id=view.approval_id,
            row_id=view.row_id,
            pending_approvals=pending.get(view.id, []),
        )
        for view in views
    ]


@router.get("/applications", **reads(ApplicationPage))
def list_applications(
    request: HttpRequest, state: ApplicationState | None = None, cursor: str = "", limit: Size = 50
) -> HttpResponse:
    """Applications at the organisation's desk, the latest first."""
    who = caller(request)

    def rows(before: UUID | None, size: int) -> list[ApplicationView]:
        return queries.applications(who.actor, state=state, before=before, limit=size)

    def query() -> tuple[list[ApplicationBody], str | None]:
        found, following = by_id(cursor, limit, rows)
        return _applications(found), following

    shown, following = read(request, query)
    return page(request, ApplicationPage, shown, following)


@router.get("/applications/{application_id}", **reads(ApplicationBody))
def get_application(request: HttpRequest, application_id: ApplicationId) -> HttpResponse:
    """One application with its declaration and documents."""
    actor = caller(request).actor
    found = read(request, lambda: queries.application(actor, application_id))
    request.subject_party_id = found.party_id  # type: ignore[attr-defined]
    return one(request, "application", application_id)


@router.get("/changes", **reads(ChangePage))
def list_changes(
    request: HttpRequest,
    party_id: PartyId | None = None,
    state: ChangeState | None = None,
    cursor: str = "",
    limit: Size = 50,
) -> HttpResponse:
    """Changes of parties that the organisation proposed (the operator: all), the latest first."""
    who = caller(request)

    def rows(before: UUID | None, size: int) -> list[ChangeView]:
        return queries.changes(who.actor, party_id=party_id, state=state, before=before, limit=size)

    def query() -> tuple[list[ChangeBody], str | None]:
        found, following = by_id(cursor, limit, rows)
        return _changes(found), following

    shown, following = read(request, query)
    return page(request, ChangePage, shown, following)


@router.get("/changes/{change_id}", **reads(ChangeBody))
def get_change(request: HttpRequest, change_id: ChangeId) -> HttpResponse:
    """One proposed, applied or rejected change."""
    actor = caller(request).actor
    found = read(request, lambda: queries.change(actor, change_id))
    request.subject_party_id = found.party_id  # type: ignore[attr-defined]
    return one(request, "change", change_id)


@router.post("/applications", **writes(ApplicationBody, 201))
def apply(request: HttpRequest, body: DeclarationBody) -> HttpResponse:
    """Draft an application at the operator's desk."""
    who, declared = caller(request), body.to_type()

    def run() -> dict[str, Any]:
        return made(operations.apply(declaration=declared, actor=who.actor, effective_at=who.now))

    return one(request, "application", about(perform(request, "party.apply", body.plain(), run)), 201)


@router.post("/applications/{application_id}/revise", **writes(ApplicationBody, conditional=True))
def revise_application(request: HttpRequest, application_id: ApplicationId, body: DeclarationBody) -> HttpResponse:
    """Change the declaration of a draft or returned application."""
    must_have_read(request)
    who, declared = caller(request), body.to_type()

    def run() -> dict[str, Any]:
        return made(
            operations.revise(
                application_id=application_id, declaration=declared, actor=who.actor, effective_at=who.now
            )
        )

    asked = {"application_id": str(application_id), **body.plain()}
    return one(request, "application", about(perform(request, "party.revise", asked, run)))


@router.post("/applications/{application_id}/documents", **writes(ApplicationBody))
def add_application_document(request: HttpRequest, application_id: ApplicationId, body: DocumentIn) -> HttpResponse:
    """Record a document handed in with an application, whose file is kept elsewhere."""
    who = caller(request)
    document = DocumentOf(body.kind, body.file_name, body.media_type, body.sha256)

    def run() -> dict[str, Any]:
        return made(
            operations.add_document(
                application_id=application_id, document=document, actor=who.actor, effective_at=who.now
            )
        )

    asked = {"application_id": str(application_id), **body.plain()}
    return one(request, "application", about(perform(request, "party.add_document", asked, run)))


@router.post("/applications/{application_id}/files", **writes(ApplicationBody), summary="Hand in a file")
def add_application_file(
    request: HttpRequest, application_id: ApplicationId, file: File[UploadedFile], kind: Form[Line]
) -> HttpResponse:
    """Hand a document in and have it kept: a PDF, PNG or JPEG of at most 10 MB."""
    who = caller(request)
    if (file.size or 0) > MAX_DOCUMENT:
        raise NotADocument(field="file")
    content = file.read()
    document = DocumentOf.of(kind, file.name or "", content)

    def run() -> dict[str, Any]:
        return made(
            operations.add_document(
                application_id=application_id,
                document=document,
                content=content,
                actor=who.actor,
                effective_at=who.now,
            )
        )

    asked = {"application_id": str(application_id), "kind": kind, "file_name": document.file_name}
    asked |= {"file": document.sha256}
    return one(request, "application", about(perform(request, "party.add_document", asked, run)))


@router.get("/applications/{application_id}/files/{sha256}", **files(*DOCUMENT_TYPES), summary="What a document says")
def get_application_file(request: HttpRequest, application_id: ApplicationId, sha256: str) -> HttpResponse:
    """A document as it was handed in; 404 where its content is not kept, or not any more."""
    actor = caller(request).actor

    def query() -> tuple[DocumentOf, bytes]:
        request.subject_party_id = queries.application(actor, application_id).party_id  # type: ignore[attr-defined]
        return queries.document(actor, application_id, sha256)

    document, content = read(request, query)
    return file(request, content, document.media_type, document.file_name)


@router.post("/applications/{application_id}/submit", **writes(ApplicationBody))
def submit_application(request: HttpRequest, application_id: ApplicationId, body: Reasoned) -> HttpResponse:
    """Put a complete application before a second person."""
    who = caller(request)

    def run() -> dict[str, Any]:
        until = parameters.decide_by(who.now)
        return made(
            operations.submit(application_id=application_id, actor=who.actor, effective_at=who.now, decide_by=until)
        )

    asked = {"application_id": str(application_id), **body.plain()}
    return one(request, "application", about(perform(request, "party.submit", asked, run)))


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
        return made(decided)

    asked = {"application_id": str(application_id), **body.plain()}
    return one(request, "application", about(perform(request, "party.decide_application", asked, run)))


@router.post("/parties/{party_id}/changes", **writes(ChangeBody, 201))
def propose_change(request: HttpRequest, party_id: PartyId, body: ChangeRequest) -> HttpResponse:
    """Propose a role, licence, member, mandate or relation of a party, or the end of one."""
    who = caller(request)
    terms: Terms = body.terms.to_type()

    def run() -> dict[str, Any]:
        until = parameters.decide_by(who.now)
        return made(
            operations.propose_change(
                party_id=party_id, terms=terms, actor=who.actor, effective_at=who.now, decide_by=until
            )
        )

    asked = {"party_id": str(party_id), **body.plain()}
    return one(request, "change", about(perform(request, "party.propose_change", asked, run)), 201)


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
        return made(decided)

    asked = {"change_id": str(change_id), **body.plain()}
    return one(request, "change", about(perform(request, "party.decide_change", asked, run)))


@router.post("/changes/{change_id}/withdraw", **writes(ChangeBody))
def withdraw_change(request: HttpRequest, change_id: ChangeId, body: Reasoned) -> HttpResponse:
    """The proposer takes the change back."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.withdraw_change(change_id=change_id, actor=who.actor, effective_at=who.now))

    asked = {"change_id": str(change_id), **body.plain()}
    return one(request, "change", about(perform(request, "party.withdraw_change", asked, run)))
