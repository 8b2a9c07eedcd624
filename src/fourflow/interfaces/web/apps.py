"""The Django application of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, static files and translations of the pages; it has no tables."""

    name = "fourflow.interfaces.web"
    label = "web"
