"""Reports that a person subscribes to: what is subscribed, what came of it, the files, and pausing or ending it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.config import wiring
from fourflow.interfaces.web import excel, lists, refusals, texts
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Ident, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.reports import operations, queries
from fourflow.oversight.reports.types import Reader, Report, ReportId, Rhythm, Schedule, ScheduleId, ScheduleState

CRUMB = "/schedules"
RHYTHMS: Mapping[Rhythm, Words] = {
    Rhythm.DAILY: gettext_lazy("Every business day"),
    Rhythm.WEEKLY: gettext_lazy("The first business day of each week"),
    Rhythm.MONTHLY: gettext_lazy("The first business day of each month"),
}


@require_GET
@page()
def schedules(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the person subscribes to for this organisation: last run, next run, failures."""
    with visitor.reading() as actor:
        found = queries.mine(actor)
        last = queries.last_runs(actor, [one.id for one in found])
    table = lists.Table(
        id="schedules",
        title=_("Report schedules"),
        columns=(
            Column("name", _("Report"), lead=True),
            Column("state", _("State"), "status", corner=True),
            Column("rhythm", _("How often")),
            Column("last", _("Last run"), "date"),
            Column("outcome", _("Result"), "status"),
            Column("next", _("Next run"), "date"),
        ),
        read=lambda state: lists.whole(state, [_row(one, last.get(one.id)) for one in found]),
        draw=lambda rows: rows,
        empty=Empty(
            "first", _("No report yet"), _("Open a list, filter it as you want it, and press Subscribe beside Excel.")
        ),
    )
    sub = _("Files of lists, made on business days with the rights that you then have. Nobody else sees them.")
    return lists.show(request, visitor, table, sub=sub)


def state_of(one: Schedule) -> Status:
    if one.state is ScheduleState.ACTIVE and one.attempts:
        return Status(_("Trying again"), "warn", True)
    return {
        ScheduleState.ACTIVE: Status(pg("state", "Active"), "ok"),
        ScheduleState.PAUSED: Status(_("Paused"), "neutral"),
        ScheduleState.STOPPED: Status(_("Stopped"), "bad"),
        ScheduleState.ENDED: Status(_("Ended"), "neutral"),
    }[one.state]


def outcome(run: Report | None) -> Status | None:
    if run is None:
        return None
    if run.failed:
        return Status(_("Failed"), "bad")
    return Status(_("File ready"), "ok") if run.kept else Status(_("Removed"), "neutral")


def _row(one: Schedule, run: Report | None) -> Row:
    cells = {
        "name": one.name,
        "state": state_of(one),
        "rhythm": RHYTHMS[one.rhythm],
        "last": run.day if run else None,
        "outcome": outcome(run),
        "next": one.next_on,
    }
    return Row(text("schedule", one.id), cells, to("schedule", one.id))


@require_GET
@page()
def schedule(request: HttpRequest, visitor: Visitor, schedule_id: UUID) -> HttpResponse:
    """One schedule with its files; beside each what went wrong, where something did."""
    with visitor.reading() as actor:
        found = queries.get(actor, ScheduleId(schedule_id))

    def read(state: ListState) -> tuple[list[Report], Pager]:
        return lists.after(
            state, lambda after, size: queries.runs(visitor.actor, ScheduleId(schedule_id), after=after, size=size)
        )

    table = lists.Table(
        id="runs",
        title=_("Files"),
        columns=(
            Column("day", _("For"), sortable=False, lead=True),
            Column("state", _("Result"), "status", sortable=False, corner=True),
            Column("made", _("Made"), "date", sortable=False),
            Column("size", _("Bytes"), "number", sortable=False),
            Column("why", _("Reason"), sortable=False),
            Column("sha256", "SHA-256", "id", sortable=False, shown=False),
        ),
        read=read,
        draw=lambda runs: [_run(found, one) for one in runs],
        empty=Empty("waiting", _("No file yet"), _("The first one is made on the day that is named as the next run.")),
    )
    facts: Facts = [
        (_("How often"), RHYTHMS[found.rhythm]),
        (_("Next run"), found.next_on),
        (_("Shows"), Link(found.address, found.address)),
        (_("Subscribed"), found.subscribed_at),
    ]
    if found.reason:
        facts = [*facts, (_("Stopped because"), why(found.reason))]
    words = {
        ScheduleState.ACTIVE: {"pause": _("Pause"), "end": _("End")},
        ScheduleState.PAUSED: {"resume": _("Resume"), "end": _("End")},
        ScheduleState.STOPPED: {"resume": _("Resume"), "end": _("End")},
    }.get(found.state, {})
    actions = [Link(word, to("schedule", found.id, f"/{act}")) for act, word in words.items()]
    context = {
        "state": state_of(found),
        "crumbs": (Link(_("Report schedules"), CRUMB),),
        "facts": facts,
        "actions": actions,
    }
    return lists.show(request, visitor, table, "web/pages/record.html", **context, title=found.name)


def why(code: str) -> str:
    """The reason why a schedule stopped or a run failed, in words."""
    message = refusals.TEXTS.get(code, (_("You may not see it (any more)."), ""))[0]
    return f"{message} [{code}]"


