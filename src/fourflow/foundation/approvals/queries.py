"""What waits for whom, what was decided, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from fourflow.foundation.approvals import models
from fourflow.foundation.approvals.domain.changes import changes
from fourflow.foundation.approvals.types import (
    Approval,
    ApprovalId,
    ApprovalState,
    Change,
    Decider,
    Decision,
    InboxItem,
    Snapshot,
)
from fourflow.platform.clock import business_date
from fourflow.platform.db.ordering import every
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events.types import Evidenced

INBOX_LIMIT = 200


def inbox(actor: Decider, *, kinds: Iterable[str] | None = None, at: datetime | None = None) -> list[InboxItem]:
    """Requests that this person may still decide for the organisation, oldest first, at most 200.

    Left out are the person's own requests, those the person has decided, and (given `at`) those whose time is over.
    `kinds` narrows to what the actor has permissions for; the caller knows which.
    """
    found = _open_for(actor, kinds, at)
    return _with_changes(list(found.order_by("requested_at", "id")[:INBOX_LIMIT]))


def waiting(actor: Decider, *, kinds: Iterable[str] | None = None, at: datetime | None = None) -> int:
    """How many requests :func:`inbox` would show, at most 200: the count beside a menu entry."""
    return _open_for(actor, kinds, at)[:INBOX_LIMIT].count()


def waiting_ids(actor: Decider, *, kinds: Iterable[str] | None = None, at: datetime | None = None) -> list[ApprovalId]:
    """The requests of :func:`inbox` by id, in its order: for finding the neighbours of one."""
    found = _open_for(actor, kinds, at).order_by("requested_at", "id")
    return [ApprovalId(one) for one in found.values_list("id", flat=True)[:INBOX_LIMIT]]


def _open_for(actor: Decider, kinds: Iterable[str] | None, at: datetime | None) -> models.ApprovalQuerySet:
    decided = models.DecisionRow.objects.visible_to(actor).filter(person_id=actor.person_id).values("approval_id")
    found = (
        models.ApprovalRow.objects.visible_to(actor)
        .filter(state=ApprovalState.PENDING)
        .exclude(maker_person_id=actor.person_id)
        .exclude(id__in=decided)
    )
    if kinds is not None:
        found = found.filter(kind__in=list(kinds))
    if at is not None:
        found = found.filter(decide_by__gte=business_date(at))
    return found


def of_organisation(actor: Decider, *, at: datetime) -> list[InboxItem]:
    """What anybody of the actor's organisation may still decide, oldest first, at most 200."""
    found = models.ApprovalRow.objects.visible_to(actor).filter(
        state=ApprovalState.PENDING, decide_by__gte=business_date(at)
    )
    return _with_changes(list(found.order_by("requested_at", "id")[:INBOX_LIMIT]))


def requested_by(actor: Decider) -> list[InboxItem]:
    """The person's own requests that wait for others, oldest first, at most 200."""
    found = models.ApprovalRow.objects.visible_to(actor).filter(
        state=ApprovalState.PENDING, maker_person_id=actor.person_id
    )
    return _with_changes(list(found.order_by("requested_at", "id")[:INBOX_LIMIT]))


def get(actor: Decider, approval_id: UUID) -> InboxItem:
    """One request with its decisions and what changed since the object was last decided.

    :raises ApprovalNotFound: no such request in the actor's organisation.
    """
    return _with_changes([models.ApprovalRow.objects.visible_to(actor).get_visible(approval_id)])[0]


_pending = prepared(
    lambda: models.ApprovalRow.objects.filter(object_id__any=Given("objects"), state=ApprovalState.PENDING).order_by(
        "id"
    )
)
_given = prepared(
    lambda: models.DecisionRow.objects.filter(approval_id__any=Given("approvals")).order_by("approval_id", "id")
)


def pending_for(object_ids: Iterable[UUID], *, kind: str | None = None) -> dict[UUID, Approval]:
    """The pending request of each object, for owners who have already checked who may see the objects."""
    rows = [row for row in _pending(objects=list(object_ids)) if kind is None or row.kind == kind]
    given = _decisions(row.id for row in rows)
    return {row.object_id: row.to_type(given.get(row.id, ())) for row in rows}


def last_decided(kind: str, object_id: UUID) -> Approval | None:
    """The latest approved or rejected request of an object, with its snapshot and decisions."""
    row = (
        models.ApprovalRow.objects.filter(kind=kind, object_id=object_id, state__in=_DECIDED)
        .order_by("-closed_at", "-id")
        .first()
    )
    return None if row is None else row.to_type(_decisions([row.id]).get(row.id, ()))


def history(object_ids: Iterable[UUID]) -> list[Approval]:
    """Every request about the objects, oldest first: who asked, who decided and why."""
    rows = list(models.ApprovalRow.objects.filter(object_id__in=list(object_ids)).order_by("requested_at", "id"))
    given = _decisions(row.id for row in rows)
    return [row.to_type(given.get(row.id, ())) for row in rows]


def differences(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """The leaves in which two snapshots differ, by path."""
    return changes(before, after)


def overdue(on: date) -> Iterator[Approval]:
    """Pending requests whose last day was before a day, the oldest first, without their decisions; for the sweeper."""
    found = models.ApprovalRow.objects.filter(state=ApprovalState.PENDING, decide_by__lt=on)
    return (row.to_type() for row in every(found, "decide_by"))


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module that the evidence covers."""
    for row in models.ApprovalRow.objects.order_by("id").iterator(chunk_size=2000):
        yield row.evidenced()
    for decision in models.DecisionRow.objects.order_by("id").iterator(chunk_size=2000):
        yield decision.evidenced()


_DECIDED = (ApprovalState.APPROVED, ApprovalState.REJECTED)


def _decisions(approval_ids: Iterable[UUID]) -> dict[UUID, tuple[Decision, ...]]:
    wanted = list(approval_ids)
    rows = _given(approvals=wanted) if wanted else ()
    return {key: tuple(row.to_type() for row in group) for key, group in groupby(rows, lambda r: r.approval_id)}


def _with_changes(rows: list[models.ApprovalRow]) -> list[InboxItem]:
    """Attach decisions and differences in two queries, however many rows."""
    given = _decisions(row.id for row in rows)
    earlier: dict[tuple[str, UUID], models.ApprovalRow] = {}
    decided = models.ApprovalRow.objects.filter(
        object_id__in={row.object_id for row in rows}, kind__in={row.kind for row in rows}, state__in=_DECIDED
    )
    for row in decided.order_by("closed_at", "id"):
        earlier[row.kind, row.object_id] = row
    items = []
    for row in rows:
        before = earlier.get((row.kind, row.object_id))
        snapshot = before.snapshot if before is not None and before.id != row.id else None
        items.append(InboxItem(row.to_type(given.get(row.id, ())), changes(snapshot, row.snapshot)))
    return items
