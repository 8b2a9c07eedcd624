"""The descriptions, OpenAPI and AsyncAPI, say what the API does."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from pydantic import BaseModel
from schemathesis.specs.openapi.definitions import OPENAPI_31

import fourflow
from fourflow.interfaces.api import catalogue, errors, routers, texts
from fourflow.interfaces.api.api import api
from fourflow.platform.errors import FourflowError
from fourflow.platform.events import types as published


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(json.dumps(api.get_openapi_schema()))


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, op) for path, ops in schema["paths"].items() for method, op in ops.items()]


def test_the_description_is_served_to_everybody() -> None:
    answer = Client().get("/v1/openapi.json")
    assert answer.status_code == 200 and answer.json()["openapi"].startswith("3.1")


def test_the_description_is_one_by_the_rules_of_openapi_3_1(schema: dict[str, Any]) -> None:
    """Generators of clients refuse a description that is not."""
    wrong = jsonschema_rs.validator_for(OPENAPI_31).iter_errors(schema)
    assert [(error.instance_path, error.message) for error in wrong] == []
    for body in schema["components"]["schemas"].values():
        jsonschema_rs.meta.validate(body)


def test_every_route_declares_its_problems(schema: dict[str, Any]) -> None:
    for _, path, operation in operations(schema):
        for status in ("400", "401", "403", "404", "409", "422", "429", "503"):
            content = operation["responses"][status]["content"]
            assert list(content) == ["application/problem+json"], (path, status)
            assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_reference_leads_somewhere_and_every_operation_has_one_name(schema: dict[str, Any]) -> None:
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema)))
    assert wanted <= set(schema["components"]["schemas"])
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(names) == len(set(names))


def test_every_write_asks_for_a_key_except_those_that_write_nothing(schema: dict[str, Any]) -> None:
    without = {
        path
        for method, path, operation in operations(schema)
        if method == "post" and not any(p["name"] == "Idempotency-Key" for p in operation["parameters"])
    }
    assert without == {
        "/v1/tokens",
        "/v1/vouchers/plan",
        "/v1/vouchers/batches/plan",
        "/v1/vouchers/batches/problems",
        "/v1/invoices/batches/plan",
        "/v1/invoices/batches/problems",
        "/v1/limits/proposals/batches/plan",
        "/v1/limits/proposals/batches/problems",
        "/v1/holdings/{holding_id}/transfers/plan",
        "/v1/financings/{financing_id}/decide/plan",
        "/v1/imports/preview",
        "/v1/session/confirmation",
        "/v1/recover",
    }


def test_every_route_but_sign_in_needs_a_token(schema: dict[str, Any]) -> None:
    assert {path for _, path, op in operations(schema) if not op.get("security")} == {"/v1/tokens", "/v1/recover"}


def test_no_amount_is_a_number(schema: dict[str, Any]) -> None:
    assert '"type": "number"' not in json.dumps(schema)


def test_a_body_takes_no_field_that_it_does_not_declare(schema: dict[str, Any]) -> None:
    for method, path, operation in operations(schema):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if method == "post" and content:
            name = content["schema"]["$ref"].rpartition("/")[2]
            assert schema["components"]["schemas"][name]["additionalProperties"] is False, path


def codes() -> set[str]:
    for module in pkgutil.walk_packages(fourflow.__path__, "fourflow."):
        if module.name.rpartition(".")[2] in ("types", "ports", "errors", "queries", "operations"):
            importlib.import_module(module.name)
    found, kinds = set(), list(FourflowError.__subclasses__())
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith("fourflow.") and ".interfaces.web" not in kind.__module__:
            found.add(kind.code)
    return found


def test_every_code_has_words_in_english_and_in_chinese() -> None:
    from django.utils.translation import override

    assert sorted(codes() - set(texts.TEXTS)) == []
    with override("zh-hans"):
        untold = [code for code in texts.TEXTS if errors.text_of(code) == texts.TEXTS[code]]
    assert untold == []


def test_no_two_bodies_share_a_name() -> None:
    """The description knows bodies by their names: of two it would show one for the other."""
    found: dict[str, set[str]] = {}
    for router in pkgutil.iter_modules(routers.__path__, f"{routers.__name__}."):
        for name, kind in vars(importlib.import_module(router.name)).items():
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__.startswith(routers.__name__):
                found.setdefault(name, set()).add(kind.__module__)
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return json.loads(json.dumps(catalogue.described()))


def test_the_catalogue_of_events_is_served_to_everybody_and_worked_out_once() -> None:
    answer = Client().get("/v1/asyncapi.json")
    assert answer.status_code == 200 and answer.json()["asyncapi"] == "3.0.0"
    assert catalogue.described() is catalogue.described()


def test_every_kind_of_event_is_in_the_catalogue_as_webhooks_and_the_feed_tell_it(
    schema: dict[str, Any], told: dict[str, Any]
) -> None:
    known, messages = published.kinds(), told["components"]["messages"]
    assert set(messages) == known | {"webhook"} and len(known) > 100
    assert told["channels"]["feed"]["address"] in schema["paths"] and set(told["channels"]["feed"]["messages"]) == known
    body = schema["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert messages["webhook"]["payload"] == body and set(body["properties"]["type"]["enum"]) == known
    facts = {name: message["payload"]["allOf"][1]["properties"] for name, message in messages.items() if name in known}
    assert all(each["type"]["const"] == name for name, each in facts.items())
    assert all("signature" not in each["data"]["properties"] for each in facts.values())
    face = facts["voucher.drafted"]["data"]["properties"]["face"]
    assert face == {"$ref": "#/components/schemas/Money"}


def test_every_reference_of_the_catalogue_leads_somewhere_and_every_schema_is_one(told: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(told))):
        found: Any = told
        for step in reference.split("/"):
            found = found[step]
        assert found, reference
    for operation in told["operations"].values():
        assert operation["action"] == "send" and operation["channel"]["$ref"].startswith("#/channels/")
    for message in told["components"]["messages"].values():
        jsonschema_rs.meta.validate(message["payload"])


def test_what_an_event_names_it_names_by_the_apis_identifier(told: dict[str, Any]) -> None:
    """A plain UUID opens no address; several kinds of objects, or none that a route shows, stand behind these."""
    plain = set()
    for message in told["components"]["messages"].values():
        data = message["payload"].get("allOf", [{}, {}])[-1].get("properties", {}).get("data", {})
        plain |= {name for name, field in data.get("properties", {}).items() if '"uuid"' in json.dumps(field)}
    assert plain == {"about_id", "account_id", "exchange_id", "object_id", "transit_id"}


#: lists that have one page, because they are few by their nature or show what stands open now
WHOLE = {
    "/v1/bank-accounts": "of one organisation",
    "/v1/emergencies": "the latest",
    "/v1/event-kinds": "of the platform",
    "/v1/financings/{financing_id}/registrations": "of one financing",
    "/v1/inbox": "what waits now",
    "/v1/ledger/books": "the organisation's own; one a party for who oversees",
    "/v1/licences": "those that end first",
    "/v1/limits": "one a funder, core and currency",
    "/v1/outbox": "what waits now",
    "/v1/parameters": "of the platform",
    "/v1/parameters/catalogue": "of the platform",
    "/v1/parties/{party_id}/roles": "of one party",
    "/v1/party-names": "the names of one organisation's documents",
    "/v1/people": "of one organisation",
    "/v1/recoveries": "the latest",
    "/v1/schedules": "of one person",
    "/v1/sessions": "of one person",
    "/v1/vouchers/{voucher_id}/holdings": "of one voucher",
    "/v1/vouchers/{voucher_id}/overlays": "of one voucher",
}


def test_a_list_that_grows_is_read_page_after_page(schema: dict[str, Any]) -> None:
    """One that ends without a word at its two hundredth row leaves the rest out in silence."""
    whole = set()
    for path, item in schema["paths"].items():
        body = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        if body and (named := re.search(r"/schemas/(\w+)", json.dumps(body["schema"]))):
            rows = schema["components"]["schemas"][named[1]].get("properties", {}).get("data", {})
            if rows.get("type") == "array" and not any(one["name"] == "cursor" for one in item["get"]["parameters"]):
                whole.add(path)
    assert whole == set(WHOLE)
