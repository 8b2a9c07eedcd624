"""The whole table: rows, what only shows between rows, and the orders and deliveries they make."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fourflow.platform import sheets
from fourflow.platform.money import Money
from fourflow.trade.documents.adapters.table.row import Row
from fourflow.trade.documents.domain import csv_reading, formula
from fourflow.trade.documents.types import (
    TABLE_COLUMNS,
    Delivery,
    DeliveryLine,
    DocumentKind,
    DocumentRef,
    FileRefused,
    FirmName,
    OrderLine,
    PurchaseOrder,
    Severity,
    SourceReading,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row whose cells have been read."""

    row: Row
    quantity: Decimal
    amount: Money
    delivered_on: date


class TableSource:
    """Reads the table; implements :class:`fourflow.trade.documents.ports.DocumentSource`. At most 1,000 rows."""

    name = "table"

    def read(self, content: bytes, *, today: date, encoding: str | None = None) -> SourceReading:
        """See :meth:`fourflow.trade.documents.ports.DocumentSource.read`.

        :raises fourflow.platform.sheets.FileUnreadable: and ``FileTooLarge``: the bytes are no workbook that is taken.
        """
        text = csv_reading.open_csv(sheets.as_csv(content), required=TABLE_COLUMNS, encoding=encoding)
        rows = [
            Row(number, dict(zip(text.columns, cells, strict=False))) for number, cells in text.rows() if any(cells)
        ]
        if not rows:
            raise FileRefused(reason="empty", expected="a header and at least one row")
        if len(rows) > sheets.MAX_ROWS:
            raise sheets.FileTooLarge(value=len(rows))
        for row in rows:
            row.clean()
        lines = [Line(row, row.quantity(), row.amount(), row.delivered_on(today)) for row in rows]
        _check_between(lines)
        good = [line for line in lines if not line.row.refused]
        return SourceReading(
            rows_read=len(rows),
            rows_refused=len(rows) - len(good),
            orders=_orders(good),
            deliveries=_deliveries(good),
            problems=tuple(problem for row in rows for problem in row.problems),
            names=tuple(FirmName(name, name) for name in sorted({line.row.cells["seller"] for line in good})),
            rejects=_rejects(rows),
            sha256=hashlib.sha256(content).hexdigest(),
            encoding=text.encoding,
        )


def _check_between(lines: list[Line]) -> None:
    """A line stands once; an order has one seller and currency, a delivery one day; one bad row refuses its delivery."""
    seen: dict[tuple[str, str, str], Line] = {}
    orders: dict[str, Line] = {}
    deliveries: dict[tuple[str, str], Line] = {}
    for line in lines:
        cells = line.row.cells
        if (first := seen.setdefault((*line.row.key, cells["line"]), line)) is not line:
            line.row.error("row_repeated", "line", f"once; first in row {first.row.number}")
        first = orders.setdefault(cells["order"], line)
        for column in ("seller", "currency"):
            if cells[column] != first.row.cells[column]:
                line.row.error(f"{column}_differs", column, f"{first.row.cells[column]}, as in row {first.row.number}")
        if (first := deliveries.setdefault(line.row.key, line)).delivered_on != line.delivered_on:
            line.row.error("delivery_date_differs", "delivered_on", first.row.cells["delivered_on"])
    broken = {line.row.key: line.row.number for line in lines if line.row.refused}
    for line in lines:
        if line.row.key in broken and not line.row.refused:
            line.row.error("delivery_incomplete", "delivery", f"row {broken[line.row.key]} without an error")


def _orders(lines: list[Line]) -> tuple[PurchaseOrder, ...]:
    """What is known of an order from its deliveries; a line that came in several parts is ordered once."""
    by_order: dict[str, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        by_order[line.row.cells["order"]][line.row.cells["line"]].append(line)
    found = []
    for number, parts in by_order.items():
        cells = next(iter(parts.values()))[0].row.cells
        ordered = tuple(_ordered(line, group) for line, group in parts.items())
        found.append(PurchaseOrder(number=number, seller=cells["seller"], currency=cells["currency"], lines=ordered))
    return tuple(found)


def _ordered(number: str, parts: list[Line]) -> OrderLine:
    cells = parts[0].row.cells
    return OrderLine(
        number=number,
        item=cells["item"],
        quantity=sum((part.quantity for part in parts), Decimal()),
        unit=cells["unit"],
        unit_price=None,
        amount=Money(sum(part.amount.minor for part in parts), cells["currency"]),
    )


def _deliveries(lines: list[Line]) -> tuple[Delivery, ...]:
    by_delivery: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        by_delivery[line.row.key].append(line)
    return tuple(_delivery(group) for group in by_delivery.values())


def _delivery(lines: list[Line]) -> Delivery:
    cells = lines[0].row.cells
    return Delivery(
        number=cells["delivery"],
        order_number=cells["order"],
        seller=cells["seller"],
        currency=cells["currency"],
        delivered_on=lines[0].delivered_on,
        lines=tuple(
            DeliveryLine(
                order_line=line.row.cells["line"],
                item=line.row.cells["item"],
                quantity=line.quantity,
                amount=line.amount,
            )
            for line in lines
        ),
        refs=(DocumentRef(DocumentKind.ORDER, cells["order"]),),
    )


def _rejects(rows: list[Row]) -> bytes:
    refused = [row for row in rows if row.refused]
    if not refused:
        return b""
    table = ([str(row.number), _reasons(row), *(row.cells[column] for column in TABLE_COLUMNS)] for row in refused)
    return formula.write_csv(["row", "reasons", *TABLE_COLUMNS], table)


def _reasons(row: Row) -> str:
    errors = (problem for problem in row.problems if problem.severity is Severity.ERROR)
    return "; ".join(f"{e.code} {e.field} {e.value!r} ({e.expected})" for e in errors)
