"""What a claim, a confirmed payable and a registration are to the rest of the house; the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, NewType
from uuid import UUID

from fourflow.platform.crypto.signing import Signature
from fourflow.platform.errors import Conflict, Forbidden, FourflowError, Invalid, Kind, NotFound, Unavailable
from fourflow.platform.money import Money

ClaimId = NewType("ClaimId", UUID)
PayableId = NewType("PayableId", UUID)
RegistrationId = NewType("RegistrationId", UUID)
ExchangeId = NewType("ExchangeId", UUID)


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
    """PARTLY_USED and USED are derived from the uses of a CONFIRMED payable, never stored."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    PARTLY_USED = "partly_used"
    USED = "used"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ConfirmedPayable:
    """The debtor's own word that it owes ``amount`` on a claim, to be paid on ``due_date``; signed when CONFIRMED.

    ``signature`` is the confirming person's, over :meth:`content`; a voucher's chain ends in it.
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


class RegistrationKind(StrEnum):
    """What is registered over movable property: an assignment of receivables, or a pledge of them."""

    RECEIVABLE_TRANSFER = "receivable_transfer"
    RECEIVABLE_PLEDGE = "receivable_pledge"


class RegistrationState(StrEnum):
    """Query, register, query again: only CLEAR opens the way to a payout."""

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


class ClaimNotFound(NotFound):
    """No such claim, or the actor's organisation is none of its parties."""

    code: ClassVar[str] = "claim.not_found"


class ClaimUseNotFound(NotFound):
    """Nothing is used under this reference."""

    code: ClassVar[str] = "claim.use_not_found"


class PayableNotFound(NotFound):
    """No such payable, or the actor's organisation is none of its parties."""

    code: ClassVar[str] = "claim.payable_not_found"


class RegistrationNotFound(NotFound):
    """No such registration, or the actor's organisation is none of its parties."""

    code: ClassVar[str] = "claim.registration_not_found"


class ClaimInUse(Conflict):
    """The underlying document is already registered or used, wholly or too far. Carries no parameters: it names nobody
    and tells nothing of what others did with it."""

    code: ClassVar[str] = "claim.in_use"

    def __init__(self) -> None:
        super().__init__()


class ClaimDiffers(FourflowError):
    """The same party registered this document before, with another amount, debtor or ancestry."""

    code: ClassVar[str] = "claim.differs"
    kind: ClassVar[Kind] = Kind.INPUT_DIFFERS


class UnderlyingInvalid(Invalid):
    """A part of the underlying document is missing, unknown or not of the scheme's form."""

    code: ClassVar[str] = "claim.underlying_invalid"


class AncestorInvalid(Invalid):
    """A share is not positive, exceeds the claim or its ancestor, or is of another currency."""

    code: ClassVar[str] = "claim.ancestor_invalid"


class ClaimAmountInvalid(Invalid):
    """The amount is not positive, or not in the claim's currency."""

    code: ClassVar[str] = "claim.amount_invalid"


class ClaimPartiesInvalid(Invalid):
    """Debtor and creditor are one party, or the registering organisation is neither of them nor the operator."""

    code: ClassVar[str] = "claim.parties_invalid"


class ClaimReferenceTaken(Conflict):
    """The reference already has its use."""

    code: ClassVar[str] = "claim.reference_taken"


class ReleaseExceeded(Conflict):
    """More is to be released than the use has open."""

    code: ClassVar[str] = "claim.release_exceeded"


class PayableStateWrong(Conflict):
    """The payable is not in a state that allows this."""

    code: ClassVar[str] = "claim.payable_state"


class PayableExists(Conflict):
    """The claim already has an open payable; withdraw it first."""

    code: ClassVar[str] = "claim.payable_exists"


class PayableExceeded(Conflict):
    """More is to be used than the debtor has confirmed and is left."""

    code: ClassVar[str] = "claim.payable_exceeded"


class SamePerson(Forbidden):
    """Who proposed a payable does not confirm it."""

    code: ClassVar[str] = "claim.same_person"


class RegistrationStateWrong(Conflict):
    """The registration is not in a state that allows this step."""

    code: ClassVar[str] = "claim.registration_state"


class ExchangeStateWrong(Conflict):
    """A request that may have reached the registry is asked about, never sent again."""

    code: ClassVar[str] = "claim.exchange_state"


class RegistryTimeout(Unavailable):
    """The registry did not answer in time: it may have acted or not."""

    code: ClassVar[str] = "claim.registry_timeout"


class RegistryUnavailable(Unavailable):
    """The registry could not be reached: it certainly took nothing."""

    code: ClassVar[str] = "claim.registry_unavailable"
