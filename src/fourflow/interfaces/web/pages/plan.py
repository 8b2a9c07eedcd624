"""The plan of a financing: cash flows, a payment's way to it, interest by month and day, and payment on another day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.capital.financing import queries
from fourflow.capital.financing.types import CashFlow, Financing, FinancingId, FlowKind, InterestDay, WhatIf
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import PaymentInstruction, Purpose
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Redemption, Voucher, VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import reading, refusals, texts
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.parts import Bar, Bars
from fourflow.interfaces.web.components.records import Banner, Link, Receipt, ReceiptLine
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import formats
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money


@require_GET
@page(Permission.FINANCING_VIEW)
def plan(request: HttpRequest, visitor: Visitor, financing_id: UUID) -> HttpResponse:
    """For applicant, bank and who oversees. ``month`` opens the days of one, ``on`` and ``amount`` ask "what if"."""
    key = FinancingId(financing_id)
    asked = request.GET.get("on", "")
    on = reading.day(asked) or visitor.today
    with visitor.reading() as actor:
        one = queries.get(actor=actor, financing_id=key)
        planned = queries.plan(actor=actor, financing_id=key)
        supposed = queries.what_if(actor=actor, financing_id=key, on=on)
        voucher = vouchers.get(actor=actor, voucher_id=VoucherId(one.quote.voucher_id))
        paid = settlement.of_subject(actor=actor, subject_id=one.holding_id)
        paid += settlement.of_subject(actor=actor, subject_id=one.id)
    # the parts of others count towards the shares, though nobody is shown them
    shares, amount, refused = _shares(request, visitor, voucher)
    known = parties.names([one.quote.applicant_id, one.quote.funder_id, *(share.payee_id for share in shares)])
    name = known.get(one.quote.applicant_id, "")
    context = {
        "title": _("Repayment plan"),
        "crumbs": (
            Link(_("Financing"), "/financing"),
            Link(_("Financing of %(name)s") % {"name": name}, to("financing", one.id)),
        ),
        "state": status("financing", one.state.value),
        "financing": one,
        "flows": [_flow(flow, paid) for flow in planned.flows],
        "chart": _chart(planned.flows),
        "months": _months(planned.days, request.path),
        "days": [day for day in planned.days if day.on.strftime("%Y-%m") == request.GET.get("month", "")],
        "month": request.GET.get("month", ""),
        "interest": planned,
        "what_if": _what_if(one, supposed),
        "on": supposed.on.isoformat(),
        "amount": request.GET.get("amount", "") or (f"{amount.decimal}" if amount else ""),
        "currency": voucher.face.currency,
        "waterfall": _waterfall(one, voucher, shares, amount, known) if amount else None,
        "refused": refused,
    }
    return render(request, "web/pages/plan.html", context, status=422 if refused else 200)


def _shares(
    request: HttpRequest, visitor: Visitor, voucher: Voucher
) -> tuple[list[Redemption], Money | None, Banner | None]:
    """The shares of a supposed payment of the debtor's; all that is outstanding where no amount is given."""
    if not voucher.state.is_living:
        return [], None, None
    wanted = request.GET.get("amount", "").strip()
    try:
        amount = reading.amount(wanted, voucher.face.currency) if wanted else voucher.outstanding
        return vouchers.preview_payment(actor=visitor.actor, voucher_id=voucher.id, amount=amount), amount, None
    except FourflowError as error:
        return [], None, refusals.banner(error)


def _flow(flow: CashFlow, paid: Sequence[PaymentInstruction]) -> dict[str, Any]:
    payout = flow.kind is FlowKind.PAYOUT
    purposes = (Purpose.FINANCING_PROCEEDS,) if payout else (Purpose.VOUCHER_REDEMPTION, Purpose.RECOURSE)
    behind = [
        (
            Link(one.execution_date.isoformat(), to("instruction", one.id)),
            status("payment", one.state.value),
            one.amount,
        )
        for one in paid
        if one.purpose in purposes
    ]
    words = _("Paid out to the applicant") if payout else _("The debtor pays the bank")
    return {"what": words, "flow": flow, "payments": behind}


def _chart(flows: Sequence[CashFlow]) -> Bars:
    bars = []
    for flow in flows:
        tone = "bad" if flow.planned.minor < 0 else "ok"
        bars.append(Bar(flow.on.isoformat(), flow.planned, tone))
    return Bars(_("Cash of the bank"), tuple(bars), source=_("planned; out below the line, in above it"))


def _months(days: Sequence[InterestDay], path: str) -> list[dict[str, Any]]:
    """Interest by month; each leads to its days."""
    found: dict[str, list[InterestDay]] = {}
    for day in days:
        found.setdefault(day.on.strftime("%Y-%m"), []).append(day)
    return [
        {
            "month": month,
            "href": f"{path}?month={month}#days",
            "days": len(of_month),
            "earned": of_month[-1].cumulative - of_month[0].cumulative + of_month[0].earned,
            "cumulative": of_month[-1].cumulative,
        }
        for month, of_month in found.items()
    ]


def _what_if(one: Financing, supposed: WhatIf) -> list[tuple[object, object]]:
    when = _("on the due date")
    if supposed.late:
        when = _("%(n)s days late") % {"n": supposed.late}
    elif supposed.on < one.quote.due_on:
        when = _("%(n)s days early") % {"n": (one.quote.due_on - supposed.on).days}
    return [
        (_("The debtor pays"), f"{texts.day(supposed.on)} · {when}"),
        (_("Days the cash is out"), supposed.days),
        (_("Interest earned day by day until then"), supposed.earned),
        (_("Interest earned at once on that day"), supposed.at_once),
        (_("All-in cost per year, over those days"), formats.percent(supposed.annualised)),
        (_("Planned"), formats.percent(one.quote.annualised)),
    ]


def _waterfall(
    one: Financing, voucher: Voucher, shares: Sequence[Redemption], amount: Money, known: Mapping[UUID, str]
) -> Receipt:
    """What of the debtor's payment comes to which part: pro rata, largest remainder, to the cent."""
    zero = Money.zero(amount.currency)
    lines = []
    for share in shares:
        here = share.holding_id == one.holding_id
        what = _("to this financing") if here else _("to %(name)s") % {"name": known.get(share.payee_id, "")}
        lines.append(ReceiptLine(what, share.amount, _("pro rata to what the part has outstanding")))
    rest = amount - sum((share.amount for share in shares), start=zero)
    if rest:
        lines.append(ReceiptLine(_("to parts that you may not see"), rest))
    source = _("Outstanding on the whole voucher: %(amount)s") % {"amount": texts.money(voucher.outstanding)}
    return Receipt(_("A payment of the debtor"), amount, tuple(lines), source, open=True)
