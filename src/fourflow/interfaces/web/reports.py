"""Reports made for people who subscribe to them: what an address would show that person, as the file it would give him.

No right is kept with a subscription. The page itself is asked, for the actor that the person is at that moment: permission,
``visible_to`` and row-level security decide as they would if he opened it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils import translation

from fourflow.foundation.access.types import Origin, SessionKind, SessionView, Strength
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountNotFound, Actor
from fourflow.interfaces.web import errors, excel
from fourflow.interfaces.web.people import Visitor
from fourflow.oversight.reports.types import Reader, ReportRefused
from fourflow.platform import clock
from fourflow.platform.ids import new_id

#: only addresses of pages are reports; what their query may not say
PAGES = "fourflow.interfaces.web.urls"
_PASSING = ("cursor", "limit", "format", "template")


def make(*, reader: Reader, address: str, now: datetime) -> bytes:
    """The workbook of the list at an address; implements :class:`fourflow.oversight.reports.ports.Maker`.

    :raises ReportRefused: see there.
    """
    path, _mark, query = address.partition("?")
    try:
        actor = parties.actor_for(
            reader.account_id, reader.organisation_id, clock.business_date(now), session_id="report"
        )
        page = resolve(path, PAGES)
    except AccountNotFound:
        raise ReportRefused(field="address", value="report.reader_gone") from None
    except Resolver404:
        raise ReportRefused(field="address", value=errors.CODES[404]) from None
    with translation.override("en" if reader.language == "en" else "zh-hans"):
        response = page.func(_request(path, query, _visitor(reader, actor, now)), *page.args, **page.kwargs)
    if response.status_code >= 500:
        raise RuntimeError(f"{path} answered {response.status_code}")
    if response.status_code != 200 or response.get("Content-Type") != excel.MEDIA:
        raise ReportRefused(field="address", value=errors.CODES.get(response.status_code, "report.refused"))
    content: bytes = response.content
    return content


def _request(path: str, query: str, visitor: Visitor) -> HttpRequest:
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    asked = QueryDict(query, mutable=True)
    for name in _PASSING:
        asked.pop(name, None)
    asked["format"] = "xlsx"
    request.GET = asked  # type: ignore[assignment]
    request.META["HTTP_HOST"] = urlsplit(settings.PUBLIC_URL or settings.LOCAL_URL).netloc
    request.user = AnonymousUser()
    request.unseen = True  # type: ignore[attr-defined]
    request.visitor, request.shell, request.business_date = visitor, None, visitor.today  # type: ignore[attr-defined]
    return request


def _visitor(reader: Reader, actor: Actor, now: datetime) -> Visitor:
    """The person as a page knows one: without a sign-in, so that nothing which asks for a confirmation would find one."""
    at = clock.machine()
    session = SessionView(
        id=new_id(),
        account_id=reader.account_id,
        organisation_id=reader.organisation_id,
        kind=SessionKind.WEB,
        strength=Strength.PASSWORD,
        origin="",
        began_at=at,
        seen_at=at,
        expires_at=at + timedelta(minutes=5),
    )
    return Visitor(actor, now, clock.business_date(now), "", "", at, session, Origin(""))
