"""The API asked from inside the house: reads of the explorer, through the same door as a request from outside."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import unquote

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import get_language

from fourflow.foundation.access.types import SessionView
from fourflow.interfaces.api.api import api
from fourflow.interfaces.api.auth import issue
from fourflow.interfaces.api.door import door
from fourflow.interfaces.api.errors import nothing_here

#: of the page's own request nothing else goes along: no cookie, no condition
_KEPT = ("HTTP_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


def description() -> dict[str, Any]:
    """The OpenAPI description as ``/v1/openapi.json`` serves it."""
    schema: dict[str, Any] = api.get_openapi_schema()
    return schema


def read(page: HttpRequest, session: SessionView, path: str, query: str) -> HttpResponse:
    """What a GET answers whoever is signed in on a page: same rights, same rate, same line in the log of reads.

    :param path: an address below ``/v1/``, percent-encoded; what is there for nobody is answered with 404.
    """
    environ = {name: value for name, value in page.META.items() if not name.startswith("HTTP_") or name in _KEPT}
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": "",
        "CONTENT_LENGTH": "0",
        "wsgi.input": BytesIO(),
        "HTTP_AUTHORIZATION": f"Bearer {issue(session)}",
        "HTTP_ACCEPT_LANGUAGE": get_language() or "en",
    }
    request = WSGIRequest(environ)
    request.request_id = getattr(page, "request_id", "")  # type: ignore[attr-defined]
    return door(_route)(request)


def _route(request: HttpRequest) -> HttpResponse:
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return HttpResponse(status=404)
    if not request.path_info.startswith("/v1/"):
        return nothing_here(request)
    answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return answer
