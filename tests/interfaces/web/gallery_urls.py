"""Addresses of the gallery's own site: no page of it needs a database."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from fourflow.interfaces.web.gallery import gallery

urlpatterns = [path("language", set_language), path("dev/components", gallery)]
handler404 = "fourflow.interfaces.web.errors.not_found"
