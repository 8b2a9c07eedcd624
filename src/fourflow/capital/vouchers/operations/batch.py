"""Issue from a file: a dry run that finds every problem of every row, then all of it or the good rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import PayableExceeded, PayableId, PayableNotFound
from fourflow.capital.limits import queries as limit_queries
from fourflow.capital.limits.types import LimitExceeded
from fourflow.capital.vouchers.domain import batch
from fourflow.capital.vouchers.operations import issuing
from fourflow.capital.vouchers.types import (
    BatchPlan,
    BatchResult,
    FaceInvalid,
    IssueRequest,
    LimitMissing,
    PlannedRow,
    Voucher,
    VoucherId,
)
from fourflow.foundation.parties.types import SYSTEM, Actor, PartyNotFound
from fourflow.platform import rows as file_rows
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db import row_by_row
from fourflow.platform.db.joining import joins
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import new_id
from fourflow.platform.rows import Asked, RowProblem, RowRepeated, RowsMode

Sign = Callable[[Voucher], Signature]


def plan_file(*, content: bytes, actor: Actor, today: date) -> BatchPlan:
    """The dry run of a file: what would be drafted, and every problem with row, field, value and what was expected.

    Rows are planned one after the other, so that together they keep within each payable and each line.

    :raises RowsInvalid: the file as a whole cannot be read.
    """
    rows, problems = batch.read_rows(content)
    planned: list[PlannedRow] = []
    together = Together()
    for row in rows:
        try:
            voucher = plan_row(row=row, together=together, actor=actor, today=today)
        except FourflowError as error:
            problems.append(RowProblem.of(row.row, error, _cells(row.wanted), _ABOUT))
            continue
        planned.append(PlannedRow(row.row, row.wanted, voucher))
    return BatchPlan(tuple(planned), file_rows.in_order(problems))


@dataclass(frozen=True, slots=True)
class Together:
    """What the rows of one file have asked for so far: minor units of each payable and line, and each request once."""

    taken: dict[object, int] = field(default_factory=dict)
    seen: dict[Hashable, int] = field(default_factory=dict)


def plan_row(*, row: Asked[IssueRequest], together: Together, actor: Actor, today: date) -> Voucher:
    """The voucher of one row, after every check that needs no lock and those of the rows before it.

    :raises RowRepeated: an earlier row asks for the same.
    :raises PayableExceeded, LimitExceeded: the rows together ask for more than the payable, or the funder's line, has left.
    :raises FourflowError: see :func:`fourflow.capital.vouchers.operations.plan`.
    """
    file_rows.refuse_repeated(row.row, batch.asked_for(row.wanted), together.seen)
    voucher = issuing.plan(voucher_id=VoucherId(new_id()), request=row.wanted, actor=actor, today=today)
    _refuse_sum(voucher, together.taken, actor, today)
    return voucher


def _refuse_sum(voucher: Voucher, taken: dict[object, int], actor: Actor, today: date) -> None:
    """Together with the rows before it, a row keeps within its payable and its funder's line."""
    payable = claim_queries.payable(actor=actor, payable_id=PayableId(voucher.payable_id))
    currency = voucher.face.currency
    headroom = limit_queries.headroom(
        actor=SYSTEM, funder_id=voucher.funder_id, core_id=voucher.issuer_id, currency=currency, on=today
    )
    line: tuple[UUID, str] = (voucher.funder_id, currency)
    if taken.get(payable.id, 0) + voucher.face.minor > payable.remaining.minor:
        raise PayableExceeded(field="amount", value=str(voucher.face))
    if taken.get(line, 0) + voucher.face.minor > headroom.minor:
        raise LimitExceeded(field="amount", value=str(voucher.face), requested=str(voucher.face))
    for key in (payable.id, line):
        taken[key] = taken.get(key, 0) + voucher.face.minor


@joins
def draft_rows(
    *,
    planned: Iterable[PlannedRow],
    mode: RowsMode,
    actor: Actor,
    effective_at: datetime,
    today: date,
    sign: Sign,
) -> BatchResult:
    """Draft what the maker has seen in the dry run; each voucher waits for its checker like one drafted singly.

    ``sign`` gives the maker's signature over a voucher's content, once the person has confirmed the whole batch. Mode ALL
    drafts every row or none; GOOD_ROWS undoes a row that fails and goes on. A door that wants one transaction a row
    calls :func:`fourflow.capital.vouchers.operations.draft` for each, under a key of its own.

    :raises RowsRefused: mode ALL, and a row has a problem meanwhile; ``problems`` names them all, and nothing is drafted.
    :raises RowsInvalid: more than 1,000 rows.
    """

    def draft(row: PlannedRow) -> Voucher:
        return issuing.draft(
            voucher_id=row.voucher.id,
            request=row.request,
            actor=actor,
            effective_at=effective_at,
            today=today,
            signature=sign(row.voucher),
        )

    asked = [Asked(row.row, row, _cells(row.request)) for row in planned]
    drafted, problems = row_by_row.each(asked, draft, mode=mode, about=_ABOUT)
    return BatchResult(tuple(drafted), problems)


#: what a refusal is about where it names no field of the file itself
_ABOUT = {
    PayableNotFound.code: "payable",
    PayableExceeded.code: "amount",
    FaceInvalid.code: "amount",
    RowRepeated.code: "payable",
    PartyNotFound.code: "funder",
    LimitMissing.code: "funder",
    LimitExceeded.code: "amount",
}


def _cells(request: IssueRequest) -> dict[str, str]:
    """A request as the cells of a row."""
    return {
        "payable": str(request.payable_id),
        "funder": str(request.funder_id),
        "amount": str(request.face),
        "due_on": request.due_on.isoformat(),
        "term_reason": request.term_reason,
        "contract_clause": request.contract_clause,
    }
