"""Letting people back in by two, broken glass, and the log of what was read of others."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import EmergencyNotFound, EmergencyView
from fourflow.foundation.approvals.types import Approval, Verdict
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import NotPermitted, Permission
from fourflow.interfaces.web import doors, names, refusals
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.people import Visitor, origin_of, page
from fourflow.platform import clock
from fourflow.platform.crypto.sealing import seal, unseal
from fourflow.platform.errors import FourflowError

#: a helper's half waits sealed in his session until it is shown, once
HALF = "half"


@never_cache
@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """Set a new password with the two halves that two colleagues handed on. Nobody is signed in here."""
    refused, status, email = None, 200, request.POST.get("email", "")
    if request.method == "POST":
        now = clock.now()
        try:
            operations.recover(
                email=email,
                first=request.POST.get("first", ""),
                second=request.POST.get("second", ""),
                password=request.POST.get("new", ""),
                address=origin_of(request).address,
                policy=access.policy(clock.business_date(now)),
                at=clock.machine(),
                effective_at=now,
            )
            return render(request, "web/pages/recover.html", {"done": True})
        except FourflowError as error:
            refused, status = refusals.banner(error), refusals.status_of(error)
    return render(request, "web/pages/recover.html", {"refused": refused, "email": email}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@page()
def recoveries(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask that a colleague be let in again; what was asked and decided; one's half, once."""
    if not (visitor.can(Permission.MEMBER_EDIT) or visitor.can(Permission.MEMBER_CHECK)):
        raise NotPermitted(permission=Permission.MEMBER_EDIT.value)
    refused, status = None, 200
    if request.method == "POST":
        try:
            _ask(request, visitor)
            return redirect("/recoveries")
        except FourflowError as error:
            refused, status = refusals.banner(error), refusals.status_of(error)
    with visitor.reading() as actor:
        found = access.recoveries(actor)
    known = parties.person_names([one.person_id for one in found])
    context = {
        "refused": refused,
        "half": _shown_once(request, visitor),
        "rows": [
            (one, known.get(one.person_id, ""), names.RECOVERIES[one.state.value], _decide_at(visitor, one.approval_id))
            for one in found
        ],
        "may_ask": visitor.can(Permission.MEMBER_EDIT),
        "email": request.POST.get("email", ""),
        "reason": request.POST.get("reason", ""),
        "token": doors.token(),
    }
    return render(request, "web/pages/recoveries.html", context, status=status)


def _decide_at(visitor: Visitor, approval_id: UUID | None) -> str:
    return to("approval", approval_id) if approval_id and visitor.can(Permission.MEMBER_CHECK) else ""


def _ask(request: HttpRequest, visitor: Visitor) -> None:
    half = operations.new_half()

    def run() -> dict[str, str]:
        asked = operations.ask_recovery(
            email=request.POST.get("email", ""),
            reason=request.POST.get("reason", ""),
            half=half,
            actor=visitor.actor,
            effective_at=visitor.now,
        )
        return {"id": str(asked.id)}

    done = doors.perform(request, visitor, "recovery.ask", run)
    if not done.replayed:
        keep_half(request, visitor, half)


def decide(request: HttpRequest, visitor: Visitor, approval: Approval, verdict: Verdict, reason: str) -> object:
    """The second person's decision, from the inbox; his half is shown on the page of recoveries."""
    half = operations.new_half()
    decided = operations.decide_recovery(
        recovery_id=approval.object_id,
        actor=visitor.actor,
        payload_hash=doors.payload_shown(request, approval.payload_hash),
        verdict=verdict,
        half=half,
        policy=access.policy(visitor.today),
        at=visitor.at,
        effective_at=visitor.now,
        reason=reason,
    )
    if verdict is Verdict.APPROVE:
        keep_half(request, visitor, half)
        messages.info(request, _("Your half of the code is shown under “Recoveries”, once."))
    return decided


def keep_half(request: HttpRequest, visitor: Visitor, half: str) -> None:
    """Keep a half for the next look at the page, sealed for this session."""
    request.session[HALF] = seal(half, f"half:{visitor.session.id}").hex()


def _shown_once(request: HttpRequest, visitor: Visitor) -> str:
    kept = request.session.pop(HALF, "")
    return unseal(bytes.fromhex(kept), f"half:{visitor.session.id}") if kept else ""


@never_cache
@require_http_methods(["GET", "POST"])
@page()
def emergencies(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Break glass, end it, review it; the regulator looks on."""
    if not visitor.actor.sees_all:
        raise NotPermitted(permission=Permission.AUDIT_READ.value)
    refused, status = None, 200
    if request.method == "POST":
        try:
            act = EMERGENCY_ACTS.get(request.POST.get("act", ""))
            if act is not None:
                act(request, visitor)
            return redirect("/emergencies")
        except FourflowError as error:
            refused, status = refusals.banner(error), refusals.status_of(error)
    with visitor.reading() as actor:
        found = access.emergencies(actor)
    known = parties.person_names([p for one in found for p in (one.person_id, one.reviewed_by) if p])
    own = visitor.can(Permission.ACCESS_EMERGENCY)
    running = any(one.person_id == visitor.actor.person_id and _runs(one, visitor) for one in found)
    context = {
        "refused": refused,
        "rows": [
            {
                "view": one,
                "person": known.get(one.person_id, ""),
                "reviewer": known.get(one.reviewed_by, "") if one.reviewed_by else "",
                "runs": _runs(one, visitor),
                "may_review": visitor.can(Permission.MEMBER_CHECK)
                and visitor.id == one.organisation_id
                and one.person_id != visitor.actor.person_id
                and one.reviewed_by is None,
                "may_end": visitor.id == one.organisation_id,
            }
            for one in found
        ],
        "may_break": own and not running,
        "minutes": access.policy(visitor.today).emergency_minutes,
        "signing_password": visitor.standing(),
        "token": doors.token(),
    }
    return render(request, "web/pages/emergencies.html", context, status=status)


def _runs(one: EmergencyView, visitor: Visitor) -> bool:
    return one.ended_at is None and one.until > visitor.at


def _break(request: HttpRequest, visitor: Visitor) -> None:
    doors.confirm(request, visitor)

    def run() -> dict[str, str]:
        broken = operations.break_glass(
            reason=request.POST.get("reason", ""),
            actor=visitor.actor,
            policy=access.policy(visitor.today),
            at=visitor.at,
            effective_at=visitor.now,
        )
        return {"id": str(broken.id)}

    doors.perform(request, visitor, "emergency.break", run)
    messages.warning(
        request, _("The glass is broken. Operator and regulator see it, and another person will review it.")
    )


def _named(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("emergency", ""))
    except ValueError:
        raise EmergencyNotFound() from None


def _end(request: HttpRequest, visitor: Visitor) -> None:
    def run() -> dict[str, str]:
        ended = operations.end_emergency(
            emergency_id=_named(request), actor=visitor.actor, at=visitor.at, effective_at=visitor.now
        )
        return {"id": str(ended.id)}

    doors.perform(request, visitor, "emergency.end", run)


def _review(request: HttpRequest, visitor: Visitor) -> None:
    def run() -> dict[str, str]:
        reviewed = operations.review_emergency(
            emergency_id=_named(request),
            actor=visitor.actor,
            review=request.POST.get("review", ""),
            effective_at=visitor.now,
        )
        return {"id": str(reviewed.id)}

    doors.perform(request, visitor, "emergency.review", run)


EMERGENCY_ACTS: dict[str, Callable[[HttpRequest, Visitor], None]] = {"break": _break, "end": _end, "review": _review}
