"""Cash now: what each bank would pay for a holding, what it costs in all, and the consent that asks one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import TERMS_VERSION, NoQuote, Quote, QuoteId
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Holding, HoldingId, HoldingState, Voucher
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import doors, drafts, names, reading, refusals, texts
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.records import Decision, Link, Problem, Receipt, ReceiptLine
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform import formats
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import encode
from fourflow.platform.money import Money
from fourflow.platform.perform import Performed

STEPS = (gettext_lazy("Amount"), gettext_lazy("Price"), gettext_lazy("Sign"))


@require_http_methods(["GET", "POST"])
@page(Permission.FINANCING_QUOTE)
def cash(request: HttpRequest, visitor: Visitor, holding_id: UUID) -> HttpResponse:
    """Ask every bank for its price: with and without recourse. A quote locks nothing and binds nobody.

    The amount and the prices that still hold are kept as a draft: who comes back stands where he left.
    """
    refused, code = None, 200
    draft = drafts.kept(request, visitor)
    quotes: list[Quote] = []
    refusals_: list[Problem] = []
    with visitor.reading() as actor:
        holding = vouchers.holding(actor=actor, holding_id=HoldingId(holding_id))
        voucher = vouchers.get(actor=actor, voucher_id=holding.voucher_id)
        debtor = parties.names([voucher.issuer_id]).get(voucher.issuer_id, "")
    banks = parties.views(parties.holders_of(RoleKind.FUNDER, visitor.today), visitor.today)
    given = request.POST if request.method == "POST" else draft.given
    wanted = given.get("amount", "") or f"{holding.outstanding.decimal}"
    if request.method == "POST":
        try:
            amount = reading.amount(wanted, holding.amount.currency)
            if drafts.keeping(request):
                draft = drafts.keep(visitor, draft.key, request.POST, step=1, seen=drafts.seen(request.POST))
            done = _ask(request, visitor, holding, amount)
            quotes = _held(visitor, done.result["quotes"])
            if drafts.keeping(request):
                draft = drafts.keep(visitor, draft.key, _with(request.POST, quotes), step=2, seen=draft.version)
            refusals_ = _refused(done.result["refused"], {str(k): v.name for k, v in banks.items()})
            code = 200 if quotes else 409
        except FourflowError as error:
            refused, code = refusals.banner(error), refusals.status_of(error)
    elif draft.step > 1:
        quotes = _held(visitor, given.getlist("quotes"))
    best = max(quotes, key=lambda quote: quote.net.minor, default=None)
    context = {
        "holding": holding,
        "voucher": voucher,
        "debtor": debtor,
        "amount": wanted,
        "refused": refused,
        "problems": refusals_,
        "quotes": [_shown(quote, banks[quote.funder_id].name, quote is best) for quote in quotes],
        "asked": request.method == "POST" and refused is None,
        "token": doors.token(),
        "draft": draft,
        "steps": STEPS,
        "step": 2 if quotes else 1,
        "free": holding.state is HoldingState.ACTIVE and holding.holder_id == visitor.id,
        "alternative": quotes[0].amount if quotes else None,
        "wait": _wait(voucher, visitor.today),
        "address": to("holding", holding.id),
        "maximum": holding.outstanding,
    }
    return render(request, "web/pages/cash.html", context, status=code)


def _held(visitor: Visitor, ids: Sequence[str]) -> list[Quote]:
    """The prices by id that have not run out."""
    with visitor.reading() as actor:
        found = queries.quotes(actor=actor, quote_ids=[QuoteId(UUID(one)) for one in ids])
    return [quote for quote in found if quote.valid_until >= visitor.now]


def _with(given: QueryDict, quotes: Sequence[Quote]) -> QueryDict:
    """What was answered, with the prices that were given for it."""
    found = given.copy()
    found.setlist("quotes", [str(quote.id) for quote in quotes])
    return found


def _ask(request: HttpRequest, visitor: Visitor, holding: Holding, amount: Money) -> Performed:
    """One price a bank and kind of recourse, or why there is none."""

    def run() -> dict[str, Any]:
        found = operations.quotes(
            holding_id=holding.id,
            amount=amount,
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {
            "quotes": [str(one.id) for one in found if isinstance(one, Quote)],
            "refused": [[str(one.funder_id), one.reason] for one in found if isinstance(one, NoQuote)],
        }

    return doors.perform(request, visitor, "financing.quotes", run, holding=str(holding.id))


def _refused(given: list[list[str]], banks: Mapping[str, str]) -> list[Problem]:
    found: dict[tuple[str, str], Problem] = {}
    for bank, code in given:
        message, following = refusals.TEXTS.get(code, (code, ""))
        found[bank, code] = Problem(message, banks.get(bank, ""), following)
    return list(found.values())


def _wait(voucher: Voucher, today: date) -> str:
    days = (voucher.due_on - today).days
    return _("Or wait %(days)s days: the debtor pays the full amount on %(day)s, at no cost.") % {
        "days": days,
        "day": texts.day(voucher.due_on),
    }


def recourse_words(recourse: bool, mine: bool = True) -> str:
    """What recourse means, in plain words to the applicant; for others the word alone."""
    if not mine:
        return _("with recourse") if recourse else _("without recourse")
    if recourse:
        return _("With recourse: if the debtor does not pay, the bank takes the money back from you.")
    return _("Without recourse: if the debtor does not pay, that is the bank's loss, not yours.")


def receipt(quote: Quote) -> Receipt:
    """The price as lines: what, to whom, how it is computed."""
    lines = [
        ReceiptLine(f"{names.COSTS[line.kind.value]} {names.PAYEES[line.payee.value]}", line.amount, line.formula)
        for line in quote.lines
    ]
    share = ""
    if quote.platform_share:
        share = _("Of its interest the bank passes %(amount)s on to the platform; it is no cost on top.") % {
            "amount": texts.money(quote.platform_share)
        }
    return Receipt(_("Cost in all"), quote.cost, tuple(lines), share)


def _shown(quote: Quote, bank: str, best: bool) -> dict[str, Any]:
    return {
        "quote": quote,
        "bank": bank,
        "best": best,
        "receipt": receipt(quote),
        "recourse": recourse_words(quote.recourse),
        "href": f"/quotes/{encode('quo', quote.id)}",
    }


@require_http_methods(["GET", "POST"])
@page(Permission.FINANCING_CONSENT)
def consent(request: HttpRequest, visitor: Visitor, quote_id: UUID) -> HttpResponse:
    """Sign the price: the holding is locked and the bank is asked. Until the bank decides it can be taken back."""
    refused, code = None, 200
    key = QuoteId(quote_id)
    if request.method == "POST":
        try:
            return _consent(request, visitor, key)
        except FourflowError as error:
            refused, code = refusals.told(error)
    with visitor.reading() as actor:
        quote = queries.quote(actor=actor, quote_id=key)
        known = parties.names([quote.funder_id, quote.obligor_id])
    bank = known.get(quote.funder_id, "")
    area = Decision(
        action=request.path,
        amount=quote.net,
        label=_("You get"),
        approve=_("Sign and ask %(bank)s") % {"bank": bank},
        token=doors.token(),
        blocked=_("This price is over. Ask again.") if visitor.now > quote.valid_until else "",
        consequence=_("Signing locks this part until the bank has decided. The decision is the bank's alone."),
        digest=doors.shown(quote.content()),
        opinion=False,
    )
    facts = [
        (_("Bank"), bank),
        (_("Debtor"), known.get(quote.obligor_id, "")),
        (_("Amount given for it"), quote.amount),
        (_("Cost in all"), quote.cost),
        (_("All-in cost per year"), all_in(quote)),
        (_("Annual rate"), texts.rate(quote.annual_rate, quote.day_count)),
        (_("Days"), quote.days),
        (_("Due"), quote.due_on),
        (_("Recourse"), recourse_words(quote.recourse)),
        (_("Price valid until"), quote.valid_until),
    ]
    context = {
        "title": _("Cash from %(bank)s") % {"bank": bank},
        "crumbs": (Link(_("My holdings"), "/holdings"), Link(_("Cash now?"), to("holding", quote.holding_id, "/cash"))),
        "facts": facts,
        "lines": receipt(quote),
        "decision": area,
        "steps": STEPS,
        "step": 3,
        "refused": refused,
    }
    return render(request, "web/pages/decision.html", context, status=code)


def all_in(quote: Quote) -> str:
    """The all-in annualised cost, in per cent of the cash received."""
    return formats.percent(quote.annualised)


def _consent(request: HttpRequest, visitor: Visitor, key: QuoteId) -> HttpResponse:
    doors.confirm(request, visitor)

    def run() -> dict[str, str]:
        content = queries.quote(actor=visitor.actor, quote_id=key).content()
        made = operations.request(
            quote_id=key,
            actor=visitor.actor,
            signature=doors.sign(request, visitor, content, TERMS_VERSION),
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(made.id)}

    done = doors.perform(request, visitor, "financing.consent", run, quote=str(key))
    with visitor.reading() as actor:
        holding_id = queries.quote(actor=actor, quote_id=key).holding_id
    drafts.drop(visitor, to("holding", holding_id, "/cash"))
    messages.success(request, _("Asked. The bank decides; you see its answer here."))
    return redirect(to("financing", UUID(done.result["id"])))
