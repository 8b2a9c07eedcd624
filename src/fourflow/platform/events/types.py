"""What an event is. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from fourflow.platform.canonical_json import canonical_plain, jsonable


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of every event: a frozen dataclass whose fields are JSON-able (ids, money, dates, text).

    ``kind`` names the fact (``"voucher.accepted"``); ``version`` rises when a field is removed or changes its meaning,
    within one version only optional fields are added.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    subject_id: UUID
    effective_at: datetime.datetime

    @property
    def visible_id(self) -> UUID:
        """The object whose visibility decides who may read the event; the subject, unless it concerns a part of it."""
        return self.subject_id

    def to_body(self) -> dict[str, Any]:
        """The event's own fields as plain JSON."""
        return {name: _plain(value) for name, value in vars(self).items() if name not in ABOUT}


#: the fields of every event, which stand beside its body
ABOUT = frozenset({"subject_id", "effective_at"})
_SCALARS = frozenset({int, UUID, datetime.date, datetime.datetime})


def catalogue() -> dict[str, type[Event]]:
    """Every kind of event that a loaded module can publish, with its class."""
    found: dict[str, type[Event]] = {}
    waiting = list(Event.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if hasattr(one, "kind"):
            found[one.kind] = one
    return found


def kinds() -> frozenset[str]:
    """Every kind of event that a loaded module can publish."""
    return frozenset(catalogue())


def _plain(value: Any) -> Any:
    kind = type(value)  # asked first, as in jsonable, because most values are these
    if kind is str or value is None or kind is bool:
        return value
    if kind in _SCALARS:
        return jsonable(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        to_body = getattr(value, "to_body", None)
        if to_body is not None:
            return to_body()
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return jsonable(value)


@dataclass(frozen=True, slots=True)
class Evidenced:
    """A database row (or a set of rows with one key) as evidence sees it: what must not change unnoticed."""

    table: str
    key: str
    content: dict[str, Any]

    def digest(self) -> str:
        """Hex SHA-256 of the canonical content. Only its salted digest leaves the database."""
        return hashlib.sha256(canonical_plain(_plain(self.content))).hexdigest()


@dataclass(frozen=True, slots=True)
class EvidencedRow:
    """The digest that an event recorded for a row."""

    table: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as stored, and under whose key it came about: an organisation and its account or API client, None for what
    the platform did by itself. That and ``request_id`` are no part of what the log proves: who signed stands in the body.
    """

    id: UUID
    kind: str
    version: int
    subject_id: UUID
    body: dict[str, Any]
    effective_at: datetime.datetime
    recorded_at: datetime.datetime
    position: int | None
    organisation_id: UUID | None = None
    doer_id: UUID | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class LeafSource:
    """All that a leaf was made of, and the leaf as stored. ``salt`` opens every field: it never leaves the process."""

    id: UUID
    position: int | None
    kind: str
    version: int
    subject_id: UUID
    body: dict[str, Any]
    rows: list[list[str]]
    salt: bytes
    entry: bytes
    leaf_hash: bytes
    effective_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Sequenced:
    """An event that has just been given its place."""

    position: int
    event_id: UUID
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class Consumer:
    """A function of a module's jobs.py that follows the events of some kinds. ``name`` is its stored identity."""

    name: str
    kinds: frozenset[str]
    function: Callable[[RecordedEvent], None]
