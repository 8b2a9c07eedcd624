"""Single documents, what belongs together, imports, names, payables, and the rows that the evidence covers."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from fourflow.platform.db.visibility import Viewer
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import Evidenced
from fourflow.trade.documents import models
from fourflow.trade.documents.domain import content, pace
from fourflow.trade.documents.domain.firms import FirmTable
from fourflow.trade.documents.domain.payables import payable_of
from fourflow.trade.documents.events import ImportProgressed
from fourflow.trade.documents.queries import loading, views
from fourflow.trade.documents.types import (
    Attachment,
    Contract,
    Delivery,
    DeliveryPayable,
    DocumentKind,
    DocumentSet,
    FirmName,
    ImportState,
    ImportView,
    Invoice,
    PartyName,
    PurchaseOrder,
    StoredDocument,
)

CHUNK = 1000


def order(actor: Viewer, order_id: UUID) -> StoredDocument[PurchaseOrder]:
    """:raises DocumentNotFound: no such order for the organisation."""
    row = models.Order.objects.visible_to(actor).get_visible(order_id)
    return loading.stored(row, loading.orders_of([row])[row.id])


def delivery(actor: Viewer, delivery_id: UUID) -> StoredDocument[Delivery]:
    """:raises DocumentNotFound: no such delivery for the organisation."""
    row = models.Delivery.objects.visible_to(actor).get_visible(delivery_id)
    return loading.stored(row, loading.deliveries_of([row])[row.id])


def seen(actor: Viewer, delivery_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the deliveries that the organisation may open."""
    ids = list(delivery_ids)
    rows = models.Delivery.objects.visible_to(actor).filter(id__in=ids).values_list("id", flat=True)
    return frozenset(rows) if ids else frozenset()


def paper(actor: Viewer, paper_id: UUID) -> StoredDocument[Invoice] | StoredDocument[Contract]:
    """An invoice or a contract.

    :raises DocumentNotFound: no such document for the organisation.
    """
    row = models.Paper.objects.visible_to(actor).get_visible(paper_id)
    document = loading.papers_of([row])[row.id]
    if isinstance(document, Invoice):
        return loading.stored(row, document)
    return loading.stored(row, document)


def document_set(actor: Viewer, delivery_id: UUID) -> DocumentSet:
    """The trade background of one delivery: its order, and the invoices and contracts that name either.

    The delivery must be visible to the organisation; its order then is shown with it, for the delivery's lines mean
    nothing without. Invoices and contracts are those that are themselves visible.

    :raises DocumentNotFound: no such delivery for the organisation.
    """
    row = models.Delivery.objects.visible_to(actor).select_related("order").get_visible(delivery_id)
    named = Q(kind=DocumentKind.DELIVERY.value, number=row.number)
    named |= Q(kind=DocumentKind.ORDER.value, number=row.order.number)
    ids = models.PaperRef.objects.visible_to(actor).filter(named).values("paper_id")
    found = models.Paper.objects.visible_to(actor).filter(id__in=ids, buyer_id=row.buyer_id, seller=row.seller)
    papers = {paper_row.id: paper_row for paper_row in found.order_by("dated_on", "id")}
    invoices: list[StoredDocument[Invoice]] = []
    contracts: list[StoredDocument[Contract]] = []
    for paper_id, document in loading.papers_of(papers.values()).items():
        if isinstance(document, Invoice):
            invoices.append(loading.stored(papers[paper_id], document))
        else:
            contracts.append(loading.stored(papers[paper_id], document))
    return DocumentSet(
        delivery=loading.stored(row, loading.deliveries_of([row])[row.id]),
        order=loading.stored(row.order, loading.orders_of([row.order])[row.order_id]),
        invoices=tuple(invoices),
        contracts=tuple(contracts),
    )


def attachments(actor: Viewer, document_id: UUID) -> tuple[Attachment, ...]:
    """The attachments of a document; none where the organisation may not see it."""
    rows = models.AttachmentRow.objects.visible_to(actor).filter(document_id=document_id).order_by("id")
    return tuple(Attachment(row.sha256, row.file_name, row.media_type, row.size) for row in rows)


def imports(actor: Viewer, *, after: UUID | None = None, limit: int = 50) -> tuple[ImportView, ...]:
    """The organisation's imports, the latest first; with ``after``, those that came before that one."""
    rows = models.Import.objects.visible_to(actor)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return tuple(views.import_view(row) for row in rows.order_by("-id")[:limit])


