"""Files of other systems: tried without writing, received, and taken over step by step."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import AwareDatetime, Field

from fourflow.config import wiring
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Intention, Page, Part, Shown
from fourflow.interfaces.api.ids import PREFIXES, ImportId, PartyId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, computes, file, files, one, page, read, reads, reply, show, writes
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.platform.errors import Invalid
from fourflow.platform.ids import encode
from fourflow.trade.documents import operations, queries
from fourflow.trade.documents.ports import DocumentSource
from fourflow.trade.documents.types import ImportMode, ImportState, ImportView, Severity

router = Router(tags=["imports"])
SHOWN = 200
STEP = 500


class SourceUnknown(Invalid):
    """There is no reader for files of this format."""

    code = "import.source_unknown"


class CountsBody(Part):
    rows_read: int
    rows_refused: int
    orders: int
    orders_extended: int
    orders_known: int
    deliveries: int
    deliveries_known: int
    conflicts: int
    lines: int
    errors: int
    warnings: int
    notes: int


class RowProblemBody(Part):
    """``row`` is the spreadsheet's row number (the header is 1; 0: the file as a whole)."""

    code: str
    severity: Severity
    row: int
    field: str
    value: str
    expected: str
    line: str
    became: str


class PreviewBody(Shown):
    """What importing the file would do. At most 200 problems are shown; ``by_code`` counts them all."""

    counts: CountsBody
    by_code: dict[str, int]
    problems: list[RowProblemBody]
    would_be_refused: bool


class ImportBody(Shown):
    """``time_left_seconds`` is told while a file is taken over and the last steps were many enough to tell it by."""

    id: ImportId
    buyer_id: PartyId
    source: str
    file_name: str
    sha256: str
    size: int
    mode: ImportMode
    state: ImportState
    received_at: AwareDatetime
    finished_at: AwareDatetime | None
    orders_total: int
    orders_passed: int
    time_left_seconds: int | None = None
    counts: CountsBody
    by_code: dict[str, int]


class ImportPage(Page):
    data: list[ImportBody]


class ContinueRequest(Body):
    """How many orders the next step takes."""

    orders: int = Field(default=STEP, ge=1, le=5000)


def source_of(name: str) -> DocumentSource:
    """The reader for a format.

    :raises SourceUnknown: there is none of this name.
    """
    known = wiring.document_sources()
    if name not in known:
        raise SourceUnknown(field="source", expected=sorted(known))
    return known[name]


def _encoding(name: str) -> str | None:
    """What the sender states; whether there is such an encoding is the reader's business."""
    return name if name.isascii() and name.isprintable() and 0 < len(name) <= 40 else None


@shows("import")
def _import(who: Caller, import_id: UUID) -> ImportBody:
    return _body(who, queries.get_import(who.actor, import_id))


def _body(who: Caller, found: ImportView) -> ImportBody:
    left = queries.time_left(found, who.at)
    return show(ImportBody, found, time_left_seconds=None if left is None else round(left.total_seconds()))


def _shown(request: HttpRequest, import_id: UUID, status: int = 200) -> HttpResponse:
    response = one(request, "import", import_id, status)
    response["Location"] = request.build_absolute_uri(f"/v1/imports/{encode(PREFIXES['import'], import_id)}")
    return response


@router.post("/imports/preview", **computes(PreviewBody), summary="Dry run")
def preview_import(
    request: HttpRequest,
    file: File[UploadedFile],
    source: Form[str] = "scms",
    mode: Form[ImportMode] = ImportMode.GOOD_ROWS,
    encoding: Form[str] = "",
) -> HttpResponse:
    """Read a file and compare it with what is here; nothing is written."""
    who = caller(request)
    found = operations.preview_file(
        content=file.read(),
        source=source_of(source),
        mode=mode,
        actor=who.actor,
        today=who.today,
        encoding=_encoding(encoding),
    )
    body = PreviewBody(
        counts=CountsBody.model_validate(found.counts),
        by_code=found.by_code,
        problems=[RowProblemBody.model_validate(problem) for problem in found.problems[:SHOWN]],
        would_be_refused=found.would_be_refused,
    )
    return reply(request, body)


@router.post("/imports", **writes(ImportBody, 202))
def receive_import(
    request: HttpRequest,
    file: File[UploadedFile],
    source: Form[str] = "scms",
    mode: Form[ImportMode] = ImportMode.GOOD_ROWS,
    encoding: Form[str] = "",
) -> HttpResponse:
    """Keep a file as it came. ``Location`` names the import; its ``continue`` takes the documents over step by step."""
    who, content = caller(request), file.read()
    reader = source_of(source)

    def run() -> dict[str, Any]:
        received = operations.receive_file(
            content=content,
            file_name=file.name or "",
            source=reader,
            mode=mode,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
            encoding=_encoding(encoding),
        )
        return made(received)

    asked = {"file": sha256(content).hexdigest(), "source": source, "mode": mode.value, "encoding": encoding}
    return _shown(request, about(perform(request, "import.receive", asked, run)), 202)


@router.get("/imports", **reads(ImportPage))
def list_imports(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """The organisation's imports, the latest first."""
    who = caller(request)

    def rows(after: UUID | None, size: int) -> tuple[ImportView, ...]:
        return queries.imports(who.actor, after=after, limit=size)

    def query() -> tuple[list[ImportBody], str | None]:
        found, following = by_id(cursor, limit, rows)
        return [_body(who, row) for row in found], following

    data, following = read(request, query)
    return page(request, ImportPage, data, following)


@router.get("/imports/{import_id}", **reads(ImportBody))
def get_import(request: HttpRequest, import_id: ImportId) -> HttpResponse:
    """How far an import is, and what was found."""
    return _shown(request, import_id)


@router.get("/imports/{import_id}/files/{what}", **files("text/csv"), summary="Files of an import")
def import_file(
    request: HttpRequest, import_id: ImportId, what: Literal["original", "rejects", "problems"]
) -> HttpResponse:
    """The file as received, the refused rows with reasons, or every problem; as CSV."""
    actor = caller(request).actor

    def query() -> bytes:
        queries.get_import(actor, import_id)
        return queries.import_file_content(actor, import_id, what)

    return file(request, read(request, query), "text/csv; charset=utf-8", f"{what}.csv")


@router.post("/imports/{import_id}/continue", **writes(ImportBody))
def continue_import(request: HttpRequest, import_id: ImportId, body: ContinueRequest) -> HttpResponse:
    """Store the next orders with their deliveries; to be called until the state is done or refused."""
    who = caller(request)
    seen = read(request, lambda: queries.get_import(who.actor, import_id))
    reader = source_of(seen.source)

    def run() -> dict[str, Any]:
        stored = operations.continue_import(
            import_id=import_id, source=reader, actor=who.actor, effective_at=who.now, orders=body.orders
        )
        return made(stored)

    done = perform(request, "import.continue", {"import_id": str(import_id), **body.plain()}, run)
    return _shown(request, about(done))


@router.post("/imports/{import_id}/give-up", **writes(ImportBody))
def give_up_import(request: HttpRequest, import_id: ImportId, body: Intention) -> HttpResponse:
    """End an import that cannot be continued; what it stored so far stays."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.give_up_import(import_id=import_id, actor=who.actor, effective_at=who.now))

    return _shown(request, about(perform(request, "import.give_up", {"import_id": str(import_id)}, run)))
