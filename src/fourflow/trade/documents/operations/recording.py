"""Storing orders and deliveries set by set: what is new, what is known already, and what contradicts it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from fourflow.platform.db import visibility
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import Event, Evidenced
from fourflow.platform.ids import new_id
from fourflow.trade.documents import models
from fourflow.trade.documents.domain import content
from fourflow.trade.documents.events import DocumentRecorded
from fourflow.trade.documents.operations.inserting import insert_rows
from fourflow.trade.documents.queries import loading
from fourflow.trade.documents.types import Delivery, OrderLine, PurchaseOrder, RowProblem, Severity

SEEN_AS_BUYER = "buyer of the document"
SEEN_AS_SELLER = "seller of the document"
OrderKey = tuple[str, str]
Row = dict[str, Any]
"""Column → value."""


@dataclass(slots=True)
class Plan:
    """What storing would do. Keys of orders are (seller, number)."""

    new_orders: list[PurchaseOrder] = field(default_factory=list)
    extended: list[tuple[UUID, PurchaseOrder, tuple[OrderLine, ...]]] = field(default_factory=list)
    """Known orders: id, the whole order as it will be, and the lines that are new."""
    orders_known: int = 0
    new_deliveries: list[Delivery] = field(default_factory=list)
    deliveries_known: int = 0
    conflicts: list[RowProblem] = field(default_factory=list)
    order_ids: dict[OrderKey, UUID] = field(default_factory=dict)
    import_ids: dict[UUID, UUID | None] = field(default_factory=dict)
    """Known orders: the import that brought each."""
    known_ids: dict[tuple[str, str, str], UUID] = field(default_factory=dict)
    """Deliveries that are here already, by seller, order and number."""

    @property
    def lines(self) -> int:
        return sum(len(order.lines) for order in self.new_orders) + sum(len(new) for _, _, new in self.extended)


def lock_buyer(buyer_id: UUID) -> None:
    """Let documents of one buyer be stored by one transaction at a time, so that two files cannot cross."""
    number: int = struct.unpack(">q", hashlib.sha256(b"documents\0" + buyer_id.bytes).digest()[:8])[0]
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [number])


def plan(orders: Sequence[PurchaseOrder], deliveries: Sequence[Delivery], *, buyer_id: UUID) -> Plan:
    """Compare documents with what is stored for this buyer; writes nothing."""
    result = Plan()
    wanted = {order.number for order in orders} | {delivery.order_number for delivery in deliveries}
    rows = list(models.Order.objects.filter(buyer_id=buyer_id, number__in=wanted).order_by("id"))
    known = loading.orders_of(rows)
    ids = {(order.seller, order.number): order_id for order_id, order in known.items()}
    refused: set[OrderKey] = set()
    lines: dict[OrderKey, set[str]] = {key: {x.number for x in known[i].lines} for key, i in ids.items()}
    for order in orders:
        key = (order.seller, order.number)
        if not _plan_order(result, order, ids.get(key), known):
            refused.add(key)
        lines.setdefault(key, set()).update(line.number for line in order.lines)
    result.order_ids = ids
    result.import_ids = {row.id: row.of_import_id for row in rows}
    _plan_deliveries(result, deliveries, refused, lines, ids)
    return result


def _plan_order(result: Plan, order: PurchaseOrder, known_id: UUID | None, known: Mapping[UUID, PurchaseOrder]) -> bool:
    """Whether the order fits what is known of it."""
    if known_id is None:
        result.new_orders.append(order)
        return True
    before = known[known_id]
    if content.order_head(before) != content.order_head(order):
        result.conflicts.append(_conflict("order_changed", order.number, order.number, "the header as recorded before"))
        return False
    old = {line.number: content.order_line_content(line) for line in before.lines}
    new = tuple(line for line in order.lines if line.number not in old)
    for line in order.lines:
        if line.number in old and old[line.number] != content.order_line_content(line):
            result.conflicts.append(_conflict("order_line_changed", line.number, order.number, "as recorded before"))
            return False
    if new:
        result.extended.append((known_id, replace(before, lines=before.lines + new), new))
    else:
        result.orders_known += 1
    return True


def _plan_deliveries(
    result: Plan,
    deliveries: Sequence[Delivery],
    refused: set[OrderKey],
    lines: Mapping[OrderKey, set[str]],
    ids: Mapping[OrderKey, UUID],
) -> None:
    rows = models.Delivery.objects.filter(order_id__in=list(ids.values())).order_by("id")
    stored = {(d.seller, d.order_number, d.number): (i, d) for i, d in loading.deliveries_of(rows).items()}
    for delivery in deliveries:
        key = (delivery.seller, delivery.order_number)
        whole = (*key, delivery.number)
        if key in refused:
            result.conflicts.append(_conflict("delivery_of_refused_order", delivery.number, delivery.order_number, ""))
        elif whole in stored:
            known_id, before = stored[whole]
            if content.same(before, delivery):
                result.deliveries_known += 1
                result.known_ids[whole] = known_id
            else:
                told = "the delivery as recorded before"
                result.conflicts.append(_conflict("delivery_changed", delivery.number, delivery.order_number, told))
        elif missing := [x.order_line for x in delivery.lines if x.order_line not in lines.get(key, set())]:
            told = f"lines of order {delivery.order_number}"
            result.conflicts.append(
                _conflict("order_line_unknown", ", ".join(missing[:5]), delivery.order_number, told)
            )
        else:
            result.new_deliveries.append(delivery)


def _conflict(code: str, value: str, order: str, expected: str) -> RowProblem:
    return RowProblem(f"document.{code}", Severity.ERROR, 0, value=value, expected=expected, line=order)


def store(
    planned: Plan, *, buyer_id: UUID, import_id: UUID | None, effective_at: datetime
) -> dict[tuple[str, str, str], UUID]:
    """Write what was planned; returns the ids of the new deliveries by seller, order number and own number."""
    facts: list[tuple[Event, list[Evidenced]]] = []
    heads: list[Row] = []
    lines: list[Row] = []
    for order in planned.new_orders:
        head = _order_row(order, buyer_id, import_id)
        planned.order_ids[order.seller, order.number] = head["id"]
        heads.append(head)
        lines += _order_lines(head["id"], order.lines)
        event = _recorded("order", head["id"], order, buyer_id, import_id, effective_at)
        facts.append((event, [content.evidence_of_order(head["id"], order, buyer_id=buyer_id, import_id=import_id)]))
    for order_id, order, new in planned.extended:
        lines += _order_lines(order_id, new)
        event = _recorded("order", order_id, order, buyer_id, import_id, effective_at, extended=True)
        first = planned.import_ids[order_id]
        facts.append((event, [content.evidence_of_order(order_id, order, buyer_id=buyer_id, import_id=first)]))
    insert_rows(models.Order, heads)
    insert_rows(models.OrderLine, lines)

    brought: list[Row] = []
    brought_lines: list[Row] = []
    ids: dict[tuple[str, str, str], UUID] = {}
    for delivery in planned.new_deliveries:
        row = _delivery_row(delivery, planned.order_ids[delivery.seller, delivery.order_number], buyer_id, import_id)
        ids[delivery.seller, delivery.order_number, delivery.number] = row["id"]
        brought.append(row)
        brought_lines += _delivery_lines(row["id"], row["order_id"], delivery)
        event = _recorded("delivery", row["id"], delivery, buyer_id, import_id, effective_at)
        facts.append((event, [content.evidence_of_delivery(row, delivery)]))
    insert_rows(models.Delivery, brought)
    insert_rows(models.DeliveryLine, brought_lines)
    _open([*heads, *brought], buyer_id)
    if facts:
        events.publish_many(facts)
    return ids


def _open(rows: Sequence[Row], buyer_id: UUID) -> None:
    """The buyer sees its documents, and so does a seller whose name is mapped to a party."""
    names = models.PartyNameRow.objects.filter(buyer_id=buyer_id, party_id__isnull=False)
    parties: dict[str, UUID] = {name: party for name, party in names.values_list("name", "party_id") if party}
    grants = [(row["id"], buyer_id, SEEN_AS_BUYER) for row in rows]
    grants += [(row["id"], parties[row["seller"]], SEEN_AS_SELLER) for row in rows if row["seller"] in parties]
    visibility.grant_many(grants)


def _recorded(
    what: str,
    row_id: UUID,
    document: PurchaseOrder | Delivery,
    buyer_id: UUID,
    import_id: UUID | None,
    effective_at: datetime,
    *,
    extended: bool = False,
) -> DocumentRecorded:
    return DocumentRecorded(
        subject_id=row_id,
        effective_at=effective_at,
        what=what,
        number=document.number,
        buyer_id=buyer_id,
        seller=document.seller,
        lines=len(document.lines),
        import_id=import_id,
        extended=extended,
    )


def _order_row(order: PurchaseOrder, buyer_id: UUID, import_id: UUID | None) -> Row:
    return {"id": new_id(), "buyer_id": buyer_id, "of_import_id": import_id, **content.order_head(order)}


def _order_lines(order_id: UUID, lines: Iterable[OrderLine]) -> list[Row]:
    return [
        {
            "id": new_id(),
            "order_id": order_id,
            "number": line.number,
            "item": line.item,
            "item_group": line.item_group,
            "quantity": line.quantity,
            "unit": line.unit,
            "unit_price": line.unit_price,
            "amount_minor": line.amount.minor,
            "maker": line.maker,
        }
        for line in lines
    ]


def _delivery_row(delivery: Delivery, order_id: UUID, buyer_id: UUID, import_id: UUID | None) -> Row:
    return {
        "id": new_id(),
        "order_id": order_id,
        "buyer_id": buyer_id,
        "seller": delivery.seller,
        "number": delivery.number,
        "currency": delivery.currency,
        "delivered_on": delivery.delivered_on,
        "noted_on": delivery.recorded_on,
        "scheduled_on": delivery.scheduled_on,
        "transport": delivery.transport,
        "own_stock": delivery.own_stock,
        "amount_minor": delivery.amount.minor,
        "line_count": len(delivery.lines),
        "refs": content.refs_body(delivery.refs),
        "of_import_id": import_id,
    }


def _delivery_lines(delivery_id: UUID, order_id: UUID, delivery: Delivery) -> list[Row]:
    return [
        {
            "id": new_id(),
            "delivery_id": delivery_id,
            "order_id": order_id,
            "position": position,
            "order_line": line.order_line,
            "item": line.item,
            "quantity": line.quantity,
            "amount_minor": line.amount.minor,
            "maker": line.maker,
            "weight": content.figure_body(line.weight),
            "freight": content.figure_body(line.freight),
        }
        for position, line in enumerate(delivery.lines, start=1)
    ]
