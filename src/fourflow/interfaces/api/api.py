"""The JSON API of the house, version 1."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ninja import NinjaAPI

from fourflow.interfaces.api.auth import Token
from fourflow.interfaces.api.errors import HANDLERS, PROBLEM

DESCRIPTION = """\
Everything that a workspace does, the API does. Amounts are decimal strings with a currency, identifiers carry a prefix,
errors are problem details (RFC 9457), writes need an Idempotency-Key, lists go on by cursor."""

#: one router file a module; the prefix is the router's own
ROUTERS = (
    "session",
    "parties",
    "onboarding",
    "documents",
    "imports",
    "claims",
    "limits",
    "vouchers",
    "holdings",
    "obligations",
    "overlays",
    "financing",
    "approvals",
    "payments",
    "parameters",
    "events",
    "ledger",
    "audit",
)


class FourflowApi(NinjaAPI):
    """Ninja's API whose description says what our answers carry."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **arguments: Any) -> Any:
        schema = super().get_openapi_schema(**arguments)
        for operations in schema["paths"].values():
            for operation in operations.values():
                _describe(operation)
        return schema


def _describe(operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        answer["headers"] = {"X-Request-Id": {"schema": {"type": "string"}}}
        if int(status) >= 400 and "application/json" in answer.get("content", {}):
            answer["content"] = {PROBLEM: answer["content"].pop("application/json")}
        elif any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"]):
            answer["headers"]["Idempotent-Replayed"] = {"schema": {"type": "string", "enum": ["true"]}}


def build() -> FourflowApi:
    """The API with all its routes."""
    built = FourflowApi(
        title="Fourflow",
        version="1",
        description=DESCRIPTION,
        urls_namespace="api-v1",
        auth=Token(),
        docs_url=None,
        openapi_url="/openapi.json",
    )
    for name in ROUTERS:
        built.add_router("", import_module(f"fourflow.interfaces.api.routers.{name}").router)
    for kind, handler in HANDLERS:
        built.add_exception_handler(kind, handler)
    return built


api = build()
