"""What a financing is to the rest of the house: quote, consent, the funder's decision, cash, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NewType
from uuid import UUID

from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound
from fourflow.platform.money import Money

QuoteId = NewType("QuoteId", UUID)
FinancingId = NewType("FinancingId", UUID)
TERMS_VERSION = "financing-terms/2026-11"


class FinancingState(StrEnum):
    """From consent to the end. All after DISBURSING need the bank's word; APPROVED and REFUSED are the funder's word."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REGISTERED = "registered"
    DISBURSING = "disbursing"
    FAILED = "failed"
    DISBURSED = "disbursed"
    OVERDUE = "overdue"
    REPAID = "repaid"

    @property
    def is_open(self) -> bool:
        """Something is still to happen before cash flows or the financing ends without any."""
        return self in (
            FinancingState.REQUESTED,
            FinancingState.APPROVED,
            FinancingState.REGISTERED,
            FinancingState.DISBURSING,
        )

    @property
    def ended_without_cash(self) -> bool:
        return self in (FinancingState.REFUSED, FinancingState.WITHDRAWN, FinancingState.FAILED)


class FeePayee(StrEnum):
    """Who gets a part of what the supplier pays."""

    FUNDER = "funder"
    PLATFORM = "platform"


class CostKind(StrEnum):
    INTEREST = "interest"
    FUNDER_FEE = "funder_fee"
    PLATFORM_FEE = "platform_fee"


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the receipt: what, to whom, on which base, by which formula."""

    kind: CostKind
    payee: FeePayee
    amount: Money
    formula: str

    def to_body(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "payee": self.payee.value,
            "amount": self.amount.to_body(),
            "formula": self.formula,
        }


@dataclass(frozen=True, slots=True)
class NoQuote:
    """A funder that names no price for a holding; ``reason`` is the code of what stands against it."""

    funder_id: UUID
    recourse: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What turning a holding, or a part of it, into cash now would cost with one funder.

    ``platform_share`` is what the funder passes on to the platform out of its own charge: it is shown, and not a cost on
    top. ``annualised`` is the all-in cost over the net cash for a year of 365 days (PBOC announcement 2021-3).
    """

    id: QuoteId
    holding_id: UUID
    voucher_id: UUID
    applicant_id: UUID
    funder_id: UUID
    obligor_id: UUID
    amount: Money
    recourse: bool
    annual_rate: Decimal
    day_count: str
    start_on: date
    due_on: date
    days: int
    lines: tuple[CostLine, ...]
    net: Money
    cost: Money
    annualised: Decimal
    platform_share: Money
    valid_until: datetime

    def content(self) -> dict[str, Any]:
        """What the applicant signs: the consent to this price."""
        return {
            "act": "financing.consent",
            "quote_id": str(self.id),
            "holding_id": str(self.holding_id),
            "funder_id": str(self.funder_id),
            "amount": self.amount.to_body(),
            "recourse": self.recourse,
            "annual_rate": str(self.annual_rate),
            "day_count": self.day_count,
            "start_on": self.start_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "lines": [line.to_body() for line in self.lines],
            "net": self.net.to_body(),
            "annualised": str(self.annualised),
        }


@dataclass(frozen=True, slots=True)
class FunderDecision:
    """The funder's own word: who at the funder, or which model of the funder's, decided. Never the platform."""

    approved: bool
    annual_rate: Decimal | None
    decided_by: dict[str, Any]
    decided_at: datetime
    reasons: tuple[str, ...]
    bank_reference: str = ""

    def to_body(self) -> dict[str, Any]:
        return {
            "approved": self.approved,
            "annual_rate": str(self.annual_rate) if self.annual_rate is not None else None,
            "decided_by": self.decided_by,
            "decided_at": self.decided_at.isoformat(),
            "reasons": list(self.reasons),
            "bank_reference": self.bank_reference,
        }


