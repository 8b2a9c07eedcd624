"""Issuing a voucher on a payable: form, preview with the checks, signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ConfirmedPayable, PayableId, PayableState
from fourflow.capital.limits import queries as limits
from fourflow.capital.vouchers import operations
from fourflow.capital.vouchers.types import TERMS_VERSION, IssueRequest, Voucher, VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Barred, PartyNotFound, Permission, RoleKind
from fourflow.interfaces.web import doors, drafts, reading, refusals, texts
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Decision
from fourflow.interfaces.web.forms import Field, FieldsRefused, Form
from fourflow.interfaces.web.pages import decisions
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import calendar
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import new_id

#: how many confirmed payables are read for the choice, and how many that are free are shown
SHOWN = 50
CONFIRMED = f"/payables?state={PayableState.CONFIRMED.value}"


def _questions(payable: ConfirmedPayable, lines: Sequence[Mapping[str, Any]], today: date) -> tuple[Field, ...]:
    """What a voucher on a payable says, with what is suggested."""
    due = _business_day(max(payable.due_date, today + timedelta(days=1)))
    of = tuple(Choice(one["id"], f"{one['name']} · {one['free']}") for one in lines)
    return (
        Field("face", _("Face"), "money", unit=payable.amount.currency, initial=(str(payable.remaining.decimal),)),
        Field(
            "due_on",
            _("Due"),
            "day",
            _("A business day; over six months it needs a reason and the bank's acknowledgement."),
            initial=(due.isoformat(),),
        ),
        Field(
            "funder",
            _("Bank of the line"),
            "choice",
            choices=of,
            initial=(of[0].value,) if of else (),
            known_as=("funder_id",),
        ),
        Field(
            "contract_clause",
            _("Contract clause"),
            help=_("When due later than the statutory term."),
            required=False,
            maximum=500,
        ),
        Field(
            "term_reason", _("Reason of the term"), help=_("When longer than six months."), required=False, maximum=500
        ),
    )


def request_of(given: Any, payable: ConfirmedPayable) -> IssueRequest:
    """The request that a form describes.

    :raises MalformedAmount, PartyNotFound, DueDateInvalid: a field cannot be read.
    """
    funder = read("party", given.get("funder", ""))
    if funder is None:
        raise PartyNotFound(field="funder")
    return IssueRequest(
        payable_id=payable.id,
        funder_id=funder,
        face=reading.amount(given.get("face", ""), payable.amount.currency),
        due_on=reading.day(given.get("due_on", "")) or date.min,
        term_reason=given.get("term_reason", "").strip()[:500],
        contract_clause=given.get("contract_clause", "").strip()[:500],
    )


def banks(visitor: Visitor) -> list[dict[str, Any]]:
    """The banks with a line on the acting core enterprise, and what is free on each. Inside ``visitor.reading()``."""
    board = limits.board(actor=visitor.actor, core_id=visitor.id)
    names = parties.names(line.funder_id for line in board)
    return [
        {
            "id": text("party", line.funder_id),
            "name": names.get(line.funder_id, ""),
            "free": texts.money(line.headroom(visitor.today)),
        }
        for line in board
    ]


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_ISSUE)
def issue(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Terms, then the preview with every check (also by an address that says the terms), then the signature, which puts the
    voucher up for the second person. The terms are kept as a draft for each payable."""
    refused, code = None, 200
    given: QueryDict = request.POST if request.method == "POST" else request.GET
    chosen = read("payable", given.get("payable", ""))
    kept = drafts.kept(request, visitor, f"/issue?payable={text('payable', chosen)}") if chosen else None
    if request.method == "POST":
        try:
            if "voucher" in request.POST:
                return _draft(request, visitor)
            if kept and drafts.keeping(request):
                kept = drafts.keep(visitor, kept.key, request.POST, step=2, seen=drafts.seen(request.POST))
        except FourflowError as error:
            refused, code = refusals.banner(error), refusals.status_of(error)
    elif kept and kept.version and "face" not in request.GET:
        given = kept.given
    with visitor.reading() as actor:
        lines = banks(visitor)
        payable = claims.payable(actor=actor, payable_id=PayableId(chosen)) if chosen else None
        owed = [] if payable else claims.payables(actor=actor, debtor_id=visitor.id, free_only=True, size=4 * SHOWN)
        names = parties.names([payable.creditor_id] if payable else [p.creditor_id for p in owed])
    free = _free(visitor, owed)
    context: dict[str, Any] = {
        "payable": payable,
        "creditor": names.get(payable.creditor_id, "") if payable else "",
        "free": [
            (
                text("payable", p.id),
                texts.listed(d.number for d in p.documents),
                names.get(p.creditor_id, ""),
                p.remaining,
                p.due_date,
            )
            for p in free[:SHOWN]
        ],
        "more": CONFIRMED if len(free) > SHOWN or len(owed) == 4 * SHOWN else "",
        "refused": refused,
        "chosen": text("payable", chosen) if chosen else "",
        "draft": kept,
        "steps": (_("Payable"), _("Terms"), _("Sign")),
        "step": 1 if payable is None else 2,
    }
    if payable is not None:
        form = Form(_questions(payable, lines, visitor.today), given if "face" in given else None)
        unfinished = kept and given is not request.GET and given is not request.POST and kept.step == 1
        context["form"] = form
        if form.given is not None and refused is None and not unfinished:
            more, code = _previewed(request, visitor, payable, form)
            context |= more
    return render(request, "web/pages/issue.html", context, status=code)


