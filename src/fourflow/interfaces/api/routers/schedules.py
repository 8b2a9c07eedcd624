"""Reports that a person subscribes to: the person's own business, like its notices; no machine has any."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from fourflow.config import wiring
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Intention, Line, Page, Part, Shown
from fourflow.interfaces.api.ids import ReportId, ScheduleId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, file, files, one, page, read, reads, reply, show, writes
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.oversight.reports import operations, queries
from fourflow.oversight.reports.types import Language, Reader, Report, Rhythm, ScheduleInvalid, ScheduleState
from fourflow.oversight.reports.types import ReportId as Made
from fourflow.oversight.reports.types import ScheduleId as Subscribed

router = Router(tags=["reports"])
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ScheduleBody(Shown):
    """``address`` is a list of the pages with its filters. ``next_on`` is the business day of the next file, for which
    ``attempts`` have failed so far; ``reason`` is the code of what stopped it."""

    id: ScheduleId
    name: str
    address: str
    rhythm: Rhythm
    state: ScheduleState
    next_on: date | None
    attempts: int
    reason: str
    subscribed_at: AwareDatetime


class ScheduleList(Shown):
    data: list[ScheduleBody]


class ScheduleRequest(Body):
    """``address``: a list of the pages, such as ``/overdue`` or ``/vouchers?state=active&sort=due_on``."""

    name: Line
    address: Annotated[str, Field(max_length=1600)]
    rhythm: Rhythm
    language: Language = "zh"


class ReportBody(Part):
    """A run: the file for a business day, or the code of its failure. A file that is not ``kept`` any more has its digest."""

    id: ReportId
    day: date
    made_at: AwareDatetime
    code: str
    sha256: str
    size: int
    kept: bool


class ReportPage(Page):
    data: list[ReportBody]


@shows("schedule")
def _schedule(who: Caller, schedule_id: UUID) -> ScheduleBody:
    return show(ScheduleBody, queries.get(who.actor, Subscribed(schedule_id)))


@router.get("/schedules", **reads(ScheduleList), summary="What I subscribe to")
def list_schedules(request: HttpRequest) -> HttpResponse:
    """The person's schedules for the organisation, the latest first."""
    actor = caller(request).actor
    found = read(request, lambda: queries.mine(actor))
    return reply(request, ScheduleList(data=[show(ScheduleBody, each) for each in found]))


@router.post("/schedules", **writes(ScheduleBody, 201), summary="Subscribe to a report")
def subscribe_report(request: HttpRequest, body: ScheduleRequest) -> HttpResponse:
    """A file of what a list shows this person, on business days, with the rights that he then has. It is made once to try."""
    who = caller(request)
    if who.actor.account_id is None:
        raise ScheduleInvalid(field="account", expected="a person")
    reader = Reader(who.actor.account_id, who.actor.organisation_id, body.language)
    wiring.report_maker()(reader=reader, address=body.address, now=who.now)

    def run() -> dict[str, str]:
        return made(
            operations.subscribe(
                name=body.name,
                address=body.address,
                rhythm=body.rhythm,
                language=body.language,
                actor=who.actor,
                effective_at=who.now,
                today=who.today,
            )
        )

    return one(request, "schedule", about(perform(request, "report.subscribe", body.plain(), run)), 201)


@router.get("/schedules/{schedule_id}", **reads(ScheduleBody))
def get_schedule(request: HttpRequest, schedule_id: ScheduleId) -> HttpResponse:
    """One schedule."""
    return one(request, "schedule", schedule_id)


@router.post("/schedules/{schedule_id}/pause", **writes(ScheduleBody))
def pause_schedule(request: HttpRequest, schedule_id: ScheduleId, body: Intention) -> HttpResponse:
    """No files until it is resumed."""
    who, key = caller(request), Subscribed(schedule_id)
    run = lambda: made(operations.pause(schedule_id=key, actor=who.actor, effective_at=who.now))  # noqa: E731
    return one(request, "schedule", about(perform(request, "report.pause", {"schedule_id": str(schedule_id)}, run)))


@router.post("/schedules/{schedule_id}/resume", **writes(ScheduleBody))
def resume_schedule(request: HttpRequest, schedule_id: ScheduleId, body: Intention) -> HttpResponse:
    """Files again from the next day of the rhythm; what was missed is not made up for."""
    who, key = caller(request), Subscribed(schedule_id)

    def run() -> dict[str, str]:
        return made(operations.resume(schedule_id=key, actor=who.actor, effective_at=who.now, today=who.today))

    return one(request, "schedule", about(perform(request, "report.resume", {"schedule_id": str(schedule_id)}, run)))


@router.post("/schedules/{schedule_id}/end", **writes(ScheduleBody))
def end_schedule(request: HttpRequest, schedule_id: ScheduleId, body: Intention) -> HttpResponse:
    """No files any more; those that were made stay."""
    who, key = caller(request), Subscribed(schedule_id)

    def run() -> dict[str, str]:
        return made(operations.end(schedule_id=key, actor=who.actor, effective_at=who.now))

    return one(request, "schedule", about(perform(request, "report.end", {"schedule_id": str(schedule_id)}, run)))


@router.get("/schedules/{schedule_id}/reports", **reads(ReportPage))
def list_reports(
    request: HttpRequest, schedule_id: ScheduleId, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """The runs of a schedule, the latest first."""
    actor, key = caller(request).actor, Subscribed(schedule_id)

    def rows(after: UUID | None, size: int) -> list[Report]:
        queries.get(actor, key)
        return queries.runs(actor, key, after=after, size=size)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, ReportPage, [ReportBody.model_validate(each) for each in found], following)


@router.get("/reports/{report_id}/file", **files(WORKBOOK))
def get_report_file(request: HttpRequest, report_id: ReportId) -> HttpResponse:
    """A file as it was made; 404 once the days of ``report.keep_days`` are over."""
    actor = caller(request).actor
    found, content = read(request, lambda: queries.file(actor, Made(report_id)))
    return file(request, content, WORKBOOK, f"fourflow-{found.day.isoformat()}.xlsx")
