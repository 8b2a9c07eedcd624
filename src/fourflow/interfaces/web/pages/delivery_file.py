"""Deliveries from a file: template, dry run with what is wrong by row, error file, taking over what is right."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fourflow.config import wiring
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, excel, refusals
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.records import Decision
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.from_file import FileColumn
from fourflow.interfaces.web.pages import imports
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError
from fourflow.trade.documents import operations, queries
from fourflow.trade.documents.types import TABLE_COLUMNS, ImportMode, ImportView, RowProblem, Severity

SALT = "fourflow.web.deliveries"
#: what travels in the page between dry run and confirmation
MAX_BYTES = 1024 * 1024
SHOWN = 200
EARLIER = 10
PAGE = "web/pages/delivery_file.html"
PROBLEMS: Mapping[str, Words] = {
    "field_missing": gettext_lazy("It is empty."),
    "control_character": gettext_lazy("It has characters that are no text."),
    "text_too_long": gettext_lazy("It is too long."),
    "formula_text": gettext_lazy("It looks like a formula and is kept as text."),
    "number_malformed": gettext_lazy("This is no quantity."),
    "amount_malformed": gettext_lazy("This is not an amount."),
    "amount_negative": gettext_lazy("The amount is below zero."),
    "currency_unknown": gettext_lazy("This currency is not known."),
    "date_malformed": gettext_lazy("This is no day."),
    "date_implausible": gettext_lazy("The day lies too far back or in the future."),
    "row_repeated": gettext_lazy("This line of the delivery stands here twice."),
    "seller_differs": gettext_lazy("The order has another seller."),
    "currency_differs": gettext_lazy("The order has another currency."),
    "delivery_date_differs": gettext_lazy("The delivery has another day."),
    "delivery_incomplete": gettext_lazy("Another row of this delivery has an error."),
    "order_changed": gettext_lazy("The order is known with another content."),
    "order_line_changed": gettext_lazy("The order line is known with another content."),
    "delivery_changed": gettext_lazy("The delivery is known with another content."),
    "delivery_of_refused_order": gettext_lazy("The order of this delivery cannot be taken."),
    "order_line_unknown": gettext_lazy("The order has no such line."),
}
#: where what was expected is a pattern, the same in every language
PATTERNS = {"document.amount_malformed", "document.currency_unknown", "document.date_malformed"}


@require_GET
@page(Permission.IMPORT_ORDERS)
def template(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The columns as a workbook, with one row as an example."""
    example = ("PO-1001", "1", "Steel coil", "12.5", "t", "84500.00", "CNY", "Seller Ltd", "DN-1", str(visitor.today))
    return excel.response("fourflow-deliveries", excel.table(TABLE_COLUMNS, [example]))


