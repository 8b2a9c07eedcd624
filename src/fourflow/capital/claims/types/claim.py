"""Claims, their uses and what their debtors confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from fourflow.platform.crypto.signing import Signature
from fourflow.platform.money import Money

ClaimId = NewType("ClaimId", UUID)
PayableId = NewType("PayableId", UUID)


class Scheme(StrEnum):
    """How an underlying document is told apart from every other one; the parts of each are in :data:`SCHEME_PARTS`.

    ``ORDER`` < ``ORDER_LINE`` | ``PO_ASN`` < invoices: an order is the ancestor of its lines and deliveries.
    """

    CONTRACT = "contract"
    ORDER = "order"
    ORDER_LINE = "po_line"
    PO_ASN = "po_asn"
    INVOICE_CN = "invoice_cn"
    INVOICE = "invoice"
    WAYBILL = "waybill"


SCHEME_PARTS: Mapping[Scheme, tuple[str, ...]] = {
    Scheme.CONTRACT: ("buyer", "contract"),
    Scheme.ORDER: ("buyer", "order"),
    Scheme.ORDER_LINE: ("buyer", "order", "line"),
    Scheme.PO_ASN: ("buyer", "order", "delivery"),
    Scheme.INVOICE_CN: ("number",),
    Scheme.INVOICE: ("seller", "number"),
    Scheme.WAYBILL: ("carrier", "waybill", "segment"),
}
"""Names of the parts, all required. Parties are named by an identifier that is the same for everybody: 统一社会信用代码,
LEI or the platform's own id. INVOICE is for invoices outside the fully digitalised Chinese ones (20 digits: INVOICE_CN)."""


@dataclass(frozen=True, slots=True)
class Underlying:
    """The document that a claim rests on: a scheme and its parts as they stand on the document."""

    scheme: Scheme
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document behind a claim: its kind, its id in trade.documents where it has one, and its number for people."""

    kind: str
    number: str
    document_id: UUID | None = None

    def to_body(self) -> dict[str, str | None]:
        return {
            "kind": self.kind,
            "number": self.number,
            "document_id": str(self.document_id) if self.document_id else None,
        }


@dataclass(frozen=True, slots=True)
class Ancestor:
    """An earlier claim out of which this one grew (order → delivery → invoice), and how much of this one lies on it.

    ``share`` None = the whole amount, or all of the ancestor where that is less. An invoice over two deliveries names both,
    each with its share.
    """

    claim_id: ClaimId
    share: Money | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody owes somebody an amount for one underlying document.

    ``used`` counts every use of this claim and of the claims that grew out of it, credit notes included: it never exceeds
    ``amount``. ``used`` and ``credited`` are None for a reader who is neither the creditor nor allowed to see everything.
    """

    id: ClaimId
    scheme: Scheme
    parts: Mapping[str, str]
    debtor_id: UUID
    creditor_id: UUID
    amount: Money
    documents: tuple[DocumentRef, ...]
    registered_at: datetime
    used: Money | None = None
    credited: Money | None = None

    @property
    def remaining(self) -> Money | None:
        """What can still be financed; None when the reader may not know."""
        return None if self.used is None else self.amount - self.used


@dataclass(frozen=True, slots=True)
class ClaimLinkView:
    """A claim in a chain, with its distance: 0 is the claim itself, 1 its parents, and so on upward."""

    claim: Claim
    distance: int


class UseKind(StrEnum):
    """FINANCE is given back when it ends; a CREDIT_NOTE stays: that part of the debt no longer exists."""

    FINANCE = "finance"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class ClaimUse:
    """A part of a claim that is taken, under the reference of what takes it (a voucher, a loan)."""

    id: UUID
    claim_id: ClaimId
    payable_id: PayableId | None
    kind: UseKind
    reference: str
    amount: Money
    released: Money

    @property
    def open(self) -> Money:
        return self.amount - self.released


class PayableState(StrEnum):
    """PARTLY_USED and USED are derived from the uses of a CONFIRMED payable, never stored.

    EXPIRED: nobody confirmed it in time.
    """

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    PARTLY_USED = "partly_used"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def is_over(self) -> bool:
        """Nothing is owed on it, and nothing can be: its claim is free for another."""
        return self in (PayableState.WITHDRAWN, PayableState.EXPIRED)


@dataclass(frozen=True, slots=True)
class ConfirmedPayable:
    """The debtor's own word that it owes ``amount`` on a claim, to be paid on ``due_date``; signed when CONFIRMED.

    ``signature`` is the confirming person's, over :meth:`content`; a voucher's chain ends in it. ``decide_by`` is the last day
    on which a proposed one may be confirmed.
    """

    id: PayableId
    claim_id: ClaimId
    debtor_id: UUID
    creditor_id: UUID
    amount: Money
    due_date: date
    delivered_on: date | None
    state: PayableState
    documents: tuple[DocumentRef, ...]
    proposed_by: UUID
    proposed_at: datetime
    decide_by: date
    used: Money
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None
    signature: Signature | None = None
    reason: str = ""

    @property
    def remaining(self) -> Money:
        return self.amount - self.used

    def content(self) -> dict[str, Any]:
        """What the debtor signs: canonical JSON of this object, independent of state and use."""
        return {
            "act": "claim.confirm",
            "payable_id": str(self.id),
            "claim_id": str(self.claim_id),
            "debtor_id": str(self.debtor_id),
            "creditor_id": str(self.creditor_id),
            "amount": self.amount.to_body(),
            "due_date": self.due_date.isoformat(),
            "delivered_on": self.delivered_on.isoformat() if self.delivered_on else None,
            "documents": [document.to_body() for document in self.documents],
        }
