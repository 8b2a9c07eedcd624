"""Registrations of security interests, and the requests that go to the registry for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from fourflow.capital.claims.types.claim import ClaimId
from fourflow.platform.money import Money

RegistrationId = NewType("RegistrationId", UUID)
ExchangeId = NewType("ExchangeId", UUID)


class RegistrationKind(StrEnum):
    """What is registered over movable property: an assignment of receivables, or a pledge of them."""

    RECEIVABLE_TRANSFER = "receivable_transfer"
    RECEIVABLE_PLEDGE = "receivable_pledge"


class RegistrationState(StrEnum):
    """Query, register, query again: only CLEAR opens the way to a payout.

    ENCUMBERED: a search found somebody who comes before us, before our filing or, with a ``registration_no``, after it.
    """

    OPENED = "opened"
    FOUND_CLEAN = "found_clean"
    ENCUMBERED = "encumbered"
    REGISTERED = "registered"
    CLEAR = "clear"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"


class ExchangeKind(StrEnum):
    QUERY = "query"
    REGISTER = "register"
    REQUERY = "requery"
    AMEND = "amend"
    CANCEL = "cancel"


class ExchangeState(StrEnum):
    """A request to the registry. From UNKNOWN the only step is to ask; NOT_RECEIVED is the registry's own word."""

    READY = "ready"
    SENT = "sent"
    UNKNOWN = "unknown"
    ANSWERED = "answered"
    REFUSED = "refused"
    NOT_RECEIVED = "not_received"


@dataclass(frozen=True, slots=True)
class Registration:
    """A security interest on its way into, or in, the movable-property registry (中登网)."""

    id: RegistrationId
    kind: RegistrationKind
    state: RegistrationState
    reference: str
    secured_party_id: UUID
    debtor_id: UUID
    claim_ids: tuple[ClaimId, ...]
    amount: Money
    collateral: str
    assets: tuple[str, ...]
    term_months: int
    query_certificate: str = ""
    queried_at: datetime | None = None
    registration_no: str = ""
    registered_at: datetime | None = None
    expires_on: date | None = None
    requery_certificate: str = ""
    requeried_at: datetime | None = None

    @property
    def opens_payout(self) -> bool:
        """Registered, and a second query after the registration found nobody else: the gate of a disbursement."""
        return self.state is RegistrationState.CLEAR


@dataclass(frozen=True, slots=True)
class Hit:
    """A registration that a search found on the same assets; a smaller ``rank`` came first and goes before."""

    registration_no: str
    secured_party: str
    rank: int

    def to_body(self) -> dict[str, Any]:
        return {"registration_no": self.registration_no, "secured_party": self.secured_party, "rank": self.rank}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to the registry. ``client_reference`` is the same for every attempt, so that it counts once there."""

    id: ExchangeId
    registration_id: RegistrationId
    kind: ExchangeKind
    state: ExchangeState
    client_reference: str
    attempt: int
    request: Mapping[str, Any]
    answer: Mapping[str, Any] | None = None
