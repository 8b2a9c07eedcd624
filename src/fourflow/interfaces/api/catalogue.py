"""The catalogue of events as AsyncAPI 3: every kind with its fields, as the feed and webhooks tell it.

It is made of the classes that publish, so that a new kind or field is in it by itself; OpenAPI's ``webhooks`` is the same
message.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from fourflow.interfaces.api.ids import PREFIXES, pattern
from fourflow.interfaces.api.routers.events import FIELDS, EventBody
from fourflow.oversight.insight.types import LEFT_OUT, subject_kind
from fourflow.platform.events.types import ABOUT, Event, catalogue
from fourflow.platform.money import Money

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
#: the headers of a webhook (Standard Webhooks) and what they are for
WEBHOOK_HEADERS = {
    "webhook-id": "The same in every attempt and replay: who has seen it does nothing again.",
    "webhook-timestamp": "Seconds since 1970 of this attempt.",
    "webhook-signature": "``v1a,`` and an Ed25519 signature over id, timestamp and body; two while a key is changed.",
}
WEBHOOK_SUMMARY = "An event (Standard Webhooks)"
WEBHOOK_ABOUT = "Ids and a state with a link, never an amount, a name or an address."
_PLAIN: Mapping[Any, Schema] = {
    str: TEXT,
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    bytes: {**TEXT, "pattern": "^([0-9a-f]{2})*$"},
    datetime.date: {**TEXT, "format": "date"},
    datetime.datetime: {**TEXT, "format": "date-time"},
    Money: {"$ref": "#/components/schemas/Money"},
}


@require_GET
def asyncapi(_request: HttpRequest) -> HttpResponse:
    """``/v1/asyncapi.json``, for everybody."""
    return JsonResponse(described())


def webhook_body() -> Schema:
    """What an endpoint is sent; webhook_bodies.py writes it."""
    data = {"id": TEXT, "subject": TEXT, "state": TEXT, "position": {"type": "integer"}, "link": TEXT}
    body = {
        "type": {**TEXT, "enum": sorted(catalogue())},
        "timestamp": {**TEXT, "format": "date-time"},
        "livemode": {"type": "boolean"},
        "data": {"type": "object", "properties": data, "required": ["id", "subject", "position", "link"]},
    }
    return {"type": "object", "properties": body, "required": list(body)}


@functools.cache
def described() -> Schema:
    """The AsyncAPI document; worked out once a process, for strangers may ask again and again."""
    kinds = {name: _message(kind) for name, kind in sorted(catalogue().items())}
    feed = {name: {"$ref": f"#/components/messages/{name}"} for name in kinds}
    headers = {name: {**TEXT, "description": why} for name, why in WEBHOOK_HEADERS.items()}
    webhook = {
        "name": "webhook",
        "title": WEBHOOK_SUMMARY,
        "summary": WEBHOOK_ABOUT,
        "headers": {"type": "object", "properties": headers, "required": list(headers)},
        "payload": webhook_body(),
    }
    amount = {"amount": {**TEXT, "pattern": r"^-?\d+(\.\d+)?$"}, "currency": {**TEXT, "pattern": "^[A-Z]{3}$"}}
    money = {"type": "object", "properties": amount, "required": list(amount)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Fourflow events", "version": "1", "description": __doc__.partition("\n")[0]},
        "defaultContentType": "application/json",
        "channels": {
            "feed": {
                "address": "/v1/events",
                "description": "Everything that the caller may see, in its final order, as CloudEvents in pages by cursor.",
                "messages": feed,
            },
            "webhook": {
                "address": None,
                "description": "An address that the partner registers with `POST /v1/webhooks`, and the kinds it asks for.",
                "messages": {"webhook": {"$ref": "#/components/messages/webhook"}},
            },
        },
        "operations": {"feed": _operation("feed", "GET"), "tell": _operation("webhook", "POST")},
        "components": {
            "messages": {**kinds, "webhook": webhook},
            "schemas": {"CloudEvent": EventBody.model_json_schema(mode="serialization"), "Money": money},
        },
    }


def _operation(channel: str, method: str) -> Schema:
    """Both ways the platform tells and the partner hears; HTTP's method says who calls whom."""
    binding = {"method": method, "bindingVersion": "0.3.0"}
    return {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}, "bindings": {"http": binding}}


def _message(event: type[Event]) -> Schema:
    """A kind as the feed gives it: a CloudEvent whose ``data`` has the fields of the class."""
    hints = get_type_hints(event)
    own = [each for each in dataclasses.fields(event) if each.name not in ABOUT | LEFT_OUT]
    data = {each.name: _field(each.name, hints[each.name]) for each in own}
    needed = [each.name for each in own if each.default is each.default_factory is dataclasses.MISSING]
    narrowed = {
        "type": {"const": event.kind},
        "version": {"const": event.version},
        "subject": {**TEXT, "pattern": pattern(PREFIXES[subject_kind(event.kind)])},
        "data": {"type": "object", "properties": data, "required": needed},
    }
    said = event.__doc__ or ""
    return {
        "name": event.kind,
        "title": event.kind,
        **({} if said.startswith(f"{event.__name__}(") else {"summary": said.strip().partition("\n")[0]}),
        "payload": {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, {"type": "object", "properties": narrowed}]},
    }


def _field(name: str, hint: Any) -> Schema:
    """A field as the feed writes it: identifiers with the prefix of what they name, everything else as events keep it."""
    if hint is UUID:
        return {**TEXT, "pattern": pattern(PREFIXES[FIELDS[name]])} if name in FIELDS else {**TEXT, "format": "uuid"}
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if one is type(None) else _field(name, one) for one in inside]}
    if origin in (tuple, list):
        return {"type": "array", "items": _field(name, inside[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _field("", inside[1])}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {**TEXT, "enum": [one.value for one in hint]}
    if dataclasses.is_dataclass(hint):
        return {"type": "object"}
    return {}
