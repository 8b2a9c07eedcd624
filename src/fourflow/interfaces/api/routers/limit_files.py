"""Many credit lines announced at once: tried without writing, bad rows handed back, the rows that the maker chose announced."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, UploadedFile
from pydantic import Field

from fourflow.capital.limits import operations
from fourflow.capital.limits.types import Announcement
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Body, Shown
from fourflow.interfaces.api.ids import PublicationId
from fourflow.interfaces.api.replies import computes, files, reply, writes
from fourflow.interfaces.api.routers.limits import LimitProposalRequest
from fourflow.interfaces.api.rows import Row, RowProblemBody, shown, stored, to_mend, told
from fourflow.interfaces.api.writing import perform
from fourflow.platform.rows import Asked, RowsMode, RowsPlan

router = Router(tags=["limits"])


class AnnouncedRow(LimitProposalRequest):
    row: Row

    def to_type(self) -> Announcement:
        return Announcement(self.core_id, self.sanctioned, self.valid_from, self.valid_to, self.source)


class AnnouncementPlanBody(Shown):
    """``rows`` would be announced, ``problems`` stand in the way of the others. Nothing is written."""

    rows: list[AnnouncedRow]
    problems: list[RowProblemBody]


class AnnouncementBatchRequest(Body):
    """``rows`` of the dry run, or a machine's own. ``all``: every one of them or none; ``good_rows``: a row that fails now is
    left out."""

    rows: list[AnnouncedRow] = Field(min_length=1, max_length=1000)
    mode: RowsMode = RowsMode.ALL


class AnnouncementBatchBody(Shown):
    """The announcements, each waiting for its checker, and the rows that were left out."""

    proposals: list[PublicationId]
    problems: list[RowProblemBody]


def _tried(request: HttpRequest, upload: UploadedFile) -> RowsPlan[Announcement]:
    return operations.plan_file(content=upload.read(), actor=caller(request).actor)


@router.post("/limits/proposals/batches/plan", **computes(AnnouncementPlanBody), summary="Dry run")
def plan_limits(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
    """Read a workbook or a CSV file (UTF-8, GB 18030) with the columns core (registered number, name or identifier),
    sanctioned, currency, valid_from, source and, as needed, valid_to; check every row as announcing it would."""
    tried = _tried(request, file)
    planned = [shown(AnnouncedRow, one) for one in tried.rows]
    return reply(request, AnnouncementPlanBody(rows=planned, problems=told(tried.problems)))


@router.post("/limits/proposals/batches/problems", **files("text/csv"), summary="Rows to mend")
def limit_problems(request: HttpRequest, upload: Annotated[UploadedFile, File(alias="file")]) -> HttpResponse:
    """The same dry run, answered with its bad rows and the reasons as CSV; no cell is one that a spreadsheet executes."""
    return to_mend(request, _tried(request, upload).problems)


@router.post("/limits/proposals/batches", **writes(AnnouncementBatchBody, 201), summary="Announce many")
def propose_limits(request: HttpRequest, body: AnnouncementBatchRequest) -> HttpResponse:
    """Announce the rows that the maker chose, in one step; nothing changes before a second person decides on each."""
    who = caller(request)

    def run() -> dict[str, Any]:
        asked = [Asked(row.row, row.to_type()) for row in body.rows]
        done = operations.propose_rows(rows=asked, mode=body.mode, actor=who.actor, effective_at=who.now)
        return done.to_body()

    done = perform(request, "limit.batch", body.plain(), run)
    made = [UUID(one) for one in done.result["ids"]]
    return reply(request, AnnouncementBatchBody(proposals=made, problems=stored(done.result)), status=201)
