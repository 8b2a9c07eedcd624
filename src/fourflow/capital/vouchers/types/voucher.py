"""A voucher (数信), its holdings, what was signed over them, and the flags and complaints on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from fourflow.platform.crypto.signing import Signature
from fourflow.platform.money import Money

VoucherId = NewType("VoucherId", UUID)
HoldingId = NewType("HoldingId", UUID)
TERMS_VERSION = "voucher-terms/2026-11"
"""Version of the terms that people accept when they sign; the text stands in the user guide."""


class VoucherState(StrEnum):
    """The obligation. DRAFT waits for the checker; between DRAFT and OFFERED the limit is blocked in one transaction."""

    DRAFT = "draft"
    RETURNED = "returned"
    OFFERED = "offered"
    ACTIVE = "active"
    MATURING = "maturing"
    REDEEMED = "redeemed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    OVERDUE = "overdue"
    DEFAULTED = "defaulted"

    @property
    def is_living(self) -> bool:
        """The debt exists and is not wholly paid."""
        return self in LIVING


LIVING = frozenset({VoucherState.ACTIVE, VoucherState.MATURING, VoucherState.OVERDUE, VoucherState.DEFAULTED})


class HoldingState(StrEnum):
    """A part of the obligation in one hand. SPLIT is spent: its children stand for it. Overlays are not states."""

    ACTIVE = "active"
    LOCKED_TRANSFER = "locked_transfer"
    LOCKED_FINANCE = "locked_finance"
    FINANCED = "financed"
    MATURED = "matured"
    PARTLY_PAID = "partly_paid"
    REDEEMED = "redeemed"
    OVERDUE = "overdue"
    WRITTEN_OFF = "written_off"
    SPLIT = "split"
    CANCELLED = "cancelled"

    @property
    def is_live(self) -> bool:
        """The debt lives at amount − paid."""
        return self not in (HoldingState.SPLIT, HoldingState.CANCELLED, HoldingState.REDEEMED)


class OverlayKind(StrEnum):
    """A dated flag over a holding and everything that grew out of it: no transfer, no financing; the due date runs."""

    DISPUTED = "disputed"
    FROZEN = "frozen"


class Act(StrEnum):
    """Something a person signed; the legal chain of a holding is its list of acts."""

    ISSUE = "voucher.issue"
    CHECK = "voucher.check"
    ACCEPT = "voucher.accept"
    TRANSFER = "holding.transfer"
    TRANSFER_ACCEPT = "holding.accept"
    FINANCE = "holding.finance"
    CANCEL = "voucher.cancel"


@dataclass(frozen=True, slots=True)
class Voucher:
    """An obligation of a core enterprise. Face, dates and parties never change; state, redeemed and cancelled do.

    ``statutory_due_on``: delivery + the statutory days of the 60-day rule, none where the creditor (``creditor_size``) is
    itself large; later due dates need a contract clause. ``paid_on``: the business day of the latest payment; of a redeemed
    voucher, the day on which the last of it was paid.
    """

    id: VoucherId
    number: str
    payable_id: UUID
    claim_id: UUID
    issuer_id: UUID
    receiver_id: UUID
    funder_id: UUID
    face: Money
    issued_on: date
    due_on: date
    delivered_on: date | None
    statutory_due_on: date | None
    offer_expires_on: date | None
    state: VoucherState
    redeemed: Money
    cancelled: Money
    cancel_by: date | None = None
    paid_on: date | None = None
    overdue_on: date | None = None
    term_reason: str = ""
    term_acknowledged_by: UUID | None = None
    contract_clause: str = ""
    approval_id: UUID | None = None
    creditor_size: str = ""

    @property
    def reference(self) -> str:
        return f"voucher:{self.id}"

    @property
    def outstanding(self) -> Money:
        return self.face - self.redeemed - self.cancelled

    def content(self) -> dict[str, Any]:
        """What issuer, checker and receiver sign: the payment commitment."""
        return {
            "act": "voucher.commitment",
            "voucher_id": str(self.id),
            "number": self.number,
            "payable_id": str(self.payable_id),
            "issuer_id": str(self.issuer_id),
            "receiver_id": str(self.receiver_id),
            "funder_id": str(self.funder_id),
            "face": self.face.to_body(),
            "issued_on": self.issued_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "delivered_on": self.delivered_on.isoformat() if self.delivered_on else None,
            "statutory_due_on": self.statutory_due_on.isoformat() if self.statutory_due_on else None,
            "contract_clause": self.contract_clause,
            "creditor_size": self.creditor_size,
        }


@dataclass(frozen=True, slots=True)
class Holding:
    """A part of a voucher in one hand. ``path`` lists its ancestors from the root; ``tier`` counts transfers (root: 1).

    ``receiver_id``: whom a LOCKED_TRANSFER part is offered to. ``pledgee_id``: the funder of a financing: the holder itself
    after a purchase, another than the holder where its pledge lies on the holder's part (with recourse).
    ``trade_basis``: the trade that a transfer of this part names.
    ``limit_reference``: the use of another funder's line, where the voucher's own line was relieved at payout.
    """

    id: HoldingId
    voucher_id: VoucherId
    holder_id: UUID
    amount: Money
    paid: Money
    parent_id: HoldingId | None
    path: tuple[UUID, ...]
    tier: int
    state: HoldingState
    receiver_id: UUID | None = None
    pledgee_id: UUID | None = None
    limit_reference: str = ""
    trade_basis: str = ""
    expires_on: date | None = None
    acquired_at: datetime | None = None

    @property
    def outstanding(self) -> Money:
        return self.amount - self.paid

    @property
    def is_financed(self) -> bool:
        return self.pledgee_id is not None

    @property
    def payee_id(self) -> UUID:
        """Who is paid at maturity: the pledgee before the holder."""
        return self.pledgee_id or self.holder_id


@dataclass(frozen=True, slots=True)
class SignedAct:
    """One link of the legal chain."""

    act: Act
    voucher_id: VoucherId
    holding_id: HoldingId | None
    organisation_id: UUID
    person_id: UUID
    content: dict[str, Any]
    signature: Signature
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Overlay:
    """A dispute or freeze over a subtree, opened by ``organisation_id``."""

    id: UUID
    voucher_id: VoucherId
    holding_id: HoldingId | None
    organisation_id: UUID
    kind: OverlayKind
    source: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a holder complains of, and the desk's answer, due on ``answer_due_on``."""

    id: UUID
    voucher_id: VoucherId
    organisation_id: UUID
    text: str
    made_on: date
    answer_due_on: date
    answer: str
    answered_on: date | None


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """What a maker asks for: one voucher over a confirmed payable (or a part of it)."""

    payable_id: UUID
    funder_id: UUID
    face: Money
    due_on: date
    term_reason: str = ""
    contract_clause: str = ""


@dataclass(frozen=True, slots=True)
class Redemption:
    """What one holding gets of a payment."""

    holding_id: HoldingId
    payee_id: UUID
    amount: Money
