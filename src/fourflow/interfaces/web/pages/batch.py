"""Issuing from a file: upload, dry run with errors by row, error file, one signature over the whole batch, confirm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ConfirmedPayable, PayableNotFound
from fourflow.capital.limits import queries as limits
from fourflow.capital.vouchers import operations
from fourflow.capital.vouchers.types import TERMS_VERSION, IssueRequest, VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, PartyNotFound, Permission
from fourflow.interfaces.web import doors, excel, reading, refusals
from fourflow.interfaces.web.addresses import read, text
from fourflow.interfaces.web.components.records import Decision
from fourflow.interfaces.web.forms import NotADay
from fourflow.interfaces.web.from_file import FileColumn
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import MalformedAmount, Money
from fourflow.platform.rows import MAX_ROWS, Asked

NEEDED = ("document", "face", "due_on", "bank")
OPTIONAL = ("contract_clause", "term_reason")
SALT = "fourflow.web.batch"
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file with what became of it in the dry run."""

    number: int
    given: Mapping[str, str]
    voucher_id: VoucherId | None = None
    face: Money | None = None
    receiver: str = ""
    error: FourflowError | None = None

    @property
    def reason(self) -> str:
        if self.error is None:
            return ""
        found = refusals.problem(self.error)
        words = " ".join(str(one) for one in (found.message, found.next_step) if one)
        column = str(self.error.params.get("field", ""))
        return f"{column}: {words}" if column in (*NEEDED, *OPTIONAL) else words


