"""The Django application of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, static files and translations of the pages, and the views that people keep of lists."""

    name = "fourflow.interfaces.web"
    label = "web"
