"""Rows of imports and names → what others see of them."""

from __future__ import annotations

from fourflow.trade.documents import models
from fourflow.trade.documents.types import ImportCounts, ImportId, ImportMode, ImportState, ImportView, PartyName


def import_view(row: models.Import) -> ImportView:
    """What people see of an import: all but its files."""
    return ImportView(
        id=ImportId(row.id),
        buyer_id=row.buyer_id,
        source=row.source,
        file_name=row.file_name,
        sha256=row.sha256,
        size=row.size,
        mode=ImportMode(row.mode),
        state=ImportState(row.state),
        received_at=row.received_at,
        finished_at=row.finished_at,
        orders_total=row.orders_total,
        orders_passed=row.orders_passed,
        counts=ImportCounts(**row.counts),
        by_code=dict(row.by_code),
    )


def party_name(row: models.PartyNameRow) -> PartyName:
    """A name in the documents, the firm that it means, and why that is so."""
    return PartyName(row.name, row.firm, row.firm_group, row.reason, row.party_id)
