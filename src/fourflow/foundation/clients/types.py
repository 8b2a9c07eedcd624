"""Partners' machines as others see them: API clients that call us, and webhook endpoints that we call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, NewType
from uuid import UUID

from fourflow.foundation.parties.types import Actor
from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound

ClientId = NewType("ClientId", UUID)
EndpointId = NewType("EndpointId", UUID)


class ClientState(StrEnum):
    """A client is born active by two people's decision; one person revokes it, for good."""

    ACTIVE = "active"
    REVOKED = "revoked"


class ProposalState(StrEnum):
    """Where a proposed client, or proposed new terms of one, stand."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class EndpointState(StrEnum):
    """A disabled endpoint is sent nothing; what happens meanwhile waits until it is enabled again."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    """DELIVERED: the endpoint answered 2xx. FAILED: the schedule is used up; only a replay sends it again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Family(StrEnum):
    """What the routes of the API are about. A scope is a family and ``read`` or ``write``: ``vouchers:read``."""

    TRADE = "trade"
    CLAIMS = "claims"
    VOUCHERS = "vouchers"
    FINANCING = "financing"
    LIMITS = "limits"
    PAYMENTS = "payments"
    PARTIES = "parties"
    PARAMETERS = "parameters"
    APPROVALS = "approvals"
    EVENTS = "events"
    LEDGER = "ledger"
    OVERSIGHT = "oversight"
    WEBHOOKS = "webhooks"
    SANDBOX = "sandbox"


SCOPES = frozenset(f"{family}:{access}" for family in Family for access in ("read", "write"))
#: the dated versions of the API that are answered, the oldest first; within one, only optional fields and new routes are added
API_VERSIONS = ("2026-12-01",)
TOKEN_LIFETIME = timedelta(minutes=10)
#: what a key may sign with, by key type; RSASSA-PKCS1 for those whose hardware knows nothing else
ALGORITHMS: Mapping[str, tuple[str, ...]] = {"OKP": ("EdDSA", "Ed25519"), "EC": ("ES256",), "RSA": ("RS256",)}
SIGNING = tuple(algorithm for group in ALGORITHMS.values() for algorithm in group)


@dataclass(frozen=True, slots=True)
class KeyView:
    """A public key as a person compares it with what the partner says of it.

    ``algorithm`` is Ed25519, P-256 or RSA with its bits; ``thumbprint`` the SHA-256 of RFC 7638 in base64url.
    """

    kid: str
    algorithm: str
    thumbprint: str


@dataclass(frozen=True, slots=True)
class ClientTerms:
    """What two people approve: public keys (JWK), scopes, and how many requests a minute the client may make."""

    name: str
    keys: tuple[dict[str, Any], ...]
    scopes: frozenset[str]
    requests_per_minute: int


@dataclass(frozen=True, slots=True)
class Client:
    """A partner's machine. It acts for the organisation, under the name of the person who answers for it.

    ``api_version`` is the dated version that was current when it was first admitted: what it is answered in.
    """

    id: ClientId
    organisation_id: UUID
    person_id: UUID
    terms: ClientTerms
    state: ClientState
    revoked_at: datetime | None
    api_version: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A client to be, or new terms of one. ``client_id`` names the client that it makes or changes."""

    id: UUID
    client_id: ClientId
    organisation_id: UUID
    terms: ClientTerms
    state: ProposalState
    approval_id: UUID | None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """``text`` is told once and not stored; ``expires_at`` is an instant of the machine's clock."""

    text: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Machine:
    """Who stands behind an access token: the client's actor, narrowed to what machines may do, and its scopes."""

    client_id: ClientId
    actor: Actor
    scopes: frozenset[str]
    requests_per_minute: int
    api_version: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an organisation wants to be told of events. ``public_key`` (``whpk_…``) verifies what it is sent."""

    id: EndpointId
    organisation_id: UUID
    client_id: ClientId | None
    url: str
    kinds: tuple[str, ...]
    state: EndpointState
    reason: str
    public_key: str
    position: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. ``status`` is the HTTP status, None when no answer came; ``error`` then says why."""

    number: int
    sent_at: datetime
    status: int | None
    error: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint; its id is the ``webhook-id`` of every attempt."""

    id: UUID
    endpoint_id: EndpointId
    event_id: UUID
    kind: str
    state: DeliveryState
    attempts: int
    due_at: datetime | None
    log: tuple[Attempt, ...] = ()

    def is_being_sent(self, now: datetime) -> bool:
        """Whether the worker has it in hand, so that nobody has to send it again. :param now: the machine's instant."""
        return self.state is DeliveryState.PENDING and self.due_at is not None and self.due_at <= now


class ClientNotFound(NotFound):
    """No such client, proposal, endpoint or delivery of the actor's organisation."""

    code: ClassVar[str] = "client.not_found"


class ClientTermsInvalid(Invalid):
    """A name, key, scope or limit of a client cannot be accepted; ``field`` and ``expected`` say which and why."""

    code: ClassVar[str] = "client.terms_invalid"


class ClientStateWrong(Conflict):
    """The proposal is decided already, or the client is revoked."""

    code: ClassVar[str] = "client.state"


class ClientRefused(Forbidden):
    """The assertion does not authenticate a client: unknown client, foreign key, broken or forged signature."""

    code: ClassVar[str] = "client.refused"


class AssertionInvalid(ClientRefused):
    """The client's key signed it, but a claim is wrong: audience, times, subject or ``jti``; ``claim`` says which."""

    code: ClassVar[str] = "client.assertion_invalid"


class AssertionReplayed(ClientRefused):
    """An assertion with this ``jti`` was used before."""

    code: ClassVar[str] = "client.assertion_replayed"


class ScopeNotGranted(Forbidden):
    """The client was not granted a scope that it asked for."""

    code: ClassVar[str] = "client.scope_not_granted"


class TokenRefused(Forbidden):
    """The access token is unknown, over, or revoked, or its client or the person who answers for it is gone."""

    code: ClassVar[str] = "token.invalid"


class EndpointInvalid(Invalid):
    """The address or the event kinds of a webhook endpoint cannot be accepted."""

    code: ClassVar[str] = "webhook.invalid"


class AddressForbidden(Invalid):
    """The address leads to this machine, a private network or a cloud's metadata service."""

    code: ClassVar[str] = "webhook.address_forbidden"


class WebhookStateWrong(Conflict):
    """The endpoint or the delivery is not in a state that allows this."""

    code: ClassVar[str] = "webhook.state"
