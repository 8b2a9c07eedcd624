"""The JSON API of the house, version 1."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from fourflow.interfaces.api import looks
from fourflow.interfaces.api.auth import Token
from fourflow.interfaces.api.description import Described
from fourflow.interfaces.api.errors import HANDLERS, JSON, MediaTypeUnsupported
from fourflow.interfaces.api.rates import PerClient

DESCRIPTION = """\
Everything that a workspace does, the API does. Amounts are decimal strings with a currency, identifiers carry a prefix,
errors are problem details (RFC 9457), writes need an Idempotency-Key, lists go on by cursor."""

#: one router file a module; the prefix is the router's own
ROUTERS = (
    "session",
    "factors",
    "access",
    "parties",
    "numbers",
    "consents",
    "onboarding",
    "invoice_files",
    "documents",
    "imports",
    "claims",
    "limit_files",
    "limits",
    "batches",
    "vouchers",
    "holdings",
    "obligations",
    "overlays",
    "promises",
    "quotes",
    "financing",
    "registrations",
    "papers",
    "approvals",
    "bank_accounts",
    "payments",
    "unmatched",
    "exceptions",
    "parameters",
    "events",
    "ledger",
    "audit",
    "evidence_requests",
    "oversight",
    "clients",
    "webhooks",
    "notices",
    "schedules",
    "sandbox",
)


class JsonOnly(Parser):
    """JSON is read from what calls itself JSON: a form of another site cannot pass for a request."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != JSON:
            raise MediaTypeUnsupported(expected=JSON)
        return super().parse_body(request)


def build() -> Described:
    """The API with all its routes."""
    built = Described(
        title="Fourflow",
        version="1",
        description=DESCRIPTION,
        urls_namespace="api-v1",
        auth=Token(),
        throttle=PerClient(),
        parser=JsonOnly(),
        docs_url=None,
        openapi_url="/openapi.json",
    )
    built.add_decorator(looks.logged)
    for name in ROUTERS:
        built.add_router("", import_module(f"fourflow.interfaces.api.routers.{name}").router)
    for kind, handler in HANDLERS:
        built.add_exception_handler(kind, handler)
    return built


api = build()
