"""A row as a line: what it orders, what was delivered, and whether it contradicts itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fourflow.platform.money import Money
from fourflow.trade.documents.adapters.scms import columns as c
from fourflow.trade.documents.adapters.scms.row import Row

HALF_CENT = Decimal("0.005")


@dataclass(slots=True)
class Line:
    """A row whose own fields are sound."""

    row: Row
    number: str
    order: str
    delivery: str
    seller: str
    item: str
    quantity: Decimal
    pack: str
    pack_price: Decimal | None
    amount: Money
    maker: str
    ordered_on: date | None
    scheduled_on: date | None
    delivered_on: date
    recorded_on: date | None
    own_stock: bool

    @property
    def delivery_key(self) -> tuple[str, str]:
        return self.order, self.delivery


def parse_line(row: Row, *, today: date) -> Line | None:
    """Read a row; None when an error refuses it. Every error of the row is reported, not only the first."""
    keys = {column: row.required(column) for column in (c.LINE_ID, c.ORDER, c.DELIVERY, c.VENDOR, c.ITEM)}
    quantity = row.number_in(c.QUANTITY)
    if quantity is not None and quantity <= 0:
        row.error("quantity_not_positive", c.QUANTITY, expected="more than zero")
    amount = row.amount_in(c.VALUE)
    price = row.number_in(c.PACK_PRICE) if row.cells[c.PACK_PRICE] else None
    row.date_in(c.QUOTED_ON, latest=today)
    ordered_on = row.date_in(c.ORDERED_ON, latest=today)
    scheduled_on = row.date_in(c.SCHEDULED_ON, latest=None)
    delivered_on = row.date_in(c.DELIVERED_ON, latest=today, required=True)
    recorded_on = row.date_in(c.RECORDED_ON, latest=today)
    if row.refused or quantity is None or amount is None or delivered_on is None:
        return None
    line = Line(
        row=row, number=keys[c.LINE_ID], order=keys[c.ORDER], delivery=keys[c.DELIVERY], seller=keys[c.VENDOR],
        item=keys[c.ITEM], quantity=quantity, pack=row.cells[c.PACK], pack_price=price, amount=amount,
        maker="" if row.cells[c.SITE] in c.NO_SITE else row.cells[c.SITE],
        ordered_on=ordered_on, scheduled_on=scheduled_on, delivered_on=delivered_on, recorded_on=recorded_on,
        own_stock=row.cells[c.FULFIL] == c.FULFILLED_FROM_WAREHOUSE or keys[c.VENDOR] == c.OWN_WAREHOUSE,
    )  # fmt: skip
    _check_arithmetic(line)
    _check_dates(line)
    return None if row.refused else line


def _check_arithmetic(line: Line) -> None:
    """Quantity × pack price must give the value, as far as a price rounded to cents can say."""
    if line.pack_price is None:
        return
    product = line.quantity * line.pack_price
    if abs(product - line.amount.decimal) > line.quantity * HALF_CENT + HALF_CENT:
        line.row.error("arithmetic", c.VALUE, expected=f"{line.quantity} x {line.pack_price} = {product}")


def _check_dates(line: Line) -> None:
    if line.ordered_on and line.ordered_on > line.delivered_on:
        line.row.warn("date_order", c.ORDERED_ON, expected=f"not after delivery on {line.delivered_on}")
    if line.recorded_on and line.recorded_on < line.delivered_on:
        line.row.warn("date_order", c.RECORDED_ON, expected=f"not before delivery on {line.delivered_on}")
    quoted = line.row.cells[c.QUOTED_ON]
    if quoted[:1].isdigit() and quoted > line.delivered_on.isoformat():
        line.row.warn("date_order", c.QUOTED_ON, expected=f"not after delivery on {line.delivered_on}")
    if not line.maker:
        line.row.note("maker_not_named", c.SITE)
