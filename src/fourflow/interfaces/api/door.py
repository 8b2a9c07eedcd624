"""What every answer below ``/v1/`` has, whoever gave it: a version, a request id, a rate, and problems as documents."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from fourflow.foundation.clients.types import API_VERSIONS
from fourflow.interfaces.api import asked as asked_for
from fourflow.interfaces.api.errors import PROBLEM, VersionUnknown, problem, refused, request_id

PREFIX = "/v1/"
VERSIONS = API_VERSIONS
CURRENT = VERSIONS[-1]

#: statuses that something before a route may give, in words that a client can act on
CODES = {
    400: "request.unreadable",
    403: "action.forbidden",
    404: "object.not_found",
    405: "request.method_not_allowed",
    408: "request.too_slow",
    413: "input.too_large",
}


def door(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: asks for a version that is known, and turns whatever is refused outside a route into a problem.

    A request with an unknown ``Fourflow-Version`` is refused with 400 before anything is done. The answer says which version
    it is, see :func:`version_of`.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return get_response(request)
        asked = request.headers.get("Fourflow-Version")
        if not _is_ours(request):
            response = problem(request, 400, CODES[400])
        elif asked is not None and asked not in VERSIONS:
            response = refused(request, VersionUnknown(value=asked[:40], expected=list(VERSIONS)))
        elif (strange := asked_for.unknown(request)) is not None:
            response = refused(request, strange)
        else:
            response = _as_problem(request, get_response(request))
        response["X-Request-Id"] = request_id(request)
        response["Fourflow-Version"] = version_of(request)
        response.headers.setdefault("Cache-Control", "no-store")
        if (rate := getattr(request, "rate", None)) is not None:
            rate.write(response)
        return response

    return answer


def version_of(request: HttpRequest) -> str:
    """The dated version of the answer: the one asked for; else, for a client, the one that was current when it was first
    admitted (the oldest that is left, where that one is not answered any more); else the current one."""
    asked = request.headers.get("Fourflow-Version")
    if asked in VERSIONS:
        return str(asked)
    machine = getattr(getattr(request, "auth", None), "machine", None)
    if machine is None:
        return CURRENT
    return machine.api_version if machine.api_version in VERSIONS else VERSIONS[0]


def _is_ours(request: HttpRequest) -> bool:
    """Whether the host named is one of the site's; asked here, so that the refusal is no page."""
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An error answer that no route made (a wrong method, an unknown host, a page of the site) as a problem document."""
    if response.status_code < 400 or response.get("Content-Type", "").startswith(PROBLEM):
        return response
    told = problem(request, response.status_code, CODES.get(response.status_code, "service.failed"))
    if "Allow" in response:
        told["Allow"] = ", ".join(sorted(method.strip() for method in response["Allow"].split(",")))
    return told
