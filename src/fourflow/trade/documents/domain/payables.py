"""From deliveries to what they make payable: one payable per delivery."""

from __future__ import annotations

from uuid import UUID

from fourflow.trade.documents.domain.firms import FirmTable
from fourflow.trade.documents.types import Delivery, DeliveryPayable, PayableLine, Relation


def payable_of(delivery: Delivery, firms: FirmTable, *, delivery_id: UUID | None = None) -> DeliveryPayable:
    """What a delivery makes payable to its seller, with each maker's share as a sum of whole lines."""
    lines = tuple(
        PayableLine(line.order_line, line.maker, line.amount.minor, firms.relation(delivery.seller, line.maker))
        for line in delivery.lines
    )
    shares: dict[str, int] = {}
    for line in lines:
        shares[line.maker] = shares.get(line.maker, 0) + line.amount_minor
    return DeliveryPayable(
        po_number=delivery.order_number,
        asn_number=delivery.number,
        vendor=delivery.seller,
        currency=delivery.currency,
        amount_minor=delivery.amount.minor,
        delivered_on=delivery.delivered_on,
        lines=lines,
        site_shares=shares,
        same_firm=all(line.relation is Relation.SAME_FIRM for line in lines),
        delivery_id=delivery_id,
    )
