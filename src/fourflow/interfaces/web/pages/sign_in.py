"""Signing in and out, and for whom a person acts."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import PartyView
from fourflow.interfaces.web import menu
from fourflow.interfaces.web.addresses import read, text
from fourflow.interfaces.web.components.records import Banner
from fourflow.interfaces.web.people import ORGANISATION
from fourflow.platform import clock
from fourflow.platform.crypto.keys import home


def _back(request: HttpRequest) -> str:
    """Where to go after the sign-in: only into this site."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    own = url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/")
    return target if own else "/"


def sandbox_doors() -> list[dict[str, str]]:
    """The sign-ins of the sandbox's story, for one press; none in production or before the story is played."""
    if not settings.SANDBOX:
        return []
    try:
        found = json.loads((home() / "story.json").read_text())["sign_ins"]
    except (OSError, ValueError, KeyError):
        return []
    return [dict(one) for one in found]


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail address and password; which of the two is wrong is not told."""
    refused, email = None, request.POST.get("email", "")
    if request.method == "POST":
        account = authenticate(request, username=email, password=request.POST.get("password", ""))
        if account is not None:
            login(request, account)
            return _choose(request, UUID(str(account.pk)))
        refused = Banner(_("Address or password is wrong"), _("Check both and try again."), "bad")
    context = {"refused": refused, "email": email, "next": _back(request), "doors": sandbox_doors()}
    return render(request, "web/pages/sign_in.html", context, status=401 if refused else 200)


def _choose(request: HttpRequest, account_id: UUID) -> HttpResponse:
    own = parties.organisations_of(account_id, clock.today())
    if len(own) == 1:
        _act_for(request, account_id, own[0])
        return redirect(_back(request))
    return redirect("/organisation")


def _act_for(request: HttpRequest, account_id: UUID, organisation: PartyView) -> None:
    person = parties.actor_for(account_id, organisation.id, clock.today()).person_id
    known = parties.person_names([person]).get(person, "")
    request.session[ORGANISATION] = str(organisation.id)
    request.session["names"] = [organisation.name, known]


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
            return redirect(_back(request))
    rows: list[dict[str, Any]] = [
        {"id": text("party", one.id), "name": one.name, "role": menu.role_words(one.roles)} for one in own
    ]
    return render(request, "web/pages/organisation.html", {"organisations": rows, "next": _back(request)})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here; its row is deleted, so that a copied cookie opens nothing."""
    logout(request)
    return redirect("/sign-in")
