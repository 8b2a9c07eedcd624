"""待办: what waits for this person, and the page on which one thing is decided."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.claims.types import ConfirmedPayable
from fourflow.capital.financing.types import Financing
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Complaint, Holding, Voucher
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import ApprovalState, InboxItem, Verdict
from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.web import doors, lists, menu, refusals, waiting
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import BulkAction, Column, Filter, ListState, Row, SavedView
from fourflow.interfaces.web.components.records import Change, Decision, Due, Empty, Link
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.pages import decisions, snapshots
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.insight.types import EvidenceRequest
from fourflow.platform.clock import business_date
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money

APPROVE, REJECT = Verdict.APPROVE, Verdict.REJECT


def columns() -> tuple[Column, ...]:
    return (
        Column("what", _("What"), lead=True),
        Column("amount", _("Amount"), "money", corner=True),
        Column("who", _("From")),
        Column("due", _("Decide by"), "date"),
        Column("since", _("Waiting since"), "date", phone=False),
    )


@require_GET
@page()
def inbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Requests to decide, offers to answer, and (``whose=mine``) what this person waits for from others."""
    mine = request.GET.get("whose") == "mine"

    @functools.cache
    def rows() -> list[Row]:
        return _mine(visitor) if mine else todo(visitor)

    def views(state: ListState) -> tuple[SavedView, ...]:
        count = len(rows())
        return (
            SavedView(_("To decide"), state.url(filters={}, view="all"), not mine, None if mine else count),
            SavedView(
                _("Waiting for others"),
                state.url(filters={"whose": "mine"}, view="all"),
                mine,
                count if mine else None,
            ),
        )

    table = lists.Table(
        id="inbox",
        title=_("Inbox"),
        columns=columns(),
        filters=(Filter("whose", _("Whose turn"), "view"),),
        views=views,
        read=lambda state: lists.whole(state, rows()),
        draw=lambda found: found,
        bulk=(BulkAction("approve", _("Decide together"), primary=True),),
        bulk_url="/inbox/together",
        empty=_nothing(mine),
    )
    return lists.show(request, visitor, table, shown_date=visitor.today)


def _nothing(mine: bool) -> Empty:
    if mine:
        return Empty(
            "done", _("Nothing of yours waits for others"), _("What you submit stands here until it is decided.")
        )
    return Empty(
        "done",
        _("Nothing waits here"),
        _("What needs your decision appears here with its deadline."),
        other=Link(_("Waiting for others"), "/inbox?whose=mine"),
    )


def todo(visitor: Visitor) -> list[Row]:
    """Everything that this person can decide now. Inside ``visitor.reading()``."""
    actor = visitor.actor
    items = approvals.inbox(actor, kinds=menu.kinds_of(actor), at=visitor.now)
    rows = [_request(visitor, item) for item in items]
    if waiting.answers_offers(actor):
        offered, parts = vouchers.offered_to(actor=actor, limit=waiting.LIMIT)
        names = parties.names([v.issuer_id for v in offered] + [p.holder_id for p in parts])
        rows += [_offer(visitor, voucher, names.get(voucher.issuer_id, "")) for voucher in offered]
        rows += [_part(visitor, part, names.get(part.holder_id, "")) for part in parts]
    open_, owed, complaints = waiting.undecided(actor), waiting.unconfirmed(actor), waiting.complained(actor)
    asking = [one.quote.applicant_id for one in open_] + [one.creditor_id for one in owed]
    asking += [one.organisation_id for one in complaints]
    names = parties.names(asking) if asking else {}
    rows += [_financing(found, names.get(found.quote.applicant_id, "")) for found in open_]
    rows += [_payable(found, names.get(found.creditor_id, "")) for found in owed]
    rows += [_complaint(visitor, found, names.get(found.organisation_id, "")) for found in complaints]
    asked = waiting.evidence_asked(actor)
    firms = parties.names([one.organisation_id for one in asked]) if asked else {}
    return rows + [_evidence(visitor, one, firms.get(one.organisation_id, "")) for one in asked]


