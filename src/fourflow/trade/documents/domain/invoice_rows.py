"""A file of invoices: what its rows record. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date

from fourflow.platform.rows import Asked, Cells, RowProblem, sift, table
from fourflow.trade.documents.domain import formula
from fourflow.trade.documents.types import INVOICE_NEEDED, DocumentKind, DocumentRef, Invoice

#: numbers of orders or deliveries in one cell stand apart by one of these
_BETWEEN = (";", "；")
_MOST_REFS = 50


def read_rows(content: bytes, *, today: date) -> tuple[list[Asked[Invoice]], list[RowProblem]]:
    """Rows of a file that can be read, and every bad cell of the others with row, field, value and what was expected.

    A seller's number stands in one row.

    :raises fourflow.platform.rows.RowsInvalid: the file as a whole cannot be read.
    """

    def parse(cells: Cells) -> Invoice | None:
        return _invoice(cells, today)

    return sift(table(content, needed=INVOICE_NEEDED), parse, known_by, about="number")


def known_by(invoice: Invoice) -> Hashable:
    """What makes two invoices one: seller, code and number."""
    return invoice.seller, invoice.code, invoice.number


def _invoice(cells: Cells, today: date) -> Invoice | None:
    number, seller = (formula.restore(cells.text(name, needed=True)) for name in ("number", "seller"))
    amount = cells.money()
    tax = cells.money("tax", zero=True) if cells.text("tax") else None
    issued_on, due_on = cells.day("issued_on", latest=today), cells.day("due_on", needed=False)
    refs = (*_refs(cells, "order", DocumentKind.ORDER), *_refs(cells, "delivery", DocumentKind.DELIVERY))
    if tax is not None and amount is not None and tax > amount:
        cells.bad("tax", "not more than the amount, which includes it")
    if issued_on and due_on and due_on < issued_on:
        cells.bad("due_on", "not before the day of issue")
    if cells.problems or amount is None or issued_on is None:
        return None
    return Invoice(number, seller, amount, issued_on, cells.text("code"), tax, due_on, refs)


def _refs(cells: Cells, name: str, kind: DocumentKind) -> tuple[DocumentRef, ...]:
    text = cells.text(name)
    for sign in _BETWEEN[1:]:
        text = text.replace(sign, _BETWEEN[0])
    numbers = [formula.restore(one.strip()) for one in text.split(_BETWEEN[0]) if one.strip()]
    if len(numbers) > _MOST_REFS:
        cells.bad(name, f"at most {_MOST_REFS} numbers")
    return tuple(DocumentRef(kind, one) for one in dict.fromkeys(numbers))
