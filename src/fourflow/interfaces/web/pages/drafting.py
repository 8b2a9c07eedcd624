"""Keeping what a form has so far: by a button, or by the page itself while one types."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fourflow.interfaces.web import drafts, refusals
from fourflow.interfaces.web.people import Visitor, page


@require_POST
@page()
def draft(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """``drop`` forgets the draft; else what the form sends is kept. A script is told the version, a person is led back."""
    key = _form(request.POST.get("draft_key", ""))
    if request.POST.get("drop"):
        drafts.drop(visitor, key)
        messages.success(request, _("The draft is discarded."))
        return redirect(key)
    by_script = "application/json" in request.headers.get("Accept", "")
    try:
        kept = drafts.keep(visitor, key, request.POST, step=1, seen=drafts.seen(request.POST))
    except drafts.DraftChanged as error:
        if by_script:
            return JsonResponse({"code": error.code}, status=409)
        return _clash(request, visitor, key, error)
    if by_script:
        return JsonResponse({"version": kept.version})
    messages.success(request, _("Kept as a draft for fourteen days. Only you see it."))
    return redirect(key)


def _clash(request: HttpRequest, visitor: Visitor, key: str, error: drafts.DraftChanged) -> HttpResponse:
    """Both answers are still there: the person says which of them stay."""
    with visitor.reading():
        other = drafts.of(visitor, key)
    mine = [(name, value) for name, values in request.POST.lists() if name not in drafts.PASSING for value in values]
    context = {"title": _("Two windows"), "refused": refusals.banner(error), "mine": mine, "other": other}
    return render(request, "web/pages/draft_clash.html", context, status=409)


def _form(key: str) -> str:
    """The address of a form of this site that keeps drafts.

    :raises DraftInvalid: it is none.
    """
    parts = urlsplit(key)
    try:
        known = (
            not parts.scheme and not parts.netloc and len(key) <= 200 and resolve(parts.path).url_name in drafts.KEPT
        )
    except Resolver404:
        known = False
    if not known:
        raise drafts.DraftInvalid(field="draft_key", value=key[:80])
    return key
