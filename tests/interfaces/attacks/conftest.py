"""The seeded company as an attacker meets it, and the log of the house."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from tests.builders import api
from tests.builders.api import World
from tests.interfaces.api.conftest import founded
from tests.interfaces.web.scene import scene

from fourflow.platform import logs

__all__ = ["founded", "scene"]

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def world(founded: World, db: None, settings: Any) -> World:
    """The company of a story, signed in at the API."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**configured.STORAGES, "staticfiles": plain}
    api.cheap_passwords(settings)
    settings.API_QUOTA = (1_000_000, 60)
    return founded.again()


@pytest.fixture
def logged() -> Iterator[Lines]:
    """The lines about requests that were logged meanwhile, parsed."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [
        line for line in map(json.loads, stream.getvalue().splitlines()) if line["logger"] == "fourflow.request"
    ]
    root.handlers, root.level = before, level
