"""Documents as plain content: what the evidence digests, and what decides whether two documents say the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from fourflow.platform.events.types import Evidenced
from fourflow.trade.documents.domain.text_repair import control_character
from fourflow.trade.documents.types import (
    Contract,
    Delivery,
    DeliveryLine,
    Document,
    DocumentInvalid,
    DocumentKind,
    DocumentRef,
    Figure,
    FigureKind,
    Invoice,
    OrderLine,
    PurchaseOrder,
)

PLACES = 6
MAX_NUMBER, MAX_TEXT = 100, 500
"""Characters of a number and of any other text of a document: what the indexes hold."""


def fixed(value: Decimal | None) -> str | None:
    """A quantity or unit price with exactly six places, as the database keeps it."""
    return None if value is None else f"{value:.{PLACES}f}"


def plain(value: Decimal) -> Decimal:
    """Without the zeros that the database adds: 100.000000 → 100, 3.200000 → 3.2."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def figure_body(figure: Figure) -> dict[str, Any]:
    """A figure as JSON, decimals as text; :func:`figure_from` reads it back."""
    return {
        "kind": figure.kind.value,
        "unit": figure.unit,
        "value": None if figure.value is None else str(figure.value),
        "shared_with": figure.shared_with,
        "carried": None if figure.carried is None else str(figure.carried),
    }


def figure_from(body: dict[str, Any]) -> Figure:
    """A figure as :func:`figure_body` wrote it."""
    value, carried = body["value"], body["carried"]
    return Figure(
        FigureKind(body["kind"]),
        body["unit"],
        None if value is None else Decimal(value),
        body["shared_with"],
        None if carried is None else Decimal(carried),
    )


def refs_body(refs: tuple[DocumentRef, ...]) -> list[list[str]]:
    """References as JSON: kind and number each; :func:`refs_from` reads them back."""
    return [[ref.kind.value, ref.number] for ref in refs]


def refs_from(body: list[list[str]]) -> tuple[DocumentRef, ...]:
    """References as :func:`refs_body` wrote them."""
    return tuple(DocumentRef(DocumentKind(kind), number) for kind, number in body)


def order_line_content(line: OrderLine) -> list[Any]:
    """A line of an order as evidence hashes it: the amount in minor units, decimals with the places of their column."""
    price = fixed(line.unit_price)
    return [
        line.number,
        line.item,
        line.item_group,
        fixed(line.quantity),
        line.unit,
        price,
        line.amount.minor,
        line.maker,
    ]


def order_head(order: PurchaseOrder) -> dict[str, Any]:
    """All of an order but its lines, which may become more."""
    return {
        "seller": order.seller,
        "number": order.number,
        "currency": order.currency,
        "ordered_on": order.ordered_on,
        "destination": order.destination,
        "incoterm": order.incoterm,
        "project": order.project,
        "own_stock": order.own_stock,
        "refs": refs_body(order.refs),
    }


def delivery_line_content(line: DeliveryLine) -> list[Any]:
    """A line of a delivery as evidence hashes it, like :func:`order_line_content`."""
    figures = [figure_body(line.weight), figure_body(line.freight)]
    return [line.order_line, line.item, fixed(line.quantity), line.amount.minor, line.maker, *figures]


def content_of(document: Document, *, buyer_id: UUID) -> dict[str, Any]:
    """The whole content of a document; lines by their number, so that the order of arrival does not matter."""
    if isinstance(document, PurchaseOrder):
        lines = sorted((order_line_content(line) for line in document.lines), key=lambda body: str(body[0]))
        return {"buyer": buyer_id, **order_head(document), "lines": lines}
    if isinstance(document, Delivery):
        return {"buyer": buyer_id, **_delivery_content(document)}
    return {"buyer": buyer_id, **_paper_content(document)}


def seal_of(document: Document, *, buyer_id: UUID) -> dict[str, str]:
    """What the evidence keeps of a document: SHA-256 over its whole content as JSON with sorted keys.

    The content is text, whole numbers and lists of them, so that the C encoder's JSON is canonical.
    """
    text = json.dumps(content_of(document, buyer_id=buyer_id), sort_keys=True, separators=(",", ":"), default=str)
    return {"sha256": hashlib.sha256(text.encode()).hexdigest()}


def evidence_of_order(row_id: UUID, order: PurchaseOrder, *, buyer_id: UUID, import_id: UUID | None) -> Evidenced:
    """An order with its lines as one piece of evidence under the header's key, and the import that brought it first."""
    seal = seal_of(order, buyer_id=buyer_id)
    return Evidenced("documents_order", str(row_id), {**seal, "import": import_id})


def evidence_of_delivery(row: Mapping[str, Any], delivery: Delivery) -> Evidenced:
    """A delivery with its lines as one piece of evidence; what its row repeats of the lines, and its import. By column."""
    seal = seal_of(delivery, buyer_id=row["buyer_id"])
    repeated = {"amount": row["amount_minor"], "lines": row["line_count"], "import": row["of_import_id"]}
    return Evidenced("documents_delivery", str(row["id"]), {**seal, **repeated})


