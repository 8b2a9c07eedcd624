"""Evidence requests: the regulator asks about a voucher or a firm, the operator hands the pack out, both may take it along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.evidence.types import NotYetInLog
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists, refusals
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.errors import error_page
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.pages import happened
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.insight import operations, queries
from fourflow.oversight.insight.types import About, EvidenceRequest, EvidenceRequestId
from fourflow.platform.events import queries as events

CRUMB = "/requests"


@require_GET
@page(Permission.REPORT_VIEW)
def requests(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """For the operator and the regulator; who is looked into is nobody else's business."""
    if not visitor.actor.sees_all:
        return error_page(request, 403)

    def page_of(state: ListState) -> tuple[Sequence[EvidenceRequest], Pager]:
        wanted, ticked = state.filters.get("state", ""), lists.only(state)
        return lists.after(
            state,
            lambda after, limit: queries.requests(
                actor=visitor.actor,
                open_only=wanted == "open",
                answered_only=wanted == "answered",
                sort=state.sort,
                after=after,
                only=ticked,
                limit=limit,
            ),
        )

    def draw(found: Sequence[EvidenceRequest]) -> list[Row]:
        firms = parties.names([one.subject_id for one in found] + [one.organisation_id for one in found])
        return [_row(visitor, one, firms) for one in found]

    table = lists.Table(
        id="requests",
        title=_("Evidence requests"),
        columns=(
            Column("about", _("About"), sortable=False, lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("authority", _("Authority"), sortable=False),
            Column("who", _("Asked by"), sortable=False),
            Column("asked", _("Asked"), "date"),
            Column("by", _("Answer by"), "date"),
            Column("facts", _("Facts"), "number", sortable=False),
        ),
        filters=(
            Filter(
                "state", _("State"), "choice", (Choice("open", pg("state", "Open")), Choice("answered", _("Answered")))
            ),
        ),
        read=page_of,
        draw=draw,
        empty=Empty(
            "done", _("No evidence is asked for"), _("The regulator asks from the page of a voucher or of a firm.")
        ),
    )
    sub = _("What the regulator wants proved, on whose authority, and what was handed out.")
    return lists.show(request, visitor, table, sub=sub)


def state_of(one: EvidenceRequest) -> Status:
    return Status(pg("state", "Open"), "warn", True) if one.is_open else Status(_("Answered"), "ok")


def about(one: EvidenceRequest, firms: dict[UUID, str]) -> Link:
    """The object of a request, with the way to it."""
    if one.about is About.PARTY:
        return Link(firms.get(one.subject_id, "") or _("Firm"), to("party", one.subject_id))
    return Link(_("Voucher %(id)s") % {"id": f"…{text('voucher', one.subject_id)[-8:]}"}, to("voucher", one.subject_id))


def _row(visitor: Visitor, one: EvidenceRequest, firms: dict[UUID, str]) -> Row:
    cells = {
        "about": Link(about(one, firms).text),
        "state": state_of(one),
        "authority": one.authority,
        "who": firms.get(one.organisation_id, ""),
        "asked": one.asked_at,
        "by": Due(one.answer_by, visitor.today, not one.is_open),
        "facts": None if one.is_open else len(one.entries),
    }
    return Row(text("request", one.id), cells, to("request", one.id))


@require_GET
@page(Permission.REPORT_VIEW)
def evidence_request(request: HttpRequest, visitor: Visitor, request_id: UUID) -> HttpResponse:
    """One request: why, on whose authority, what was handed out, and the file."""
    with visitor.reading() as actor:
        one = queries.get(actor=actor, request_id=EvidenceRequestId(request_id))
        firms = parties.names([one.organisation_id, one.subject_id])
        people = parties.person_names([one.asked_by])
        facts = events.of_subject(request_id)
    operates = RoleKind.OPERATOR in visitor.actor.roles and visitor.can(Permission.EVIDENCE_EXPORT)
    context = {
        "title": _("Evidence about %(what)s") % {"what": about(one, firms).text},
        "state": state_of(one),
        "crumbs": (Link(_("Evidence requests"), CRUMB),),
        "facts": _facts(visitor, one, firms, people.get(one.asked_by, "")),
        "happened": happened.timeline(facts, firms),
        "entries": [(f"/events/{text('event', entry.event_id)}", _words(entry.kind), entry) for entry in one.entries],
        "answer": to("request", one.id, "/answer") if one.is_open and operates else "",
        "file": "" if one.is_open else to("request", one.id, "/pack"),
    }
    return render(request, "web/pages/request.html", context)


def _words(kind: str) -> object:
    return happened.WORDS.get(kind, (kind, ""))[0]


def _facts(visitor: Visitor, one: EvidenceRequest, firms: dict[UUID, str], person: str) -> Facts:
    facts: list[tuple[Any, object]] = [
        (_("About"), about(one, firms)),
        (_("Purpose"), one.purpose),
        (_("Authority"), one.authority),
        (_("Asked by"), " · ".join(part for part in (firms.get(one.organisation_id, ""), person) if part)),
        (_("Asked"), one.asked_at),
        (_("Answer by"), Due(one.answer_by, visitor.today, not one.is_open)),
    ]
    if not one.is_open:
        facts += [(_("Answered"), one.answered_at), (_("Note"), one.note), ("SHA-256", one.sha256)]
    return facts


@require_http_methods(["GET", "POST"])
@page(Permission.EVIDENCE_REQUEST)
def ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The regulator asks about the voucher or firm that the address names."""
    kind = About.PARTY if request.GET.get("party") else About.VOUCHER
    subject = read(kind.value, request.GET.get(kind.value, ""))
    if subject is None:
        return redirect("/vouchers")
    with visitor.reading() as actor:
        if kind is About.VOUCHER:
            voucher = vouchers.get(actor=actor, voucher_id=VoucherId(subject))
            shown = Link(short(voucher.number), to("voucher", subject))
        else:
            shown = Link(parties.party(actor, subject, today=visitor.today).name, to("party", subject))

    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operations.ask(
            about=kind,
            subject_id=subject,
            purpose=values["purpose"],
            authority=values["authority"],
            answer_by=values["answer_by"],
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(made.id)}

    act = Act(
        title=_("Ask for evidence"),
        operation="evidence.ask",
        run=run,
        to=lambda done: to("request", UUID(done["id"])),
        done=_("Asked. The operator hands the pack out."),
        button=_("Ask"),
        fields=(
            Field("purpose", _("Purpose"), "area", help=_("What is looked into."), maximum=500),
            Field("authority", _("Authority"), help=_("The number of the order or of the case."), maximum=200),
            Field("answer_by", _("Answer by"), "day"),
        ),
        facts=[(_("About"), shown)],
        consequence=_("The request and its answer are facts of the log. Nobody but operator and regulator sees them."),
        crumbs=(Link(_("Evidence requests"), CRUMB), shown),
        about={kind.value: str(subject)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.EVIDENCE_EXPORT)
def answer(request: HttpRequest, visitor: Visitor, request_id: UUID) -> HttpResponse:
    """The operator hands out every fact about the object that has a place in the log."""
    if RoleKind.OPERATOR not in visitor.actor.roles:
        return error_page(request, 403)
    with visitor.reading() as actor:
        one = queries.get(actor=actor, request_id=EvidenceRequestId(request_id))
        found = queries.facts_about(actor=actor, about=one.about, subject_id=one.subject_id) if one.is_open else []
        firms = parties.names([one.organisation_id, one.subject_id])

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.release(request_id=one.id, note=values["note"], actor=visitor.actor, effective_at=visitor.now)
        return {"id": str(one.id)}

    act = Act(
        title=_("Hand out evidence"),
        operation="evidence.release",
        run=run,
        to=lambda done: to("request", one.id),
        done=_("Handed out."),
        button=_("Hand out"),
        fields=(Field("note", _("Note"), "area", required=False, maximum=500),),
        facts=[*_facts(visitor, one, firms, ""), (_("Facts in the pack"), len(found) if one.is_open else None)],
        consequence=_(
            "The answer is a fact of the log that carries the digest of the pack: it cannot be changed afterwards."
        ),
        blocked="" if one.is_open else _("This is answered."),
        crumbs=(Link(_("Evidence requests"), CRUMB), Link(_("The request"), to("request", one.id))),
        about={"asked": str(one.id)},
    )
    return conduct(request, visitor, act)


@require_GET
@page(Permission.EVIDENCE_EXPORT)
def pack(request: HttpRequest, visitor: Visitor, request_id: UUID) -> HttpResponse:
    """The pack as a ZIP file."""
    try:
        content = queries.packed(actor=visitor.actor, request_id=EvidenceRequestId(request_id))
    except NotYetInLog as error:
        return HttpResponse(str(refusals.words(error)[0]), status=409, content_type="text/plain; charset=utf-8")
    given = HttpResponse(content, content_type="application/zip")
    given["Content-Disposition"] = f'attachment; filename="evidence-{text("request", request_id)}.zip"'
    given["Cache-Control"] = "no-store"
    return given
