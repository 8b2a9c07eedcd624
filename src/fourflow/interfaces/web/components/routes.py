"""A route of the API as its page draws it, made of the OpenAPI description. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

#: how deep the fields of a body are drawn; what lies deeper stands in the description itself
DEPTH = 3
#: the context in which first sentences of descriptions are translated
ROUTE = "route"
_CHOICES = 8
_PREFIX = re.compile(r"\^([a-z]{2,4}_)\[")
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a route takes: ``where`` is path, query or header; ``type`` in the words of JSON Schema."""

    name: str
    where: str
    type: str
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class BodyField:
    """A field of a body by its dotted path; ``[]`` after a name says that it is repeated."""

    path: str
    type: str
    required: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """An operation of the API. ``media`` is what its body is sent as, empty where it takes none."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    about: str
    parameters: tuple[Parameter, ...]
    media: str
    sent: tuple[BodyField, ...]
    status: str
    answered_as: str
    answered: tuple[BodyField, ...]
    refusals: tuple[str, ...]

    @property
    def line(self) -> str:
        """What it does in a sentence, the message that is translated."""
        return first_sentence(self.about or self.summary)

    @property
    def more(self) -> str:
        """What its description says after the first sentence, translated like it."""
        return " ".join(self.about.split())[len(self.line) :].strip() if self.about else ""

    @property
    def asks(self) -> tuple[Parameter, ...]:
        """What is filled in to try the route: the caller's headers are not."""
        return tuple(one for one in self.parameters if one.where in ("path", "query"))

    @property
    def is_tried(self) -> bool:
        """Whether the page may ask it: it only reads."""
        return self.method == "GET"

    def address(self, given: Mapping[str, str]) -> str:
        """The address with what was filled in; what lies in the path stays a name in braces where nothing was."""
        path = self.path
        for one in self.parameters:
            if one.where == "path" and given.get(one.name):
                path = path.replace(f"{{{one.name}}}", quote(given[one.name], safe=""))
        return path

    def in_shell(self, site: str) -> str:
        """The route as a command of curl."""
        lines = [f"curl -X {self.method} '{site}{self.path}'", '-H "Authorization: Bearer $TOKEN"']
        if any(one.name == "Idempotency-Key" for one in self.parameters):
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        if self.media == "application/json":
            body = json.dumps(
                {one.path: "…" for one in self.sent if one.required and "." not in one.path}, ensure_ascii=False
            )
            lines += ["-H 'Content-Type: application/json'", f"-d '{body}'"]
        elif self.media:
            lines += [f"-F '{one.path}={'@FILE' if one.type == 'file' else '…'}'" for one in self.sent if one.required]
        return " \\\n  ".join(lines)


def first_sentence(description: str) -> str:
    """The first sentence of a description, on one line and without marks of code."""
    plain = " ".join(description.replace("``", "").split())
    return re.split(r"(?<=\.)\s+", plain, maxsplit=1)[0]


def routes(described: Schema) -> Iterator[Route]:
    """Every route of a description, in its order."""
    parts = described["components"]["schemas"]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            yield _route(path, method.upper(), operation, parts)


def _route(path: str, method: str, operation: Schema, parts: Schema) -> Route:
    body = operation.get("requestBody", {}).get("content", {})
    media = next(iter(body), "")
    answers = {str(code): one for code, one in operation["responses"].items()}
    status, answer = next((code, one) for code, one in answers.items() if code < "300")
    content = answer.get("content", {})
    answered_as = next(iter(content), "")
    return Route(
        name=operation["operationId"],
        method=method,
        path=path,
        tag=operation["tags"][0],
        summary=operation["summary"],
        about=operation.get("description", "").replace("``", ""),
        parameters=tuple(_parameter(one, parts) for one in operation["parameters"]),
        media=media,
        sent=tuple(_fields(body[media]["schema"], parts)) if media else (),
        status=status,
        answered_as=answered_as,
        answered=tuple(_fields(content[answered_as].get("schema", {}), parts)) if answered_as else (),
        refusals=tuple(sorted(code for code in answers if code >= "400")),
    )


def _parameter(one: Schema, parts: Schema) -> Parameter:
    schema = one.get("schema", {})
    return Parameter(
        one["name"], one["in"], type_of(schema, parts), one.get("required", False), one.get("description", "")
    )


def _fields(schema: Schema, parts: Schema, before: str = "", depth: int = 0) -> Iterator[BodyField]:
    whole = _whole(schema, parts)
    required = set(whole.get("required", ()))
    for name, one in whole.get("properties", {}).items():
        inner = _whole(one, parts)
        path, repeated = f"{before}{name}", inner.get("type") == "array"
        yield BodyField(path, type_of(one, parts), name in required, one.get("description", ""))
        if depth + 1 < DEPTH:
            deeper = inner.get("items", {}) if repeated else inner
            yield from _fields(deeper, parts, f"{path}[]." if repeated else f"{path}.", depth + 1)


def _whole(schema: Schema, parts: Schema) -> Schema:
    """A schema with what it refers to; of one that may be null, the other; of several at once, all."""
    if "$ref" in schema:
        return _whole(parts[schema["$ref"].rpartition("/")[2]], parts)
    if several := schema.get("anyOf"):
        said = [one for one in several if one.get("type") != "null"]
        return _whole(said[0], parts) if len(said) == 1 else schema
    if together := schema.get("allOf"):
        found = [_whole(one, parts) for one in together]
        properties = {name: one for each in found for name, one in each.get("properties", {}).items()}
        required = [name for each in found for name in each.get("required", ())]
        return {**found[0], "properties": properties, "required": required}
    return schema


def type_of(schema: Schema, parts: Schema) -> str:
    """A schema in a word or two: ``prt_…``, ``date``, ``list of string``, ``draft | active``."""
    if several := schema.get("anyOf"):
        return " | ".join(type_of(one, parts) for one in several)
    whole = _whole(schema, parts)
    kind = str(whole.get("type", "any"))
    if choices := whole.get("enum"):
        words = [str(one) for one in choices]
        return " | ".join(words[:_CHOICES]) + (" | …" if len(words) > _CHOICES else "")
    if kind == "array":
        return f"list of {type_of(whole.get('items', {}), parts)}"
    if found := _PREFIX.match(str(whole.get("pattern", ""))):
        return f"{found.group(1)}…"
    return {"binary": "file"}.get(whole.get("format", ""), str(whole.get("format", kind)))
