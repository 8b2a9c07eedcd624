"""One document at a time, for systems that send them through the API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db import visibility
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import Evidenced
from fourflow.platform.ids import new_id
from fourflow.trade.documents import models
from fourflow.trade.documents.domain import content
from fourflow.trade.documents.events import AttachmentAdded, DocumentRecorded, PartyNameMapped
from fourflow.trade.documents.operations import recording
from fourflow.trade.documents.queries import loading
from fourflow.trade.documents.types import (
    Attachment,
    Contract,
    Delivery,
    DocumentExists,
    DocumentInvalid,
    DocumentKind,
    DocumentNotFound,
    Invoice,
    PartyName,
    PurchaseOrder,
    StoredDocument,
)

P = TypeVar("P", Invoice, Contract)


@transaction.atomic
def register_order(*, order: PurchaseOrder, actor: Actor, effective_at: datetime) -> StoredDocument[PurchaseOrder]:
    """Record an order of the actor's organisation, or further lines of one; the same again changes nothing.

    :raises NotPermitted: the actor does not record orders for the organisation.
    :raises DocumentInvalid: the order contradicts itself.
    :raises DocumentExists: it is here with another header, or a line with another content.
    """
    actor.require(Permission.IMPORT_ORDERS)
    content.check_document(order)
    recording.lock_buyer(actor.organisation_id)
    planned = recording.plan([order], [], buyer_id=actor.organisation_id)
    _no_conflict(planned, order.number)
    recording.store(planned, buyer_id=actor.organisation_id, import_id=None, effective_at=effective_at)
    row = models.Order.objects.visible_to(actor).get_visible(planned.order_ids[order.seller, order.number])
    return loading.stored(row, loading.orders_of([row])[row.id])


@transaction.atomic
def register_delivery(*, delivery: Delivery, actor: Actor, effective_at: datetime) -> StoredDocument[Delivery]:
    """Record a delivery of a known order; the same again changes nothing.

    :raises NotPermitted: the actor does not record deliveries for the organisation.
    :raises DocumentInvalid: the delivery contradicts itself, or a line's order line is not known.
    :raises DocumentNotFound: the order is not known.
    :raises DocumentExists: it is here with another content; a delivery is never changed.
    """
    actor.require(Permission.IMPORT_ORDERS)
    content.check_document(delivery)
    buyer_id = actor.organisation_id
    recording.lock_buyer(buyer_id)
    order = models.Order.objects.visible_to(actor).filter(
        buyer_id=buyer_id, seller=delivery.seller, number=delivery.order_number
    )
    head = order.first()
    if head is None:
        raise DocumentNotFound(field="order_number", value=delivery.order_number)
    if head.currency != delivery.currency:
        raise DocumentInvalid(field="currency", value=delivery.currency, expected=head.currency)
    planned = recording.plan([], [delivery], buyer_id=buyer_id)
    _no_conflict(planned, delivery.number)
    ids = recording.store(planned, buyer_id=buyer_id, import_id=None, effective_at=effective_at) | planned.known_ids
    row_id = ids[delivery.seller, delivery.order_number, delivery.number]
    row = models.Delivery.objects.visible_to(actor).get_visible(row_id)
    return loading.stored(row, loading.deliveries_of([row])[row.id])


def register_invoice(*, invoice: Invoice, actor: Actor, effective_at: datetime) -> StoredDocument[Invoice]:
    """Record an invoice to the actor's organisation; the same again changes nothing.

    :raises NotPermitted: the actor does not record invoices for the organisation.
    :raises DocumentInvalid: no number, no seller, or an amount that is not positive.
    :raises DocumentExists: it is here with another content.
    """
    return _register_paper(invoice, DocumentKind.INVOICE, actor, effective_at)


def register_contract(*, contract: Contract, actor: Actor, effective_at: datetime) -> StoredDocument[Contract]:
    """Record a contract of the actor's organisation with a seller; see :func:`register_invoice` for what it raises."""
    return _register_paper(contract, DocumentKind.CONTRACT, actor, effective_at)


@transaction.atomic
def add_attachment(*, document_id: UUID, attachment: Attachment, actor: Actor, effective_at: datetime) -> None:
    """Put a file, known by its hash, to a document; the same file again changes nothing.

    :raises DocumentNotFound: no such document for the actor's organisation.
    :raises DocumentInvalid: not a SHA-256 in lower-case hex.
    """
    actor.require(Permission.IMPORT_ORDERS)
    _document_row(document_id, actor)
    if len(attachment.sha256) != 64 or set(attachment.sha256) - set("0123456789abcdef"):
        raise DocumentInvalid(field="sha256", value=attachment.sha256[:80], expected="64 hex digits")
    recording.lock_buyer(actor.organisation_id)
    rows = models.AttachmentRow.objects.visible_to(actor)
    if rows.filter(document_id=document_id, sha256=attachment.sha256).exists():
        return
    row = models.AttachmentRow.objects.create(
        document_id=document_id,
        sha256=attachment.sha256,
        file_name=attachment.file_name,
        media_type=attachment.media_type,
        size=attachment.size,
    )
    event = AttachmentAdded(
        subject_id=document_id,
        effective_at=effective_at,
        sha256=row.sha256,
        file_name=row.file_name,
        size=row.size,
    )
    events.publish(event, rows=[row.evidenced()])