def get_import(actor: Viewer, import_id: UUID) -> ImportView:
    """:raises DocumentNotFound: no such import for the organisation."""
    return views.import_view(models.Import.objects.visible_to(actor).get_visible(import_id))


def time_left(found: ImportView, at: datetime) -> timedelta | None:
    """How long taking the rest of a file over takes at the rate of its last steps; None while that says too little.

    :param at: the machine's instant, by which steps are recorded; no sandbox moves it.
    """
    if found.state is not ImportState.STORING:
        return None
    steps = events.latest(found.id, [ImportProgressed.kind], pace.LATEST)
    told = [(one.recorded_at, int(one.body.get("orders_passed", 0))) for one in reversed(steps)]
    return pace.time_left(told, found.orders_total, at)


def import_file_content(actor: Viewer, import_id: UUID, what: str) -> bytes:
    """A file of an import: ``original`` as received, ``rejects`` or ``problems`` as CSV; empty where there is none.

    :raises DocumentNotFound: no such import for the organisation.
    """
    models.Import.objects.visible_to(actor).get_visible(import_id)
    row = models.ImportFile.objects.visible_to(actor).filter(of_import_id=import_id, what=what).first()
    return b"" if row is None else zlib.decompress(row.content)


def unfinished_imports(before: datetime) -> tuple[ImportView, ...]:
    """Imports received before an instant and not over, for the sweeper that continues them."""
    open_states = [ImportState.RECEIVED.value, ImportState.STORING.value]
    rows = models.Import.objects.filter(state__in=open_states, received_at__lt=before).order_by("id")
    return tuple(views.import_view(row) for row in rows)


def party_names(actor: Viewer) -> tuple[PartyName, ...]:
    """The names in the organisation's documents with what they mean, by name."""
    rows = models.PartyNameRow.objects.visible_to(actor).order_by("name")
    return tuple(views.party_name(row) for row in rows)


def delivery_payables(
    actor: Viewer, *, year: int | None = None, delivery_ids: Iterable[UUID] | None = None
) -> tuple[DeliveryPayable, ...]:
    """What deliveries make payable, one by one, by day and number; the buyer's own stock is left out.

    :param year: only those handed over in this year.
    :param delivery_ids: only these; those that the organisation may not see are left out.
    """
    rows: QuerySet[Any] = models.Delivery.objects.visible_to(actor).filter(own_stock=False)
    if year is not None:
        rows = rows.filter(delivered_on__year=year)
    if delivery_ids is not None:
        rows = rows.filter(id__in=list(delivery_ids))
    ordered = list(rows.order_by("delivered_on", "order__number", "number"))
    tables = {buyer: _firms(buyer) for buyer in {row.buyer_id for row in ordered}}
    documents = loading.deliveries_of(ordered)
    return tuple(payable_of(documents[row.id], tables[row.buyer_id], delivery_id=row.id) for row in ordered)


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module that the evidence covers; an order's or delivery's lines stand under its own key."""
    for rows in _chunks(models.Order.objects.order_by("id")):
        documents = loading.orders_of(rows)
        for row in rows:
            one = documents[row.id]
            yield content.evidence_of_order(row.id, one, buyer_id=row.buyer_id, import_id=row.of_import_id)
    for rows in _chunks(models.Delivery.objects.order_by("id")):
        brought = loading.deliveries_of(rows)
        for row in rows:
            yield content.evidence_of_delivery(vars(row), brought[row.id])
    for rows in _chunks(models.Paper.objects.order_by("id")):
        papers = loading.papers_of(rows)
        for row in rows:
            yield Evidenced("documents_paper", str(row.id), content.seal_of(papers[row.id], buyer_id=row.buyer_id))
    for model in (models.Import, models.AttachmentRow, models.PartyNameRow):
        for row in model.objects.order_by("id").iterator(chunk_size=CHUNK):
            yield row.evidenced()


def _chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    last: UUID | None = None
    while chunk := list((rows if last is None else rows.filter(id__gt=last))[:CHUNK]):
        yield chunk
        last = chunk[-1].id


def _firms(buyer_id: UUID) -> FirmTable:
    rows = models.PartyNameRow.objects.filter(buyer_id=buyer_id)
    return FirmTable(FirmName(row.name, row.firm, row.firm_group, row.reason) for row in rows)
