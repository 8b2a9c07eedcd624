"""Trade documents for tests: SCMS files row by row, and imports of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from typing import Any
from uuid import UUID

from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money
from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.types import Delivery, DeliveryLine, ImportMode, ImportView, OrderLine, PurchaseOrder

HEADER = (
    "ID", "Project Code", "PQ #", "PO / SO #", "ASN/DN #", "Country", "Managed By", "Fulfill Via", "Vendor INCO Term",
    "Shipment Mode", "PQ First Sent to Client Date", "PO Sent to Vendor Date", "Scheduled Delivery Date",
    "Delivered to Client Date", "Delivery Recorded Date", "Product Group", "Sub Classification", "Vendor",
    "Item Description", "Molecule/Test Type", "Brand", "Dosage", "Dosage Form", "Unit of Measure (Per Pack)",
    "Line Item Quantity", "Line Item Value", "Pack Price", "Unit Price", "Manufacturing Site", "First Line Designation",
    "Weight (Kilograms)", "Freight Cost (USD)", "Line Item Insurance (USD)",
)  # fmt: skip

GOOD = dict(
    zip(
        HEADER,
        (
            "1", "104-CI-T30", "FPQ-1", "SCMS-1", "ASN-1", "Côte d'Ivoire", "PMO - US", "Direct Drop", "EXW", "Air",
            "2014-01-02", "2014-01-10", "2014-03-01", "2014-03-03", "2014-03-04", "ARV", "Adult",
            "Aurobindo Pharma Limited", "Efavirenz 600mg, tablets, 30 Tabs", "Efavirenz", "Generic", "600mg", "Tablet",
            "30", "100", "320.0", "3.2", "0.11", "Aurobindo Unit III, India", "Yes", "14", "55.5", "1.25",
        ),
        strict=True,
    )
)  # fmt: skip


def scms_row(**changes: str) -> dict[str, str]:
    """A good row with some cells changed; column names as keyword arguments through ``**{"Pack Price": "1"}``."""
    unknown = set(changes) - set(HEADER)
    assert not unknown, f"no such columns: {unknown}"
    return {**GOOD, **changes}


def scms_file(rows: Iterable[Mapping[str, str]], *, header: Iterable[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """A file of these rows with LF line ends, as the original has them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    columns = list(header)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue().encode(encoding)


TODAY = date(2015, 10, 1)
NOON = datetime(2015, 10, 1, 4, tzinfo=UTC)


def buyer(organisation_id: UUID | None = None) -> Actor:
    """A person who imports and reads documents for an organisation (a new one by default)."""
    permissions = frozenset({Permission.IMPORT_ORDERS, Permission.DOCUMENT_VIEW})
    return Actor(person_id=new_id(), organisation_id=organisation_id or new_id(), on=TODAY, permissions=permissions)


def stranger() -> Actor:
    """A person of another organisation, without functions."""
    return Actor(person_id=new_id(), organisation_id=new_id(), on=TODAY)


def import_scms(actor: Actor, content: bytes, *, mode: ImportMode = ImportMode.GOOD_ROWS) -> ImportView:
    """Import an SCMS file in one go."""
    from fourflow.trade.documents import operations  # not above: the pure tests use this file without a database

    return operations.import_file(
        content=content,
        file_name="orders.csv",
        source=ScmsSource(),
        mode=mode,
        actor=actor,
        effective_at=NOON,
        today=TODAY,
    )


def real_file() -> bytes:
    """The real file, as shipped."""
    return resources.files("fourflow.interfaces.cli").joinpath("demo_data", "scms_delivery_history.csv").read_bytes()


def purchase_order(number: str = "PO-1", *lines: str, seller: str = "Acme", **changes: Any) -> PurchaseOrder:
    """An order of 10 packs at 1.50 a line."""
    ordered = tuple(
        OrderLine(n, f"Item {n}", Decimal(10), "pack", Decimal("1.5"), Money(1500, "USD"), maker="Site")
        for n in lines or ("1",)
    )
    return PurchaseOrder(number=number, seller=seller, currency="USD", lines=ordered, **changes)


def delivery(number: str = "D-1", order: str = "PO-1", *lines: str, seller: str = "Acme", **changes: Any) -> Delivery:
    """A delivery of whole lines of :func:`purchase_order`."""
    brought = tuple(
        DeliveryLine(n, f"Item {n}", Decimal(10), Money(1500, "USD"), maker="Site") for n in lines or ("1",)
    )
    return Delivery(
        number=number,
        order_number=order,
        seller=seller,
        currency="USD",
        delivered_on=changes.pop("delivered_on", date(2014, 3, 3)),
        lines=brought,
        **changes,
    )
