"""What the description says is what happens, for inputs that nobody thought of: schemathesis over the whole OpenAPI.

Every operation gets a few examples from its own description, about objects that exist and by people who may act on them,
so that inputs reach the operations and not only the door. Whatever succeeds is undone before the next example.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.builders.api import Session, World, over_http
from tests.interfaces.api.test_access import furnished
from tests.scenes import Scenes

from fourflow.interfaces.api.api import api as description

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 3
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(description.get_openapi_schema())))
    for found in schema.get_all_operations():
        yield found.ok()


def trial(operation: Any, people: list[Session], found: dict[str, str]) -> None:
    """Some examples of one operation; a failure is an exception of schemathesis with the request to repeat it."""

    @seed(20261201)
    @BOUNDED
    @given(case=operation.as_strategy(), who=st.sampled_from(people), known=st.booleans())
    def once(case: Any, who: Session, known: bool) -> None:
        if known:
            given_ids = case.path_parameters or {}
            case.path_parameters = {name: found.get(name, value) for name, value in given_ids.items()}
        before = transaction.savepoint()
        try:
            headers = {"Authorization": f"Bearer {who.token}", "Accept-Language": "en"}
            asked = requests.Request(
                **case.as_transport_kwargs(base_url="http://testserver", headers=headers)
            ).prepare()
            content = asked.body.encode() if isinstance(asked.body, str) else asked.body
            request = httpx.Request(asked.method, asked.url, headers=dict(asked.headers), content=content)
            case.validate_response(over_http(request), checks=CHECKS)
        finally:
            transaction.savepoint_rollback(before)

    once()


@pytest.fixture(scope="module")
def furnishing(scenes: Scenes) -> Iterator[tuple[World, dict[str, str]]]:
    with scenes.standing(furnished) as both:
        yield both


def test_no_input_makes_a_server_error_or_an_answer_that_is_not_declared(
    furnishing: tuple[World, dict[str, str]], db: None
) -> None:
    world, found = furnishing
    people = [world.core, world.supplier, world.funder, world.operator]
    wrong, tried = [], 0
    for operation in operations():
        tried += 1
        try:
            trial(operation, people, found)
        except (
            Exception,
            BaseExceptionGroup,
            pytest.fail.Exception,
        ) as error:  # told together: one run shows everything
            wrong.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert tried > 100
    assert wrong == [], "\n\n".join(wrong)[:20_000]
