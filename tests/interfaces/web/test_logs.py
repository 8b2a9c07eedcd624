"""A log line is JSON and names its request, which the answer and the error page name too."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from fourflow.platform import logs

handler404 = "fourflow.interfaces.web.errors.not_found"
handler500 = "fourflow.interfaces.web.errors.failed"


def fails(request: HttpRequest) -> HttpResponse:
    structlog.get_logger("ours").info("before", holder="数信")
    raise ArithmeticError("one cent too much")


urlpatterns = [path("fails", fails)]


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> None:
    """These addresses, and static files under their plain names."""
    settings.ROOT_URLCONF = __name__
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def lines() -> Iterator[Any]:
    """What was logged, parsed."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


@pytest.mark.django_db
def test_a_failure_is_found_by_the_request_number_on_its_page(lines: Any) -> None:
    answer = Client(raise_request_exception=False).get("/fails", headers={"X-Request-Id": "from-the-proxy-1"})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "from-the-proxy-1")
    assert "from-the-proxy-1" in answer.content.decode()
    told = {line["event"]: line for line in lines()}
    assert {line["request_id"] for line in told.values()} == {"from-the-proxy-1"}
    assert told["before"]["holder"] == "数信" and told["before"]["level"] == "info"
    failure = told["Internal Server Error: /fails"]
    assert failure["level"] == "error" and "one cent too much" in failure["exception"]
    request = told["request"]
    assert (request["method"], request["path"], request["status"]) == ("GET", "/fails", 500)


@pytest.mark.django_db
def test_a_request_number_is_made_where_none_or_a_bad_one_is_given_and_ends_with_its_request(lines: Any) -> None:
    client = Client(raise_request_exception=False)
    first, second = (client.get("/no", headers={"X-Request-Id": bad}).headers["X-Request-Id"] for bad in ("", "a b\t"))
    assert first != second and len(first) == 32
    logging.getLogger("afterwards").warning("nobody's")
    assert [line.get("request_id") for line in lines() if line["event"] == "nobody's"] == [None]
