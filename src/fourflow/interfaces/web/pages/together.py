"""Deciding several requests at once: one kind, one step, one currency, at most 100, and never one that releases money."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims.types import ConfirmedPayable
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import Approval, Verdict
from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.web import doors, menu, refusals, waiting
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.records import Banner, Decision, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.pages import decisions, payables
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import Conflict, FourflowError, Invalid
from fourflow.platform.money import Money

MOST = 100


@dataclass(frozen=True, slots=True)
class One:
    """A ticked request: how it reads, what approving it signs, and what carries it out.

    ``step`` tells kind and stage apart; ``payload`` is the digest of what is put up for approval, ``""`` where the content is
    signed instead.
    """

    id: str
    object_id: UUID
    step: tuple[str, int]
    title: Words
    facts: decisions.Facts
    href: str
    amount: Money | None
    content: Mapping[str, Any]
    payload: str
    approve: Callable[[HttpRequest], object]


class NothingTicked(Invalid):
    """No request is named."""

    code = "batch.empty"


class TooMany(Invalid):
    """More requests than are decided at once."""

    code = "batch.too_many"


class Mixed(Conflict):
    """Requests of several kinds or currencies, of a kind that is decided one by one, or not this person's to decide."""

    code = "batch.mixed"


@require_POST
@page()
def together(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """First what is ticked with its sum; then, confirmed, all of it in one transaction or none."""
    refused, code = None, 200
    try:
        if request.POST.get("outcome") == "approve":
            return _decide(request, visitor)
    except FourflowError as error:
        refused, code = refusals.banner(error), refusals.status_of(error)
    try:
        asked = _asked(request, visitor)
    except FourflowError as error:
        refused, code = refused or refusals.banner(error), code if refused else refusals.status_of(error)
        return _page(request, [], None, refused, code)
    return _page(request, asked, _area(request, asked), refused, code)


def _asked(request: HttpRequest, visitor: Visitor) -> list[One]:
    """What is ticked, in the order of the inbox, as its decision pages show it.

    :raises NothingTicked, TooMany, Mixed: see there.
    """
    wanted = set(request.POST.getlist("id"))
    if not wanted:
        raise NothingTicked()
    if len(wanted) > MOST:
        raise TooMany(expected=str(MOST))
    with visitor.reading():
        asked = [*_approvals(visitor, wanted), *_payables(visitor, wanted)]
    if len(asked) != len(wanted) or len({one.step for one in asked}) != 1:
        raise Mixed()
    if len({one.amount.currency if one.amount else "" for one in asked}) != 1:
        raise Mixed()
    return asked


def _approvals(visitor: Visitor, wanted: set[str]) -> list[One]:
    kinds = [kind for kind in menu.kinds_of(visitor.actor) if kind in menu.TOGETHER]
    keys = {read("approval", one) for one in wanted}
    items = approvals.inbox(visitor.actor, kinds=kinds, at=visitor.now) if kinds else []
    known = decisions.kinds()
    return [_approval(visitor, i.approval, known[i.approval.kind]) for i in items if i.approval.id in keys]


def _approval(visitor: Visitor, approval: Approval, kind: decisions.Kind) -> One:
    subject = kind.show(visitor, approval)
    return One(
        id=text("approval", approval.id),
        object_id=approval.object_id,
        step=(approval.kind, len(approval.decisions)),
        title=subject.title,
        facts=subject.brief or ([] if subject.amount else subject.facts),
        href=to("approval", approval.id),
        amount=subject.amount,
        content=subject.content,
        payload="" if subject.content else approval.payload_hash.hex(),
        approve=lambda request: kind.run(request, visitor, approval, Verdict.APPROVE, ""),
    )


def _payables(visitor: Visitor, wanted: set[str]) -> list[One]:
    """Payables that wait for the debtor's second person: each is signed as on its own page."""
    found = [one for one in waiting.unconfirmed(visitor.actor) if text("payable", one.id) in wanted]
    firms = parties.names(one.creditor_id for one in found) if found else {}
    return [_payable(visitor, one, firms.get(one.creditor_id, "")) for one in found]


def _payable(visitor: Visitor, found: ConfirmedPayable, creditor: str) -> One:
    content = found.content()

    def approve(request: HttpRequest) -> object:
        signature = doors.sign(request, visitor, content, payables.TERMS)
        return claims.confirm(payable_id=found.id, actor=visitor.actor, signature=signature, effective_at=visitor.now)

    return One(
        id=text("payable", found.id),
        object_id=found.id,
        step=("payable.confirm", 0),
        title=_("You owe %(name)s") % {"name": creditor},
        facts=[(_("Documents"), payables.numbers(found)), (_("Due"), found.due_date)],
        href=to("payable", found.id),
        amount=found.amount,
        content=content,
        payload="",
        approve=approve,
    )


def _sum(asked: Sequence[One]) -> Money | None:
    amounts = [one.amount for one in asked if one.amount is not None]
    return sum(amounts[1:], amounts[0]) if amounts else None


def _area(request: HttpRequest, asked: Sequence[One]) -> Decision:
    digests = [doors.shown(dict(one.content)) for one in asked if one.content]
    shown = {"n": len(asked)}
    return Decision(
        action=request.path,
        amount=_sum(asked),
        label=_("%(n)s requests in all") % shown,
        approve=_("Approve %(n)s") % shown,
        token=doors.token(),
        digest=doors.shown({"together": digests}) if digests else "",
        hidden=(
            *(("id", one.id) for one in asked),
            *(("digest", one) for one in digests),
            *(("payload_hash", one.payload) for one in asked if one.payload),
        ),
        opinion=False,
        consequence=_("All of them are carried out, or none. To return one, open it by itself."),
    )


def _page(
    request: HttpRequest, asked: Sequence[One], area: Decision | None, refused: Banner | None, code: int
) -> HttpResponse:
    context = {
        "title": _("Decide together"),
        "crumbs": (Link(_("Inbox"), "/inbox"),),
        "lines": asked,
        "decision": area,
        "refused": refused,
    }
    return render(request, "web/pages/together.html", context, status=code)


def _decide(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.POST.get("digest"):
        doors.confirm(request, visitor)

    def run() -> dict[str, Any]:
        asked = _asked(request, visitor)
        for one in asked:
            one.approve(request)
        return {"decided": [str(one.object_id) for one in asked]}

    done = doors.perform(request, visitor, "decide together", run)
    count = {"n": len(done.result["decided"])}
    messages.success(request, _("%(n)s approved and carried out.") % count)
    return redirect("/inbox")
