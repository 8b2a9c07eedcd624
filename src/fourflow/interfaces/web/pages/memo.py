"""The credit memo: everything that a bank's person decides on, and the bank's own decision.

Nothing here is scored or recommended: figures, what they are made of, and checks. The decision-maker is the bank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import Financing, FinancingId, Running
from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import Limit
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Overlay, Paid, SignedAct, Voucher, VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.interfaces.web import doors, reading, refusals, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.parts import Bar, Bars, Part, PartsBar
from fourflow.interfaces.web.components.records import Check, Decision, Link
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.pages.cash import receipt
from fourflow.interfaces.web.pages.financing import facts_of, may_decide
from fourflow.interfaces.web.pages.promises import OUTCOMES
from fourflow.interfaces.web.pages.trade_set import TradeSet, trade_set
from fourflow.interfaces.web.pages.voucher import ground, readable
from fourflow.interfaces.web.pages.vouchers import ALIVE, short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money

Pairs = list[tuple[object, object]]
#: how far back a debtor's payments are looked at
YEAR = timedelta(days=365)
RUNNING = "/financing?state=disbursed,overdue"


@require_http_methods(["GET", "POST"])
@page(Permission.FINANCING_DECIDE)
def decide(request: HttpRequest, visitor: Visitor, financing_id: UUID) -> HttpResponse:
    """A person of the bank decides; a second one of the bank makes it count."""
    refused, code = None, 200
    key = FinancingId(financing_id)
    if request.method == "POST":
        try:
            return _decide(request, visitor, key)
        except FourflowError as error:
            refused, code = refusals.told(error)
    with visitor.reading() as actor:
        one = queries.get(actor=actor, financing_id=key)
        quote = one.quote
        voucher = vouchers.get(actor=actor, voucher_id=VoucherId(quote.voucher_id))
        overlays = vouchers.overlays(actor=actor, voucher_id=voucher.id, open_only=True)
        acts = vouchers.commitment(actor=actor, voucher_id=voucher.id)
        payable, chain = ground(actor, voucher)
        papers = readable(actor, chain)
        book = queries.running(actor=actor, funder_id=quote.funder_id)
        involved = {quote.applicant_id, quote.funder_id, quote.obligor_id, voucher.receiver_id}
        involved |= {one.applicant_id for one in book if one.obligor_id == quote.obligor_id}
        involved |= {party for link in chain for party in (link.claim.debtor_id, link.claim.creditor_id)}
        names = parties.names(involved)
        behaviour = _behaviour(actor, visitor, quote.obligor_id)
        line = limits.find(
            actor=actor, funder_id=quote.funder_id, core_id=quote.obligor_id, currency=quote.amount.currency
        )
    trade = trade_set(voucher, payable, chain, names, papers)
    context = {
        "title": _("Decide on %(name)s") % {"name": names.get(quote.applicant_id, "")},
        "state": status("financing", one.state.value),
        "crumbs": (Link(_("Financing"), "/financing"), Link(_("The financing"), to("financing", one.id))),
        "facts": facts_of(visitor, one, names),
        "lines": receipt(quote),
        "trade": trade,
        "line": line,
        "line_href": to("limit", line.id) if line else "",
        "line_bar": _line(line) if line else None,
        "exposure": _exposure(book, one, names),
        "applicant": _applicant(book, one, names),
        "behaviour": behaviour,
        "decision": _area(request, visitor, one, voucher, overlays, acts, trade),
        "refused": refused,
        "link": Link(short(voucher.number), to("voucher", voucher.id)),
    }
    return render(request, "web/pages/memo.html", context, status=code)


def _area(
    request: HttpRequest,
    visitor: Visitor,
    one: Financing,
    voucher: Voucher,
    overlays: Sequence[Overlay],
    acts: Sequence[SignedAct],
    trade: TradeSet,
) -> Decision:
    quote = one.quote
    return Decision(
        action=request.path,
        amount=quote.amount,
        label=_("Asked for"),
        approve=_("Approve"),
        reject=_("Refuse"),
        token=doors.token(),
        checks=(
            Check(_("The debtor's promise is signed by two people"), "pass" if len(acts) >= 2 else "fail"),
            Check(_("The trade documents agree"), "fail" if trade.disagreements else "pass"),
            Check(_("Nothing is disputed or frozen"), "fail" if overlays else "pass"),
            Check(_("The voucher is alive"), "pass" if voucher.state.is_living else "fail"),
            Check(_("Pays on a fixed day"), "pass", voucher.due_on.isoformat()),
        ),
        blocked="" if may_decide(visitor, one) else _("This is decided, or waits for your second person."),
        consequence=_("A second person of your bank checks it before it counts. The platform only records it."),
        rate=f"{quote.annual_rate * 100:.4f}".rstrip("0").rstrip("."),
    )


def _line(line: Limit) -> PartsBar:
    uses = to("limit", line.id, "#uses")
    used = Part(_("Used"), line.utilised, "used", uses)
    blocked = Part(_("Blocked by offers"), line.blocked, "blocked", uses)
    return PartsBar(_("Use of the line"), (used, blocked, Part(_("Free"), line.available, "free")))


def _exposure(book: Sequence[Running], one: Financing, names: Mapping[UUID, str]) -> dict[str, Any]:
    """What the debtor owes to this bank already, by who brought it, and what it would be with this financing."""
    quote = one.quote
    mine = [line for line in book if line.obligor_id == quote.obligor_id and _like(line, quote.amount)]
    total = _total(mine, quote.amount)
    owed = f"{RUNNING}&obligor_id={_key(quote.obligor_id)}&currency={quote.amount.currency}"
    bars = tuple(
        Bar(
            names.get(line.applicant_id, ""),
            line.outstanding,
            "info",
            f"{owed}&applicant_id={_key(line.applicant_id)}",
        )
        for line in sorted(mine, key=lambda line: -line.outstanding.minor)[:8]
    )
    facts: Pairs = [(_("Owed to your bank now"), Link(texts.money(total), owed))]
    if one.state.is_open:
        facts.append((_("With this financing"), Link(texts.money(total + quote.amount), to("financing", one.id))))
    return {
        "facts": facts,
        "chart": Bars(_("By applicant"), bars, across=True) if bars else None,
    }


def _applicant(book: Sequence[Running], one: Financing, names: Mapping[UUID, str]) -> Pairs:
    """What this applicant has from the bank already, over all debtors."""
    quote = one.quote
    mine = [line for line in book if line.applicant_id == quote.applicant_id]
    key = _key(quote.applicant_id)
    late = sum(line.overdue for line in mine)
    money = _total([line for line in mine if _like(line, quote.amount)], quote.amount)
    like = f"&currency={quote.amount.currency}"
    return [
        (_("Applicant"), Link(names.get(quote.applicant_id, ""), to("party", quote.applicant_id))),
        (_("Running at your bank"), Link(str(sum(line.count for line in mine)), f"{RUNNING}&applicant_id={key}")),
        (_("Outstanding"), Link(texts.money(money), f"{RUNNING}&applicant_id={key}{like}")),
        (_("Of them overdue"), Link(str(late), f"/financing?state=overdue&applicant_id={key}")),
    ]


def _key(party_id: UUID) -> str:
    return text("party", party_id)


def _like(line: Running, amount: Money) -> bool:
    return line.outstanding.currency == amount.currency


def _total(lines: Sequence[Running], like: Money) -> Money:
    return sum((line.outstanding for line in lines), start=Money.zero(like.currency))


def _behaviour(actor: Actor, visitor: Visitor, core_id: UUID) -> Pairs:
    """How the debtor paid what fell due in the last year of what your bank may see; each figure leads to its vouchers."""
    since, last = visitor.today - YEAR, visitor.today - timedelta(1)
    paid = vouchers.punctuality(actor=actor, issuer_id=core_id, since=since, before=visitor.today)
    asked = {"issuer_id": _key(core_id), "due[gte]": since.isoformat(), "due[lte]": last.isoformat()}

    def these(figure: object, **more: str) -> Link | int:
        return Link(str(figure), f"/vouchers?{urlencode(more | asked)}") if figure else 0

    rows: Pairs = [
        (_("Vouchers that fell due"), these(paid.on_time + paid.late + paid.unpaid, state=f"{ALIVE},redeemed")),
        (_("Paid by the due date"), these(paid.on_time, paid=Paid.ON_TIME.value)),
        (_("Paid later"), these(paid.late, paid=Paid.LATE.value)),
    ]
    if paid.late:
        rows.append((_("Longest delay, days"), these(paid.days_late, paid=Paid.LATE.value)))
    rows.append((_("Not paid yet"), these(paid.unpaid, state=ALIVE)))
    if paid.oldest:
        words = _("Outstanding since %(day)s") % {"day": paid.oldest.isoformat()}
        rows += [(words, these(texts.money(one), state=ALIVE, currency=one.currency)) for one in paid.open]
    promised = vouchers.promised(actor=actor, issuer_id=core_id, on=visitor.today)
    for outcome, count in promised.items():
        label = _("Promises to pay late: %(outcome)s") % {"outcome": OUTCOMES[outcome].word}
        rows.append((label, Link(str(count), f"/promises?issuer_id={_key(core_id)}&outcome={outcome.value}")))
    return rows


def _decide(request: HttpRequest, visitor: Visitor, key: FinancingId) -> HttpResponse:
    approve = request.POST.get("outcome") == "approve"
    reasons = tuple(one.strip() for one in request.POST.get("opinion", "").splitlines() if one.strip())
    rate: Decimal | None = reading.per_cent(request.POST.get("rate", ""))

    def run() -> dict[str, str]:
        operations.decide(
            financing_id=key,
            actor=visitor.actor,
            approve=approve,
            annual_rate=rate if approve else None,
            reasons=reasons,
            effective_at=visitor.now,
        )
        return {"id": str(key)}

    doors.perform(request, visitor, "financing.decide", run, financing=str(key))
    messages.success(request, _("Recorded. A second person of your bank checks it."))
    return redirect(to("financing", key))
