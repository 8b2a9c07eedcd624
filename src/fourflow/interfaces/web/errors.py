"""Error pages in words, each with the request id that the logs carry."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from fourflow.interfaces.web.components.records import Problem
from fourflow.interfaces.web.components.shell import Words
from fourflow.platform import logs

PAGES = {
    400: (_("This request cannot be read"), _("Something in the address or the form is not as it should be.")),
    403: (
        _("You may not do this"),
        _("Your functions in this organisation do not include it. An administrator of your organisation can grant it."),
    ),
    404: (_("There is nothing here"), _("It does not exist, or your organisation may not see it.")),
    405: (_("This address takes forms only"), _("Go back to the page that it belongs to and press its button again.")),
    409: (_("This has changed meanwhile"), _("Someone else acted on it first. Look at it again before you decide.")),
    422: (_("This cannot be accepted"), _("The input was understood, but it breaks a rule.")),
    408: (_("This came too slowly"), _("Nothing was changed. Try again, with a better connection if there is one.")),
    413: (_("This is too large"), _("Nothing was changed. Split it, or send less at once.")),
    500: (
        _("Something went wrong on our side"),
        _("Nothing was changed. Tell us the request number, and we will find it."),
    ),
    503: (_("An outside party does not answer"), _("Nothing was changed. Try again in a few minutes.")),
}
#: a form without the secret of this browser: who pressed it may do the act all the same
OUTDATED = (
    _("This page is out of date"),
    _(
        "Somebody signed in or out in this browser after it was opened, or the browser takes no cookies. Nothing was "
        "changed. Go back, load the page again and press once more."
    ),
)
#: the code in the log where nothing more exact is known; the API's codes of the same statuses
CODES = {
    400: "request.unreadable",
    403: "action.forbidden",
    404: "object.not_found",
    405: "request.method_not_allowed",
    408: "request.too_slow",
    413: "input.too_large",
}


def error_page(
    request: HttpRequest,
    status: int,
    problems: Sequence[Problem] = (),
    retry: str = "",
    code: str = "",
    words: tuple[Words, Words] | None = None,
) -> HttpResponse:
    """The page of a status code; ``problems`` name what is wrong and the next step, the log says the code.

    ``words``, where given, are its title and message in place of those of the status.

    Where no browser asks (a report is made), the status alone.
    """
    logs.refuse(code or CODES.get(status, "service.failed"))
    if getattr(request, "unseen", False):
        return HttpResponse(status=status)
    title, message = words or PAGES.get(status, PAGES[500])
    context = {
        "status": status,
        "title": title,
        "message": message,
        "problems": problems,
        "retry": retry,
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(render_to_string("web/error.html", context, request=request), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    if reason:
        return error_page(request, 403, code="request.forged", words=OUTDATED)
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)
