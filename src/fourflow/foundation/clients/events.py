"""Facts about API clients and webhook endpoints. They carry ids, scopes and states; no keys, no addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class ClientProposed(Event):
    """A client, or new terms of one, was proposed. Subject: the proposal."""

    kind: ClassVar[str] = "client.proposed"
    client_id: UUID
    scopes: tuple[str, ...]
    content_digest: bytes


@dataclass(frozen=True, kw_only=True)
class ClientDecided(Event):
    """A proposal was applied, rejected or withdrawn. Subject: the proposal."""

    kind: ClassVar[str] = "client.decided"
    client_id: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class ClientRevoked(Event):
    """A client does not get in any more; its tokens end at once. Subject: the client."""

    kind: ClassVar[str] = "client.revoked"
    by_person_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class EndpointChanged(Event):
    """A webhook endpoint was registered, enabled, disabled, tried, or got another signing key. Subject: the endpoint."""

    kind: ClassVar[str] = "webhook.changed"
    organisation_id: UUID
    state: str
    what: str
