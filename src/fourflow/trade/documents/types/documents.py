"""Trade documents in one language-neutral form.

A document is what another party's system said, kept as said. Amounts are :class:`Money`; quantities and unit prices
are decimals of at most six places. Nothing that the source does not state is made up: a missing date
is ``None``, a missing name ``""``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from fourflow.platform.money import Money

DocumentId = NewType("DocumentId", UUID)


ImportId = NewType("ImportId", UUID)


class DocumentKind(StrEnum):
    CONTRACT = "contract"
    ORDER = "order"
    DELIVERY = "delivery"
    INVOICE = "invoice"


class FigureKind(StrEnum):
    """How a source states a weight or a freight cost of a line."""

    STATED = "stated"
    SHARED = "shared"
    """It is contained in another line's figure of the same delivery; it adds nothing of its own."""
    SEPARATE = "separate"
    """Captured or invoiced elsewhere: unknown here."""
    INCLUDED = "included"
    """Contained in the price of the goods."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a document, known by its content: `sha256` in lower-case hex, `size` in bytes."""

    sha256: str
    file_name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A reference from one document to another by kind and number, as written; it need not be known here."""

    kind: DocumentKind
    number: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A weight (kg) or freight cost (of `unit`) as the source states it.

    `value` is set when STATED. For SHARED `shared_with` is the number of the line that carries the figure and
    `carried` that line's value, None where that line does not state one either.
    """

    kind: FigureKind
    unit: str
    value: Decimal | None = None
    shared_with: str = ""
    carried: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One ordered item. `unit` says what `quantity` counts; `amount` is what the source states, not a product."""

    number: str
    item: str
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    amount: Money
    maker: str = ""
    """Manufacturing site as written; ``""`` where the source names none."""
    item_group: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An order of a buyer to a seller. `ordered_on` None = not captured by the source."""

    number: str
    seller: str
    currency: str
    lines: tuple[OrderLine, ...]
    ordered_on: date | None = None
    destination: str = ""
    incoterm: str = ""
    own_stock: bool = False
    """Filled from the buyer's own warehouse: nobody is owed anything for it."""
    project: str = ""
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def amount(self) -> Money:
        return Money(sum(line.amount.minor for line in self.lines), self.currency)


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """What one delivery brought of one order line."""

    order_line: str
    item: str
    quantity: Decimal
    amount: Money
    maker: str = ""
    weight: Figure = Figure(FigureKind.ABSENT, "kg")
    freight: Figure = Figure(FigureKind.ABSENT, "")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods of one order handed over on one day. `recorded_on` is when the buyer's system noted it."""

    number: str
    order_number: str
    seller: str
    currency: str
    delivered_on: date
    lines: tuple[DeliveryLine, ...]
    recorded_on: date | None = None
    scheduled_on: date | None = None
    transport: str = ""
    own_stock: bool = False
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def amount(self) -> Money:
        return Money(sum(line.amount.minor for line in self.lines), self.currency)


@dataclass(frozen=True, slots=True)
class Invoice:
    """A tax invoice with its official number; refers to the deliveries or orders that it bills."""

    number: str
    seller: str
    amount: Money
    issued_on: date
    code: str = ""
    """发票代码 of older Chinese invoices; empty for fully digital ones (数电票), whose number has 20 digits."""
    tax: Money | None = None
    due_on: date | None = None
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """A frame under which orders are placed. `amount` None = no ceiling agreed."""

    number: str
    seller: str
    signed_on: date
    valid_to: date | None = None
    amount: Money | None = None
    payment_days: int | None = None
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()


Document = PurchaseOrder | Delivery | Invoice | Contract
