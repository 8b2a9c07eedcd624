"""Documents and imports as this module keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from fourflow.platform.money import Money
from fourflow.trade.documents.types.documents import (
    Contract,
    Delivery,
    DocumentId,
    DocumentKind,
    ImportId,
    Invoice,
    PurchaseOrder,
)

D = TypeVar("D", PurchaseOrder, Delivery, Invoice, Contract)


class ImportMode(StrEnum):
    """``STRICT``: one bad row refuses the file. ``GOOD_ROWS``: the others are imported, bad ones are given back."""

    STRICT = "strict"
    GOOD_ROWS = "good_rows"


class ImportState(StrEnum):
    """``RECEIVED`` → ``STORING`` → ``DONE``, or from either of the first two ``REFUSED``."""

    RECEIVED = "received"
    STORING = "storing"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What became of a file. Orders and deliveries are counted as stored, `known` before, or in `conflicts` with it.

    `orders_extended` were known and got further lines.
    """

    rows_read: int = 0
    rows_refused: int = 0
    orders: int = 0
    orders_extended: int = 0
    orders_known: int = 0
    deliveries: int = 0
    deliveries_known: int = 0
    conflicts: int = 0
    lines: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import: the file, how far it is, and what was found. `orders_total` 0 = not read yet."""

    id: ImportId
    buyer_id: UUID
    source: str
    file_name: str
    sha256: str
    size: int
    mode: ImportMode
    state: ImportState
    received_at: datetime
    finished_at: datetime | None
    orders_total: int
    orders_passed: int
    counts: ImportCounts
    by_code: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A line of a list. `dated_on` is the day of the order, of the hand-over, of the issue or of the signature.

    `due_on` is the day on which an invoice is due, or after which a contract is over.
    """

    id: DocumentId
    kind: DocumentKind
    number: str
    order_number: str
    seller: str
    dated_on: date | None
    amount: Money | None
    lines: int
    own_stock: bool = False
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page of a list; `next_cursor` is ``""`` on the last."""

    items: tuple[DocumentSummary, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class StoredDocument(Generic[D]):
    """A document with its identity here, whom it binds and where it came from (`import_id` None = the API)."""

    id: DocumentId
    buyer_id: UUID
    seller_id: UUID | None
    document: D
    import_id: ImportId | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """Everything known here about one delivery: the trade background of a claim."""

    delivery: StoredDocument[Delivery]
    order: StoredDocument[PurchaseOrder]
    invoices: tuple[StoredDocument[Invoice], ...] = ()
    contracts: tuple[StoredDocument[Contract], ...] = ()


@dataclass(frozen=True, slots=True)
class PartyName:
    """A name as documents write it, the firm it means, and the party it was mapped to (None = nobody yet)."""

    name: str
    firm: str
    group: str
    reason: str
    party_id: UUID | None
