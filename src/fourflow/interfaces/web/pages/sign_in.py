"""Signing in and out, and for whom a person acts."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model, login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from fourflow.config import identity
from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import Ending, SessionKind, SessionNotFound, Site, Strength
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountNotFound, AccountView, PartyView, RoleKind
from fourflow.interfaces.web import menu, names, refusals
from fourflow.interfaces.web.addresses import read, text
from fourflow.interfaces.web.people import ORGANISATION, SESSION, Visitor, origin_of, page
from fourflow.platform import clock
from fourflow.platform.crypto.keys import home
from fourflow.platform.errors import FourflowError

#: whose password was right, until the second factor is given
KNOCKING = "knocking"
SECOND_SECONDS = 5 * 60
SIGN_IN_STATUS = {"session.refused": 401, "session.locked": 429}
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def inside(target: str) -> str:
    """An address of this site as it is; anything else leads to the first page."""
    own = url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/")
    return target if own else "/"


def back(request: HttpRequest) -> str:
    """Where to go after the sign-in: only into this site."""
    return inside(request.POST.get("next") or request.GET.get("next") or "/")


def site_of(request: HttpRequest) -> Site | None:
    """The relying party of passkeys: this site by its name. None at a bare network address, where browsers refuse them."""
    domain = request.get_host().rpartition(":")[0] or request.get_host()
    numeric = domain.replace(".", "").isdigit() or ":" in domain
    return None if numeric else Site(domain, f"{request.scheme}://{request.get_host()}")


def sandbox_doors() -> list[dict[str, str]]:
    """The sign-ins of the sandbox's story, for one press; none in production or before the story is played."""
    if not settings.SANDBOX:
        return []
    try:
        found = json.loads((home() / "story.json").read_text())["sign_ins"]
    except (OSError, ValueError, KeyError):
        return []
    return [{**one, "role": _spoken(str(one.get("role", "")))} for one in found]


def _spoken(role: str) -> str:
    """``core enterprise, maker`` of the story in the reader's language; a bank keeps its code."""
    firm, _comma, person = role.partition(", ")
    kinds = {"core enterprise": RoleKind.CORE, "bank": RoleKind.FUNDER, **{kind.value: kind for kind in RoleKind}}
    kind = "bank" if firm.startswith("bank") else firm
    word = f"{menu.ROLES[kinds[kind]]}{firm[len(kind) :]}" if kind in kinds else firm
    return f"{word} · {names.FUNCTIONS.get(person, person)}" if person else word


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail address and password; which of the two is wrong is not told."""
    refused, status, email = None, 200, request.POST.get("email", "")
    if request.method == "POST":
        try:
            account = knocked(request, email)
            if not access.factors(account.id).asked:
                return admitted(request, account, code="")
            request.session.cycle_key()
            request.session[KNOCKING] = [str(account.id), clock.machine().timestamp()]
            return redirect(f"/sign-in/second?{urlencode({'next': back(request)})}")
        except FourflowError as error:
            refused, status = refusals.banner(error), SIGN_IN_STATUS.get(error.code, 403)
    context = {
        "refused": refused,
        "email": email,
        "next": back(request),
        "doors": sandbox_doors(),
        "passkeys": site_of(request) is not None,
        "providers": identity.providers().values(),
    }
    return render(request, "web/pages/sign_in.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second factor, a few minutes after the password; another sign-in begins anew."""
    account = _knocking(request)
    if account is None:
        return redirect("/sign-in")
    refused, status = None, 200
    if request.method == "POST":
        try:
            _count(request, account.email)
            return admitted(request, account, code=request.POST.get("code", ""))
        except FourflowError as error:
            refused, status = refusals.banner(error), SIGN_IN_STATUS.get(error.code, 403)
    has = access.factors(account.id)
    context = {"refused": refused, "next": back(request), "factors": has, "passkeys": site_of(request) is not None}
    return render(request, "web/pages/second.html", context, status=status)


def knocked(request: HttpRequest, email: str) -> AccountView:
    """The account that address and password open. :raises Locked: :raises Refused: see the operation."""
    now = clock.now()
    return operations.knock(
        email=email,
        password=request.POST.get("password", ""),
        address=origin_of(request).address,
        policy=access.policy(clock.business_date(now)),
        at=clock.machine(),
        effective_at=now,
    )


