"""Reading events."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast

from fourflow.platform.db.ordering import in_order
from fourflow.platform.events.operations import to_type
from fourflow.platform.events.types import EvidencedRow, LeafSource, RecordedEvent
from fourflow.platform.models import StoredEvent


def of_subject(subject_id: UUID) -> list[RecordedEvent]:
    """Everything that happened to one object, oldest first."""
    return [to_type(event) for event in StoredEvent.objects.filter(subject_id=subject_id).order_by("recorded_at", "id")]


def leading_to(event: RecordedEvent, limit: int = 200) -> list[RecordedEvent]:
    """What happened to the object of an event up to it, oldest first: the last ``limit``, for objects that live long."""
    found = StoredEvent.objects.filter(subject_id=event.subject_id)
    if event.position is not None:
        found = found.filter(position__lte=event.position)
    else:
        found = found.filter(Q(position__isnull=False) | Q(id__lte=event.id))
    return [to_type(one) for one in found.order_by(F("position").desc(nulls_first=True), "-id")[:limit]][::-1]


def latest(subject_id: UUID, kinds: Collection[str], limit: int = 50) -> list[RecordedEvent]:
    """The latest of what happened to one object, of some kinds, the newest first: for objects that live long."""
    found = StoredEvent.objects.filter(subject_id=subject_id, kind__in=kinds)
    return [to_type(event) for event in found.order_by(F("position").desc(nulls_first=True), "-id")[:limit]]


def since(event_id: UUID, kinds: Collection[str], limit: int = 50) -> list[RecordedEvent]:
    """What was recorded after an id, of some kinds, the newest first; of a reader only what it may see."""
    found = StoredEvent.objects.filter(id__gt=event_id, kind__in=kinds)
    return [to_type(event) for event in found.order_by("-id")[:limit]]


def of_subjects(subject_ids: Iterable[UUID], kinds: Collection[str] = ()) -> list[RecordedEvent]:
    """Everything that happened to several objects, oldest first; of some kinds, or of all."""
    found = StoredEvent.objects.filter(subject_id__in=list(subject_ids))
    if kinds:
        found = found.filter(kind__in=kinds)
    return [to_type(event) for event in found.order_by("recorded_at", "id")]


def after(position: int, limit: int = 200, kinds: Collection[str] = ()) -> list[RecordedEvent]:
    """Sequenced events behind a position, in order; of some kinds, or of all."""
    found = StoredEvent.objects.filter(position__gt=position)
    if kinds:
        found = found.filter(kind__in=kinds)
    return [to_type(event) for event in found.order_by("position")[:limit]]


def one(event_id: UUID) -> RecordedEvent | None:
    """One event; None when there is none or the reading role may not see it."""
    found = StoredEvent.objects.filter(id=event_id).first()
    return to_type(found) if found else None


#: what a search may be sorted by
SORTS = {"at": "effective_at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What events are searched for; what is empty asks nothing. ``kinds`` are whole kinds or families (``"voucher"``),
    ``doers`` organisations, accounts and clients, ``words`` all stand somewhere in the body; ``until`` is excluded."""

    subject_id: UUID | None = None
    request_id: str = ""
    kinds: Collection[str] = ()
    doers: Collection[UUID] = ()
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    words: str = ""