@dataclass(frozen=True, slots=True)
class Financing:
    """A part of a voucher turned, or being turned, into cash."""

    id: FinancingId
    quote: Quote
    state: FinancingState
    holding_id: UUID
    requested_at: datetime
    decision: FunderDecision | None = None
    registration_id: UUID | None = None
    instruction_id: UUID | None = None
    disbursed_on: date | None = None
    accrued: Money | None = None
    collected: Money | None = None
    reason: str = ""

    @property
    def outstanding(self) -> Money:
        """What the funder still has to get of the amount; the whole of it before the payout too."""
        return self.quote.amount - self.collected if self.collected else self.quote.amount

    @property
    def reference(self) -> str:
        return f"financing:{self.id}"


@dataclass(frozen=True, slots=True)
class FeeLine:
    """What one funder's cash has cost: sums over its financings paid out in one currency.

    ``annualised`` is the all-in annual cost weighted by the net cash; ``lowest`` and ``highest`` are single financings'.
    """

    funder_id: UUID
    count: int
    amount: Money
    net: Money
    cost: Money
    annualised: Decimal
    lowest: Decimal
    highest: Decimal


@dataclass(frozen=True, slots=True)
class Running:
    """A funder's financings paid out and not wholly got back, of one applicant, debtor and currency."""

    applicant_id: UUID
    obligor_id: UUID
    count: int
    overdue: int
    outstanding: Money


class FinancingNotFound(NotFound):
    """No such financing, or the actor's organisation is none of its parties."""

    code: ClassVar[str] = "financing.not_found"


class QuoteNotFound(NotFound):
    """No such quote of the actor's organisation."""

    code: ClassVar[str] = "financing.quote_not_found"


class QuoteExpired(Conflict):
    """The quote's time is over: ask for a new one."""

    code: ClassVar[str] = "financing.quote_expired"


class QuoteUsed(Conflict):
    """A financing was already requested on this quote."""

    code: ClassVar[str] = "financing.quote_used"


class TooCloseToMaturity(Conflict):
    """Fewer days to the due date than the cut-off."""

    code: ClassVar[str] = "financing.too_close_to_maturity"


class FunderHasNoLimit(Conflict):
    """The funder has no line on the obligor, or not enough of it."""

    code: ClassVar[str] = "financing.no_limit"


class NothingLeft(Invalid):
    """The cost is as large as the amount."""

    code: ClassVar[str] = "financing.nothing_left"


class FinancingStateWrong(Conflict):
    """The financing is not in a state that allows this."""

    code: ClassVar[str] = "financing.state"


class RateAboveConsent(Conflict):
    """The funder decided a higher rate than the applicant consented to: a new quote is needed."""

    code: ClassVar[str] = "financing.rate_above_consent"


class GateClosed(Conflict):
    """No payout without the funder's decision, a registration, and a clean query after it."""

    code: ClassVar[str] = "financing.gate_closed"


class RequeryTooOld(Conflict):
    """The registry was asked too long ago: ask again before the payout."""

    code: ClassVar[str] = "financing.requery_too_old"


class AccountMissing(Conflict):
    """A party has no bank account in this currency to pay from or to."""

    code: ClassVar[str] = "financing.account_missing"


class HoldingFrozen(Conflict):
    """A dispute or freeze was opened over the part after the request: no payout while it is open."""

    code: ClassVar[str] = "financing.holding_blocked"


class NoRecourse(Conflict):
    """The financing was made without recourse, is not overdue, or nothing is outstanding."""

    code: ClassVar[str] = "financing.no_recourse"


class PaymentUnderway(Conflict):
    """A payment of the same debt has no final answer of its bank yet."""

    code: ClassVar[str] = "financing.payment_underway"


class CollectedTooMuch(Conflict):
    """More arrived than was outstanding: a person has to look."""

    code: ClassVar[str] = "financing.collected_too_much"


class DecisionNotTheirs(Forbidden):
    """Only the funder decides; neither the platform nor the applicant."""

    code: ClassVar[str] = "financing.decision_not_theirs"
