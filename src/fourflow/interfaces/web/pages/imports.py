"""A file that is being taken over: its stages, what is done and what failed, the error file, and how it goes on."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.config import wiring
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, refusals
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.records import Kpi, Link, Step
from fourflow.interfaces.web.components.status import Status, status
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError
from fourflow.trade.documents import operations, queries
from fourflow.trade.documents.types import ImportState, ImportView

#: orders a step: a page answers within a second or two
STEP = 500
#: seconds between two looks of a page that is left open: from two on, ever longer, to this
LONGEST = 30
OPEN = (ImportState.RECEIVED, ImportState.STORING)
_STATES = {
    ImportState.RECEIVED: "QUEUED",
    ImportState.STORING: "RUNNING",
    ImportState.DONE: "DONE",
    ImportState.REFUSED: "FAILED",
}


@require_http_methods(["GET", "POST"])
@page(Permission.IMPORT_ORDERS)
def job(request: HttpRequest, visitor: Visitor, import_id: UUID) -> HttpResponse:
    """How far it is; a press takes the next orders over, or leaves the rest."""
    refused, answered = None, 200
    with visitor.reading() as actor:
        found = queries.get_import(actor, import_id)
    if request.method == "POST":
        try:
            _go_on(request, visitor, found)
            return redirect(to("import", found.id))
        except FourflowError as error:
            refused, answered = refusals.banner(error), refusals.status_of(error)
    with visitor.reading():
        left = queries.time_left(found, visitor.at)
    beats = int(given) if (given := request.GET.get("beat", "")).isdecimal() and len(given) < 4 else 0
    context = {**_shown(found, left), "refused": refused, "beat": beats + 1, "wait": min(2 << beats // 3, LONGEST)}
    response = render(request, "web/pages/import.html", context, status=answered)
    if beats and found.state not in OPEN:
        response["HX-Refresh"] = "true"  # its head, too, has another state now
    return response


def _go_on(request: HttpRequest, visitor: Visitor, found: ImportView) -> None:
    leaves = request.POST.get("act") == "leave"

    def run() -> dict[str, Any]:
        if leaves:
            operations.give_up_import(import_id=found.id, actor=visitor.actor, effective_at=visitor.now)
        else:
            operations.continue_import(
                import_id=found.id,
                source=wiring.document_sources()[found.source],
                actor=visitor.actor,
                effective_at=visitor.now,
                orders=STEP,
            )
        return {"id": text("import", found.id)}

    doors.perform(request, visitor, "import.give_up" if leaves else "import.continue", run)


def state_of(found: ImportView) -> Status:
    """How a file stands, in words."""
    return status("job", _STATES[found.state])


def _words(left: timedelta) -> str:
    """Roughly: nobody plans by seconds."""
    minutes = math.ceil(left.total_seconds() / 60)
    if minutes <= 1:
        return _("Less than a minute left")
    if minutes < 120:
        return ngettext("About %(n)s minute left", "About %(n)s minutes left", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("About %(n)s hour left", "About %(n)s hours left", hours) % {"n": hours}


def _shown(found: ImportView, left: timedelta | None) -> dict[str, Any]:
    counts, number = found.counts, text("import", found.id)
    is_open, begun = found.state in OPEN, found.state is not ImportState.RECEIVED
    ended = {ImportState.DONE: "ok", ImportState.REFUSED: "bad"}.get(found.state, "next")
    passed = _("%(n)s of %(total)s orders") % {"n": f"{found.orders_passed:,}", "total": f"{found.orders_total:,}"}
    last = _("Left, what was taken over stays") if ended == "bad" else _("Everything is taken over")
    bad = f"/imports/{number}/errors" if counts.rows_refused else ""
    return {
        "title": found.file_name,
        "sub": number,
        "state": state_of(found),
        "crumbs": [
            Link(_("Deliveries"), "/deliveries"),
            Link(_("Deliveries from a file"), "/deliveries/file"),
        ],
        "kpis": [
            Kpi(_("Rows read"), counts.rows_read),
            Kpi(_("Rows with errors"), counts.rows_refused, bad, tone="bad" if counts.rows_refused else "neutral"),
            Kpi(_("New orders"), counts.orders),
            Kpi(_("New deliveries"), counts.deliveries, f"/deliveries?import={number}"),
            Kpi(_("Deliveries known already"), counts.deliveries_known),
        ],
        "steps": [
            Step(_("Received"), found.received_at),
            Step(_("Taken over"), body=passed if begun else "", tone="done" if begun else "next"),
            Step(last, found.finished_at, tone=ended),
        ],
        "passed": found.orders_passed,
        "total": found.orders_total,
        "is_open": is_open,
        "moves": found.state is ImportState.STORING,
        "left": "" if left is None else _words(left),
        "bad": bad,
        "number": number,
        "token": doors.token(),
    }


@require_GET
@page(Permission.IMPORT_ORDERS)
def errors(request: HttpRequest, visitor: Visitor, import_id: UUID) -> HttpResponse:
    """The refused rows with their reasons, as they were when the file was read."""
    with visitor.reading() as actor:
        queries.get_import(actor, import_id)
        content = queries.import_file_content(actor, import_id, "rejects")
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{text("import", import_id)}-errors.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
