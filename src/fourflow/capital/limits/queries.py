"""Reads: the limit board, uses of a line, head-room, announcements; and all rows that evidence covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from fourflow.capital.limits import models
from fourflow.capital.limits.domain import endings as domain
from fourflow.capital.limits.domain.endings import Fact
from fourflow.capital.limits.types import (
    Limit,
    LimitId,
    LimitUse,
    LineEnding,
    Publication,
    PublicationId,
    PublicationState,
)
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.clock import business_date
from fourflow.platform.db.ordering import in_order
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money

#: what the uses of a line may be sorted by
USE_SORTS = {"blocked": "blocked_minor", "utilised": "utilised_minor", "since": "id"}


def get(*, actor: Actor, limit_id: LimitId) -> Limit:
    """One line.

    :raises LimitNotFound: no such line, or the actor's organisation is none of funder, core and operator.
    """
    return models.Limit.objects.visible_to(actor).get_visible(limit_id).to_type()


def board(
    *, actor: Actor, funder_id: UUID | None = None, core_id: UUID | None = None, currency: str | None = None
) -> list[Limit]:
    """The lines that the actor's organisation may see, by funder, core and currency. Few: one per funder and core."""
    rows = models.Limit.objects.visible_to(actor)
    wanted = {"funder_id": funder_id, "core_id": core_id, "currency": currency}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return [row.to_type() for row in rows.order_by("funder_id", "core_id", "currency")]


def endings(*, actor: Actor, today: date, ends_soon: timedelta) -> list[LineEnding]:
    """Every time that a line which the actor may see stopped being in excess, or being about to end within ``ends_soon``.

    Read from what was published of each line: few facts, for lines are few and are published seldom.
    """
    lines = {line.id: line for line in board(actor=actor)}
    facts: dict[UUID, list[Fact]] = {}
    for event in events.of_subjects(lines, kinds=("limit.published", "limit.within_again")):
        body, excess, valid_to = event.body, None, None
        if event.kind == "limit.published":
            excess = Money.parse(body["excess"]["amount"], body["excess"]["currency"])
            valid_to = date.fromisoformat(body["valid_to"]) if body["valid_to"] else None
        facts.setdefault(event.subject_id, []).append(
            Fact(event.id, event.effective_at, business_date(event.effective_at), excess, valid_to)
        )
    return [
        one
        for line_id, told in facts.items()
        for one in domain.endings(lines[LimitId(line_id)], told, today=today, ends_soon=ends_soon)
    ]


def find(*, actor: Actor, funder_id: UUID, core_id: UUID, currency: str) -> Limit | None:
    """The line of a funder on a core in a currency, if there is one and the actor may see it."""
    if actor.sees_all:
        row = _LINE.first(funder=funder_id, core=core_id, currency=currency)
    else:
        lines = models.Limit.objects.visible_to(actor)
        row = lines.filter(funder_id=funder_id, core_id=core_id, currency=currency).first()
    return row.to_type() if row else None


_LINE = prepared(
    lambda: (
        models.Limit.objects.visible_to(SYSTEM)
        .filter(funder_id=Given("funder"), core_id=Given("core"), currency=Given("currency"))
        .order_by("id")
    )
)


def headroom(*, actor: Actor, funder_id: UUID, core_id: UUID, currency: str, on: date) -> Money:
    """What could be blocked on a day; zero without a line, when it is frozen, or when it is not in force."""
    limit = find(actor=actor, funder_id=funder_id, core_id=core_id, currency=currency)
    return limit.headroom(on) if limit else Money.zero(currency)


def uses(
    *,
    actor: Actor,
    limit_id: LimitId,
    open_only: bool = False,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    size: int = 50,
) -> list[LimitUse]:
    """Uses of a line, newest first or by ``USE_SORTS``, ``size`` at a time; ``after`` is the id of the last one seen.

    :raises LimitNotFound: no such line for this actor.
    :raises PageInvalid: an order or a last row that this list does not have.
    """
    models.Limit.objects.visible_to(actor).get_visible(limit_id)
    rows = in_order(models.LimitUse.objects.visible_to(actor), sort, USE_SORTS, after=after, only=only)
    rows = rows.filter(limit_id=limit_id)
    if open_only:
        rows = rows.exclude(blocked_minor=0, utilised_minor=0)
    return [row.to_type() for row in rows[:size]]


def publication(*, actor: Actor, publication_id: PublicationId) -> Publication:
    """One announcement.

    :raises PublicationNotFound: no such announcement of the actor's organisation.
    """
    return models.Publication.objects.visible_to(actor).get_visible(publication_id).to_type()


def publications(
    *,
    actor: Actor,
    core_id: UUID | None = None,
    state: PublicationState | None = None,
    after: UUID | None = None,
    size: int = 50,
) -> list[Publication]:
    """Announcements of the actor's organisation, newest first: the history of a line's amount and term."""
    rows = models.Publication.objects.visible_to(actor)
    if core_id is not None:
        rows = rows.filter(core_id=core_id)
    if state is not None:
        rows = rows.filter(state=state.value)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return [row.to_type() for row in rows.order_by("-id")[:size]]


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module as the events recorded it last, for the audit."""
    for model in (models.Limit, models.LimitUse, models.Publication):
        for row in model.objects.order_by("pk").iterator(chunk_size=2000):
            yield row.evidence()
