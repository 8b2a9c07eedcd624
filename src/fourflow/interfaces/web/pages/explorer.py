"""The API explorer: every route as the description says it, and what a reading one answers whoever looks."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from fourflow.config import wiring
from fourflow.interfaces.web import lists, texts
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.components.routes import ROUTE, Route, routes
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.people import Visitor, page

#: what the description sorts the routes by
SUBJECTS: dict[str, Words] = {
    "access": pgettext_lazy("subject of routes", "Access"),
    "approvals": pgettext_lazy("subject of routes", "Approvals"),
    "audit": pgettext_lazy("subject of routes", "Audit"),
    "claims and payables": pgettext_lazy("subject of routes", "Claims and payables"),
    "clients and webhooks": pgettext_lazy("subject of routes", "Clients and webhooks"),
    "disputes, freezes, complaints": pgettext_lazy("subject of routes", "Disputes, freezes, complaints"),
    "documents": pgettext_lazy("subject of routes", "Documents"),
    "events and evidence": pgettext_lazy("subject of routes", "Events and evidence"),
    "evidence requests": pgettext_lazy("subject of routes", "Evidence requests"),
    "financing": pgettext_lazy("subject of routes", "Financing"),
    "holdings": pgettext_lazy("subject of routes", "Holdings"),
    "imports": pgettext_lazy("subject of routes", "Imports"),
    "ledger": pgettext_lazy("subject of routes", "Ledger"),
    "limits": pgettext_lazy("subject of routes", "Limits"),
    "notices": pgettext_lazy("subject of routes", "Notices"),
    "onboarding": pgettext_lazy("subject of routes", "Onboarding"),
    "oversight": pgettext_lazy("subject of routes", "Oversight"),
    "papers": pgettext_lazy("subject of routes", "Papers"),
    "parameters": pgettext_lazy("subject of routes", "Parameters"),
    "parties": pgettext_lazy("subject of routes", "Parties"),
    "payments": pgettext_lazy("subject of routes", "Payments"),
    "registrations": pgettext_lazy("subject of routes", "Registrations"),
    "reports": pgettext_lazy("subject of routes", "Reports"),
    "sandbox": pgettext_lazy("subject of routes", "Sandbox"),
    "session": pgettext_lazy("subject of routes", "Session"),
    "vouchers": pgettext_lazy("subject of routes", "Vouchers"),
}
#: what the description says of parameters and headers that many routes take
NOTES = texts.Sentences(
    (
        gettext_noop(
            "The dated version that the caller was written for; an unknown one is refused with 400. Without it a "
            "client gets the one that was current when it was first admitted, everybody else the current one, %(a)s."
        ),
        gettext_noop("Names this request: sent again with the same key, it is answered and not performed again."),
        gettext_noop(
            "The ETag that was read: the write happens only while the object is still in that state, else 412."
        ),
        gettext_noop("What the answer brings along under expanded, by comma: %(a)s."),
        gettext_noop(
            "What the answer brings along under expanded, by comma: %(a)s; a second step follows a dot (voucher.issuer)."
        ),
    )
)
#: of a long answer this much is shown
SHOWN = 20_000
#: what an answer's head says that is of use to a caller
HEADS = ("Content-Type", "ETag", "Link", "RateLimit", "Fourflow-Version", "X-Request-Id")


@functools.cache
def known() -> Mapping[str, Route]:
    """Every route by its name; worked out once a process."""
    return {one.name: one for one in routes(wiring.api_description())}


@dataclass(frozen=True, slots=True)
class Asked:
    """A parameter as the form shows it, with what was filled in."""

    name: str
    type: str
    required: bool
    value: str


@require_GET
@page()
def explorer(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The routes, found by subject, method and words."""

    def read(state: ListState) -> tuple[Sequence[Row], Pager]:
        words = state.q.casefold().split()
        tag, method = state.filters.get("tag", ""), state.filters.get("method", "")
        found = [
            one
            for one in known().values()
            if (not tag or one.tag == tag)
            and (not method or one.method == method)
            and all(word in f"{one.path} {one.name} {one.about} {_does(one)}".casefold() for word in words)
        ]
        return lists.whole(state, [_row(one) for one in found])

    tags = sorted({one.tag for one in known().values()})
    table = lists.Table(
        id="routes",
        title=_("API explorer"),
        columns=(
            Column("path", _("Address"), "id", lead=True),
            Column("method", _("Method"), corner=True),
            Column("tag", _("Subject")),
            Column("about", _("What it does"), sortable=False),
            Column("name", _("Name"), "id", shown=False),
        ),
        filters=(
            Filter("tag", _("Subject"), choices=tuple(Choice(one, SUBJECTS[one]) for one in tags), one=True),
            Filter("method", _("Method"), choices=tuple(Choice(one, one) for one in ("GET", "POST")), one=True),
        ),
        search=_("Address or words"),
        read=read,
        draw=lambda rows: rows,
        empty=Empty("waiting", _("No route")),
    )
    sub = _("Every route in a sentence, and what those that read answer you.")
    crumbs = [Link(_("Developers"), "/clients")]
    actions = [Link(_("API description"), "/v1/openapi.json"), Link(_("Catalogue of events"), "/v1/asyncapi.json")]
    return lists.show(request, visitor, table, sub=sub, crumbs=crumbs, actions=actions)


