"""Facts about claims, payables and registrations.

The subject of a use's events is the use, not the claim: whoever may see a claim may read its events, and how much of it others
use is not for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event
from fourflow.platform.money import Money


@dataclass(frozen=True, kw_only=True)
class ClaimRegistered(Event):
    """A document became financeable, once."""

    kind: ClassVar[str] = "claim.registered"

    scheme: str
    debtor_id: UUID
    creditor_id: UUID
    amount: Money
    ancestors: tuple[UUID, ...]
    documents: tuple[dict[str, Any], ...]
    registered_by: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimUsed(Event):
    """A part of a claim, and of every claim above it, is taken."""

    kind: ClassVar[str] = "claim.used"

    claim_id: UUID
    reference: str
    amount: Money
    payable_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class ClaimReleased(Event):
    """A taken part is given back."""

    kind: ClassVar[str] = "claim.released"

    claim_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class ClaimCredited(Event):
    """A credit note: a taken part of the debt no longer exists and never becomes financeable again."""

    kind: ClassVar[str] = "claim.credited"

    claim_id: UUID
    reference: str
    credit_note: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PayableProposed(Event):
    """A payable waits for its debtor's confirmation. The subject of payable events is the payable."""

    kind: ClassVar[str] = "payable.proposed"

    claim_id: UUID
    debtor_id: UUID
    creditor_id: UUID
    amount: Money
    due_date: date
    proposed_by: UUID
    decide_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class PayableConfirmed(Event):
    """The debtor has signed that it owes."""

    kind: ClassVar[str] = "payable.confirmed"

    claim_id: UUID
    amount: Money
    due_date: date
    content: dict[str, Any]
    signature: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class PayableWithdrawn(Event):
    """An unused payable was taken back, or its confirmation refused."""

    kind: ClassVar[str] = "payable.withdrawn"

    claim_id: UUID
    withdrawn_by: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class PayableExpired(Event):
    """Nobody confirmed the payable in time; its claim is free for another."""

    kind: ClassVar[str] = "payable.expired"

    claim_id: UUID
    proposed_by: UUID


@dataclass(frozen=True, kw_only=True)
class RegistrationOpened(Event):
    """A funder's security over claims is to be registered. The subject of registration events is the registration."""

    kind: ClassVar[str] = "registration.opened"

    reference: str
    registration_kind: str
    secured_party_id: UUID
    debtor_id: UUID
    amount: Money
    claim_ids: tuple[UUID, ...]
    assets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RegistrationMoved(Event):
    """An answer of the registry changed where the registration stands."""

    kind: ClassVar[str] = "registration.moved"

    reference: str
    state: str
    exchange: str
    query_certificate: str = ""
    registration_no: str = ""
    requery_certificate: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RegistryExchanged(Event):
    """A request to the registry was handed over, answered, refused, or nobody knows."""

    kind: ClassVar[str] = "registration.exchanged"

    exchange_id: UUID
    exchange_kind: str
    client_reference: str
    attempt: int
    state: str
