"""Every address of the site: pages, API, health."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from fourflow.interfaces.api import catalogue, oauth
from fourflow.interfaces.api.api import api
from fourflow.interfaces.api.errors import nothing_here
from fourflow.interfaces.web.urls import handler400, handler403, handler404, handler500

urlpatterns: list[URLPattern | URLResolver] = [
    path("oauth/token", oauth.token),
    path("oauth/revoke", oauth.revoke),
    path(".well-known/oauth-authorization-server", oauth.metadata),
    path("v1/asyncapi.json", catalogue.asyncapi),
    path("v1/", api.urls),
    path("v1/<path:rest>", nothing_here),
    path("", include("fourflow.interfaces.web.urls")),
]

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
