"""Trade documents as the API reads and shows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from pydantic import AwareDatetime, Field

from fourflow.interfaces.api.fields import Body, Line, Money, Part, Rate, Shown, Text
from fourflow.interfaces.api.ids import DeliveryId, DocumentId, ImportId, OrderId, PartyId
from fourflow.trade.documents.types import (
    Contract,
    Delivery,
    DeliveryLine,
    DocumentKind,
    DocumentRef,
    FigureKind,
    Invoice,
    OrderLine,
    PurchaseOrder,
)


class RefBody(Body):
    """A reference to another document by kind and number, as written."""

    kind: DocumentKind
    number: Line


class RefShown(Part):
    kind: DocumentKind
    number: str


class OrderLineBody(Body):
    number: Line
    item: Text
    quantity: Rate
    unit: Line
    unit_price: Rate | None = None
    amount: Money
    maker: Line = ""
    item_group: Line = ""


class OrderRequest(Body):
    """An order of the organisation to a seller, the seller by name as written."""

    number: Line
    seller: Line
    currency: Line
    lines: list[OrderLineBody] = Field(min_length=1, max_length=500)
    ordered_on: date | None = None
    destination: Line = ""
    incoterm: Line = ""
    own_stock: bool = False
    project: Line = ""
    refs: list[RefBody] = Field(default=[], max_length=50)

    def to_type(self) -> PurchaseOrder:
        return PurchaseOrder(**_fields(self, OrderRequest, OrderLine))


class DeliveryLineBody(Body):
    order_line: Line
    item: Text
    quantity: Rate
    amount: Money
    maker: Line = ""


class DeliveryRequest(Body):
    number: Line
    order_number: Line
    seller: Line
    currency: Line
    delivered_on: date
    lines: list[DeliveryLineBody] = Field(min_length=1, max_length=500)
    recorded_on: date | None = None
    scheduled_on: date | None = None
    transport: Line = ""
    own_stock: bool = False
    refs: list[RefBody] = Field(default=[], max_length=50)

    def to_type(self) -> Delivery:
        return Delivery(**_fields(self, DeliveryRequest, DeliveryLine))


class InvoiceRequest(Body):
    """``code`` is the 发票代码 of older Chinese invoices; fully digital ones (数电票) have none and 20 digits."""

    number: Line
    seller: Line
    amount: Money
    issued_on: date
    code: Line = ""
    tax: Money | None = None
    due_on: date | None = None
    refs: list[RefBody] = Field(default=[], max_length=50)

    def to_type(self) -> Invoice:
        return Invoice(**_fields(self, InvoiceRequest))


class ContractRequest(Body):
    number: Line
    seller: Line
    signed_on: date
    valid_to: date | None = None
    amount: Money | None = None
    payment_days: int | None = Field(default=None, ge=0, le=3650)
    refs: list[RefBody] = Field(default=[], max_length=50)

    def to_type(self) -> Contract:
        return Contract(**_fields(self, ContractRequest))


def _fields(body: Body, shape: type[Body], lines: Callable[..., Any] | None = None) -> dict[str, Any]:
    """The fields of a document's type, which are those of ``shape``; lines and references as types of their own."""
    fields: dict[str, Any] = {name: getattr(body, name) for name in shape.model_fields}
    fields["refs"] = tuple(DocumentRef(ref.kind, ref.number) for ref in fields["refs"])
    if lines is not None:
        fields["lines"] = tuple(lines(**{n: getattr(x, n) for n in type(x).model_fields}) for x in fields["lines"])
    return fields


class FigureShown(Part):
    """A weight or freight as the source states it; ``shared_with`` names the line that carries it."""

    kind: FigureKind
    unit: str
    value: Rate | None
    shared_with: str
    carried: Rate | None


class OrderLineShown(Part):
    number: str
    item: str
    quantity: Rate
    unit: str
    unit_price: Rate | None
    amount: Money
    maker: str
    item_group: str


class OrderShown(Part):
    number: str
    seller: str
    currency: str
    amount: Money
    ordered_on: date | None
    destination: str
    incoterm: str
    own_stock: bool
    project: str
    lines: list[OrderLineShown]
    refs: list[RefShown]


class DeliveryLineShown(Part):
    order_line: str
    item: str
    quantity: Rate
    amount: Money
    maker: str
    weight: FigureShown
    freight: FigureShown


class DeliveryShown(Part):
    number: str
    order_number: str
    seller: str
    currency: str
    amount: Money
    delivered_on: date
    recorded_on: date | None
    scheduled_on: date | None
    transport: str
    own_stock: bool
    lines: list[DeliveryLineShown]
    refs: list[RefShown]


class PaperShown(Part):
    """An invoice (``issued_on``) or a contract (``signed_on``)."""

    number: str
    seller: str
    amount: Money | None
    issued_on: date | None = None
    signed_on: date | None = None
    due_on: date | None = None
    valid_to: date | None = None
    refs: list[RefShown]


class _Stored(Shown):
    buyer_id: PartyId
    seller_id: PartyId | None
    import_id: ImportId | None
    recorded_at: AwareDatetime


class OrderBody(_Stored):
    id: OrderId
    document: OrderShown


class DeliveryBody(_Stored):
    id: DeliveryId
    document: DeliveryShown


class PaperBody(_Stored):
    id: DocumentId
    document: PaperShown