def _payable(found: ConfirmedPayable, creditor: str) -> Row:
    address = to("payable", found.id)
    what = Link(_("Confirm a payable"), address, ", ".join(document.number for document in found.documents))
    cells = {"what": what, "amount": found.amount, "who": creditor, "due": None, "since": found.proposed_at}
    return Row(text("payable", found.id), cells, address, amount=found.amount)


def _complaint(visitor: Visitor, found: Complaint, who: str) -> Row:
    address = to("complaint", found.id, "/answer")
    cells = {"who": who, "due": Due(found.answer_due_on, visitor.today), "since": found.made_on, "amount": None}
    return Row(text("complaint", found.id), {**cells, "what": _("Answer a complaint")}, address, locked=_alone())


def _evidence(visitor: Visitor, found: EvidenceRequest, who: str) -> Row:
    address = to("request", found.id, "/answer")
    what = Link(_("Hand out evidence"), address, found.authority)
    cells = {"what": what, "who": who, "due": Due(found.answer_by, visitor.today), "since": found.asked_at}
    return Row(text("request", found.id), {**cells, "amount": None}, address)


def _financing(found: Financing, applicant: str) -> Row:
    cells = {"amount": found.quote.amount, "who": applicant, "due": None, "since": found.requested_at}
    address = to("financing", found.id, "/decide")
    return Row(text("financing", found.id), {**cells, "what": _("Decide a financing")}, address, locked=_alone())


def _request(visitor: Visitor, item: InboxItem) -> Row:
    approval = item.approval
    known = menu.APPROVALS.get(approval.kind)
    ends = business_date(approval.expires_at) if approval.expires_at else None
    number = approval.snapshot.get("number") or approval.snapshot.get("key") or approval.snapshot.get("name") or ""
    shown = short(str(number)) if approval.kind == "voucher.issue" else str(number)
    return Row(
        id=text("approval", approval.id),
        href=to("approval", approval.id),
        cells={
            "what": Link(known.label if known else approval.kind, to("approval", approval.id), shown),
            "amount": _amount(approval.snapshot),
            "who": parties.person_names([approval.maker_person_id]).get(approval.maker_person_id, ""),
            "due": Due(ends, visitor.today) if ends else None,
            "since": approval.requested_at,
        },
        amount=_amount(approval.snapshot),
        locked="" if approval.kind in menu.TOGETHER else _alone(),
    )


def _alone() -> str:
    """Why a row cannot be ticked: only requests of some kinds are decided together."""
    return _("Decided one by one.")


def _amount(snapshot: object) -> Money | None:
    found = None
    if isinstance(snapshot, dict):
        quote = snapshot.get("quote")
        source = quote if isinstance(quote, dict) else snapshot
        found = snapshots.value(source.get("face") or source.get("amount") or source.get("sanctioned"))
    return found if isinstance(found, Money) else None


def _offer(visitor: Visitor, voucher: Voucher, issuer: str) -> Row:
    return Row(
        id=text("voucher", voucher.id),
        href=to("voucher", voucher.id, "/answer"),
        cells={
            "what": Link(_("Accept a voucher"), to("voucher", voucher.id, "/answer"), short(voucher.number)),
            "amount": voucher.face,
            "who": issuer,
            "due": Due(voucher.offer_expires_on, visitor.today) if voucher.offer_expires_on else None,
            "since": voucher.issued_on,
        },
        locked=_alone(),
    )


def _part(visitor: Visitor, part: Holding, holder: str) -> Row:
    return Row(
        id=text("holding", part.id),
        href=to("holding", part.id, "/answer"),
        cells={
            "what": Link(_("Accept a transfer"), to("holding", part.id, "/answer"), part.trade_basis),
            "amount": part.amount,
            "who": holder,
            "due": Due(part.expires_on, visitor.today) if part.expires_on else None,
            "since": part.acquired_at,
        },
        locked=_alone(),
    )


