"""New events become notices, in batches: one event concerns several people, and nothing else waits for them.

One transaction turns the events behind the position into notices and moves the position with them; killed anywhere, the
next sweep begins where that one began. A person is told of an event once (UNIQUE), whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.oversight.notices import models
from fourflow.oversight.notices.domain.schedule import first
from fourflow.oversight.notices.operations.addressing import RULES, Address, Checkers
from fourflow.oversight.notices.types import NoticeState, Preferences, When
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import RecordedEvent

AT_ONCE = 500
_BEHIND = """
select (select position from notices_position), (select coalesce(max(position), -1) from platform_event)
"""

#: the position, locked until the notices behind it are written
_PLACE = """
insert into notices_position (id, position) values (1, -1)
on conflict (id) do update set position = notices_position.position returning position
"""


def tell(*, now: datetime, today: date, checkers: Checkers) -> int:
    """Make the notices of what was sequenced since; returns how many events concern anybody.

    :param now: the machine's instant: mail is sent by it, and no sandbox moves it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND)
        position, head = cursor.fetchone()
    if position is not None and head <= position:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_PLACE)
            (place,) = cursor.fetchone()
        found = events.after(place, AT_ONCE, kinds=RULES)
        _write(_addressed(found, checkers, today), now, today)
        # numbers are given batch by batch: whoever sees one sees every lower one
        last = found[-1].position if found else None
        upto = last if last is not None and len(found) == AT_ONCE else max(head, last or 0)
        with connection.cursor() as cursor:
            cursor.execute("update notices_position set position = %s", [max(upto, place)])
    return len(found)


Told = list[tuple[RecordedEvent, Address]]


def _addressed(found: Iterable[RecordedEvent], checkers: Checkers, today: date) -> Told:
    return [(event, address) for event in found for address in RULES[event.kind](event, checkers, today)]


def _write(told: Told, now: datetime, today: date) -> None:
    asked = {(a.organisation_id, p) for _, a in told if a.organisation_id is not None for p in a.permissions}
    people = parties.people_who_may(asked, today) if asked else {}
    wanted = [(event, address, person) for event, address in told for person in _people(address, people)]
    chosen = _preferences({person for _, _, person in wanted})
    rows = [
        _notice(event, address, person, chosen.get(person, Preferences()), now) for event, address, person in wanted
    ]
    models.Notice.objects.bulk_create(rows, ignore_conflicts=True)


def _people(address: Address, people: Mapping[tuple[UUID, Permission], list[UUID]]) -> list[UUID]:
    if address.organisation_id is None:
        found = [address.person_id] if address.person_id else []
    else:
        found = [one for p in sorted(address.permissions) for one in people[address.organisation_id, p]]
    return [one for one in dict.fromkeys(found) if one != address.but]


def _preferences(person_ids: Iterable[UUID]) -> dict[UUID, Preferences]:
    return {row.person_id: row.to_type() for row in models.Reader.objects.filter(person_id__in=list(person_ids))}


def _notice(event: RecordedEvent, address: Address, person: UUID, chosen: Preferences, now: datetime) -> models.Notice:
    when = chosen.when(address.topic)
    about_kind, about_id = address.about or ("", None)
    return models.Notice(
        person_id=person,
        organisation_id=address.organisation_id,
        event_id=event.id,
        kind=event.kind,
        topic=address.topic.value,
        about_kind=about_kind,
        about_id=about_id,
        together=when is When.DAILY,
        state=(NoticeState.KEPT if when is When.OFF else NoticeState.PENDING).value,
        due_at=None if when is When.OFF else first(when, now),
        happened_at=event.effective_at,
    )
