"""The OpenAPI description, completed: headers of every answer, conditions of writes, and what answers can bring along."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from pydantic import BaseModel

from fourflow.interfaces.api import catalogue
from fourflow.interfaces.api.door import CURRENT, VERSIONS
from fourflow.interfaces.api.errors import JSON, PROBLEM
from fourflow.interfaces.api.fields import Problem
from fourflow.interfaces.api.ids import PREFIXES
from fourflow.interfaces.api.objects import expandable, is_shown

TEXT = {"schema": {"type": "string"}}
#: the headers that every answer has; see door.py and rates.py
HEADERS: dict[str, Any] = {"X-Request-Id": TEXT, "Fourflow-Version": TEXT, "RateLimit-Policy": TEXT, "RateLimit": TEXT}
VERSION_PARAMETER = {
    "name": "Fourflow-Version",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "enum": list(VERSIONS)},
    "description": "The dated version that the caller was written for; an unknown one is refused with 400. Without it a "
    f"client gets the one that was current when it was first admitted, everybody else the current one, {CURRENT}.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag that was read: the write happens only while the object is still in that state, else 412.",
}
#: what any route may say, and one that reads a body besides
PROBLEMS, OF_BODIES = (400, 401, 403, 404, 409, 422, 429, 503), (413, 415)
PROBLEM_ANSWER = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


class Described(NinjaAPI):
    """Ninja's API whose description says what our answers carry."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **_arguments: Any) -> Any:
        """The description. Working it out takes seconds and is done once a process: strangers may ask again and again."""
        return self._description

    @functools.cached_property
    def _description(self) -> Any:
        schema = super().get_openapi_schema()
        schema["components"]["schemas"] |= _problem()
        models = _models(self)
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _describe(operation, f"{method} {path}", models[operation["operationId"]])
        schema["webhooks"] = {"event": {"post": _webhook()}}
        return schema


def _webhook() -> dict[str, Any]:
    """What an endpoint is sent (OpenAPI 3.1 ``webhooks``), as the catalogue of events says it."""
    return {
        "operationId": "webhook_event",
        "summary": catalogue.WEBHOOK_SUMMARY,
        "description": catalogue.WEBHOOK_ABOUT,
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": catalogue.TEXT, "description": why}
            for name, why in catalogue.WEBHOOK_HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": catalogue.webhook_body()}}},
        "responses": {
            "2XX": {"description": "Taken."},
            "410": {"description": "Send nothing here any more."},
            "default": {"description": "Tried again, over three days."},
        },
    }


def _problem() -> dict[str, Any]:
    """The schema of problems and of what it refers to. Named here once: a model of each for every route that may give one
    takes longer to build than all the rest of the API."""
    schema = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def _models(api: NinjaAPI) -> dict[str, type[BaseModel] | None]:
    """The body that each operation answers with when all is well; None for files."""
    found: dict[str, type[BaseModel] | None] = {}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                wrapped = next(model for status, model in operation.response_models.items() if status < 300)
                body = wrapped.model_fields["response"].annotation if wrapped else None
                found[operation.view_func.__name__] = body
    return found


def _describe(operation: dict[str, Any], where: str, model: type[BaseModel] | None) -> None:
    parameters: list[dict[str, Any]] = operation["parameters"]
    is_write = any(parameter["name"] == "Idempotency-Key" for parameter in parameters)
    parameters.append(VERSION_PARAMETER)
    if is_write and _names_an_object(parameters):
        required = operation.pop("x-needs-if-match", False)
        parameters.append({**IF_MATCH, "required": required})
        operation["responses"] |= _refusals(412, *((428,) if required else ()))
    operation["responses"] |= _refusals(*PROBLEMS, *(OF_BODIES if "requestBody" in operation else ()))
    names = expandable(model) if model else []
    if names:
        parameters.append(_expand(names, is_list="data" in model.model_fields if model else False))
    for status, answer in operation["responses"].items():
        answer["headers"] = dict(HEADERS)
        if int(status) >= 400:
            continue
        if is_write:
            answer["headers"]["Idempotent-Replayed"] = {"schema": {"type": "string", "enum": ["true"]}}
        if model and "id" in model.model_fields:
            answer["headers"]["ETag"] = TEXT
        if names:
            _brings(answer["content"][JSON])


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): {"description": HTTPStatus(status).phrase, **PROBLEM_ANSWER} for status in statuses}


def _names_an_object(parameters: list[dict[str, Any]]) -> bool:
    named = {parameter["name"].removesuffix("_id") for parameter in parameters if parameter["in"] == "path"}
    return any(name in PREFIXES and is_shown(PREFIXES[name]) for name in named)


def _expand(names: list[str], *, is_list: bool) -> dict[str, Any]:
    deeper = "" if is_list else "; a second step follows a dot (voucher.issuer)"
    return {
        "name": "expand",
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
        "description": f"What the answer brings along under ``expanded``, by comma: {', '.join(names)}{deeper}.",
    }


def _brings(content: dict[str, Any]) -> None:
    brought = {
        "type": "object",
        "description": "What expand asked for, by identifier.",
        "additionalProperties": {"type": "object"},
    }
    content["schema"] = {"allOf": [content["schema"], {"type": "object", "properties": {"expanded": brought}}]}
