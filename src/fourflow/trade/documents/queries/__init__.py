"""Reads of the trade documents."""

from fourflow.trade.documents.queries.lists import Filters, deliveries, orders, papers
from fourflow.trade.documents.queries.reading import (
    attachments,
    delivery,
    delivery_payables,
    document_set,
    evidenced,
    get_import,
    import_file_content,
    imports,
    order,
    paper,
    party_names,
    seen,
    time_left,
    unfinished_imports,
)

__all__ = [
    "Filters",
    "attachments",
    "deliveries",
    "delivery",
    "delivery_payables",
    "document_set",
    "evidenced",
    "get_import",
    "import_file_content",
    "imports",
    "order",
    "orders",
    "paper",
    "papers",
    "party_names",
    "seen",
    "time_left",
    "unfinished_imports",
]
