"""Reads of a person's own notices and preferences, and how mail stands as a whole."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from fourflow.foundation.parties.types import Actor
from fourflow.oversight.notices import models
from fourflow.oversight.notices.domain.wording import TEXTS, Words
from fourflow.oversight.notices.types import Language, Notice, Preferences


def mine(
    *, actor: Actor, only: Collection[UUID] | None = None, after: UUID | None = None, limit: int = 50
) -> list[Notice]:
    """The actor's own notices, for whichever of its organisations, the latest first."""
    rows = models.Notice.objects.visible_to(actor)
    if only is not None:
        rows = rows.filter(id__in=only)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return [row.to_type() for row in rows.order_by("-id")[:limit]]


def preferences(actor: Actor) -> Preferences:
    """How the actor is told."""
    row = models.Reader.objects.visible_to(actor).first()
    return row.to_type() if row else Preferences()


def words(event: str, language: Language) -> Words:
    """What a notice of a kind of event says."""
    return TEXTS[event][language]


_UNSENT = """
select (select count(*) from notices_notice where state = 'pending' and (tries > 0 or due_at < now() - interval '10 minutes'))
     + (select count(*) from notices_notice where state in ('failed', 'unsure') and recorded_at > now() - interval '1 day')
"""


def unsent() -> int:
    """How many notices wait longer than they should, or were refused; given up or in doubt count for a day."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSENT)
        return int(cursor.fetchone()[0])
