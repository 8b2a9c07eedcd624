"""The whole file: rows, what only shows between rows, and the documents they make."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import date

from fourflow.trade.documents.adapters.scms import columns as c
from fourflow.trade.documents.adapters.scms.figures import doubt_weights, figure_of
from fourflow.trade.documents.adapters.scms.firms import load_firms
from fourflow.trade.documents.adapters.scms.lines import Line, parse_line
from fourflow.trade.documents.adapters.scms.row import Row
from fourflow.trade.documents.domain import csv_reading, formula
from fourflow.trade.documents.types import (
    Delivery,
    DeliveryLine,
    DocumentKind,
    DocumentRef,
    FileRefused,
    FirmName,
    OrderLine,
    PurchaseOrder,
    RowProblem,
    Severity,
    SourceReading,
)


class ScmsSource:
    """Reads the SCMS delivery history; implements :class:`fourflow.trade.documents.ports.DocumentSource`."""

    name = "scms"

    def read(self, content: bytes, *, today: date, encoding: str | None = None) -> SourceReading:
        """See :meth:`fourflow.trade.documents.ports.DocumentSource.read`."""
        text = csv_reading.open_csv(content, required=c.REQUIRED, encoding=encoding)
        rows: list[Row] = []
        lines: list[Line] = []
        for number, cells in text.rows():
            row = _row(number, cells, text.columns)
            rows.append(row)
            if not row.refused and (line := parse_line(row, today=today)):
                lines.append(line)
        if not rows:
            raise FileRefused(reason="empty", expected="a header and at least one row")
        good = _check_between(lines, rows)
        orders, deliveries = _documents(good)
        return SourceReading(
            rows_read=len(rows),
            rows_refused=sum(row.refused for row in rows),
            orders=orders,
            deliveries=deliveries,
            problems=tuple(_about_file(text)) + tuple(problem for row in rows for problem in row.problems),
            names=_names(good),
            rejects=_rejects(text.columns, rows),
            sha256=hashlib.sha256(content).hexdigest(),
            encoding=text.encoding,
        )


def _row(number: int, cells: list[str], header: tuple[str, ...]) -> Row:
    row = Row(number, dict(zip(header, cells, strict=False)), cells)
    if len(cells) != len(header):
        row.report("cell_count", Severity.ERROR, expected=f"{len(header)} cells, found {len(cells)}")
    else:
        row.clean()
    return row


def _about_file(text: csv_reading.CsvText) -> list[RowProblem]:
    found: list[RowProblem] = []
    if text.had_bom:
        found.append(RowProblem("document.byte_order_mark", Severity.NOTE, 0, became="taken off"))
    if text.encoding != "utf-8":
        found.append(RowProblem("document.encoding_as_told", Severity.NOTE, 0, value=text.encoding, became="utf-8"))
    known = {*c.REQUIRED, *c.KNOWN_UNREAD, c.REJECT_ROW, c.REJECT_REASONS}
    for column in text.columns:
        if column not in known:
            found.append(RowProblem("document.column_unknown", Severity.WARNING, 0, value=column[:120]))
    return found


def _check_between(lines: list[Line], rows: list[Row]) -> list[Line]:
    """Refuse what only shows when rows are seen together; returns the lines that are left."""
    _check_repeats(lines)
    _check_agreement(lines)
    _refuse_with_delivery(lines, rows)
    return [line for line in lines if not line.row.refused]


def _check_repeats(lines: list[Line]) -> None:
    """A row given twice is refused once; a number given to two different lines refuses both."""
    by_number: dict[str, Line] = {}
    alike: dict[tuple[str, ...], Line] = {}
    for line in lines:
        first = by_number.setdefault(line.number, line)
        if first is not line:
            if first.row.original == line.row.original:
                line.row.error("row_repeated", c.LINE_ID, expected=f"once; first in row {first.row.number}")
            else:
                line.row.error("line_reused", c.LINE_ID, expected=f"another number than row {first.row.number}")
                first.row.error("line_reused", c.LINE_ID, expected=f"another number than row {line.row.number}")
            continue
        content = tuple(text for column, text in line.row.cells.items() if column != c.LINE_ID)
        twin = alike.setdefault(content, line)
        if twin is not line:
            line.row.warn("line_like_another", c.LINE_ID, expected=f"a difference from line {twin.number}")


def _check_agreement(lines: list[Line]) -> None:
    """An order has one seller; a delivery one day, and its number belongs to one order."""
    seller: dict[str, Line] = {}
    delivered: dict[tuple[str, str], Line] = {}
    order: dict[str, Line] = {}
    for line in lines:
        if (first := seller.setdefault(line.order, line)).seller != line.seller:
            line.row.error("seller_differs", c.VENDOR, expected=first.seller)
            first.row.error("seller_differs", c.VENDOR, expected=line.seller)
        if (first := delivered.setdefault(line.delivery_key, line)).delivered_on != line.delivered_on:
            line.row.error("delivery_date_differs", c.DELIVERED_ON, expected=first.delivered_on.isoformat())
        if (first := order.setdefault(line.delivery, line)).order != line.order:
            line.row.warn("delivery_number_shared", c.DELIVERY, expected=f"one order, {first.order}")


def _refuse_with_delivery(lines: list[Line], rows: list[Row]) -> None:
    """A delivery without one of its lines has a wrong amount, so all its rows wait for the one to be mended."""
    broken: dict[tuple[str, str], int] = {}
    for row in rows:
        spoils = any(p.severity is Severity.ERROR and p.code != "document.row_repeated" for p in row.problems)
        if spoils:
            broken.setdefault((row.cells.get(c.ORDER, ""), row.cells.get(c.DELIVERY, "")), row.number)
    for line in lines:
        culprit = broken.get(line.delivery_key)
        if culprit is not None and not line.row.refused:
            line.row.error("delivery_incomplete", c.DELIVERY, expected=f"row {culprit} without an error")


def _documents(lines: list[Line]) -> tuple[tuple[PurchaseOrder, ...], tuple[Delivery, ...]]:
    by_number = {line.number: line for line in lines}
    by_order: dict[str, list[Line]] = defaultdict(list)
    by_delivery: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        by_order[line.order].append(line)
        by_delivery[line.delivery_key].append(line)
    orders = tuple(_order(number, group) for number, group in by_order.items())
    return orders, tuple(_delivery(group, by_number) for group in by_delivery.values())


def _order(number: str, lines: list[Line]) -> PurchaseOrder:
    cells = lines[0].row.cells
    return PurchaseOrder(
        number=number,
        seller=lines[0].seller,
        currency=c.CURRENCY,
        lines=tuple(
            OrderLine(
                number=line.number,
                item=line.item,
                quantity=line.quantity,
                unit=f"pack of {line.pack}",
                unit_price=line.pack_price,
                amount=line.amount,
                maker=line.maker,
                item_group=line.row.cells[c.GROUP],
            )
            for line in lines
        ),
        ordered_on=min((line.ordered_on for line in lines if line.ordered_on), default=None),
        destination=cells[c.COUNTRY],
        incoterm="" if cells[c.INCOTERM] == c.FROM_WAREHOUSE else cells[c.INCOTERM],
        own_stock=lines[0].own_stock,
        project=cells[c.PROJECT],
    )


def _delivery(lines: list[Line], by_number: dict[str, Line]) -> Delivery:
    first = lines[0]
    weights = {line.number: figure_of(line, c.WEIGHT, by_number) for line in lines}
    doubt_weights(lines, weights)
    return Delivery(
        number=first.delivery,
        order_number=first.order,
        seller=first.seller,
        currency=c.CURRENCY,
        delivered_on=first.delivered_on,
        lines=tuple(
            DeliveryLine(
                order_line=line.number,
                item=line.item,
                quantity=line.quantity,
                amount=line.amount,
                maker=line.maker,
                weight=weights[line.number],
                freight=figure_of(line, c.FREIGHT, by_number),
            )
            for line in lines
        ),
        recorded_on=first.recorded_on,
        scheduled_on=min((line.scheduled_on for line in lines if line.scheduled_on), default=None),
        transport=first.row.cells[c.MODE],
        own_stock=first.own_stock,
        refs=(DocumentRef(DocumentKind.ORDER, first.order),),
    )


def _names(lines: list[Line]) -> tuple[FirmName, ...]:
    """Every seller and maker that the good lines name, with what the table of firms says about it."""
    firms = load_firms()
    names = {line.seller for line in lines} | {line.maker for line in lines if line.maker}
    return tuple(firms.look_up(name) for name in sorted(names))


def _rejects(header: tuple[str, ...], rows: list[Row]) -> bytes:
    refused = [row for row in rows if row.refused]
    if not refused:
        return b""
    own = [i for i, column in enumerate(header) if column not in (c.REJECT_ROW, c.REJECT_REASONS)]
    table = (
        [str(row.number), _reasons(row), *(row.original[i] for i in own if i < len(row.original))] for row in refused
    )
    return formula.write_csv([c.REJECT_ROW, c.REJECT_REASONS, *(header[i] for i in own)], table)


def _reasons(row: Row) -> str:
    errors = (problem for problem in row.problems if problem.severity is Severity.ERROR)
    return "; ".join(f"{e.code} {e.field} {e.value!r} ({e.expected})" for e in errors)
