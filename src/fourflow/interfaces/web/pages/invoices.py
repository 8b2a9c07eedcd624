"""Invoices as the buyer recorded them: the list, and many at once from a file."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import from_file, lists
from fourflow.interfaces.web.addresses import is_id, text
from fourflow.interfaces.web.components.listing import Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.from_file import FileColumn, FromFile
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day
from fourflow.platform.rows import Asked, RowsDone, RowsMode
from fourflow.trade.documents import operations
from fourflow.trade.documents import queries as documents
from fourflow.trade.documents.types import DocumentKind, DocumentSummary, Invoice


@require_GET
@page(Permission.DOCUMENT_VIEW)
def invoices(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Invoices, the latest day first."""

    def read(state: ListState) -> tuple[Sequence[DocumentSummary], Pager]:
        where = documents.Filters(
            number=state.q,
            day_from=day(state.filters.get("issued[gte]", "")),
            day_to=day(state.filters.get("issued[lte]", "")),
        )
        found = documents.papers(
            visitor.actor,
            kind=DocumentKind.INVOICE,
            filters=where,
            sort=state.sort,
            cursor=state.cursor if is_id(state.cursor) else "",
            only=lists.only(state),
            limit=state.limit,
        )
        return found.items, Pager(next_cursor=found.next_cursor)

    may = visitor.can(Permission.IMPORT_ORDERS)
    actions = (Link(_("From a file"), "/invoices/file"),) if may else ()
    table = lists.Table(
        id="invoices",
        title=_("Invoices"),
        columns=(
            Column("number", _("Invoice"), lead=True),
            Column("seller", _("Seller"), sortable=False),
            Column("amount", _("Amount"), "money", sortable=False, corner=True),
            Column("issued", _("Issued"), "date"),
            Column("due", _("Due"), "date", sortable=False),
        ),
        filters=(
            Filter("issued[gte]", _("Issued from"), "date"),
            Filter("issued[lte]", _("Issued until"), "date"),
        ),
        actions=actions,
        sort="-issued",
        search=_("Number, from its beginning"),
        read=read,
        draw=lambda found: [_row(one) for one in found],
        empty=Empty("first", _("No invoice here"), _("The buyer records them, by a file or by the API."), *actions),
    )
    return lists.show(request, visitor, table)


def _row(one: DocumentSummary) -> Row:
    cells = {
        "number": one.number,
        "seller": one.seller,
        "amount": one.amount,
        "issued": one.dated_on,
        "due": one.due_on,
    }
    return Row(text("document", one.id), cells)


@require_http_methods(["GET", "POST"])
@page(Permission.IMPORT_ORDERS)
def record(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Many invoices of the organisation's sellers from a file."""

    def do(rows: Sequence[Asked[Invoice]], mode: RowsMode) -> RowsDone:
        return operations.register_invoices(rows=rows, mode=mode, actor=visitor.actor, effective_at=visitor.now)

    issued = visitor.today.isoformat()
    file: FromFile[Invoice] = FromFile(
        title=_("Invoices from a file"),
        name="fourflow-invoices",
        crumb=Link(_("Invoices"), "/invoices"),
        operation="invoice.batch",
        columns=_columns(),
        sample=lambda: [("INV-1001", "Seller Ltd", "113.00", "CNY", issued, "", "13.00", "", "PO-1001", "DN-1; DN-2")],
        plan=lambda content: operations.plan_invoices(content=content, actor=visitor.actor, today=visitor.today),
        do=do,
        good=lambda n: ngettext("%(n)s new invoice", "%(n)s new invoices", n) % {"n": n},
        approve=lambda n: ngettext("Record %(n)s invoice", "Record %(n)s invoices", n) % {"n": n},
        done=lambda n: ngettext("%(n)s invoice recorded.", "%(n)s invoices recorded.", n) % {"n": n},
        to="/invoices",
        worth=lambda invoice: invoice.amount,
        label=_("Amount in all"),
        consequence=_("Invoices are recorded for good. Rows with errors are left out."),
    )
    return from_file.conduct(request, visitor, file)


def _columns() -> tuple[FileColumn, ...]:
    return (
        FileColumn("number", _("the invoice's own number"), _("Invoice")),
        FileColumn("seller", _("the seller's name, as its other documents write it"), _("Seller")),
        FileColumn("amount", _("an amount above zero with tax, such as 1130.00"), _("Amount"), kind="money"),
        FileColumn("currency", _("a currency, such as CNY"), _("Currency")),
        FileColumn("issued_on", _("a day up to today, such as 2026-03-31"), _("Issued"), kind="date"),
        FileColumn("due_on", _("a day, not before the day of issue"), _("Due"), needed=False, kind="date"),
        FileColumn("tax", _("the tax within the amount"), needed=False),
        FileColumn("code", _("the code of older invoices (发票代码)"), needed=False),
        FileColumn("order", _("numbers of orders, parted by semicolons"), needed=False),
        FileColumn("delivery", _("numbers of deliveries, parted by semicolons"), needed=False),
    )
