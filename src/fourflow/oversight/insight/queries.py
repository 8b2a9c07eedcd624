"""Reads: requests for evidence, the facts about an object, and the pack as a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fourflow.capital.financing import queries as financings
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.evidence.types import EventNotFound, NotYetInLog
from fourflow.foundation.parties.types import Actor, NotPermitted, Permission
from fourflow.oversight.insight import models
from fourflow.oversight.insight.domain import pack
from fourflow.oversight.insight.types import (
    LEFT_OUT,
    About,
    Compared,
    EvidenceRequest,
    EvidenceRequestId,
    PackEntry,
    RequestOpen,
)
from fourflow.platform.db.ordering import in_order
from fourflow.platform.events import queries as events
from fourflow.platform.events.queries import Sought
from fourflow.platform.events.types import Evidenced, RecordedEvent
from fourflow.platform.ids import encode

#: what requests may be sorted by
SORTS = {"asked": "id", "by": "answer_by"}
#: how far back the log is searched where nothing but words, kinds or people are given
SPAN = timedelta(days=31)


def get(*, actor: Actor, request_id: EvidenceRequestId) -> EvidenceRequest:
    """One request.

    :raises RequestNotFound: no such request, or the actor neither oversees nor operates the platform.
    """
    return models.Request.objects.visible_to(actor).get_visible(request_id).to_type()


def requests(
    *,
    actor: Actor,
    open_only: bool = False,
    subject_id: UUID | None = None,
    answered_only: bool = False,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[EvidenceRequest]:
    """Requests for evidence, the newest first or by ``SORTS``; none for who neither oversees nor operates the platform.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.Request.objects.visible_to(actor), sort, SORTS, after=after, only=only)
    if open_only:
        rows = rows.filter(answered_at__isnull=True)
    if subject_id is not None:
        rows = rows.filter(subject_id=subject_id)
    if answered_only:
        rows = rows.filter(answered_at__isnull=False)
    return [row.to_type() for row in rows[:limit]]


def asked(*, actor: Actor) -> int:
    """How many requests for evidence wait for an answer; none for who neither oversees nor operates the platform."""
    return models.Request.objects.visible_to(actor).filter(answered_at__isnull=True).count()


def facts_about(*, actor: Actor, about: About, subject_id: UUID) -> list[PackEntry]:
    """Every fact with a place in the log about a party, or about a voucher and what hangs on it: the payable and claim under
    it, its parts, their financings and payments."""
    subjects = {subject_id}
    if about is About.VOUCHER:
        voucher = vouchers.get(actor=actor, voucher_id=VoucherId(subject_id))
        subjects |= {voucher.payable_id, voucher.claim_id}
        parts = {part.id for part in vouchers.parts(actor=actor, voucher_id=voucher.id)}
        lent = financings.financings(actor=actor, voucher_id=subject_id, limit=1000)
        owners = parts | {one.id for one in lent}
        paid = {payment.id for payment in settlement.of_subjects(actor=actor, subject_ids=owners)}
        subjects |= owners | {one.registration_id for one in lent if one.registration_id} | paid
    return [
        PackEntry(leaf.id, leaf.kind, leaf.position, leaf.leaf_hash.hex())
        for leaf in events.numbered_leaves(subjects)
        if leaf.position is not None
    ]


def packed(*, actor: Actor, request_id: EvidenceRequestId) -> bytes:
    """The pack as a ZIP file: manifest, the proof bundle of each fact, and that of the answer, which signs the manifest.

    :raises RequestNotFound: no such request for this actor.
    :raises RequestOpen: it is not answered yet.
    :raises NotYetInLog: no signed head covers the answer, or one of the facts, yet; a second later one will.
    """
    request = get(actor=actor, request_id=request_id)
    if request.is_open:
        raise RequestOpen(value=str(request_id))
    answers = [event for event in events.of_subject(request.id) if event.kind == "evidence.released"]
    if not answers:
        raise NotYetInLog(value=str(request_id))
    bundles = {encode("evt", entry.event_id): evidence.bundle(entry.event_id, actor) for entry in request.entries}
    content = pack.manifest(request, request.entries)
    return pack.packed(content, evidence.bundle(answers[-1].id, actor), bundles)


def spanned(sought: Sought, now: datetime) -> Sought:
    """The search with a span of time: an object's events and a request's are found at once, others in ``SPAN`` before ``until``
    (or now) unless a day to begin with is given."""
    if sought.subject_id is not None or sought.request_id or sought.since is not None:
        return sought
    return replace(sought, since=(sought.until or now) - SPAN)


def log(
    *,
    actor: Actor,
    sought: Sought,
    now: datetime,
    sort: str = "-at",
    after: UUID | None = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[RecordedEvent]:
    """The event log searched, for the operator and the regulator: the newest first, or by ``platform.events.queries.SORTS``.

    :raises NotPermitted: neither of them: whoever else looks, looks at one object.
    :raises PageInvalid: an order or a last event that is none.
    """
    if not actor.sees_all:
        raise NotPermitted(permission=Permission.AUDIT_READ.value)
    return events.search(spanned(sought, now), sort=sort, after=after, only=only, limit=limit)


def compared(*, actor: Actor, event_id: UUID, against: UUID | None = None) -> Compared:
    """What an event changed of what its object's facts say, against the event before it or an earlier one of the object.

    Inside ``reading()``: a version consists of what the actor may see, of at most the last two hundred facts.

    :raises EventNotFound: no such event for the actor, or ``against`` is no earlier one of the same object.
    """
    event = events.one(event_id)
    if event is None:
        raise EventNotFound(value=str(event_id))
    versions = events.leading_to(event)
    ids = [one.id for one in versions]
    if against is not None and against not in ids[:-1]:
        raise EventNotFound(value=str(against))
    before = ids.index(against) if against is not None else len(ids) - 2
    found = approvals.differences(_version(versions[: before + 1]), _version(versions))
    named = tuple(one for one in found if one.path)  # nothing at all is a leaf too, without a name
    return Compared(versions[before] if before >= 0 else None, event, named, tuple(versions))


def _version(facts: Sequence[RecordedEvent]) -> dict[str, Any]:
    """All that facts have said, the later ones last, without the signatures that the proof bundles show."""
    said: dict[str, Any] = {}
    for fact in facts:
        said |= {name: value for name, value in fact.body.items() if name not in LEFT_OUT}
    return said


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module as the events recorded it last, for the audit."""
    for row in models.Request.objects.order_by("pk").iterator(chunk_size=2000):
        yield row.evidence()