def admitted(request: HttpRequest, account: AccountView, *, code: str) -> HttpResponse:
    """Begin the session of whom the password (and the code) recognise."""
    at, now = clock.machine(), clock.now()
    strength = operations.admit(account=account, code=code, address=origin_of(request).address, at=at, effective_at=now)
    return enter(request, account, strength, back(request))


def enter(request: HttpRequest, account: AccountView, strength: Strength, target: str) -> HttpResponse:
    """A session for a recognised person, under a new key: one that somebody planted before opens nothing."""
    at, now = clock.machine(), clock.now()
    user = get_user_model()._default_manager.get(pk=account.id)
    request.session.flush()
    login(request, user, backend=BACKEND)
    hours = access.policy(clock.business_date(now)).session_hours
    session = operations.begin(
        account=account,
        kind=SessionKind.WEB,
        strength=strength,
        origin=origin_of(request),
        lifetime=timedelta(hours=hours),
        at=at,
        effective_at=now,
    )
    request.session[SESSION] = str(session.id)
    request.session.set_expiry(hours * 3600)
    return _choose(request, account.id, target)


def _count(request: HttpRequest, email: str) -> None:
    now = clock.now()
    operations.attempt(
        email=email,
        address=origin_of(request).address,
        policy=access.policy(clock.business_date(now)),
        at=clock.machine(),
        effective_at=now,
    )


def _knocking(request: HttpRequest) -> AccountView | None:
    """Whose password was right a few minutes ago, in this very browser."""
    account_id, since = request.session.get(KNOCKING) or ("", 0)
    if not account_id or clock.machine().timestamp() - since > SECOND_SECONDS:
        return None
    try:
        return parties.account(UUID(account_id))
    except AccountNotFound:
        return None


def _choose(request: HttpRequest, account_id: UUID, target: str) -> HttpResponse:
    own = parties.organisations_of(account_id, clock.today())
    if len(own) == 1:
        _act_for(request, account_id, own[0])
        return redirect(target)
    return redirect(f"/organisation?{urlencode({'next': target})}")


def _act_for(request: HttpRequest, account_id: UUID, organisation: PartyView) -> None:
    person = parties.actor_for(account_id, organisation.id, clock.today()).person_id
    known = parties.person_names([person]).get(person, "")
    request.session.cycle_key()
    request.session[ORGANISATION] = str(organisation.id)
    request.session["names"] = [organisation.name, known]
    operations.act_for(session_id=UUID(request.session[SESSION]), organisation_id=organisation.id, at=clock.machine())


@never_cache
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """Choose the organisation to act for in this session."""
    if not request.user.is_authenticated:
        return redirect("/sign-in")
    account_id = UUID(str(request.user.pk))
    own = parties.organisations_of(account_id, clock.today())
    if request.method == "POST":
        wanted = read("party", request.POST.get("organisation", ""))
        chosen = next((one for one in own if one.id == wanted), None)
        if chosen is not None:
            _act_for(request, account_id, chosen)
            return redirect(back(request))
    rows: list[dict[str, Any]] = [
        {"id": text("party", one.id), "name": one.name, "role": menu.role_words(one.roles)} for one in own
    ]
    return render(request, "web/pages/organisation.html", {"organisations": rows, "next": back(request)})


@require_POST
@page()
def stay(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The person is still here: the sign-in holds on, within its bounds; answered with the seconds that are left."""
    hours = timedelta(hours=access.policy(visitor.today).session_hours)
    until = operations.stay(
        session_id=visitor.session.id, actor=visitor.actor, lifetime=hours, at=visitor.at, effective_at=visitor.now
    )
    left = int((until - visitor.at).total_seconds())
    request.session.set_expiry(left)
    return JsonResponse({"seconds": left})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, here and in the database: a copied cookie opens nothing."""
    visitor = request.visitor  # type: ignore[attr-defined]
    if visitor is not None:
        with suppress(SessionNotFound):
            operations.end(
                session_id=visitor.session.id,
                actor=visitor.actor,
                ending=Ending.SIGNED_OUT,
                at=visitor.at,
                effective_at=visitor.now,
            )
    logout(request)
    return redirect("/sign-in")
