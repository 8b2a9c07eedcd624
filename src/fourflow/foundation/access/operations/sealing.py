"""What was read of others, sealed: one fact of the log over many lines, whose leaf holds a digest of each."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from fourflow.foundation.access import models
from fourflow.foundation.access.events import ReadsSealed
from fourflow.foundation.access.queries import sealed_until
from fourflow.foundation.access.types import LOG_OF_READS, SEALED_AT_ONCE
from fourflow.platform.events import operations as events
from fourflow.platform.ids import first_id

#: between a line's id, made before its INSERT, and that INSERT, by whichever machine's clock
SETTLED = timedelta(minutes=1)

_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('access.seal_reads', 0))"
# Ids rise with time, commits do not: whoever writes just now may have a line that nobody sees yet. None of his is older
# than his transaction, so what is older than every writer's beginning is complete, however long one of them takes.
_OLDEST_WRITER = """
select min(xact_start) from pg_stat_activity
where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()
"""


@transaction.atomic
def seal_reads(*, at: datetime, effective_at: datetime) -> int:
    """Seal the oldest lines that are under no seal: one event with the digest of each, 1,000 at most.

    Only lines below which none can come any more, in the order of their ids, so that a seal goes on where the last one ended
    and whatever stands below that end without being in a seal was put there behind the platform's back.

    :param at: the machine's instant, by which ids are made.
    :returns: how many lines were sealed; 0 where none has settled.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute(_OLDEST_WRITER)
        oldest = cursor.fetchone()[0]
    complete = first_id(min(at, oldest or at) - SETTLED)
    rows = models.Read.objects.filter(id__lt=complete).order_by("id")
    if (last := sealed_until()) is not None:
        rows = rows.filter(id__gt=last)
    lines = list(rows[:SEALED_AT_ONCE])
    if lines:
        event = ReadsSealed(
            subject_id=LOG_OF_READS,
            effective_at=effective_at,
            first_id=lines[0].id,
            last_id=lines[-1].id,
            lines=len(lines),
        )
        events.publish(event, rows=[line.evidenced() for line in lines])
    return len(lines)
