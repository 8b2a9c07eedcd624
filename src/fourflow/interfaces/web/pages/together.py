"""Deciding several requests at once: one kind, one step, one currency, at most 100, and never one that releases money."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import Approval, Verdict
from fourflow.interfaces.web import doors, menu, refusals
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.records import Banner, Decision, Link
from fourflow.interfaces.web.pages import decisions
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import Conflict, FourflowError, Invalid
from fourflow.platform.money import Money

MOST = 100
Asked = list[tuple[Approval, decisions.Subject]]


class NothingTicked(Invalid):
    """No request is named."""

    code = "batch.empty"


class TooMany(Invalid):
    """More requests than are decided at once."""

    code = "batch.too_many"


class Mixed(Conflict):
    """Requests of several kinds or currencies, of a kind that is decided one by one, or not this person's to decide."""

    code = "batch.mixed"


@require_POST
@page()
def together(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """First what is ticked with its sum; then, confirmed, all of it in one transaction or none."""
    refused, code = None, 200
    try:
        if request.POST.get("outcome") == "approve":
            return _decide(request, visitor)
    except FourflowError as error:
        refused, code = refusals.banner(error, getattr(request, "request_id", "")), refusals.status_of(error)
    try:
        asked = _asked(request, visitor)
    except FourflowError as error:
        refused, code = refused or refusals.banner(error), code if refused else refusals.status_of(error)
        return _page(request, [], None, refused, code)
    return _page(request, asked, _area(request, asked), refused, code)


def _asked(request: HttpRequest, visitor: Visitor) -> Asked:
    """What is ticked, in the order of the inbox, as its decision pages show it.

    :raises NothingTicked, TooMany, Mixed: see there.
    """
    wanted = {read("approval", one) for one in request.POST.getlist("id")}
    if not wanted:
        raise NothingTicked()
    if len(wanted) > MOST:
        raise TooMany(expected=str(MOST))
    kinds = [kind for kind in menu.kinds_of(visitor.actor) if kind in menu.TOGETHER]
    with visitor.reading() as actor:
        items = approvals.inbox(actor, kinds=kinds, at=visitor.now) if kinds else []
        found = [item.approval for item in items if item.approval.id in wanted]
        if len(found) != len(wanted) or len({one.kind for one in found}) != 1:
            raise Mixed()
        known = decisions.kinds()
        asked = [(one, known[one.kind].show(visitor, one)) for one in found]
    if len({subject.amount.currency if subject.amount else "" for _one, subject in asked}) != 1:
        raise Mixed()
    return asked


def _sum(asked: Asked) -> Money:
    amounts = [subject.amount for _one, subject in asked if subject.amount is not None]
    return sum(amounts[1:], amounts[0])


def _digests(asked: Asked) -> list[str]:
    return [doors.shown(dict(subject.content)) for _one, subject in asked if subject.content]


def _area(request: HttpRequest, asked: Asked) -> Decision:
    digests, shown = _digests(asked), {"n": len(asked)}
    ids = [text("approval", one.id) for one, _subject in asked]
    return Decision(
        action=request.path,
        amount=_sum(asked),
        label=_("%(n)s requests in all") % shown,
        approve=_("Approve %(n)s") % shown,
        token=doors.token(),
        digest=doors.shown({"together": digests}) if digests else "",
        hidden=(*(("id", one) for one in ids), *(("digest", one) for one in digests)),
        opinion=False,
        consequence=_("All of them are carried out, or none. To return one, open it by itself."),
    )


def _page(request: HttpRequest, asked: Asked, area: Decision | None, refused: Banner | None, code: int) -> HttpResponse:
    lines = [(subject.title, to("approval", one.id), subject.amount) for one, subject in asked]
    context = {
        "title": _("Decide together"),
        "crumbs": (Link(_("Inbox"), "/inbox"),),
        "lines": lines,
        "decision": area,
        "refused": refused,
    }
    return render(request, "web/pages/together.html", context, status=code)


def _decide(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.POST.get("digest"):
        doors.confirm(request, visitor)

    def run() -> dict[str, Any]:
        asked, known = _asked(request, visitor), decisions.kinds()
        for one, _subject in asked:
            known[one.kind].run(request, visitor, one, Verdict.APPROVE, "")
        return {"decided": [str(one.object_id) for one, _subject in asked]}

    done = doors.perform(request, visitor, "decide together", run)
    count = {"n": len(done.result["decided"])}
    messages.success(request, _("%(n)s approved and carried out.") % count)
    return redirect("/inbox")
