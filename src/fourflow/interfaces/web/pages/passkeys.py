"""Passkeys: questions for the browser and its answers, as JSON. The scripts' half is assets/js/passkey.js."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import ConfirmationNeeded, PasskeyRefused, Site, Strength
from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.web import refusals
from fourflow.interfaces.web.pages.sign_in import enter, inside, site_of
from fourflow.interfaces.web.people import Visitor
from fourflow.platform import clock
from fourflow.platform.errors import FourflowError

#: the question that waits for its answer in the session; good once
ASKED = "passkey"


@never_cache
@require_POST
def question(request: HttpRequest, purpose: str) -> HttpResponse:
    """What the browser's authenticator is asked: ``sign-in``, ``confirm`` or ``new``."""
    try:
        site, visitor = _site(request), request.visitor  # type: ignore[attr-defined]
        if purpose == "sign-in":
            asked = access.ask_passkey(site)
        elif visitor is None:
            raise ConfirmationNeeded()
        elif purpose == "confirm":
            asked = access.ask_passkey(site, visitor.session.account_id)
        else:
            _must_be_confirmed(visitor)
            asked = access.ask_new_passkey(site, parties.account(visitor.session.account_id))
    except FourflowError as error:
        return _refused(error)
    request.session[ASKED] = [purpose, asked.state]
    return JsonResponse(asked.options)


@never_cache
@require_POST
def answer(request: HttpRequest, purpose: str) -> HttpResponse:
    """The authenticator's answer to the last question of this session, which is forgotten whatever comes."""
    try:
        for_what, state = request.session.pop(ASKED, None) or ("", {})
        if for_what != purpose:
            raise PasskeyRefused()
        return JsonResponse(ANSWERS[purpose](request, _site(request), state, _body(request)))
    except FourflowError as error:
        return _refused(error)


def _signed_in(request: HttpRequest, site: Site, state: Any, body: dict[str, Any]) -> dict[str, str]:
    found = operations.use_passkey(
        site=site, state=state, answer=body["answer"], at=clock.machine(), effective_at=clock.now()
    )
    target = inside(str(body.get("next", "/")))
    return {"to": enter(request, parties.account(found), Strength.PASSKEY, target)["Location"]}


def _confirmed(request: HttpRequest, site: Site, state: Any, body: dict[str, Any]) -> dict[str, str]:
    visitor: Visitor = request.visitor  # type: ignore[attr-defined]
    held = operations.confirm_by_passkey(
        actor=visitor.actor,
        site=site,
        state=state,
        answer=body["answer"],
        policy=access.policy(visitor.today),
        at=visitor.at,
        effective_at=visitor.now,
    )
    return {"until": held.until.isoformat()}


def _added(request: HttpRequest, site: Site, state: Any, body: dict[str, Any]) -> dict[str, str]:
    visitor: Visitor = request.visitor  # type: ignore[attr-defined]
    _must_be_confirmed(visitor)
    operations.add_passkey(
        account_id=visitor.session.account_id,
        name=str(body.get("name", "")) or str(_("Passkey")),
        site=site,
        state=state,
        answer=body["answer"],
        at=visitor.at,
        effective_at=visitor.now,
    )
    return {"to": "/me"}


ANSWERS = {"sign-in": _signed_in, "confirm": _confirmed, "new": _added}


def _must_be_confirmed(visitor: Visitor | None) -> None:
    if visitor is None or access.confirmation(visitor.actor, visitor.at) is None:
        raise ConfirmationNeeded()


def _site(request: HttpRequest) -> Site:
    site = site_of(request)
    if site is None:
        raise PasskeyRefused()
    return site


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
        if isinstance(body, dict) and isinstance(body.get("answer"), dict):
            return body
    except ValueError:
        pass
    raise PasskeyRefused()


def _refused(error: FourflowError) -> HttpResponse:
    return JsonResponse({"code": error.code, "text": str(refusals.words(error)[0])}, status=refusals.status_of(error))
