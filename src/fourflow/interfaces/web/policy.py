"""Security headers of the pages (a content policy without a single inline exception), and the bounds of a request's body."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from fourflow.config.patience import LARGEST, LATE, announced
from fourflow.interfaces.web.errors import error_page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def content_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every HTML answer carries the policy and is kept by no shared cache."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", POLICY)
            response.headers.setdefault("Cache-Control", "no-store" if request.method != "GET" else "private, no-cache")
        return response

    return answer


def bounded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a body that is too large is refused before a byte of it is read, one that never came is told so."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.META.get(LATE):
            return error_page(request, 408)
        length = announced(request.META)
        if length is None:
            return error_page(request, 400)
        return error_page(request, 413) if length > LARGEST else get_response(request)

    return answer
