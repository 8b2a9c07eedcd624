"""Invoices from a file: a dry run that finds every problem, then all of it or the good rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db import row_by_row
from fourflow.platform.rows import Asked, RowsDone, RowsMode, RowsPlan, checked, in_order
from fourflow.trade.documents import models
from fourflow.trade.documents.domain import content as contents
from fourflow.trade.documents.domain import invoice_rows
from fourflow.trade.documents.operations import registering
from fourflow.trade.documents.queries import loading
from fourflow.trade.documents.types import Contract, DocumentExists, DocumentKind, Invoice

#: what a refusal is about where it names no column of the file itself
_ABOUT = {DocumentExists.code: "number"}


def plan_invoices(*, content: bytes, actor: Actor, today: date) -> RowsPlan[Invoice]:
    """The dry run of a file: invoices that would be recorded, how many are here already just so, every problem of the others.

    :raises NotPermitted: the actor does not record invoices for the organisation.
    :raises RowsInvalid: the file as a whole cannot be read.
    """
    actor.require(Permission.IMPORT_ORDERS)
    rows, unread = invoice_rows.read_rows(content, today=today)
    known = _known(actor, [row.wanted.number for row in rows])

    def check(invoice: Invoice) -> None:
        contents.check_document(invoice)
        here = known.get(invoice_rows.known_by(invoice))
        if here is not None and not contents.same(here, invoice):
            raise DocumentExists(value=invoice.number, conflict="document.changed", expected="as recorded before")

    good, refused = checked(rows, check, about=_ABOUT)
    new = tuple(row for row in good if invoice_rows.known_by(row.wanted) not in known)
    return RowsPlan(new, in_order(unread, refused), known=len(good) - len(new))


@transaction.atomic
def register_invoices(
    *, rows: Sequence[Asked[Invoice]], mode: RowsMode, actor: Actor, effective_at: datetime
) -> RowsDone:
    """Record what the dry run showed; an invoice that is here just so changes nothing and counts as done.

    :raises NotPermitted: the actor does not record invoices for the organisation.
    :raises RowsRefused: mode ALL, and a row has a problem meanwhile; ``problems`` names them all, nothing is recorded.
    :raises RowsInvalid: more than 1,000 rows.
    """
    actor.require(Permission.IMPORT_ORDERS)

    def register(invoice: Invoice) -> UUID:
        return registering.register_invoice(invoice=invoice, actor=actor, effective_at=effective_at).id

    made, problems = row_by_row.each(rows, register, mode=mode, about=_ABOUT)
    return RowsDone(tuple(made), problems)


def _known(actor: Actor, numbers: Sequence[str]) -> dict[object, Invoice | Contract]:
    """The organisation's invoices of these numbers that are here already, by what makes two one."""
    rows = models.Paper.objects.visible_to(actor).filter(
        kind=DocumentKind.INVOICE.value, buyer_id=actor.organisation_id, number__in=set(numbers)
    )
    found = list(rows)
    papers = loading.papers_of(found)
    return {(row.seller, row.code, row.number): papers[row.id] for row in found}
