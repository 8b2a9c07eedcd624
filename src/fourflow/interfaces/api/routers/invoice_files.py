"""Invoices from a file: tried without writing, bad rows handed back, the rows that the maker chose recorded."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, UploadedFile
from pydantic import Field

from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Body, Shown
from fourflow.interfaces.api.ids import DocumentId
from fourflow.interfaces.api.replies import computes, files, reply, writes
from fourflow.interfaces.api.routers.document_bodies import InvoiceRequest
from fourflow.interfaces.api.rows import Row, RowProblemBody, shown, stored, to_mend, told
from fourflow.interfaces.api.writing import perform
from fourflow.platform.rows import Asked, RowsMode, RowsPlan
from fourflow.trade.documents import operations
from fourflow.trade.documents.types import Invoice

router = Router(tags=["documents"])


class InvoiceRow(InvoiceRequest):
    row: Row


class InvoicePlanBody(Shown):
    """``rows`` would be recorded, ``known`` invoices are here just so, ``problems`` stand in the way of the others. Nothing
    is written."""

    rows: list[InvoiceRow]
    known: int
    problems: list[RowProblemBody]


class InvoiceBatchRequest(Body):
    """``rows`` of the dry run, or a machine's own. ``all``: every one of them or none; ``good_rows``: a row that fails now is
    left out."""

    rows: list[InvoiceRow] = Field(min_length=1, max_length=1000)
    mode: RowsMode = RowsMode.ALL


class InvoiceBatchBody(Shown):
    """The invoices, in the order of the rows, and the rows that were left out."""

    invoices: list[DocumentId]
    problems: list[RowProblemBody]


def _tried(request: HttpRequest, upload: UploadedFile) -> RowsPlan[Invoice]:
    who = caller(request)
    return operations.plan_invoices(content=upload.read(), actor=who.actor, today=who.today)


@router.post("/invoices/batches/plan", **computes(InvoicePlanBody), summary="Dry run")
def plan_invoices(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
    """Read a workbook or a CSV file (UTF-8, GB 18030) with the columns number, seller, amount, currency, issued_on and, as
    needed, due_on, tax, code, order, delivery (numbers parted by semicolons); check every row as recording it would."""
    tried = _tried(request, file)
    planned = [shown(InvoiceRow, one) for one in tried.rows]
    return reply(request, InvoicePlanBody(rows=planned, known=tried.known, problems=told(tried.problems)))


@router.post("/invoices/batches/problems", **files("text/csv"), summary="Rows to mend")
def invoice_problems(request: HttpRequest, upload: Annotated[UploadedFile, File(alias="file")]) -> HttpResponse:
    """The same dry run, answered with its bad rows and the reasons as CSV; no cell is one that a spreadsheet executes."""
    return to_mend(request, _tried(request, upload).problems)


@router.post("/invoices/batches", **writes(InvoiceBatchBody, 201), summary="Record many")
def register_invoices(request: HttpRequest, body: InvoiceBatchRequest) -> HttpResponse:
    """Record the rows that the maker chose, in one step; an invoice that is here just so changes nothing."""
    who = caller(request)

    def run() -> dict[str, Any]:
        asked = [Asked(row.row, row.to_type()) for row in body.rows]
        done = operations.register_invoices(rows=asked, mode=body.mode, actor=who.actor, effective_at=who.now)
        return done.to_body()

    done = perform(request, "invoice.batch", body.plain(), run)
    made = [UUID(one) for one in done.result["ids"]]
    return reply(request, InvoiceBatchBody(invoices=made, problems=stored(done.result)), status=201)
