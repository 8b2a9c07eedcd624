"""Vouchers from a file: tried without writing, bad rows handed back with reasons, the rows that the maker chose drafted."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, UploadedFile
from pydantic import Field

from fourflow.capital.vouchers import operations
from fourflow.capital.vouchers.types import (
    TERMS_VERSION,
    BatchPlan,
    PlannedRow,
    Voucher,
)
from fourflow.capital.vouchers.types import VoucherId as Vouched
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import Caller, caller, confirm, sign
from fourflow.interfaces.api.fields import Digest, Shown, Signed, ToSign
from fourflow.interfaces.api.ids import VoucherId
from fourflow.interfaces.api.replies import computes, files, reply, show, to_sign, writes
from fourflow.interfaces.api.routers.vouchers import VoucherBody, VoucherRequest
from fourflow.interfaces.api.rows import Row, RowProblemBody, stored, to_mend, told
from fourflow.interfaces.api.writing import perform
from fourflow.platform.canonical_json import digest, jsonable
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.errors import FourflowError
from fourflow.platform.rows import RowProblem, RowsMode, RowsRefused

router = Router(tags=["vouchers"])


class BatchRowRequest(VoucherRequest):
    """A row of the dry run, given back as it was; ``content_digest`` is that of the voucher's own content."""

    row: Row
    voucher_id: VoucherId
    content_digest: Digest


class PlannedBody(BatchRowRequest):
    content: dict[str, Any]
    voucher: VoucherBody


class BatchPlanBody(ToSign):
    """``content`` is what the maker signs when all good ``rows`` are drafted: their digests, row by row. Nothing is
    written."""

    rows: list[PlannedBody]
    problems: list[RowProblemBody]


class BatchRequest(Signed):
    """``rows`` of the dry run. ``all``: every one of them or none; ``good_rows``: a row that fails now is left out."""

    rows: list[BatchRowRequest] = Field(min_length=1, max_length=1000)
    mode: RowsMode = RowsMode.ALL


class BatchBody(Shown):
    """The drafts, each waiting for its checker, and the rows that were left out."""

    vouchers: list[VoucherId]
    problems: list[RowProblemBody]


def _content(digests: list[str]) -> dict[str, Any]:
    return {"vouchers": digests}


def _tried(request: HttpRequest, upload: UploadedFile) -> BatchPlan:
    who = caller(request)
    who.actor.require(Permission.VOUCHER_ISSUE, party=who.actor.organisation_id)
    return operations.plan_file(content=upload.read(), actor=who.actor, today=who.today)


@router.post("/vouchers/batches/plan", **computes(BatchPlanBody), summary="Dry run")
def plan_batch(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
    """Read a CSV file (UTF-8, GB 18030) or a workbook with the columns payable, funder, amount, currency, due_on and, as
    needed, term_reason and contract_clause; check every row as issuing it would."""
    tried = _tried(request, file)
    rows = [
        PlannedBody(
            row=planned.row,
            voucher_id=planned.voucher.id,
            payable_id=planned.request.payable_id,
            funder_id=planned.request.funder_id,
            face=planned.request.face,
            due_on=planned.request.due_on,
            term_reason=planned.request.term_reason,
            contract_clause=planned.request.contract_clause,
            content=jsonable(planned.voucher.content()),
            content_digest=digest(planned.voucher.content()).hex(),
            voucher=show(VoucherBody, planned.voucher),
        )
        for planned in tried.planned
    ]
    shown = to_sign(_content([row.content_digest for row in rows]), TERMS_VERSION)
    return reply(request, BatchPlanBody(**dict(shown), rows=rows, problems=told(tried.problems)))


@router.post("/vouchers/batches/problems", **files("text/csv"), summary="Rows to mend")
def batch_problems(request: HttpRequest, upload: Annotated[UploadedFile, File(alias="file")]) -> HttpResponse:
    """The same dry run, answered with its bad rows and the reasons as CSV; no cell is one that a spreadsheet executes."""
    return to_mend(request, _tried(request, upload).problems)


@router.post("/vouchers/batches", **writes(BatchBody, 201))
def draft_batch(request: HttpRequest, body: BatchRequest) -> HttpResponse:
    """Draft the rows that the maker chose, in one step; leaving rows of the dry run out is the maker's own decision.

    What is signed is ``{"vouchers": [the rows' content_digest, in order]}``; of the whole dry run it is its ``content``.
    """
    confirm(request, body.password)

    def run() -> dict[str, Any]:
        return _draft(caller(request), body)

    done = perform(request, "voucher.batch", body.plain(), run)
    made = [UUID(one) for one in done.result["ids"]]
    return reply(request, BatchBody(vouchers=made, problems=stored(done.result)), status=201)


def _draft(who: Caller, body: BatchRequest) -> dict[str, Any]:
    """Draft what was shown: the batch by the list of its rows, and each row by its own content."""
    who.actor.require(Permission.VOUCHER_ISSUE, party=who.actor.organisation_id)
    shown = {row.voucher_id: row.content_digest for row in body.rows}
    sign(who.actor, _content([row.content_digest for row in body.rows]), body.content_digest, TERMS_VERSION)
    planned, problems = _planned(who, body)
    if problems and body.mode is RowsMode.ALL:
        raise RowsRefused(problems=[problem.to_body() for problem in problems])

    def signature(voucher: Voucher) -> Signature:
        return sign(who.actor, voucher.content(), shown[voucher.id], TERMS_VERSION)

    done = operations.draft_rows(
        planned=planned, mode=body.mode, actor=who.actor, effective_at=who.now, today=who.today, sign=signature
    )
    problems += done.problems
    return {"ids": [str(voucher.id) for voucher in done.drafted], "problems": [one.to_body() for one in problems]}


def _planned(who: Caller, body: BatchRequest) -> tuple[list[PlannedRow], list[RowProblem]]:
    """The rows as they would be drafted now, and those that would not any more."""
    planned, problems = [], []
    for row in body.rows:
        wanted, number = row.to_type(), Vouched(row.voucher_id)
        try:
            voucher = operations.plan(voucher_id=number, request=wanted, actor=who.actor, today=who.today)
        except FourflowError as error:
            told = (str(error.params.get(name, "")) for name in ("field", "value", "expected"))
            problems.append(RowProblem(row.row, error.code, *told))
            continue
        planned.append(PlannedRow(row.row, wanted, voucher))
    return planned, problems
