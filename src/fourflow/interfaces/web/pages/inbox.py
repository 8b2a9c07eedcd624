"""待办: what waits for this person, and the page on which one thing is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import ApprovalState, InboxItem, Verdict
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import doors, lists, menu, refusals, waiting
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.listing import (
    BulkAction,
    Choice,
    Column,
    Filter,
    ListState,
    Pager,
    Row,
    SavedView,
)
from fourflow.interfaces.web.components.records import Banner, Change, Decision, Due, Empty, Link
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.pages import decisions, snapshots, todo
from fourflow.interfaces.web.pages.todo import Item
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError

APPROVE, REJECT = Verdict.APPROVE, Verdict.REJECT


def columns() -> tuple[Column, ...]:
    return (
        Column("what", _("What"), lead=True),
        Column("amount", _("Amount"), "money", corner=True),
        Column("who", _("From")),
        Column("due", _("Decide by"), "date"),
        Column("since", _("Waiting since"), "date", phone=False),
        Column("for", _("Waiting for"), phone=False),
    )


@require_GET
@page()
def inbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Requests to decide and offers to answer; ``whose=mine``: what this person waits for from others, ``team``: what waits in
    the organisation, whoever may decide it, ``late``: what of that should be decided by today."""
    whose = request.GET.get("whose", "")
    turns = _turns(visitor)
    whose = whose if whose in turns else ""

    with visitor.reading():
        items = turns[whose][1](visitor)
        rows = todo.named(visitor, items)
    kinds = {row.id: item.kind for row, item in zip(rows, items, strict=True)}

    def page_of(state: ListState) -> tuple[Sequence[Row], Pager]:
        wanted = state.filters.get("kind", "").split(",")
        return lists.whole(state, rows if wanted == [""] else [row for row in rows if kinds[row.id] in wanted])

    def views(state: ListState) -> tuple[SavedView, ...]:
        return tuple(
            SavedView(
                label,
                state.url(filters=_turned(state, name), view="all"),
                name == whose,
                len(rows) if name == whose else None,
            )
            for name, (label, _read) in turns.items()
        )

    table = lists.Table(
        id="inbox",
        title=_("Inbox"),
        columns=columns(),
        filters=(Filter("whose", _("Whose turn"), "view", _choices(turns), one=True), _kinds(request, kinds.values())),
        views=views,
        read=page_of,
        draw=lambda found: found,
        bulk=(BulkAction("approve", _("Decide together"), primary=True),),
        bulk_url="/inbox/together",
        empty=_nothing(whose),
    )
    return lists.show(request, visitor, table, shown_date=visitor.today, note=_cut_off(kinds.values()))


def _cut_off(found: Iterable[str]) -> Banner | None:
    """Says so where more of a kind waits than is read at once."""
    waits = Counter("approval" if kind in menu.APPROVALS else kind for kind in found)
    if all(number < (approvals.INBOX_LIMIT if kind == "approval" else waiting.LIMIT) for kind, number in waits.items()):
        return None
    told = _(
        "Of some kinds of tasks only those that have waited longest are shown; what is decided makes room for more."
    )
    return Banner(_("More waits than is shown"), told)


def _turned(state: ListState, whose: str) -> dict[str, str]:
    """The filters of another view: what is looked for stays."""
    kept = {name: value for name, value in state.filters.items() if name != "whose"}
    return {"whose": whose, **kept} if whose else kept


def _kinds(request: HttpRequest, found: Iterable[str]) -> Filter:
    """The filter by what is to be done: of what waits, and of what the address asks for."""
    offered = {*found, *request.GET.get("kind", "").split(",")}
    choices = tuple(Choice(kind, label) for kind, label in todo.KINDS.items() if kind in offered)
    return Filter("kind", _("What"), "choice", choices)


def _turns(visitor: Visitor) -> dict[str, tuple[str, Callable[[Visitor], list[Item]]]]:
    """The views of the inbox; the team's for whoever may read the organisation's business."""
    found: dict[str, tuple[str, Callable[[Visitor], list[Item]]]]
    found = {"": (_("To decide"), todo.mine), "mine": (_("Waiting for others"), todo.handed_in)}
    if visitor.can(Permission.VOUCHER_VIEW):
        found |= {"team": (_("Team"), todo.team), "late": (_("Due today or late"), _late)}
    return found


def _choices(turns: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(name, name) for name in turns if name)


def _late(visitor: Visitor) -> list[Item]:
    items = todo.team(visitor)
    return [one for one in items if isinstance(due := one.row.cells["due"], Due) and due.on <= visitor.today]


def _nothing(whose: str) -> Empty:
    if whose == "mine":
        return Empty(
            "done", _("Nothing of yours waits for others"), _("What you submit stands here until it is decided.")
        )
    if whose == "late":
        return Empty(
            "done", _("Nothing has to be decided today"), _("What the organisation must decide by today is here.")
        )
    return Empty(
        "done",
        _("Nothing waits here"),
        _("What needs your decision appears here with its deadline."),
        other=Link(_("Waiting for others"), "/inbox?whose=mine"),
    )


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
        changes=subject.changes
        or tuple(
            Change(snapshots.label(c.path), snapshots.value(c.before, c.path), snapshots.value(c.after, c.path))
            for c in item.changes
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
        "decide_by": Due(approval.decide_by, visitor.today) if approval.state is ApprovalState.PENDING else None,
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
    if approval.state is ApprovalState.EXPIRED or (
        approval.state is ApprovalState.PENDING and approval.decide_by < visitor.today
    ):
        return _("Nobody decided in time. What is still wanted is put up again.")
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
