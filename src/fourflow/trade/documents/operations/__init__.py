"""Writes of the trade documents: one public function per business verb."""

from fourflow.trade.documents.operations.importing import (
    Preview,
    continue_import,
    give_up_import,
    import_file,
    preview_file,
    receive_file,
)
from fourflow.trade.documents.operations.invoice_file import plan_invoices, register_invoices
from fourflow.trade.documents.operations.registering import (
    add_attachment,
    map_party,
    open_documents,
    register_contract,
    register_delivery,
    register_invoice,
    register_order,
)

__all__ = [
    "Preview",
    "add_attachment",
    "continue_import",
    "give_up_import",
    "import_file",
    "map_party",
    "open_documents",
    "plan_invoices",
    "preview_file",
    "receive_file",
    "register_contract",
    "register_delivery",
    "register_invoice",
    "register_invoices",
    "register_order",
]
