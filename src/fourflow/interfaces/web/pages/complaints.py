"""Complaints over overdue vouchers: the list, and the desk's one answer to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import Complaint
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import lists
from fourflow.interfaces.web.acts import Act, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row, SavedView
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.pages.objections import seen, voucher_act_facts
from fourflow.interfaces.web.people import Visitor, page


@require_GET
@page(Permission.VOUCHER_VIEW)
def complaints(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The organisation's complaints (for the desk: all), the latest first; of those to be answered the most pressing."""

    def read(state: ListState) -> tuple[Sequence[Complaint], Pager]:
        asked, ticked = state.filters.get("state", ""), lists.only(state)
        return lists.after(
            state,
            lambda after, size: queries.complaints(
                actor=visitor.actor,
                open_only=asked == "open",
                answered_only=asked == "answered",
                sort=state.sort,
                after=after,
                only=ticked,
                limit=size,
            ),
        )

    def draw(found: Sequence[Complaint]) -> list[Row]:
        firms = parties.names({one.organisation_id for one in found})
        return [_complaint(visitor, one, firms.get(one.organisation_id, "")) for one in found]

    def views(state: ListState) -> tuple[SavedView, ...]:
        words = (("", _("All")), ("open", _("To be answered")), ("answered", _("Answered")))
        asked = state.filters.get("state", "")
        return tuple(
            SavedView(label, state.url(filters={"state": value} if value else {}, view="all"), value == asked)
            for value, label in words
        )

    table = lists.Table(
        id="complaints",
        title=_("Complaints"),
        columns=(
            Column("text", _("Complaint"), sortable=False, lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("who", _("From"), sortable=False),
            Column("made", _("Made on"), "date"),
            Column("due", _("Answer by"), "date"),
            Column("answer", _("Answer"), sortable=False),
        ),
        filters=(Filter("state", _("State"), "view", (Choice("open", ""), Choice("answered", "")), one=True),),
        sort="due" if request.GET.get("state") == "open" else "-made",
        views=views,
        read=read,
        draw=draw,
        empty=Empty("done", _("No complaint"), _("A holder complains from the page of an overdue voucher.")),
    )
    return lists.show(request, visitor, table)


def _complaint(visitor: Visitor, one: Complaint, who: str) -> Row:
    answers = visitor.can(Permission.COMPLAINT_ANSWER) and one.answered_on is None
    address = to("complaint", one.id, "/answer") if answers else to("voucher", one.voucher_id)
    cells: dict[str, object] = {
        "text": one.text if len(one.text) < 80 else f"{one.text[:80]}…",
        "state": Status(_("Answered"), "ok") if one.answered_on else Status(pg("state", "Open"), "warn", True),
        "who": who,
        "made": one.made_on,
        "due": Due(one.answer_due_on, visitor.today, one.answered_on is not None),
        "answer": one.answer,
    }
    return Row(text("complaint", one.id), cells, address)


@require_http_methods(["GET", "POST"])
@page(Permission.COMPLAINT_ANSWER)
def answer(request: HttpRequest, visitor: Visitor, complaint_id: UUID) -> HttpResponse:
    """The operator's desk answers, once."""
    with visitor.reading() as actor:
        complaint = queries.complaint(actor=actor, complaint_id=complaint_id)
    request.subject_party_id = complaint.organisation_id  # type: ignore[attr-defined]
    voucher, _part = seen(visitor, complaint.voucher_id, None)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.answer_complaint(
            complaint_id=complaint_id,
            answer=values["answer"],
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(complaint_id)}

    who = parties.names([complaint.organisation_id]).get(complaint.organisation_id, "")
    act = Act(
        title=_("Answer a complaint"),
        operation="complaint.answer",
        run=run,
        to=lambda done: "/complaints",
        done=_("Answered."),
        button=_("Answer"),
        fields=(Field("answer", _("Answer"), "area", maximum=2000),),
        facts=[
            (_("From"), who),
            (_("Complaint"), complaint.text),
            (_("Made on"), complaint.made_on),
            (_("Answer by"), complaint.answer_due_on),
            *voucher_act_facts(voucher),
        ],
        amount=lambda values: voucher.outstanding,
        label=_("Outstanding"),
        consequence=_("The answer is final and goes to the one who complained."),
        blocked=_("This is answered.") if complaint.answered_on else "",
        crumbs=(Link(_("Complaints"), "/complaints"),),
        about={"complaint": str(complaint_id)},
    )
    return conduct(request, visitor, act)
