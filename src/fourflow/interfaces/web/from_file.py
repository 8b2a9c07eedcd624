"""Many things at once from a file: upload → dry run (nothing is written) → done once; bad rows back with their reasons.

A page says in a :class:`FromFile` which columns there are and which operations try and do the rows; the steps are here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fourflow.interfaces.web import doors, excel, refusals
from fourflow.interfaces.web.components.records import Decision, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.people import Visitor
from fourflow.platform import rows as file_rows
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money
from fourflow.platform.rows import Asked, RowProblem, RowsDone, RowsMode, RowsPlan, RowsRefused

T = TypeVar("T")
SALT = "fourflow.web.from_file"
#: what travels in the page between dry run and confirmation
MAX_BYTES = 1024 * 1024
SHOWN = 200
PAGE = "web/pages/from_file.html"


@dataclass(frozen=True, slots=True)
class FileColumn:
    """``expected`` says what stands in a cell: on the page before the upload, and beside a cell that cannot be read.

    ``label`` heads the column in the dry run's table; a column without one is not shown there. ``kind`` (text, money, date)
    aligns it, and keeps what is no text on one line.
    """

    name: str
    expected: Words
    label: Words = ""
    needed: bool = True
    kind: str = "text"

    @property
    def look(self) -> str:
        return {"money": "r num", "date": "num"}.get(self.kind, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFile(Generic[T]):
    """A file of rows that ask for something, tried by ``plan`` and done by ``do``.

    ``sample`` are the rows of the template; ``good``, ``approve`` and ``done`` say in words how many rows are fine, what the
    button does, and what was done; ``worth`` is a row's amount, added up where all are of one currency.
    """

    title: Words
    name: str
    crumb: Link
    operation: str
    columns: Sequence[FileColumn]
    sample: Callable[[], Sequence[Sequence[object]]]
    plan: Callable[[bytes], RowsPlan[T]]
    do: Callable[[Sequence[Asked[T]], RowsMode], RowsDone]
    good: Callable[[int], Words]
    approve: Callable[[int], Words]
    done: Callable[[int], Words]
    to: str
    worth: Callable[[T], Money]
    label: Words
    consequence: Words

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def conduct(request: HttpRequest, visitor: Visitor, file: FromFile[Any]) -> HttpResponse:
    """The page of a file: its form, its template (``?template``), the dry run, the error file, and doing what is right."""
    context: dict[str, Any] = {"file": file, "step": 1, "mode": request.POST.get("mode", RowsMode.GOOD_ROWS.value)}
    status = 200
    try:
        if request.method == "POST" and "rows" in request.POST:
            return excel.errors(f"{file.name}-errors", ("row", *file.heads, "reason"), request.POST["rows"])
        if request.method == "POST" and request.POST.get("plan"):
            return _do(request, visitor, file)
        if request.method == "POST":
            context |= _dry_run(request, file)
        elif "template" in request.GET:
            return excel.response(file.name, excel.table(file.heads, file.sample()))
    except FourflowError as error:
        context["refused"], status = refusals.banner(error), refusals.status_of(error)
    return render(request, PAGE, context, status=status)


def _dry_run(request: HttpRequest, file: FromFile[Any]) -> dict[str, Any]:
    mode = RowsMode.ALL if request.POST.get("mode") == RowsMode.ALL.value else RowsMode.GOOD_ROWS
    _name, content = excel.uploaded(request, MAX_BYTES)
    plan = file.plan(content)
    cells = {one.row: one.given for one in _cells(content, file)}
    reasons: dict[int, list[str]] = {}
    for problem in plan.problems:
        reasons.setdefault(problem.row, []).append(reason(problem, file))
    bad = [[row, *(cells[row].get(head, "") for head in file.heads), "; ".join(why)] for row, why in reasons.items()]
    numbers = sorted({*reasons, *(one.row for one in plan.rows)})
    shown = [column for column in file.columns if column.label]
    blocked = bool(bad) and mode is RowsMode.ALL
    return {
        "step": 2,
        "mode": mode.value,
        "heads": shown,
        "lines": [(row, _drawn(cells[row], shown), reasons.get(row, ())) for row in numbers[:SHOWN]],
        "more": max(0, len(numbers) - SHOWN),
        "good": file.good(len(plan.rows)),
        "known": plan.known,
        "bad": len(bad),
        "blocked": blocked,
        "decision": _area(request, file, plan, mode, content) if plan.rows and not blocked else None,
        "errors": json.dumps(bad, ensure_ascii=False) if bad else "",
    }


def _cells(content: bytes, file: FromFile[Any]) -> list[file_rows.Cells]:
    return file_rows.table(content, needed=[one.name for one in file.columns if one.needed])


def _drawn(cells: Mapping[str, str], columns: Sequence[FileColumn]) -> list[tuple[FileColumn, str]]:
    return [(column, cells.get(column.name, "")) for column in columns]


def reason(problem: RowProblem, file: FromFile[Any]) -> str:
    """What is wrong with a row in the reader's words: a cell by what its column expects, all else by its code."""
    expected = next((str(one.expected) for one in file.columns if one.name == problem.field), "")
    if problem.code == "rows.cell" and expected:
        return _("%(column)s: expected is %(what)s") % {"column": problem.field, "what": expected}
    message, following = refusals.TEXTS.get(problem.code, (f"[{problem.code}]", ""))
    words = " ".join(str(one) for one in (message, following) if one)
    return f"{problem.field}: {words}" if problem.field else words


def _area(request: HttpRequest, file: FromFile[Any], plan: RowsPlan[Any], mode: RowsMode, content: bytes) -> Decision:
    packed = {"mode": mode.value, "content": base64.b64encode(content).decode()}
    return Decision(
        action=request.path,
        amount=_total([file.worth(one.wanted) for one in plan.rows]),
        label=file.label,
        approve=file.approve(len(plan.rows)),
        token=doors.token(),
        hidden=(("plan", signing.dumps(packed, salt=f"{SALT}.{file.operation}", compress=True)),),
        opinion=False,
        consequence=file.consequence,
    )


def _total(amounts: Sequence[Money]) -> Money | None:
    """The sum of amounts of one currency; of several there is none."""
    if len({amount.currency for amount in amounts}) != 1:
        return None
    return Money(sum(amount.minor for amount in amounts), amounts[0].currency)


def _do(request: HttpRequest, visitor: Visitor, file: FromFile[Any]) -> HttpResponse:
    try:
        packed = signing.loads(request.POST["plan"], salt=f"{SALT}.{file.operation}", max_age=3600)
    except signing.BadSignature:
        raise doors.ContentChanged() from None
    content, mode = base64.b64decode(packed["content"]), RowsMode(packed["mode"])

    def run() -> dict[str, Any]:
        plan = file.plan(content)
        if plan.problems and mode is RowsMode.ALL:
            raise RowsRefused(problems=[problem.to_body() for problem in plan.problems])
        done = file.do(plan.rows, mode)
        return {**done.to_body(), "left": len({one.row for one in (*plan.problems, *done.problems)})}

    done = doors.perform(request, visitor, file.operation, run).result
    messages.success(request, str(file.done(len(done["ids"]))))
    if left := done["left"]:
        text = ngettext("%(n)s row with errors was left out.", "%(n)s rows with errors were left out.", left)
        messages.warning(request, text % {"n": left})
    return redirect(file.to)
