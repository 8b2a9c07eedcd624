"""Objects by their identifiers: how each kind is shown, which state it is in (ETag), and what it refers to (``expand``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, TypeVar, cast, get_args
from uuid import UUID

from django.http import HttpRequest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Page
from fourflow.interfaces.api.ids import PREFIXES, IdOf
from fourflow.platform.db.reading import reading
from fourflow.platform.errors import Invalid, NotFound
from fourflow.platform.ids import encode

Show = Callable[[Caller, UUID], BaseModel]
Many = Callable[[Caller, Sequence[UUID]], Mapping[UUID, BaseModel]]
S = TypeVar("S", bound=Show)
M = TypeVar("M", bound=Many)
#: how one object of a kind is shown to a caller, by prefix; the routers fill it
_SHOWS: dict[str, Show] = {}
#: how many of a kind are shown in a few queries; only such kinds are brought along by lists
_MANY: dict[str, Many] = {}
DEPTH = 2


class ExpandUnknown(Invalid):
    """The answer has no such reference, or a list does not bring this kind along."""

    code = "expand.unknown"


def shows(kind: str) -> Callable[[S], S]:
    """Decorator of the one function that shows an object of a kind; it runs inside a read of the caller.

    What it returns is what GET answers with, what ``If-Match`` is compared with, and what ``expand`` brings along.
    """

    def register(function: S) -> S:
        _SHOWS[PREFIXES[kind]] = function
        return function

    return register


def shows_many(kind: str) -> Callable[[M], M]:
    """Decorator of the function that shows many objects of a kind at once; what the caller may not see is left out."""

    def register(function: M) -> M:
        _MANY[PREFIXES[kind]] = function
        return function

    return register


def is_shown(prefix: str) -> bool:
    """Whether objects with this prefix can be read one by one."""
    return prefix in _SHOWS


def look(who: Caller, prefix: str, object_id: UUID) -> BaseModel:
    """An object as its caller sees it now.

    :raises NotFound: it does not exist or is not the caller's to see.
    """
    with reading(who.actor):
        return _SHOWS[prefix](who, object_id)


def etag(body: BaseModel) -> str:
    """The strong validator of an object's state as this caller sees it."""
    return f'"{sha256(body.model_dump_json().encode()).hexdigest()[:32]}"'


def matches(header: str, body: BaseModel) -> bool:
    """Whether ``If-Match`` names this state. ``W/`` is passed over: compression on the way weakens a tag, not the state."""
    given = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in given or etag(body) in given


def references(model: type[BaseModel]) -> dict[str, str]:
    """What a body refers to and could bring along: name without ``_id`` → prefix."""
    found = {}
    for name, field in model.model_fields.items():
        prefix = _prefix(field)
        if name.endswith("_id") and prefix in _SHOWS:
            found[name.removesuffix("_id")] = prefix
    return found


def expandable(model: type[BaseModel]) -> list[str]:
    """The names that ``expand`` takes for an answer: every reference of an object, of a list's rows those to parties."""
    if issubclass(model, Page):
        return sorted(name for name, prefix in references(_row(model)).items() if prefix in _MANY)
    return sorted(references(model))


def expanded(request: HttpRequest, body: BaseModel) -> dict[str, BaseModel]:
    """The objects that ``expand`` asks for, by identifier; what the caller may not see is left out.

    :raises ExpandUnknown: a name that the answer does not have, or more than two steps.
    """
    paths = [tuple(path.split(".")) for path in _asked(request)]
    found: dict[str, BaseModel] = {}
    if not paths:
        return found
    known = expandable(type(body))
    rows = cast(Sequence[BaseModel], getattr(body, "data", ())) if isinstance(body, Page) else [body]
    for path in paths:
        if path[0] not in known or len(path) > (1 if isinstance(body, Page) else DEPTH):
            raise ExpandUnknown(field="query.expand", value=".".join(path)[:80], expected=known)
        level: Iterable[BaseModel] = rows
        for name in path:
            level = _bring(caller(request), level, name, found)
    return found


def _asked(request: HttpRequest) -> Iterator[str]:
    for name in ("expand", "expand[]"):
        for given in request.GET.getlist(name):
            yield from (word.strip() for word in given.split(",") if word.strip())


def _bring(who: Caller, rows: Iterable[BaseModel], name: str, found: dict[str, BaseModel]) -> list[BaseModel]:
    """One step from bodies to what they refer to under a name; every object is looked at once."""
    wanted: dict[str, tuple[str, UUID]] = {}
    for row in rows:
        prefix, object_id = references(type(row)).get(name), getattr(row, f"{name}_id", None)
        if prefix is not None and object_id is not None:
            wanted[encode(prefix, object_id)] = (prefix, object_id)
    missing = {key: one for key, one in wanted.items() if key not in found}
    for key, (prefix, object_id) in missing.items():
        if prefix not in _MANY:
            with suppress(NotFound):
                found[key] = look(who, prefix, object_id)
    for prefix in {prefix for prefix, _ in missing.values() if prefix in _MANY}:
        with reading(who.actor):
            many = _MANY[prefix](who, [one for of, one in missing.values() if of == prefix])
        found.update({encode(prefix, one): body for one, body in many.items()})
    return [found[key] for key in wanted if key in found]


def _row(model: type[BaseModel]) -> type[BaseModel]:
    return cast(type[BaseModel], get_args(model.model_fields["data"].annotation)[0])


def _prefix(field: FieldInfo) -> str:
    """The prefix of a field's identifiers; empty for everything else. An optional one hides its mark a step deeper."""
    marks: list[Any] = list(field.metadata)
    for option in get_args(field.annotation):
        marks += get_args(option)[1:] if get_args(option) else ()
    return next((mark.prefix for mark in marks if isinstance(mark, IdOf)), "")