def search(
    sought: Sought,
    *,
    sort: str = "-at",
    after: UUID | None = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[RecordedEvent]:
    """Events that fit, the newest first or by ``SORTS``; of a reader only what it may see.

    An index leads to an object, to a request and into a span of time; the rest is looked for in what lies there, so a
    search for words without a span reads the whole log.

    :raises PageInvalid: an order or a last event that is none.
    """
    found = in_order(StoredEvent.objects.all(), sort, SORTS, after=after, only=only)
    if sought.subject_id is not None:
        found = found.filter(subject_id=sought.subject_id)
    if sought.request_id:
        found = found.filter(request_id=sought.request_id)
    if sought.kinds:
        families = [Q(kind__startswith=f"{kind}.") for kind in sought.kinds if "." not in kind]
        found = found.filter(Q(*families, ("kind__in", list(sought.kinds)), _connector=Q.OR))
    if sought.doers:
        found = found.filter(Q(organisation_id__in=list(sought.doers)) | Q(doer_id__in=list(sought.doers)))
    if sought.since is not None:
        found = found.filter(effective_at__gte=sought.since)
    if sought.until is not None:
        found = found.filter(effective_at__lt=sought.until)
    if words := sought.words.split():
        found = found.annotate(said=Cast("body", TextField()))
        for word in words:
            found = found.filter(said__icontains=word)
    return [to_type(event) for event in found[:limit]]


def unsequenced() -> int:
    """Committed events that the sequencer has not numbered yet."""
    return StoredEvent.objects.filter(position__isnull=True).count()


#: recorded times are the database's, and so are their ages
_AGE = "coalesce(floor(extract(epoch from clock_timestamp() - e.recorded_at))::bigint, 0)"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far behind the numbering is: ``unsequenced`` whole seconds since the oldest event without a number was recorded (0:
    all have one), ``at`` since the event at each asked position was (0: the log is not that long); ``parked`` events."""

    unsequenced: int
    at: dict[int, int]
    parked: int


_STANDING = f"""
select coalesce((select {_AGE} from platform_event e where e.position is null order by e.id limit 1), 0),
       (select count(*) from platform_parked where resolved_at is null),
       coalesce((select array_agg(array[w.position, {_AGE}]) from unnest(%s::bigint[]) w(position)
                 left join platform_event e on e.position = w.position), '{{}}')
"""


def standing(positions: Collection[int]) -> Standing:
    """See :class:`Standing`; one statement, however many positions are asked of."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(set(positions))])
        unsequenced, parked, ages = cursor.fetchone()
    return Standing(int(unsequenced), {int(position): int(age) for position, age in ages}, int(parked))


def waiting(consumers: Collection[str]) -> dict[str, int]:
    """For each consumer by name, for how many whole seconds its next event has been recorded; 0 when it has passed all."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select w.name, {_AGE} from unnest(%s::text[]) w(name) left join platform_cursor c "
            "on c.consumer = w.name left join platform_event e on e.position = coalesce(c.position, -1) + 1",
            [list(consumers)],
        )
        return dict(cursor.fetchall())


def evidenced_rows() -> Iterator[EvidencedRow]:
    """Every row digest that an event recorded, in sequence order and then order of recording: the last one counts."""
    found = StoredEvent.objects.order_by(F("position").asc(nulls_last=True), "id").values_list("rows", flat=True)
    for rows in found.iterator(chunk_size=5000):
        for table, key, digest in rows:
            yield EvidencedRow(table, key, digest)


_LEAF = (
    "id", "position", "kind", "version", "subject_id", "body", "rows", "salt", "entry", "leaf_hash", "effective_at"
)  # fmt: skip


def leaf_source(event_id: UUID) -> LeafSource | None:
    """One event as the evidence log sees it; None when there is none or the reading role may not see it."""
    row = StoredEvent.objects.filter(id=event_id).values_list(*_LEAF).first()
    return None if row is None else _leaf_source(row)


def numbered_leaves(subject_ids: Iterable[UUID]) -> list[LeafSource]:
    """The events of several objects that have a place in the log, as the evidence log sees them, in its order."""
    found = StoredEvent.objects.filter(subject_id__in=list(subject_ids), position__isnull=False)
    return list(map(_leaf_source, found.order_by("position").values_list(*_LEAF)))


def leaf_sources() -> Iterator[LeafSource]:
    """Every event as the evidence log sees it: in the order of the log, then those not numbered yet."""
    found = StoredEvent.objects.order_by(F("position").asc(nulls_last=True), "id").values_list(*_LEAF)
    return map(_leaf_source, found.iterator(chunk_size=5000))


def _leaf_source(row: tuple[Any, ...]) -> LeafSource:
    values = dict(zip(_LEAF, row, strict=True))
    values.update({name: bytes(values[name]) for name in ("salt", "entry", "leaf_hash")})
    return LeafSource(**values)