@require_GET
@page(Permission.VOUCHER_ISSUE)
def template(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The columns as a workbook, filled with the payables that are free, the first due first: as many as a file takes."""
    with visitor.reading() as actor:
        free = claims.payables(actor=actor, debtor_id=visitor.id, free_only=True, sort="due", size=MAX_ROWS)
        board = limits.board(actor=actor, core_id=visitor.id)
        bank = parties.names([board[0].funder_id]).get(board[0].funder_id, "") if board else ""
    rows = [
        ("; ".join(d.number for d in p.documents), f"{p.remaining.decimal}", p.due_date.isoformat(), bank, "", "")
        for p in free
    ]
    return excel.response("fourflow-issue", excel.table((*NEEDED, *OPTIONAL), rows))


def _columns() -> tuple[FileColumn, ...]:
    """What stands in each cell, in the reader's words: the heads are the same in every language."""
    return (
        FileColumn("document", _("the number of the delivery or payable that is confirmed, as in the template")),
        FileColumn("face", _("an amount, such as 1000.00")),
        FileColumn("due_on", _("a day, such as 2026-03-31")),
        FileColumn("bank", _("the name of the bank whose credit line carries it")),
        FileColumn("contract_clause", _("the contract's clause, where the term is over 60 days"), needed=False),
        FileColumn("term_reason", _("the reason, where the term is over six months"), needed=False),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_ISSUE)
def batch(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Steps: file → dry run (nothing is written) → signature → drafts that wait for the second person."""
    try:
        if request.method == "POST" and request.POST.get("plan"):
            return _confirm(request, visitor)
        if request.method == "POST":
            return _dry_run(request, visitor)
    except FourflowError as error:
        context = {"step": 1, "refused": refusals.banner(error), "columns": _columns()}
        return render(request, "web/pages/batch.html", context, status=refusals.status_of(error))
    return render(request, "web/pages/batch.html", {"step": 1, "columns": _columns()})


def _dry_run(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    _name, content = excel.uploaded(request)
    lines = _planned(visitor, excel.read(content, NEEDED))
    good = [line for line in lines if line.error is None]
    bad = [line for line in lines if line.error is not None]
    plan = [[line.number, str(line.voucher_id), dict(line.given)] for line in good]
    total = _total(good)
    packed = signing.dumps(plan, salt=SALT, compress=True)
    area = Decision(
        action=request.path,
        amount=total,
        label=_("%(n)s promises in all") % {"n": len(good)},
        approve=_("Sign and submit %(n)s") % {"n": len(good)},
        token=doors.token(),
        digest=doors.shown({"batch": packed}),
        hidden=(("plan", packed),),
        opinion=False,
        consequence=_("Each voucher waits for a second person. Rows with errors are left out."),
    )
    context = {
        "step": 2,
        "lines": lines[:SHOWN],
        "more": max(0, len(lines) - SHOWN),
        "good": len(good),
        "bad": len(bad),
        "decision": area if good else None,
        "limit": _effect(visitor, good),
        "errors": json.dumps(
            [[line.number, *(line.given.get(name, "") for name in (*NEEDED, *OPTIONAL)), line.reason] for line in bad],
            ensure_ascii=False,
        ),
    }
    return render(request, "web/pages/batch.html", context)


def _total(lines: list[Line]) -> Money | None:
    found: Money | None = None
    for line in lines:
        assert line.face is not None
        if found is not None and found.currency != line.face.currency:
            return None
        found = line.face if found is None else found + line.face
    return found


def _effect(visitor: Visitor, good: list[Line]) -> list[tuple[str, Money, Money]]:
    """What the batch would leave free on each bank's line: (bank, free now, free afterwards)."""
    with visitor.reading() as actor:
        board = limits.board(actor=actor, core_id=visitor.id)
        names = parties.names(line.funder_id for line in board)
    found = []
    for line in board:
        used = sum(
            one.face.minor
            for one in good
            if one.face is not None
            and one.face.currency == line.currency
            and _same(one.given["bank"], names[line.funder_id])
        )
        if used:
            free = line.headroom(visitor.today)
            found.append((names.get(line.funder_id, ""), free, Money(free.minor - used, free.currency)))
    return found


def _same(a: str, b: str) -> bool:
    return a.strip().casefold() == b.strip().casefold()


def _planned(visitor: Visitor, rows: list[tuple[int, dict[str, str]]]) -> list[Line]:
    """Every check of an issue without a lock, row by row; rows on one payable or line count together."""
    with visitor.reading() as actor:
        known = _known(actor, visitor, [row for _number, row in rows])
        board = limits.board(actor=actor, core_id=visitor.id)
        names = parties.names([*(p.creditor_id for p in known), *(line.funder_id for line in board)])
    payables = _by_document(known)
    banks = {names[line.funder_id].casefold(): line.funder_id for line in board if line.funder_id in names}
    together = operations.Together()
    lines = []
    for number, row in rows:
        try:
            wanted = Asked(number, _request(row, payables, banks))
            planned = operations.plan_row(row=wanted, together=together, actor=visitor.actor, today=visitor.today)
            lines.append(Line(number, row, planned.id, planned.face, names.get(planned.receiver_id, "")))
        except FourflowError as error:
            lines.append(Line(number, row, error=error))
    return lines


def _document(row: Mapping[str, str]) -> str:
    return row.get("document", "").split(";")[0].strip()


def _known(actor: Actor, visitor: Visitor, rows: Sequence[Mapping[str, str]]) -> list[ConfirmedPayable]:
    """The payables that the rows of a file name, by a document or by their own number."""
    named = {_document(row) for row in rows}
    ids = [found for one in named if (found := read("payable", one))]
    return claims.payables_named(actor=actor, debtor_id=visitor.id, numbers=named, ids=ids)


def _by_document(known: Sequence[ConfirmedPayable]) -> dict[str, ConfirmedPayable]:
    found = {document.number: one for one in reversed(known) for document in one.documents}
    return found | {text("payable", one.id): one for one in known}


def _request(
    row: Mapping[str, str], payables: Mapping[str, ConfirmedPayable], banks: Mapping[str, UUID]
) -> IssueRequest:
    payable = payables.get(_document(row))
    if payable is None:
        raise PayableNotFound(field="document")
    bank = banks.get(row.get("bank", "").strip().casefold())
    if bank is None:
        raise PartyNotFound(field="bank")
    due_on = reading.day(row.get("due_on", ""))
    if due_on is None:
        raise NotADay(field="due_on", value=row.get("due_on", "")[:40], expected=_("a day, such as 2026-03-31"))
    try:
        face = reading.amount(row.get("face", ""), payable.amount.currency)
    except MalformedAmount as error:
        error.params["field"] = "face"
        raise
    return IssueRequest(
        payable_id=payable.id,
        funder_id=bank,
        face=face,
        due_on=due_on,
        term_reason=row.get("term_reason", ""),
        contract_clause=row.get("contract_clause", ""),
    )


@require_http_methods(["POST"])
@page(Permission.VOUCHER_ISSUE)
def errors(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The rows with errors as a workbook with a reason column, from what the dry run drew."""
    heads = ("row", *NEEDED, *OPTIONAL, "reason")
    return excel.errors("fourflow-issue-errors", heads, request.POST.get("rows", ""))


def _confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    packed = request.POST["plan"]
    try:
        plan: list[list[Any]] = signing.loads(packed, salt=SALT, max_age=3600)
    except signing.BadSignature:
        raise doors.ContentChanged() from None
    doors.confirm(request, visitor)
    signed = doors.sign(request, visitor, {"batch": packed}, TERMS_VERSION)
    assert signed.person_id == visitor.actor.person_id

    def run() -> dict[str, Any]:
        with visitor.reading() as actor:
            known = _known(actor, visitor, [row for _number, _voucher, row in plan])
            board = limits.board(actor=actor, core_id=visitor.id)
            names = parties.names(line.funder_id for line in board)
        payables = _by_document(known)
        banks = {name.casefold(): party for party, name in names.items()}
        made = []
        for _number, voucher_id, row in plan:
            wanted = _request(row, payables, banks)
            key = VoucherId(UUID(voucher_id))
            planned = operations.plan(voucher_id=key, request=wanted, actor=visitor.actor, today=visitor.today)
            signature = doors.SIGNER.sign(visitor.actor.person_id, planned.content(), terms_version=TERMS_VERSION)
            operations.draft(
                voucher_id=key,
                request=wanted,
                actor=visitor.actor,
                effective_at=visitor.now,
                today=visitor.today,
                signature=signature,
            )
            made.append(str(key))
        return {"vouchers": made}

    done = doors.perform(request, visitor, "voucher.batch", run)
    messages.success(
        request, _("%(n)s vouchers submitted. A second person decides.") % {"n": len(done.result["vouchers"])}
    )
    return redirect("/vouchers?state=draft")
