"""Addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.i18n import set_language

from fourflow.interfaces.web.gallery import gallery

handler400 = "fourflow.interfaces.web.errors.bad_request"
handler403 = "fourflow.interfaces.web.errors.forbidden"
handler404 = "fourflow.interfaces.web.errors.not_found"
handler500 = "fourflow.interfaces.web.errors.failed"

urlpatterns: list[URLPattern] = [
    path("language", set_language, name="language"),
    path("dev/components", gallery, name="components"),
]
