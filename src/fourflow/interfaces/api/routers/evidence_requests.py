"""Evidence requests: the regulator asks about a voucher or a party, the operator hands the pack out. No machine does either."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Line, Page, Part, Shown, Text
from fourflow.interfaces.api.ids import PREFIXES, EventId, EvidenceRequestId, PartyId, PersonId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, file, files, one, page, read, reads, writes
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.oversight.insight import operations, queries
from fourflow.oversight.insight.types import About, EvidenceRequest, RequestInvalid
from fourflow.oversight.insight.types import EvidenceRequestId as Asked
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import decode, encode

router = Router(tags=["evidence requests"])

ZIP = "application/zip"
#: what may be asked about, by the prefix of its identifiers
ABOUT: dict[str, About] = {PREFIXES[kind.value]: kind for kind in About}


class EvidenceAsked(Body):
    """``about`` is a voucher (``vch_…``) or a party (``prt_…``); ``authority`` the number of the order or the case."""

    about: Line
    purpose: Text
    authority: Line
    answer_by: date


class EvidenceAnswer(Body):
    note: Text = ""


class PackedFact(Part):
    """A fact of the pack: ``leaf`` is its SHA-256 leaf hash, ``position`` its place in the log."""

    event_id: EventId
    kind: str
    position: int
    leaf: str


class EvidenceRequestRow(Shown):
    """``facts`` and ``sha256`` (of the pack's manifest) stand once it is answered."""

    id: EvidenceRequestId
    organisation_id: PartyId
    about: str
    purpose: str
    authority: str
    asked_by: PersonId
    asked_at: AwareDatetime
    answer_by: date
    answered_at: AwareDatetime | None
    note: str
    facts: int
    sha256: str


class EvidenceRequestBody(EvidenceRequestRow):
    entries: list[PackedFact]


class EvidenceRequestPage(Page):
    data: list[EvidenceRequestRow]


def _row(one: EvidenceRequest) -> dict[str, Any]:
    return {
        "id": one.id,
        "organisation_id": one.organisation_id,
        "about": encode(PREFIXES[one.about.value], one.subject_id),
        "purpose": one.purpose,
        "authority": one.authority,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "answer_by": one.answer_by,
        "answered_at": one.answered_at,
        "note": one.note,
        "facts": len(one.entries),
        "sha256": one.sha256,
    }


def _subject(text: str) -> tuple[About, UUID]:
    """:raises RequestInvalid: neither a voucher's identifier nor a party's."""
    prefix = text.partition("_")[0]
    try:
        return ABOUT[prefix], decode(prefix, text)
    except (KeyError, FourflowError):
        raise RequestInvalid(field="about", value=text[:40], expected=[f"{known}_…" for known in ABOUT]) from None


@shows("request")
def _request(who: Caller, request_id: UUID) -> EvidenceRequestBody:
    found = queries.get(actor=who.actor, request_id=Asked(request_id))
    entries = [PackedFact.model_validate(entry) for entry in found.entries]
    return EvidenceRequestBody(**_row(found), entries=entries)


@router.get("/evidence-requests", **reads(EvidenceRequestPage))
def list_evidence_requests(
    request: HttpRequest,
    state: Literal["open", "answered"] | None = None,
    about: Line = "",
    sort: Line = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """The latest first or by ``sort``: asked, by; for the operator and the regulator, to all others there are none."""
    actor = caller(request).actor
    subject_id = _subject(about)[1] if about else None

    def rows(after: UUID | None, size: int) -> list[EvidenceRequest]:
        return queries.requests(
            actor=actor,
            open_only=state == "open",
            answered_only=state == "answered",
            subject_id=subject_id,
            sort=sort,
            after=after,
            limit=size,
        )

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, EvidenceRequestPage, [EvidenceRequestRow(**_row(row)) for row in found], following)


@router.get("/evidence-requests/{request_id}", **reads(EvidenceRequestBody))
def get_evidence_request(request: HttpRequest, request_id: EvidenceRequestId) -> HttpResponse:
    """Why, on whose authority, and once it is answered every fact that was handed out."""
    return one(request, "request", request_id)


@router.post("/evidence-requests", **writes(EvidenceRequestBody, 201))
def ask_evidence(request: HttpRequest, body: EvidenceAsked) -> HttpResponse:
    """The regulator asks; nobody but operator and regulator sees it."""
    who = caller(request)
    kind, subject_id = _subject(body.about)

    def run() -> dict[str, Any]:
        asked = operations.ask(
            about=kind,
            subject_id=subject_id,
            purpose=body.purpose,
            authority=body.authority,
            answer_by=body.answer_by,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
        )
        return made(asked)

    done = perform(request, "evidence.ask", body.plain(), run)
    return one(request, "request", about(done), 201)


@router.post("/evidence-requests/{request_id}/answer", **writes(EvidenceRequestBody))
def answer_evidence(request: HttpRequest, request_id: EvidenceRequestId, body: EvidenceAnswer) -> HttpResponse:
    """The operator hands out every fact about it that has a place in the log; the answer cannot be changed afterwards."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(
            operations.release(request_id=Asked(request_id), note=body.note, actor=who.actor, effective_at=who.now)
        )

    perform(request, "evidence.release", {"request_id": str(request_id), **body.plain()}, run)
    return one(request, "request", request_id)


@router.get("/evidence-requests/{request_id}/pack", **files(ZIP), summary="Evidence pack")
def evidence_pack(request: HttpRequest, request_id: EvidenceRequestId) -> HttpResponse:
    """The pack as a ZIP file: manifest, the proof bundle of each fact, and that of the answer, which signs the manifest."""
    actor = caller(request).actor
    actor.require(Permission.EVIDENCE_EXPORT)
    content = queries.packed(actor=actor, request_id=Asked(request_id))
    return file(request, content, ZIP, f"evidence-{encode(PREFIXES['request'], request_id)}.zip")
