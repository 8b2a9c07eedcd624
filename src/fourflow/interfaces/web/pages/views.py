"""Keeping, renaming and forgetting a view of a list."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fourflow.interfaces.web import doors, saved_views
from fourflow.interfaces.web.addresses import read
from fourflow.interfaces.web.people import Visitor, page

#: what an address says and a view does not keep
_PASSING = {"cursor", "view", "id", "format"}


@require_POST
@page()
def keep(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """``act`` is ``new``, ``change`` or ``drop``; whatever comes of it, the person is back on the list."""
    path = _list(request.POST.get("path", ""))
    view_id = read("view", request.POST.get("view", ""))
    if request.POST.get("act") == "drop":
        if view_id is not None:
            doors.perform(request, visitor, "view.drop", lambda: saved_views.drop(visitor, view_id))
        messages.success(request, _("The view is deleted."))
        return redirect(f"{path}?view=all")

    def run() -> dict[str, str]:
        kept = saved_views.keep(
            visitor,
            path=path,
            name=request.POST.get("name", ""),
            query=_query(request.POST.get("query", ""), without=_left_out(request)),
            is_default=request.POST.get("default") == "yes",
            view_id=view_id if request.POST.get("act") == "change" else None,
        )
        return {"url": kept.url()}

    done = doors.perform(request, visitor, "view.keep", run)
    messages.success(request, _("The view is kept."))
    return redirect(done.result["url"])


def _list(path: str) -> str:
    """The address of a list of this site, from its root; nothing that leads elsewhere.

    :raises ViewInvalid: it is none.
    """
    plain = path.startswith("/") and not path.startswith("//") and len(path) <= 100
    if not plain or not all(c.isalnum() or c in "/_-" for c in path):
        raise saved_views.ViewInvalid(field="path", value=path[:80])
    return path


def _left_out(request: HttpRequest) -> set[str]:
    """The dates that were set, where the person keeps the view without them."""
    return set() if request.POST.get("dates") == "yes" else set(request.POST.get("dated", "").split(","))


def _query(query: str, without: Collection[str]) -> str:
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in {*_PASSING, *without}])