def same(one: Document, other: Document) -> bool:
    """Whether two documents say the same, whatever the order of their lines."""
    nobody = UUID(int=0)
    return content_of(one, buyer_id=nobody) == content_of(other, buyer_id=nobody)


def _delivery_content(delivery: Delivery) -> dict[str, Any]:
    return {
        "seller": delivery.seller,
        "order": delivery.order_number,
        "number": delivery.number,
        "currency": delivery.currency,
        "delivered_on": delivery.delivered_on,
        "recorded_on": delivery.recorded_on,
        "scheduled_on": delivery.scheduled_on,
        "transport": delivery.transport,
        "own_stock": delivery.own_stock,
        "amount": delivery.amount.minor,
        "refs": refs_body(delivery.refs),
        "lines": sorted((delivery_line_content(line) for line in delivery.lines), key=lambda body: str(body[0])),
    }


def _paper_content(paper: Invoice | Contract) -> dict[str, Any]:
    common = {
        "seller": paper.seller,
        "number": paper.number,
        "amount": None if paper.amount is None else paper.amount.to_body(),
        "refs": sorted(refs_body(paper.refs)),
    }
    if isinstance(paper, Invoice):
        tax = None if paper.tax is None else paper.tax.minor
        own = {"kind": "invoice", "code": paper.code, "tax": tax, "issued_on": paper.issued_on, "due_on": paper.due_on}
        return common | own
    dates = {"signed_on": paper.signed_on, "valid_to": paper.valid_to}
    return common | {"kind": "contract", "payment_days": paper.payment_days, **dates}


def check_document(document: Document) -> None:
    """Refuse a document that contradicts itself.

    :raises DocumentInvalid: no number or seller, no lines, a line number twice, a quantity that is not positive or has
        more than six places, a negative amount, another currency on a line, or an end before its beginning.
    """
    if not document.number.strip() or not document.seller.strip():
        raise DocumentInvalid(field="number", value=document.number[:120], expected="a number and a seller")
    _check_texts(content_of(document, buyer_id=UUID(int=0)))
    if isinstance(document, (PurchaseOrder, Delivery)):
        _check_lines(document)
        return
    if document.amount is not None and document.amount.minor <= 0:
        raise DocumentInvalid(field="amount", value=str(document.amount), expected="more than zero")
    _check_days(document)


def _check_days(paper: Invoice | Contract) -> None:
    """An invoice falls due when it is issued or later; a contract ends when it is signed or later."""
    if isinstance(paper, Invoice):
        field, begin, end = "due_on", paper.issued_on, paper.due_on
    else:
        field, begin, end = "valid_to", paper.signed_on, paper.valid_to
    if end is not None and end < begin:
        raise DocumentInvalid(field=field, value=end.isoformat(), expected=f"not before {begin.isoformat()}")


def _check_texts(value: Any, field: str = "") -> None:
    """Every text can be stored and indexed: no control characters, no halves of characters, not too long."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner, field)
    elif isinstance(value, str):
        longest = MAX_NUMBER if field in ("number", "order", "code") else MAX_TEXT
        broken = any("\ud800" <= character <= "\udfff" for character in value)
        if len(value) > longest or broken or control_character(value):
            shown = value[:80].encode("ascii", "backslashreplace").decode()
            raise DocumentInvalid(field=field, value=shown, expected=f"at most {longest} characters that can be shown")


def _check_lines(document: PurchaseOrder | Delivery) -> None:
    numbers = [line.number if isinstance(line, OrderLine) else line.order_line for line in document.lines]
    if not numbers or len(set(numbers)) != len(numbers) or "" in numbers:
        raise DocumentInvalid(field="lines", value=numbers[:20], expected="at least one line, each number once")
    if longest := [number for number in numbers if len(number) > MAX_NUMBER]:
        raise DocumentInvalid(
            field="lines", value=longest[0][:80], expected=f"numbers of at most {MAX_NUMBER} characters"
        )
    lines: tuple[OrderLine | DeliveryLine, ...] = document.lines
    for number, line in zip(numbers, lines, strict=True):
        if line.amount.currency != document.currency:
            raise DocumentInvalid(field="currency", line=number, value=line.amount.currency, expected=document.currency)
        if line.amount.minor < 0:
            raise DocumentInvalid(field="amount", line=number, value=str(line.amount), expected="zero or more")
        if not _storable(line.quantity) or line.quantity <= 0:
            raise DocumentInvalid(field="quantity", line=number, value=str(line.quantity), expected="more than zero")
        price = line.unit_price if isinstance(line, OrderLine) else None
        if price is not None and (not _storable(price) or price < 0):
            raise DocumentInvalid(field="unit_price", line=number, value=str(price), expected="zero or more")


def _storable(value: Decimal) -> bool:
    """A finite number of at most 18 digits and six places."""
    return value.is_finite() and abs(value) < 10**18 and round(value, PLACES) == value
