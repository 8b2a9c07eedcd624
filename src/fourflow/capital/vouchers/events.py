"""Facts that the register publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event
from fourflow.platform.money import Money


@dataclass(frozen=True, kw_only=True)
class OfPart(Event):
    """What happens to one part of a voucher: who sees the part may read it, other holders of the voucher may not."""

    holding_id: UUID

    @property
    def visible_id(self) -> UUID:
        return self.holding_id


@dataclass(frozen=True, kw_only=True)
class VoucherDrafted(Event):
    kind: ClassVar[str] = "voucher.drafted"
    number: str
    payable_id: UUID
    issuer_id: UUID
    receiver_id: UUID
    funder_id: UUID
    face: Money
    due_on: date
    signature: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class TermAcknowledged(Event):
    """The funder has examined a term over the soft limit (银发〔2025〕77号 art. 11)."""

    kind: ClassVar[str] = "voucher.term_acknowledged"
    funder_id: UUID
    person_id: UUID
    months: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class VoucherReturned(Event):
    kind: ClassVar[str] = "voucher.returned"
    person_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class VoucherOffered(Event):
    kind: ClassVar[str] = "voucher.offered"
    issuer_id: UUID
    receiver_id: UUID
    face: Money
    due_on: date
    later_than_statutory: bool
    signature: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class VoucherAccepted(Event):
    kind: ClassVar[str] = "voucher.accepted"
    holding_id: UUID
    receiver_id: UUID
    face: Money
    signature: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class VoucherClosed(Event):
    """The voucher ended without being paid: rejected, expired or cancelled."""

    kind: ClassVar[str] = "voucher.closed"
    outcome: str
    reason: str
    organisation_id: UUID
    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class CancelAsked(Event):
    """The issuer has signed that an accepted voucher shall be cancelled; the holder agrees until ``cancel_by``."""

    kind: ClassVar[str] = "voucher.cancel_asked"
    holder_id: UUID
    proposed_by: UUID
    cancel_by: date


@dataclass(frozen=True, kw_only=True)
class CancelEnded(Event):
    """The cancellation that the issuer's person had signed came to nothing, and the voucher goes on.

    ``outcome``: ``expired`` (the holder did not agree in time) or ``overtaken`` (it was passed on, financed, credited or due).
    """

    kind: ClassVar[str] = "voucher.cancel_ended"
    outcome: str
    proposed_by: UUID


@dataclass(frozen=True, kw_only=True)
class TransferOffered(OfPart):
    kind: ClassVar[str] = "holding.transfer_offered"
    from_id: UUID
    to_id: UUID
    amount: Money
    trade_basis: str
    signature: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class HoldingTransferred(OfPart):
    kind: ClassVar[str] = "holding.transferred"
    parent_id: UUID
    from_id: UUID
    to_id: UUID
    amount: Money
    signature: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class TransferEnded(OfPart):
    """An offered transfer was rejected, withdrawn or has expired; the part is back in its holder's hand."""

    kind: ClassVar[str] = "holding.transfer_ended"
    from_id: UUID
    to_id: UUID
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldingLocked(OfPart):
    kind: ClassVar[str] = "holding.locked_for_finance"
    holder_id: UUID
    funder_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class HoldingUnlocked(OfPart):
    kind: ClassVar[str] = "holding.unlocked"
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldingFinanced(OfPart):
    kind: ClassVar[str] = "holding.financed"
    from_id: UUID
    funder_id: UUID
    amount: Money
    recourse: bool


@dataclass(frozen=True, kw_only=True)
class VoucherMaturing(Event):
    kind: ClassVar[str] = "voucher.maturing"
    issuer_id: UUID
    due_on: date
    parts: int


@dataclass(frozen=True, kw_only=True)
class VoucherPaid(OfPart):
    kind: ClassVar[str] = "voucher.paid"
    payee_id: UUID
    instruction_id: UUID
    amount: Money
    redeemed: Money
    wholly: bool


@dataclass(frozen=True, kw_only=True)
class VoucherOverdue(Event):
    kind: ClassVar[str] = "voucher.overdue"
    issuer_id: UUID
    outstanding: Money
    due_on: date


@dataclass(frozen=True, kw_only=True)
class VoucherDefaulted(Event):
    kind: ClassVar[str] = "voucher.defaulted"
    issuer_id: UUID
    outstanding: Money


@dataclass(frozen=True, kw_only=True)
class PromiseMade(Event):
    """The issuer says that it pays late, by when, and why. The voucher stays what it is: overdue is overdue."""

    kind: ClassVar[str] = "voucher.promised"
    promise_id: UUID
    issuer_id: UUID
    amount: Money
    pays_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class OverlayOpened(Event):
    kind: ClassVar[str] = "voucher.overlay_opened"
    overlay: str
    holding_id: UUID | None
    source: str


@dataclass(frozen=True, kw_only=True)
class OverlayClosed(Event):
    kind: ClassVar[str] = "voucher.overlay_closed"
    overlay: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class VoucherCredited(OfPart):
    """A credit note took a part of the debt away while the first supplier still held it."""

    kind: ClassVar[str] = "voucher.credited"
    amount: Money
    document: str


@dataclass(frozen=True, kw_only=True)
class ComplaintMade(Event):
    kind: ClassVar[str] = "voucher.complaint"
    organisation_id: UUID
    text_digest: str


@dataclass(frozen=True, kw_only=True)
class ComplaintAnswered(Event):
    kind: ClassVar[str] = "voucher.complaint_answered"
    complaint_id: UUID
    person_id: UUID
    text_digest: str


@dataclass(frozen=True, kw_only=True)
class CreditSettledOutside(Event):
    """A credit note after transfer or financing: the holders are untouched, supplier and core settle it between them."""

    kind: ClassVar[str] = "voucher.credit_settled_outside"
    supplier_id: UUID
    issuer_id: UUID
    amount: Money
    document: str


@dataclass(frozen=True, kw_only=True)
class TotalsCorrected(Event):
    """Kept totals were not what the register gives, and are again. Subject: the count.

    ``by`` is the account of the machine that the command ran under; ``corrections``: what was added to which total.
    """

    kind: ClassVar[str] = "voucher.totals_corrected"
    by: str
    corrections: tuple[dict[str, Any], ...]
