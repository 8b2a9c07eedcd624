"""Facts that capital.financing publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event
from fourflow.platform.money import Money


@dataclass(frozen=True, kw_only=True)
class FinancingRequested(Event):
    kind: ClassVar[str] = "financing.requested"
    quote_id: UUID
    holding_id: UUID
    applicant_id: UUID
    funder_id: UUID
    amount: Money
    net: Money
    recourse: bool
    annual_rate: str
    annualised: str
    consent: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class FinancingDecided(Event):
    """The funder's own decision, with who or what at the funder made it."""

    kind: ClassVar[str] = "financing.decided"
    funder_id: UUID
    decision: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FinancingEnded(Event):
    """It ended without cash: withdrawn, or the bank could not pay."""

    kind: ClassVar[str] = "financing.ended"
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FinancingRegistered(Event):
    kind: ClassVar[str] = "financing.registered"
    registration_id: UUID


@dataclass(frozen=True, kw_only=True)
class DisbursementInstructed(Event):
    kind: ClassVar[str] = "financing.disbursement_instructed"
    instruction_id: UUID
    net: Money


@dataclass(frozen=True, kw_only=True)
class PayoutNotReceived(Event):
    """The bank never got the instruction: the gate stands open again, and the payout is instructed anew."""

    kind: ClassVar[str] = "financing.payout_not_received"
    instruction_id: UUID


@dataclass(frozen=True, kw_only=True)
class Disbursed(Event):
    kind: ClassVar[str] = "financing.disbursed"
    holding_id: UUID
    applicant_id: UUID
    funder_id: UUID
    net: Money
    amount: Money
    recourse: bool
    on: date


@dataclass(frozen=True, kw_only=True)
class InterestAccrued(Event):
    """One fact for all financings of one funder and day."""

    kind: ClassVar[str] = "financing.accrued"
    funder_id: UUID
    on: date
    count: int
    amount: Money


@dataclass(frozen=True, kw_only=True)
class FinancingCollected(Event):
    kind: ClassVar[str] = "financing.collected"
    amount: Money
    collected: Money
    wholly: bool


@dataclass(frozen=True, kw_only=True)
class FinancingOverdue(Event):
    """The core did not pay at maturity; with recourse the funder may call it."""

    kind: ClassVar[str] = "financing.overdue"
    outstanding: Money
    recourse: bool


@dataclass(frozen=True, kw_only=True)
class RecourseCalled(Event):
    """The supplier's bank was instructed to pay the funder back, as its consent says."""

    kind: ClassVar[str] = "financing.recourse_called"
    amount: Money
    instruction_id: UUID
    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecourseTaken(Event):
    """The supplier paid the funder back; the claim on the core is the supplier's alone again."""

    kind: ClassVar[str] = "financing.recourse"
    amount: Money