@require_POST
@page(Permission.IMPORT_ORDERS)
def errors(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The refused rows as a workbook with a reason column, ready to be mended and sent again."""
    heads = ("row", *TABLE_COLUMNS, "reason")
    return excel.errors("fourflow-deliveries-errors", heads, request.POST.get("rows", ""))


def _columns() -> tuple[FileColumn, ...]:
    """What stands in each cell, in the reader's words: the heads are the same in every language."""
    expected = {
        "order": _("the number of the order"),
        "line": _("the number of the order's line"),
        "item": _("what was delivered"),
        "quantity": _("a number more than zero, with a dot before decimals"),
        "unit": _("the unit of the quantity, such as t"),
        "amount": _("what the line is worth, such as 1000.00"),
        "currency": _("a currency, such as CNY"),
        "seller": _("the seller's name"),
        "delivery": _("the number of the delivery; its lines stand in rows of their own"),
        "delivered_on": _("a day, such as 2026-03-31"),
    }
    return tuple(FileColumn(name, expected[name]) for name in TABLE_COLUMNS)


@require_http_methods(["GET", "POST"])
@page(Permission.IMPORT_ORDERS)
def from_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Steps: file → dry run (nothing is written) → orders and deliveries are taken over."""
    context: dict[str, Any] = {"step": 1, "columns": _columns(), "earlier": _earlier(visitor)}
    status = 200
    try:
        if request.method == "POST":
            return _take_over(request, visitor) if request.POST.get("plan") else _dry_run(request, visitor)
    except FourflowError as error:
        context["refused"], status = refusals.banner(error), refusals.status_of(error)
    return render(request, PAGE, context, status=status)


def _earlier(visitor: Visitor) -> list[tuple[ImportView, Status, str]]:
    """The latest files, for who comes back to one that is not taken over yet."""
    with visitor.reading() as actor:
        found = queries.imports(actor, limit=EARLIER)
    return [(one, imports.state_of(one), to("import", one.id)) for one in found]


def _dry_run(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    name, content = excel.uploaded(request, MAX_BYTES)
    with visitor.reading() as actor:
        found = operations.preview_file(
            content=content,
            source=wiring.document_sources()["table"],
            mode=ImportMode.GOOD_ROWS,
            actor=actor,
            today=visitor.today,
        )
    counts = found.counts
    bad = [problem for problem in found.problems if problem.severity is Severity.ERROR]
    packed = {"name": name, "content": base64.b64encode(content).decode()}
    area = Decision(
        action=request.path,
        amount=None,
        label="",
        approve=ngettext("Take over %(n)s delivery", "Take over %(n)s deliveries", counts.deliveries)
        % {"n": counts.deliveries},
        token=doors.token(),
        hidden=(("plan", signing.dumps(packed, salt=SALT, compress=True)),),
        opinion=False,
        consequence=_("Orders and deliveries are recorded for good. Rows with errors are left out."),
    )
    context = {
        "step": 2,
        "counts": counts,
        "problems": [(one, reason(one)) for one in found.problems[:SHOWN]],
        "more": max(0, len(found.problems) - SHOWN),
        "bad": counts.rows_refused,
        "decision": area if counts.deliveries else None,
        "errors": _returned(found.rejects, bad) if counts.rows_refused else "",
    }
    return render(request, PAGE, context)


def reason(problem: RowProblem) -> str:
    """What is wrong with a cell, in the reader's words, and what was expected."""
    words = str(PROBLEMS.get(problem.code.removeprefix("document."), problem.code))
    return f"{words} ({problem.expected})" if problem.code in PATTERNS else words


def _returned(rejects: bytes, problems: list[RowProblem]) -> str:
    """The refused rows as they stand in the file, each with its reasons in the reader's words, as JSON for :func:`errors`."""
    reasons: dict[str, list[str]] = {}
    for one in problems:
        reasons.setdefault(str(one.row), []).append(f"{one.field}: {reason(one)}")
    rows = csv.DictReader(io.StringIO(rejects.decode("utf-8-sig"), newline=""))
    found = [
        [row["row"], *(row[column] for column in TABLE_COLUMNS), "; ".join(reasons.get(row["row"], []))] for row in rows
    ]
    return json.dumps(found, ensure_ascii=False)


def _take_over(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    try:
        packed = signing.loads(request.POST["plan"], salt=SALT, max_age=3600)
    except signing.BadSignature:
        raise doors.ContentChanged() from None
    source = wiring.document_sources()["table"]

    def run() -> dict[str, Any]:
        received = operations.receive_file(
            content=base64.b64decode(packed["content"]),
            file_name=packed["name"],
            source=source,
            mode=ImportMode.GOOD_ROWS,
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        done = operations.continue_import(
            import_id=received.id, source=source, actor=visitor.actor, effective_at=visitor.now, orders=imports.STEP
        )
        return {"id": text("import", done.id), "deliveries": done.counts.deliveries}

    done = doors.perform(request, visitor, "deliveries.from_file", run)
    count = done.result["deliveries"]
    messages.success(
        request, ngettext("%(n)s delivery taken over.", "%(n)s deliveries taken over.", count) % {"n": count}
    )
    return redirect(f"/imports/{done.result['id']}")