def _mine(visitor: Visitor) -> list[Row]:
    rows = [_request(visitor, item) for item in approvals.requested_by(visitor.actor)]
    return [replace(row, locked=_("Another person decides.")) for row in rows]


@require_http_methods(["GET", "POST"])
@page()
def decision(request: HttpRequest, visitor: Visitor, approval_id: UUID) -> HttpResponse:
    """One request with its evidence and one decision area."""
    refused, code = None, 200
    if request.method == "POST":
        try:
            return _decide(request, visitor, approval_id)
        except FourflowError as error:
            refused, code = refusals.told(error)
    with visitor.reading() as actor:
        item = approvals.get(actor, approval_id)
        approval = item.approval
        subject = decisions.kinds()[approval.kind].show(visitor, approval)
        before = approvals.last_decided(approval.kind, approval.object_id) if item.changes else None
        people = parties.person_names([approval.maker_person_id, *(d.person_id for d in approval.decisions)])
        open_ = approvals.waiting_ids(actor, kinds=menu.kinds_of(actor), at=visitor.now)
    area = Decision(
        action=request.path,
        amount=subject.amount,
        label=subject.label,
        approve=subject.approve or _("Approve"),
        reject=_("Return to the maker"),
        token=doors.token(),
        payload_hash=approval.payload_hash.hex(),
        checks=subject.checks,
        changes=tuple(
            Change(snapshots.label(c.path), snapshots.value(c.before), snapshots.value(c.after)) for c in item.changes
        ),
        since=before.decisions[-1].decided_at if before and before.decisions else None,
        blocked=_blocked(visitor, item),
        consequence=subject.consequence,
        digest=doors.shown(dict(subject.content)) if subject.content else "",
    )
    context = {
        "title": subject.title,
        "state": status("approval", approval.state.value),
        "facts": subject.facts,
        "link": subject.link,
        "decision": area,
        "refused": refused,
        "maker": people.get(approval.maker_person_id, ""),
        "approval": approval,
        "told": [(people.get(d.person_id, ""), d) for d in approval.decisions],
        **_neighbours(open_, approval.id),
    }
    return render(request, "web/pages/decision.html", context, status=code)


def _neighbours(ids: Sequence[UUID], here: UUID) -> dict[str, object]:
    """The next and previous request of the inbox, for ``[`` and ``]``."""
    if here not in ids:
        return {}
    at = ids.index(here)
    return {
        "place": at + 1,
        "of": len(ids),
        "previous": to("approval", ids[at - 1]) if at else "",
        "next": to("approval", ids[at + 1]) if at + 1 < len(ids) else "",
    }


def _blocked(visitor: Visitor, item: InboxItem) -> str:
    approval, actor = item.approval, visitor.actor
    known = menu.APPROVALS.get(approval.kind)
    if approval.state is not ApprovalState.PENDING:
        return _("This is decided.")
    if approval.maker_person_id == actor.person_id:
        return _("You made it: another person decides.")
    if any(decision.person_id == actor.person_id for decision in approval.decisions):
        return _("You have decided; another person is still needed.")
    if known is None or not known.permissions & actor.permissions:
        return _("Your functions do not include this decision.")
    return ""


def _decide(request: HttpRequest, visitor: Visitor, approval_id: UUID) -> HttpResponse:
    verdict = APPROVE if request.POST.get("outcome") == "approve" else REJECT
    with visitor.reading() as actor:
        approval = approvals.get(actor, approval_id).approval
    kind = decisions.kinds()[approval.kind]
    if verdict is APPROVE and request.POST.get("digest"):
        doors.confirm(request, visitor)
    reason = request.POST.get("opinion", "").strip()[:1000]

    def run() -> dict[str, str]:
        kind.run(request, visitor, approval, verdict, reason)
        return {"id": str(approval.object_id)}

    doors.perform(request, visitor, f"decide {approval.kind}", run, approval=str(approval_id))
    messages.success(request, _("Approved and carried out.") if verdict is APPROVE else _("Returned to the maker."))
    return redirect("/inbox")