def _previewed(
    request: HttpRequest, visitor: Visitor, payable: ConfirmedPayable, form: Form
) -> tuple[dict[str, Any], int]:
    """The preview with its status, or the form with what is refused of it: beside its field, or above the form."""
    try:
        form.read()
        return _preview(request, visitor, payable, form.given) | {"step": 3}, 200
    except FieldsRefused as wrong:
        return {"form": form.refused(wrong.errors)}, 422
    except FourflowError as error:
        code = refusals.status_of(error)
        if name := form.about(error):
            return {"form": form.refused({name: error})}, code
        return {"refused": refusals.banner(error)}, code


def _free(visitor: Visitor, owed: Sequence[ConfirmedPayable]) -> list[ConfirmedPayable]:
    """The payables on which a voucher may be issued: confirmed, not used up, and owed to a supplier of the programme."""
    creditors = {p.creditor_id for p in owed}
    fit = parties.having_role(creditors, RoleKind.SUPPLIER, visitor.today, programme_id=visitor.id)
    fit -= parties.barred(creditors, Barred.EVERYTHING, visitor.today).keys()
    return [p for p in owed if p.remaining and p.creditor_id in fit]


def _business_day(day: date) -> date:
    days = calendar.load("CN")
    return day if days.is_business_day(day) else days.next_business_day(day)


def _preview(
    request: HttpRequest, visitor: Visitor, payable: ConfirmedPayable, given: QueryDict | None
) -> dict[str, Any]:
    assert given is not None
    wanted = request_of(given, payable)
    planned = operations.plan(voucher_id=VoucherId(new_id()), request=wanted, actor=visitor.actor, today=visitor.today)
    with visitor.reading() as actor:
        line = limits.find(
            actor=actor, funder_id=planned.funder_id, core_id=planned.issuer_id, currency=planned.face.currency
        )
        names = parties.names([planned.issuer_id, planned.receiver_id, planned.funder_id])
    fields = ("payable", "face", "due_on", "funder", "term_reason", "contract_clause")
    hidden = [(name, given.get(name, "")) for name in fields]
    area = Decision(
        action=request.path,
        amount=planned.face,
        label=_("You promise to pay"),
        approve=_("Sign and submit"),
        token=doors.token(),
        checks=tuple(decisions.issue_checks(visitor, planned, payable, line)),
        consequence=_("A second person of your organisation checks and signs before the offer goes out."),
        digest=doors.shown(planned.content()),
        opinion=False,
        hidden=(*hidden, ("voucher", text("voucher", planned.id))),
    )
    return {"decision": area, "facts": decisions.voucher_facts(planned, names)}


def _draft(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    doors.confirm(request, visitor)
    voucher_id = read("voucher", request.POST.get("voucher", ""))
    payable_id = read("payable", request.POST.get("payable", ""))

    def run() -> dict[str, str]:
        payable = claims.payable(actor=visitor.actor, payable_id=PayableId(payable_id or UUID(int=0)))
        wanted = request_of(request.POST, payable)
        key = VoucherId(voucher_id or new_id())
        made = draft(request, visitor, key, wanted)
        return {"id": str(made.id)}

    done = doors.perform(request, visitor, "voucher.draft", run)
    if payable_id:
        drafts.drop(visitor, f"/issue?payable={text('payable', payable_id)}")
    messages.success(request, _("Submitted. A second person of your organisation decides."))
    return redirect(to("voucher", UUID(done.result["id"])))


def draft(request: HttpRequest, visitor: Visitor, key: VoucherId, wanted: IssueRequest) -> Voucher:
    """Plan again, sign what the page showed, put it up for the second person."""
    planned = operations.plan(voucher_id=key, request=wanted, actor=visitor.actor, today=visitor.today)
    return operations.draft(
        voucher_id=key,
        request=wanted,
        actor=visitor.actor,
        effective_at=visitor.now,
        today=visitor.today,
        signature=doors.sign(request, visitor, planned.content(), TERMS_VERSION),
    )
