"""What every page gets beside its own context: the shell and the sandbox ribbon."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fourflow.interfaces.web import display
from fourflow.interfaces.web.components.shell import Ribbon


def page(request: HttpRequest) -> dict[str, Any]:
    """``shell``, ``ribbon`` (in the sandbox only) and ``layout``, the template that a page extends.

    The sign-in sets ``request.shell`` and ``request.business_date``; nothing is read from the database here, so an
    error page can be drawn when the database is away. ``layout`` leaves the frame out for htmx.
    """
    ribbon = Ribbon(getattr(request, "business_date", None)) if getattr(settings, "SANDBOX", False) else None
    visitor = getattr(request, "visitor", None)
    partial = request.headers.get("HX-Request") == "true"
    return {
        "ribbon": ribbon,
        "display": display.of(request),
        "shell": getattr(request, "shell", None),
        # asked of the database only by a form that is signed
        "signing": visitor.standing if visitor else None,
        "layout": "web/partial.html" if partial else "web/base.html",
    }