def _run(found: Schedule, run: Report) -> Row:
    cells = {
        "day": run.day.isoformat(),
        "state": outcome(run),
        "made": run.made_at,
        "size": run.size or None,
        "why": why(run.code) if run.failed else "" if run.kept else _("Its days are over; its digest is kept."),
        "sha256": Ident(run.sha256) if run.sha256 else "",
    }
    address = to("schedule", found.id, f"/{text('report', run.id)}") if run.kept else ""
    return Row(text("report", run.id), cells, address)


@require_GET
@page()
def report(request: HttpRequest, visitor: Visitor, schedule_id: UUID, report_id: UUID) -> HttpResponse:
    """A file as it was made."""
    with visitor.reading() as actor:
        made, content = queries.file(actor, ReportId(report_id))
    return excel.response(f"fourflow-{made.day.isoformat()}-{text('report', made.id)[-6:]}", content)


@require_http_methods(["GET", "POST"])
@page()
def subscribe(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A file of what the address shows, by a rhythm. It is tried once before anything is promised."""
    address = request.GET.get("address", "") or request.POST.get("address", "")
    language = "en" if texts.language() == "en" else "zh"

    def shown(values: Values) -> Facts:
        account = visitor.session.account_id
        reader = Reader(account, visitor.id, "en" if language == "en" else "zh")
        content = wiring.report_maker()(reader=reader, address=values["address"], now=visitor.now)
        first = queries.next_day(Rhythm(values["rhythm"]), visitor.today)
        return [(_("Size of the file as it is now"), _("%(n)s bytes") % {"n": len(content)}), (_("First file"), first)]

    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operations.subscribe(
            name=values["name"],
            address=values["address"],
            rhythm=Rhythm(values["rhythm"]),
            language="en" if language == "en" else "zh",
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(made.id)}

    act = Act(
        title=_("Subscribe to a report"),
        operation="report.subscribe",
        run=run,
        to=lambda done: to("schedule", UUID(done["id"])),
        done=_("Subscribed. You are told when a file lies ready."),
        button=_("Subscribe"),
        fields=(
            Field("name", _("Name"), maximum=operations.LONGEST_NAME),
            Field("rhythm", _("How often"), "choice", choices=tuple(Choice(o.value, w) for o, w in RHYTHMS.items())),
            Field(
                "address",
                _("List"),
                help=_("The address of a list with its filters, order and columns."),
                initial=(address,),
                maximum=operations.LONGEST_ADDRESS,
            ),
        ),
        shown=shown,
        consequence=_(
            "Each file is made with the rights that you have then. It is kept here; the e-mail has a link only."
        ),
        crumbs=(Link(_("Report schedules"), CRUMB),),
    )
    return conduct(request, visitor, act)


def _step(
    operation: str,
    title: Words,
    button: Words,
    done: Words,
    consequence: Words,
    do: Callable[[Visitor, ScheduleId], Schedule],
) -> Callable[..., HttpResponseBase]:
    """The page of a step in a schedule's life."""

    @require_http_methods(["GET", "POST"])
    @page()
    def view(request: HttpRequest, visitor: Visitor, schedule_id: UUID) -> HttpResponse:
        with visitor.reading() as actor:
            found = queries.get(actor, ScheduleId(schedule_id))

        def run(values: Values, _signature: object) -> dict[str, Any]:
            return {"id": str(do(visitor, found.id).id)}

        act = Act(
            title=title,
            operation=f"report.{operation}",
            run=run,
            to=lambda _done: to("schedule", found.id),
            done=done,
            button=button,
            facts=[(_("Report"), found.name), (_("How often"), RHYTHMS[found.rhythm]), (_("Next run"), found.next_on)],
            consequence=consequence,
            crumbs=(Link(_("Report schedules"), CRUMB), Link(found.name, to("schedule", found.id))),
            about={"schedule": str(found.id)},
        )
        return conduct(request, visitor, act)

    return view


pause = _step(
    "pause",
    gettext_lazy("Pause the report"),
    gettext_lazy("Pause"),
    gettext_lazy("Paused: no files until you resume it."),
    gettext_lazy("What is missed meanwhile is not made up for."),
    lambda visitor, one: operations.pause(schedule_id=one, actor=visitor.actor, effective_at=visitor.now),
)
resume = _step(
    "resume",
    gettext_lazy("Resume the report"),
    gettext_lazy("Resume"),
    gettext_lazy("Resumed: the next file is made on its next day."),
    gettext_lazy("What was missed meanwhile is not made up for."),
    lambda visitor, one: operations.resume(
        schedule_id=one, actor=visitor.actor, effective_at=visitor.now, today=visitor.today
    ),
)
end = _step(
    "end",
    gettext_lazy("End the report"),
    gettext_lazy("End"),
    gettext_lazy("Ended. The files that were made stay."),
    gettext_lazy("It cannot be resumed; the files that were made stay."),
    lambda visitor, one: operations.end(schedule_id=one, actor=visitor.actor, effective_at=visitor.now),
)
