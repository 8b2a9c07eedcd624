"""Addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.i18n import set_language

from fourflow.interfaces.web.gallery import gallery

urlpatterns: list[URLPattern] = [
    path("language", set_language, name="language"),
    path("dev/components", gallery, name="components"),
]
