"""What a debtor's word stands on: the document that its claim is about, and days in the order in which trade happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from fourflow.capital.claims.types import DocumentRef, DocumentsMissing, Scheme, SequenceWrong

NEEDED: Mapping[Scheme, str] = {
    Scheme.CONTRACT: "contract",
    Scheme.ORDER: "order",
    Scheme.ORDER_LINE: "order",
    Scheme.PO_ASN: "delivery",
    Scheme.INVOICE_CN: "invoice",
    Scheme.INVOICE: "invoice",
    Scheme.WAYBILL: "waybill",
}
"""The kind of document without which a payable on a claim of this scheme has no trade behind it (银发〔2025〕77号 art. 10)."""


def check_documents(scheme: Scheme, documents: Iterable[DocumentRef]) -> None:
    """:raises DocumentsMissing: none of the documents is of the kind that the claim is about; ``expected`` names it."""
    needed = NEEDED[scheme]
    if needed not in {document.kind for document in documents}:
        raise DocumentsMissing(field="documents", expected=needed)


def check_sequence(*, delivered_on: date | None, today: date, due_date: date) -> None:
    """First the goods come, then the debt is confirmed, then it falls due.

    :raises SequenceWrong: the delivery lies in the future, or after the due date.
    """
    if delivered_on is None:
        return
    if delivered_on > today:
        raise SequenceWrong(
            field="delivered_on", value=delivered_on.isoformat(), expected=f"not after {today.isoformat()}"
        )
    if due_date < delivered_on:
        expected = f"not before the delivery on {delivered_on.isoformat()}"
        raise SequenceWrong(field="due_date", value=due_date.isoformat(), expected=expected)
