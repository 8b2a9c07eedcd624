"""Every address of the site: pages, API, health."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from fourflow.interfaces.api.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", api.urls),
]
