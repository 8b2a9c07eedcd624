"""The client against the API's description: every operation has a method, and sends what the description takes."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fourflow_client import AsyncClient, Client
from fourflow_client.aio.resources.namespace import Resource as AsyncResource
from fourflow_client.resources.namespace import Resource
from tests.clients.loops import in_a_loop
from tools import sync_client

from fourflow.interfaces.api.api import api as built

#: what any method finds in an answer that it goes on with
ANSWER: dict[str, Any] = {
    "access_token": "t",
    "acts": [],
    "content": {},
    "content_digest": "0",
    "data": [],
    "matches": True,
    "rows": [],
    "voucher_id": "{voucher_id}",
}
GIVEN = {
    "amount": {"amount": "1.00", "currency": "CNY"},
    "plan": ANSWER,
    "content": b"a",
    "approve": True,
    "shares": [],
}
GIVEN |= {"terms": {}, "choices": {}, "kinds": []}


@dataclass
class Sent:
    """A request of a method: where it went, which fields it sent, and whether the caller could have given more."""

    method: str
    path: str
    fields: set[str]
    query: set[str]
    is_open: bool
    by: str


@dataclass
class Line:
    """An API that answers everything alike and remembers what it was asked."""

    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        wants_file = request.headers["Accept"] not in ("*/*", "application/json")
        if wants_file or request.url.path.endswith("/problems"):
            return httpx.Response(200, content=b"file")
        return httpx.Response(200, json=ANSWER)


def methods(client: Client | AsyncClient) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in vars(client).items():
        if isinstance(value, Resource | AsyncResource):
            for method, function in inspect.getmembers(value, inspect.ismethod):
                if not method.startswith("_"):
                    yield f"{name}.{method}", function
    yield from (("sign_in", client.sign_in), ("session", client.session), ("events", client.events))


def called(function: Callable[..., Any]) -> bool:
    """Call it with something for everything that it names; whether it takes more that it does not name."""
    given, is_open = {}, False
    for name, parameter in inspect.signature(function).parameters.items():
        is_open = is_open or parameter.kind is parameter.VAR_KEYWORD
        if parameter.kind is not parameter.VAR_KEYWORD and (name in GIVEN or parameter.default is parameter.empty):
            given[name] = GIVEN.get(name, f"{{{name}}}")
    found = function(**given)
    if isinstance(found, Iterator):
        assert list(found) == []
    elif isinstance(found, AsyncIterator):
        assert in_a_loop(_all(found)) == []
    elif inspect.iscoroutine(found):
        in_a_loop(found)
    return is_open


async def _all(rows: AsyncIterator[Any]) -> list[Any]:
    return [row async for row in rows]


@pytest.fixture(scope="module")
def sent() -> list[Sent]:
    """What all methods ask."""
    return asked_by(Client)


def asked_by(kind: type[Client] | type[AsyncClient]) -> list[Sent]:
    line, found = Line(), []
    client = kind("http://scf.example/v1/", http=httpx.MockTransport(line))
    for name, function in methods(client):
        line.asked.clear()
        is_open = called(function)
        for request in line.asked:
            body = request.read()
            is_json = request.headers.get("Content-Type", "") == "application/json"
            fields = set(json.loads(body)) if is_json else set(re.findall(r'; name="(\w+)"', body.decode()))
            path = unquote(request.url.raw_path.decode().partition("?")[0])
            found.append(Sent(request.method, path, fields, set(request.url.params), is_open, name))
    return found


@cache
def description() -> dict[str, Any]:
    return dict(built.get_openapi_schema())


def operations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Method, path, id and description of every operation."""
    for path, item in description()["paths"].items():
        for method, described in item.items():
            yield method.upper(), path, described["operationId"], described


def body_of(described: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The fields that a body may have, and those that it must have."""
    for content in described.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        while "$ref" in schema:
            schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return set(schema.get("properties", {})), set(schema.get("required", []))
    return set(), set()


def fits(path: str, sent: Sent) -> bool:
    """A placeholder stands only for a placeholder: ``vouchers/totals`` is not ``vouchers/{voucher_id}``."""
    return re.fullmatch(re.sub(r"{\w+}", r"{\\w+}", path), sent.path) is not None


def test_every_operation_of_the_api_has_a_method_of_the_client(sent: list[Sent]) -> None:
    missing = [
        name
        for method, path, name, _described in operations()
        if not any(one.method == method and fits(path, one) for one in sent)
    ]
    assert missing == []


def test_every_method_sends_what_the_description_takes(sent: list[Sent]) -> None:
    described = list(operations())
    wrong = []
    for one in sent:
        found = [about for method, path, _name, about in described if method == one.method and fits(path, one)]
        if not found:
            wrong.append((one.by, "no such address", one.path))
            continue
        (about,) = found
        may, must = body_of(about)
        query = {each["name"] for each in about.get("parameters", ()) if each["in"] == "query"}
        if (one.fields | one.query) - may - query or (must - one.fields and not one.is_open):
            wrong.append((one.by, one.path, sorted(one.fields - may), sorted(must - one.fields)))
    assert wrong == []


def test_the_client_for_tasks_sends_the_same_and_the_one_for_threads_is_made_of_it(sent: list[Sent]) -> None:
    assert asked_by(AsyncClient) == sent
    stale = [path.name for path, text in sync_client.written() if path.read_text() != text]
    assert stale == [], "python tools/sync_client.py"
