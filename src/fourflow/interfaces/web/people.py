"""Who looks at a page: the actor behind a session, the request's one instant, and what a view may assume of both."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.http import urlencode

from fourflow.foundation.access import operations as access_operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import Confirmation, Factors, Origin, SessionNotFound, SessionView
from fourflow.foundation.parties.types import AccountNotFound, Actor, Permission
from fourflow.interfaces.web import display, looks, menu, refusals, waiting
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.components.shell import Shell, SignIn
from fourflow.interfaces.web.errors import error_page
from fourflow.platform import clock, logs
from fourflow.platform.db.reading import reading
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import new_id

requests = structlog.get_logger("fourflow.request")
ORGANISATION = "organisation"
SESSION = "session"
_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
#: addresses that are no pages: they know neither session nor shell
_OUTSIDE = ("/v1/", "/oauth/", "/static/", "/language", "/livez", "/readyz", "/version", "/metrics")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a form that is signed asks for: nothing while the person is confirmed, else password, code or passkey."""

    confirmed: Confirmation | None
    factors: Factors


#: asked by machines again and again: no line in the log unless it is refused
_QUIET = ("/static/", "/livez", "/readyz", "/metrics")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person acting for an organisation, at the request's one instant and business date.

    ``at`` is the machine's instant: what protects the door goes by it, and no sandbox moves it.
    """

    actor: Actor
    now: datetime
    today: date
    organisation: str
    person: str
    at: datetime
    session: SessionView
    origin: Origin

    @property
    def id(self) -> UUID:
        """The acting organisation."""
        return self.actor.organisation_id

    @property
    def scope(self) -> str:
        """Whose idempotency keys these are; the API's scope of the same account."""
        return f"{self.actor.organisation_id}:{self.actor.account_id}"

    def can(self, permission: Permission) -> bool:
        return self.actor.can(permission)

    def standing(self) -> Standing:
        """The person's confirmation in this session, and (without one) what has to be given for it."""
        held = access.standing(self.session, self.actor, self.at)
        return Standing(held, Factors() if held else access.factors(self.session.account_id))

    @contextmanager
    def reading(self) -> Iterator[Actor]:
        """Read as the person: reader role, row-level security."""
        with reading(self.actor):
            yield self.actor


Next = Callable[[HttpRequest], HttpResponse]


def numbered(get_response: Next) -> Next:
    """Middleware: every request has an id, which its answer, its log lines and its error page carry.

    The line about a request that was refused says under which code, and whose it was.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ID.match(given) else new_id().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        began = time.perf_counter()
        logs.begin()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = get_response(request)
            if logs.refused() or not request.path.startswith(_QUIET):
                spent = round((time.perf_counter() - began) * 1000)
                told = {"method": request.method, "path": request.path, "status": response.status_code, "ms": spent}
                requests.info("request", **told, **logs.refusal())
        response.headers.setdefault("X-Request-Id", request_id)
        return response

    return answer


def acting(get_response: Next) -> Next:
    """Middleware: ``request.visitor`` (or None) and the shell of the page."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_OUTSIDE):
            request.visitor = visitor = _visitor(request)  # type: ignore[attr-defined]
            if visitor is not None:
                request.business_date = visitor.today  # type: ignore[attr-defined]
                request.shell = _shell(request, visitor)  # type: ignore[attr-defined]
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not request.path.startswith(_OUTSIDE):
            allowed, response = response["Allow"], error_page(request, 405)
            response["Allow"] = allowed
        return response

    return answer


def _visitor(request: HttpRequest) -> Visitor | None:
    organisation = request.session.get(ORGANISATION)
    if not organisation or not request.user.is_authenticated:
        return None
    now, at = clock.now(), clock.machine()
    today = clock.business_date(now)
    account_id = UUID(str(request.user.pk))
    try:
        session = access.session(UUID(request.session.get(SESSION, "")), account_id, at)
        actor = access.actor_of(session, UUID(organisation), today)
    except (AccountNotFound, SessionNotFound, ValueError):
        logout(request)
        return None
    logs.made_by(account=text("account", account_id), organisation=text("party", actor.organisation_id))
    access_operations.see(session=session, at=at)
    named = request.session.get("names") or ["", ""]
    return Visitor(actor, now, today, named[0], named[1], at, session, origin_of(request))


def origin_of(request: HttpRequest) -> Origin:
    """Where the request comes from."""
    return Origin.of(request.META, behind_proxy=settings.BEHIND_PROXY)


def _shell(request: HttpRequest, visitor: Visitor) -> Shell:
    actor = visitor.actor
    with reading(actor):
        count = waiting.count(actor, visitor.now)
        request.display = display.chosen_by(actor)  # type: ignore[attr-defined]
    permissions = {permission.value for permission in actor.permissions}
    return Shell(
        organisation=visitor.organisation,
        role=menu.role_words(actor.roles),
        person=visitor.person,
        menu=menu.for_roles(actor.roles, permissions, request.path, count),
        session=_sign_in(visitor),
    )


def _sign_in(visitor: Visitor) -> SignIn:
    """The session by a digest of its id: a page need not say which one it is, only whether it is another."""
    mark = sha256(visitor.session.id.bytes).hexdigest()[:16]
    left = int((visitor.session.expires_at - visitor.at).total_seconds())
    return SignIn(mark, text("account", visitor.session.account_id), max(left, 0))


def _form_of(request: HttpRequest) -> str:
    """The page of this site whose form was sent: what was typed there is kept by the browser's tab."""
    came = urlsplit(request.headers.get("Referer", ""))
    return urlunsplit(("", "", came.path or "/", came.query, "")) if came.netloc == request.get_host() else "/"


View = Callable[..., HttpResponseBase]


def page(permission: Permission | None = None) -> Callable[[View], View]:
    """Decorator of every view behind the sign-in: ``view(request, visitor, …)``.

    No session leads to the sign-in and back; a missing permission to the 403 page; a refusal that the view did not turn
    into words itself to the page of its kind. What is shown to who oversees leaves a line in the log of reads.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            visitor = request.visitor  # type: ignore[attr-defined]
            if visitor is None:
                target = "/organisation" if request.user.is_authenticated else "/sign-in"
                back = request.get_full_path() if request.method == "GET" else _form_of(request)
                return redirect(f"{target}?{urlencode({'next': back})}" if back != "/" else target)
            if permission is not None and not visitor.can(permission):
                return error_page(request, 403)
            try:
                response = view(request, visitor, *args, **kwargs)
            except FourflowError as error:
                status = refusals.status_of(error)
                shown = [] if status == 404 else [refusals.problem(error)]
                return error_page(request, status, shown, code=error.code)
            looks.record(request, visitor.actor, response, visitor.now)
            return response

        return guarded

    return decorate
