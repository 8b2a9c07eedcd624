"""The organisation's people: functions and mandates, changed by one person and decided by another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import (
    BINDING,
    ChangeKind,
    ChangeState,
    DeclarationInvalid,
    EndTerms,
    Function,
    MandateTerms,
    MandateView,
    MemberTerms,
    Permission,
    Terms,
)
from fourflow.interfaces.web import doors, names, reading, refusals, texts
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_VIEW)
def team(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who works here and may sign what; proposals go to a second person's inbox."""
    refused, status = None, 200
    if request.method == "POST":
        try:
            _propose(request, visitor)
            messages.success(request, _("Proposed. Another person decides in the inbox."))
            return redirect("/team")
        except FourflowError as error:
            refused, status = refusals.banner(error), refusals.status_of(error)
    with visitor.reading() as actor:
        people, mandates = parties.people(actor), parties.mandates(actor)
        waiting = parties.changes(actor, party_id=visitor.id, state=ChangeState.PROPOSED)
    binding = sorted(BINDING & parties.allowed(visitor.actor.roles, Function))
    context = {
        "refused": refused,
        "people": [
            {
                "view": one,
                "functions": texts.listed(sorted(str(names.FUNCTIONS[f.value]) for f in one.functions)),
                "mandates": [(m, _mandate(m)) for m in mandates if m.person_id == one.id],
            }
            for one in people
        ],
        "waiting": len(waiting),
        "functions": [(f.value, names.FUNCTIONS[f.value]) for f in Function],
        "permissions": [(p.value, names.BINDING[p.value]) for p in binding],
        "may_edit": visitor.can(Permission.MEMBER_EDIT),
        "given": request.POST,
        "today": visitor.today,
        "token": doors.token(),
    }
    return render(request, "web/pages/team.html", context, status=status)


def _mandate(found: MandateView) -> tuple[object, object]:
    ceiling = None if found.max_minor is None else Money(found.max_minor, found.currency)
    return names.BINDING[found.permission.value], ceiling


def _propose(request: HttpRequest, visitor: Visitor) -> None:
    terms = _read(request)

    def run() -> dict[str, str]:
        change = operations.propose_change(
            party_id=visitor.id,
            terms=terms,
            actor=visitor.actor,
            effective_at=visitor.now,
            decide_by=parameters.decide_by(visitor.now),
        )
        return {"id": str(change.id)}

    doors.perform(request, visitor, "party.propose_change", run)


def _read(request: HttpRequest) -> Terms:
    readers: dict[str, Callable[[HttpRequest], Terms]] = {"member": _member, "mandate": _new_mandate, "end": _end}
    reader = readers.get(request.POST.get("act", ""))
    if reader is None:
        raise DeclarationInvalid(field="act")
    return reader(request)


def _member(request: HttpRequest) -> Terms:
    chosen = frozenset(f for f in Function if f.value in request.POST.getlist("functions"))
    return MemberTerms(
        name=request.POST.get("name", "").strip(),
        email=request.POST.get("email", "").strip().lower(),
        functions=chosen,
        valid_from=_day(request, "from"),
    )


def _new_mandate(request: HttpRequest) -> Terms:
    currency, ceiling = request.POST.get("currency", "").strip().upper(), request.POST.get("ceiling", "").strip()
    return MandateTerms(
        permission=_one_of(request, "permission", Permission),
        currency=currency,
        max_minor=reading.amount(ceiling, currency).minor if ceiling else None,
        valid_from=_day(request, "from"),
        person_id=_id(request, "person"),
    )


def _end(request: HttpRequest) -> Terms:
    return EndTerms(_one_of(request, "what", ChangeKind), _id(request, "row"), _day(request, "on"))


def _day(request: HttpRequest, field: str) -> Any:
    day = reading.day(request.POST.get(field, ""))
    if day is None:
        raise DeclarationInvalid(field=field, expected="2026-11-30")
    return day


def _id(request: HttpRequest, field: str) -> UUID:
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        raise DeclarationInvalid(field=field) from None


def _one_of(request: HttpRequest, field: str, vocabulary: Any) -> Any:
    try:
        return vocabulary(request.POST.get(field, ""))
    except ValueError:
        raise DeclarationInvalid(field=field) from None
