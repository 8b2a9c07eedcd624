"""Answers: objects and pages as JSON, what a route declares, cursors, and what an object waits for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from pydantic import BaseModel

from fourflow.foundation.approvals import queries as approvals
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import PendingApproval, ToSign
from fourflow.interfaces.api.ids import PREFIXES
from fourflow.interfaces.api.objects import etag, expanded, look
from fourflow.platform.canonical_json import digest, jsonable
from fourflow.platform.db.reading import reading
from fourflow.platform.errors import Invalid

B = TypeVar("B", bound=BaseModel)
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Names this request: sent again with the same key, it is answered and not performed again.",
}


class CursorInvalid(Invalid):
    """The cursor is not one that a page of this list gave."""

    code = "page.invalid"


def reads(model: type[BaseModel]) -> dict[str, Any]:
    """What a reading route declares: its answer. The problems that any route may give stand in description.py."""
    return {"response": {200: model}}


def computes(model: type[BaseModel], status: int = 200) -> dict[str, Any]:
    """What a route declares that reads a body and stores nothing: plans, dry runs, sign-in."""
    return {"response": {status: model}}


def writes(model: type[BaseModel], status: int = 200, *, conditional: bool = False) -> dict[str, Any]:
    """What a writing route declares; the idempotency key is required, and where ``conditional`` the ETag that was read."""
    extra = {"parameters": [IDEMPOTENCY_KEY], **({"x-needs-if-match": True} if conditional else {})}
    return {**computes(model, status), "openapi_extra": extra}


def files(*media_types: str) -> dict[str, Any]:
    """What a route declares that answers with a file, of one of these types."""
    answer = {"content": {media_type: {"schema": {"type": "string"}} for media_type in media_types}}
    return {"response": {200: None}, "openapi_extra": {"responses": {200: answer}}}


def file(request: HttpRequest, content: str | bytes, media_type: str, name: str) -> HttpResponse:
    """A file to be kept."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["X-Content-Type-Options"] = "nosniff"
    return response


def reply(
    request: HttpRequest, body: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A body as JSON; the headers that every answer has are the door's."""
    content, more = body.model_dump_json(), expanded(request, body)
    if more:
        brought = {key: one.model_dump(mode="json") for key, one in more.items()}
        content = json.dumps({**json.loads(content), "expanded": brought}, ensure_ascii=False)
    response = HttpResponse(content, status=status, content_type="application/json")
    if "id" in type(body).model_fields:
        response["ETag"] = etag(body)
    if getattr(request, "replayed", False):
        response["Idempotent-Replayed"] = "true"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def show(model: type[B], source: object, **more: Any) -> B:
    """An object of a module as its API body; ``more`` replaces fields that the object itself does not have."""
    shown = model.model_validate(source, from_attributes=True)
    return shown.model_copy(update=more) if more else shown


def to_sign(content: Mapping[str, Any], terms_version: str) -> ToSign:
    """Content for a person to read and sign, with the digest that the signing request repeats."""
    return ToSign(content=jsonable(content), content_digest=digest(content).hex(), terms_version=terms_version)


def waiting(object_ids: Iterable[UUID]) -> dict[UUID, list[PendingApproval]]:
    """The open requests for approval about objects, as far as the reading actor's organisation has them."""
    return {about: [show(PendingApproval, found)] for about, found in approvals.pending_for(object_ids).items()}


def page(
    request: HttpRequest,
    model: type[BaseModel],
    data: Sequence[BaseModel],
    next_cursor: str | None,
    *,
    has_more: bool | None = None,
    **more: Any,
) -> HttpResponse:
    """A page of a list, with its successor's address in the Link header.

    A list that never ends gives a cursor also where nothing follows yet: it says so by ``has_more``.
    """
    headers = {}
    following = bool(next_cursor) if has_more is None else has_more
    if next_cursor and following:
        query = [(name, value) for name, values in request.GET.lists() for value in values if name != "cursor"]
        address = f"{request.path}?{urlencode([*query, ('cursor', next_cursor)])}"
        headers["Link"] = f'<{request.build_absolute_uri(address)}>; rel="next"'
    body = model.model_construct(data=list(data), has_more=following, next_cursor=next_cursor, **more)
    return reply(request, body, headers=headers)


def one(request: HttpRequest, kind: str, object_id: UUID, status: int = 200) -> HttpResponse:
    """An object as it now stands, in the form that :func:`fourflow.interfaces.api.objects.shows` registered."""
    return reply(request, look(caller(request), PREFIXES[kind], object_id), status=status)


class HasId(Protocol):
    @property
    def id(self) -> Any: ...


R = TypeVar("R")


def by_id(cursor: str, limit: int, read: Callable[[UUID | None, int], Sequence[R]]) -> tuple[list[R], str | None]:
    """One page of a list that goes on after an id: ``read(after, how_many)``; one row more than asked tells of a next."""
    rows = list(read(read_cursor(cursor), limit + 1))
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, write_cursor(_identity(rows[-1])) if more else None


def _identity(row: Any) -> UUID:
    found = getattr(row, "id", None) or row.entry_id
    return UUID(str(found))


def write_cursor(last: UUID | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(str(last)).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> UUID | None:
    """:raises CursorInvalid: not one that :func:`write_cursor` made."""
    if not cursor:
        return None
    try:
        return UUID(_text(cursor))
    except ValueError:
        raise CursorInvalid(field="query.cursor", value=cursor[:80]) from None


def read_position(cursor: str) -> int:
    """The position that a cursor of the events feed stands for; -1 at the beginning.

    :raises CursorInvalid: not one that :func:`write_cursor` made.
    """
    if not cursor:
        return -1
    try:
        position = int(_text(cursor))
        if not 0 <= position < 2**62:
            raise ValueError(position)
        return position
    except ValueError:
        raise CursorInvalid(field="query.cursor", value=cursor[:80]) from None


def _text(cursor: str) -> str:
    raw = base64.urlsafe_b64decode(cursor.encode("ascii", "replace") + b"=" * (-len(cursor) % 4))
    return str(json.loads(raw))


T = TypeVar("T")


def read(request: HttpRequest, query: Callable[[], T]) -> T:
    """Run a query as the caller: reader role and row-level security stand behind it."""
    with reading(caller(request).actor):
        return query()