def _does(one: Route) -> str:
    """What a route does in a sentence, in the reader's language."""
    return pgettext(ROUTE, one.line)


def _row(one: Route) -> Row:
    cells = {
        "path": one.path,
        "method": one.method,
        "tag": str(SUBJECTS[one.tag]),
        "about": _does(one),
        "name": one.name,
    }
    return Row(one.name, cells, f"/explorer/{one.name}")


@require_GET
@page()
def route(request: HttpRequest, visitor: Visitor, name: str) -> HttpResponse:
    """One route: what it takes and gives, as a command, and tried where it only reads."""
    one = known().get(name)
    if one is None:
        raise Http404
    given = {each.name: request.GET.get(each.name, "").strip() for each in one.asks}
    context: dict[str, Any] = {
        "title": f"{one.method} {one.path}",
        "crumbs": [Link(_("Developers"), "/clients"), Link(_("API explorer"), "/explorer")],
        "one": one,
        "takes": [(each, NOTES.told(each.note.replace("``", ""))) for each in one.parameters],
        "does": _does(one),
        "more": pgettext(ROUTE, one.more) if one.more else "",
        "facts": [
            (_("Subject"), SUBJECTS[one.tag]),
            (_("Name"), one.name),
            (_("Answers"), f"{one.status} {one.answered_as}".strip()),
            (_("Refuses with"), ", ".join(one.refusals)),
        ],
        "shell_command": one.in_shell(settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")),
        "asked": [Asked(each.name, each.type, each.where == "path", given[each.name]) for each in one.asks],
    }
    if one.is_tried and "ask" in request.GET:
        context["answer"] = _tried(request, visitor, one, given)
    return render(request, "web/pages/route.html", context)


def _tried(request: HttpRequest, visitor: Visitor, one: Route, given: Mapping[str, str]) -> dict[str, object]:
    """What the route answers the visitor, as it would any caller with the visitor's token."""
    places = {each.name for each in one.parameters if each.where == "path"}
    query = urlencode({name: value for name, value in given.items() if value and name not in places})
    path = one.address(given)
    answer = wiring.api_read(request, visitor.session, path, query)
    kind = answer.get("Content-Type", "")
    body = ""
    if "json" in kind:
        body = json.dumps(json.loads(answer.content), indent=2, ensure_ascii=False)
    elif kind.startswith("text/"):
        body = answer.content.decode(errors="replace")
    return {
        "address": f"{path}?{query}" if query else path,
        "status": Status(str(answer.status_code), "ok" if answer.status_code < 400 else "bad"),
        "heads": [(head, answer[head]) for head in HEADS if head in answer],
        "body": body[:SHOWN],
        "cut": len(body) > SHOWN,
        "size": len(answer.content),
    }