@transaction.atomic
def map_party(*, name: str, party_id: UUID, actor: Actor, effective_at: datetime) -> PartyName:
    """Say which party a name in the organisation's documents means; the party then sees the documents it sold under.

    Earlier grants stay when a name is mapped anew: what was shown was shown.

    :raises NotPermitted: the actor does not record documents for the organisation.
    :raises DocumentNotFound: no document of the organisation has this name.
    """
    actor.require(Permission.IMPORT_ORDERS)
    buyer_id = actor.organisation_id
    found = models.PartyNameRow.objects.visible_to(actor).filter(buyer_id=buyer_id, name=name).first()
    if found is None:
        raise DocumentNotFound(field="name", value=name[:120])
    row = models.PartyNameRow.objects.visible_to(actor).lock(found.id)
    if row.party_id != party_id:
        row.party_id = party_id
        row.save(update_fields=["party_id"])
        sold = [
            *models.Order.objects.filter(buyer_id=buyer_id, seller=name).values_list("id", flat=True),
            *models.Delivery.objects.filter(buyer_id=buyer_id, seller=name).values_list("id", flat=True),
            *models.Paper.objects.filter(buyer_id=buyer_id, seller=name).values_list("id", flat=True),
        ]
        visibility.grant_many((document_id, party_id, recording.SEEN_AS_SELLER) for document_id in sold)
        event = PartyNameMapped(
            subject_id=row.id,
            effective_at=effective_at,
            name=name,
            buyer_id=buyer_id,
            party_id=party_id,
            person_id=actor.person_id,
        )
        events.publish(event, rows=[row.evidenced()])
    return PartyName(row.name, row.firm, row.firm_group, row.reason, row.party_id)


def open_documents(*, document_ids: Iterable[UUID], organisation_ids: Iterable[UUID], reason: str) -> None:
    """Let organisations see documents, in the transaction of the fact that gives them the right (a claim, a loan).

    With a delivery goes its order, without which its lines mean nothing. Called by higher modules, which answer for the
    right; `reason` says which fact it was.
    """
    ids, organisations = set(document_ids), list(organisation_ids)
    if ids:
        ids |= set(models.Delivery.objects.filter(id__in=ids).values_list("order_id", flat=True))
    visibility.grant_many((document, one, reason) for document in ids for one in organisations)


def _no_conflict(planned: recording.Plan, number: str) -> None:
    for conflict in planned.conflicts:
        if conflict.code == "document.order_line_unknown":
            raise DocumentInvalid(field="lines", value=conflict.value, expected=conflict.expected)
        raise DocumentExists(value=number, conflict=conflict.code, expected=conflict.expected)


def _document_row(document_id: UUID, actor: Actor) -> None:
    for model in (models.Order, models.Delivery, models.Paper):
        if model.objects.visible_to(actor).filter(pk=document_id, buyer_id=actor.organisation_id).exists():
            return
    raise DocumentNotFound(value=str(document_id))


@transaction.atomic
def _register_paper(paper: P, kind: DocumentKind, actor: Actor, effective_at: datetime) -> StoredDocument[P]:
    actor.require(Permission.IMPORT_ORDERS)
    content.check_document(paper)
    buyer_id = actor.organisation_id
    recording.lock_buyer(buyer_id)
    code = paper.code if isinstance(paper, Invoice) else ""
    same_number = models.Paper.objects.visible_to(actor).filter(
        kind=kind.value, buyer_id=buyer_id, seller=paper.seller, code=code, number=paper.number
    )
    row = same_number.first()
    if row is not None:
        if not content.same(loading.papers_of([row])[row.id], paper):
            raise DocumentExists(value=paper.number, conflict="document.changed", expected="as recorded before")
        return loading.stored(row, paper)
    row = _paper_row(paper, kind, buyer_id)
    row.save(force_insert=True)
    models.PaperRef.objects.bulk_create(
        models.PaperRef(id=new_id(), paper_id=row.id, kind=ref.kind.value, number=ref.number)
        for ref in dict.fromkeys(paper.refs)
    )
    seller = models.PartyNameRow.objects.filter(buyer_id=buyer_id, name=paper.seller, party_id__isnull=False).first()
    visibility.grant(row.id, [buyer_id], recording.SEEN_AS_BUYER)
    if seller is not None and seller.party_id:
        visibility.grant(row.id, [seller.party_id], recording.SEEN_AS_SELLER)
    event = DocumentRecorded(
        subject_id=row.id,
        effective_at=effective_at,
        what=kind.value,
        number=paper.number,
        buyer_id=buyer_id,
        seller=paper.seller,
        lines=0,
    )
    events.publish(event, rows=[paper_evidence(row.id, paper, buyer_id)])
    row.refresh_from_db()
    return loading.stored(row, paper)


def paper_evidence(row_id: UUID, paper: Invoice | Contract, buyer_id: UUID) -> Evidenced:
    """An invoice or contract with its references as one piece of evidence."""
    return Evidenced("documents_paper", str(row_id), content.seal_of(paper, buyer_id=buyer_id))


def _paper_row(paper: Invoice | Contract, kind: DocumentKind, buyer_id: UUID) -> models.Paper:
    row = models.Paper(id=new_id(), kind=kind.value, buyer_id=buyer_id, seller=paper.seller, number=paper.number)
    if paper.amount is not None:
        row.currency, row.amount_minor = paper.amount.currency, paper.amount.minor
    if isinstance(paper, Invoice):
        row.code, row.dated_on, row.due_on = paper.code, paper.issued_on, paper.due_on
        row.tax_minor = None if paper.tax is None else paper.tax.minor
    else:
        row.dated_on, row.due_on, row.payment_days = paper.signed_on, paper.valid_to, paper.payment_days
    return row
