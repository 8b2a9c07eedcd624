"""My sign-in: second factors, where I am signed in, my password. Whatever changes it, the person confirms first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from fourflow.config import identity
from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import ConfirmationNeeded, Ending, FactorNotFound, SessionNotFound
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import DeclarationInvalid
from fourflow.interfaces.web import display, doors, refusals
from fourflow.interfaces.web.pages.sign_in import site_of
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError

Act = Callable[[HttpRequest, Visitor], HttpResponse | None]
BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@never_cache
@require_http_methods(["GET", "POST"])
@page()
def me(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The page, and the acts on it."""
    refused, status = None, 200
    if request.method == "POST":
        try:
            act = ACTS.get(request.POST.get("act", ""), _nothing)
            return act(request, visitor) or redirect("/me")
        except FourflowError as error:
            refused, status = refusals.banner(error), refusals.status_of(error)
    return render(request, "web/pages/me.html", _shown(request, visitor, refused), status=status)


def _shown(request: HttpRequest, visitor: Visitor, refused: object) -> dict[str, Any]:
    linked = access.identities(visitor.session.account_id)
    sessions = [
        (one, device(one.origin), one.id == visitor.session.id) for one in access.sessions(visitor.actor, visitor.at)
    ]
    return {
        "refused": refused,
        "factors": access.factors(visitor.session.account_id),
        "standing": visitor.standing(),
        "sessions": sessions,
        "account": parties.account(visitor.session.account_id),
        "providers": [(one, one.issuer in linked) for one in identity.providers().values()],
        "passkeys_work": site_of(request) is not None,
        "token": doors.token(),
        "rows": display.ROWS,
        "letters": display.LETTERS,
    }


@never_cache
@require_http_methods(["GET", "POST"])
@page()
def app(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take an authenticator app into use: scan, enter a code, keep the recovery codes."""
    if access.confirmation(visitor.actor, visitor.at) is None:
        return redirect("/me")
    account = parties.account(visitor.session.account_id)
    refused, status, offer = None, 200, None
    if request.method == "POST":
        try:
            offer = offered = access.offered_app(account, request.POST.get("offer", ""), visitor.at)
            shown: list[str] = []

            def run() -> dict[str, Any]:
                operations.enrol_app(
                    account_id=account.id,
                    secret=offered.secret,
                    code=request.POST.get("code", ""),
                    at=visitor.at,
                    effective_at=visitor.now,
                )
                shown.extend(
                    operations.renew_recovery_codes(account_id=account.id, at=visitor.at, effective_at=visitor.now)
                )
                return {"id": str(account.id)}

            doors.perform(request, visitor, "factor.enrol_app", run)
            return render(request, "web/pages/codes.html", {"codes": shown})
        except FourflowError as error:
            refused, status = refusals.banner(error), refusals.status_of(error)
    # a mistyped digit leaves the key that was scanned already; another one would refuse every code of the app from then on
    offer = offer or access.offer_app(account, visitor.at)
    drawing = segno.make(offer.uri, error="m").svg_inline(scale=4, border=2, omitsize=True, svgclass="qr")
    context = {"offer": offer, "drawing": mark_safe(drawing), "refused": refused, "token": doors.token()}
    return render(request, "web/pages/app.html", context, status=status)


def _must_be_confirmed(visitor: Visitor) -> None:
    if access.confirmation(visitor.actor, visitor.at) is None:
        raise ConfirmationNeeded(field="password")


def _confirm(request: HttpRequest, visitor: Visitor) -> None:
    if not request.POST.get("password"):
        raise ConfirmationNeeded(field="password")
    doors.confirm(request, visitor)


def _end(request: HttpRequest, visitor: Visitor) -> None:
    try:
        wanted = UUID(request.POST.get("session", ""))
    except ValueError:
        raise SessionNotFound() from None

    def run() -> dict[str, str]:
        operations.end(
            session_id=wanted, actor=visitor.actor, ending=Ending.BY_OWNER, at=visitor.at, effective_at=visitor.now
        )
        return {"id": str(wanted)}

    doors.perform(request, visitor, "session.end", run)
    messages.success(request, _("Ended: nothing opens there any more."))


def _end_others(request: HttpRequest, visitor: Visitor) -> None:
    def run() -> dict[str, int]:
        count = operations.end_all(
            account_id=visitor.session.account_id,
            ending=Ending.BY_OWNER,
            at=visitor.at,
            effective_at=visitor.now,
            but=visitor.session.id,
        )
        return {"count": count}

    doors.perform(request, visitor, "session.end_others", run)
    messages.success(request, _("Every other session is ended."))


def _remove_app(request: HttpRequest, visitor: Visitor) -> None:
    _must_be_confirmed(visitor)

    def run() -> dict[str, str]:
        operations.remove_app(account_id=visitor.session.account_id, at=visitor.at, effective_at=visitor.now)
        return {}

    doors.perform(request, visitor, "factor.remove_app", run)


def _remove_passkey(request: HttpRequest, visitor: Visitor) -> None:
    _must_be_confirmed(visitor)
    try:
        wanted = UUID(request.POST.get("passkey", ""))
    except ValueError:
        raise FactorNotFound() from None

    def run() -> dict[str, str]:
        operations.remove_passkey(
            account_id=visitor.session.account_id, passkey_id=wanted, at=visitor.at, effective_at=visitor.now
        )
        return {"id": str(wanted)}

    doors.perform(request, visitor, "factor.remove_passkey", run)


def _unlink(request: HttpRequest, visitor: Visitor) -> None:
    _must_be_confirmed(visitor)
    provider = identity.providers().get(request.POST.get("provider", ""))
    if provider is None:
        raise FactorNotFound()

    def run() -> dict[str, str]:
        operations.unlink_identity(
            account_id=visitor.session.account_id, issuer=provider.issuer, at=visitor.at, effective_at=visitor.now
        )
        return {}

    doors.perform(request, visitor, "factor.unlink", run)


def _renew(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    _must_be_confirmed(visitor)
    shown: list[str] = []

    def run() -> dict[str, int]:
        made = operations.renew_recovery_codes(
            account_id=visitor.session.account_id, at=visitor.at, effective_at=visitor.now
        )
        shown.extend(made)
        return {"count": len(made)}

    doors.perform(request, visitor, "factor.renew_codes", run)
    return render(request, "web/pages/codes.html", {"codes": shown})


def _password(request: HttpRequest, visitor: Visitor) -> None:
    _must_be_confirmed(visitor)
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise DeclarationInvalid(field="again", expected=_("twice the same"))
    operations.change_password(
        account=parties.account(visitor.session.account_id),
        password=new,
        keep=visitor.session.id,
        at=visitor.at,
        effective_at=visitor.now,
    )
    doors.stay(request, visitor)
    messages.success(request, _("The password is changed; every other session is ended."))


def _nothing(request: HttpRequest, visitor: Visitor) -> None:
    return None


def _display(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    chosen, response = display.read(request.POST), redirect("/me")
    display.choose(visitor.actor, visitor.session.account_id, chosen)
    display.keep(response, chosen)
    return response


ACTS: dict[str, Act] = {
    "confirm": _confirm,
    "end": _end,
    "end-others": _end_others,
    "remove-app": _remove_app,
    "remove-passkey": _remove_passkey,
    "unlink": _unlink,
    "renew-codes": _renew,
    "password": _password,
    "display": _display,
}


def device(origin: str) -> str:
    """Address, browser and system of a session, as far as they are known."""
    address, _dot, agent = origin.partition(" · ")
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (address, browser, system) if part)
