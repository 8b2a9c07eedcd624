"""What bars a party, what it consents to, and whom it belongs with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from fourflow.foundation.parties import models
from fourflow.foundation.parties.types import (
    Actor,
    Barred,
    ConsentView,
    RestrictionView,
)
from fourflow.platform.db.ordering import in_order
from fourflow.platform.db.prepared import Given, prepared

#: the one order of these lists
_FROM = {"from": "valid_from"}

_restrictions = prepared(
    lambda: models.Restriction.objects.filter(
        Q(lifted_on__isnull=True) | Q(lifted_on__gt=Given("on")),
        party_id__any=Given("parties"),
        bars__any=Given("bars"),
        valid_from__lte=Given("on"),
    ).order_by("valid_from", "id")
)


def is_barred(party_id: UUID, what: Barred, on: date) -> RestrictionView | None:
    """The oldest restriction in force on a day that bars the party from this (or from everything), or None."""
    return barred([party_id], what, on).get(party_id)


def barred(party_ids: Iterable[UUID], what: Barred, on: date) -> dict[UUID, RestrictionView]:
    """See :func:`is_barred`, of several parties at once; only those that are barred."""
    found: dict[UUID, RestrictionView] = {}
    for row in _restrictions(parties=list(party_ids), bars=[what.value, Barred.EVERYTHING.value], on=on):
        found.setdefault(row.party_id, row.to_type())
    return found


def restrictions(
    actor: Actor,
    *,
    party_id: UUID | None = None,
    in_force_on: date | None = None,
    after: UUID | None = None,
    only: Collection[UUID] | None = None,
    limit: int | None = None,
) -> list[RestrictionView]:
    """Restrictions that the actor may see, the latest first, all of them unless ``limit`` says how many.

    :raises PageInvalid: ``after`` is no restriction that the actor may see.
    """
    found = in_order(models.Restriction.objects.visible_to(actor), "-from", _FROM, after=after, only=only)
    if party_id is not None:
        found = found.filter(party_id=party_id)
    if in_force_on is not None:
        found = found.filter(Q(lifted_on__isnull=True) | Q(lifted_on__gt=in_force_on), valid_from__lte=in_force_on)
    return [row.to_type() for row in found[:limit]]


def consents(
    actor: Actor, *, after: UUID | None = None, only: Collection[UUID] | None = None, limit: int | None = None
) -> list[ConsentView]:
    """Consents that the actor's organisation gave or received, the latest first; see :func:`restrictions`."""
    found = in_order(models.Consent.objects.visible_to(actor), "-from", _FROM, after=after, only=only)
    return [row.to_type() for row in found[:limit]]


def consent_in_force(subject_id: UUID, to_party_id: UUID, purpose: str, on: date) -> ConsentView | None:
    """The consent under which one party may read another's data for a purpose on a day, or None."""
    row = (
        models.Consent.objects.filter(
            subject_id=subject_id,
            to_party_id=to_party_id,
            purpose=purpose,
            valid_from__lte=on,
            valid_to__gt=on,
            withdrawn_at__isnull=True,
        )
        .order_by("id")
        .first()
    )
    return None if row is None else row.to_type()


_GROUP = """
with recursive link as (
  select first_id as a, second_id as b from parties_relation
    where valid_from <= %(on)s and (valid_to is null or valid_to > %(on)s)
), both_ways as (select a, b from link union all select b, a from link),
member(id) as (
  select unnest(%(parties)s::uuid[]) union select w.b from member m join both_ways w on w.a = m.id
)
select id from member
"""


def group_of(party_id: UUID, on: date) -> frozenset[UUID]:
    """The party and all that are related to it on a day, over any number of links."""
    return groups_of([party_id], on)


def groups_of(party_ids: Iterable[UUID], on: date) -> frozenset[UUID]:
    """See :func:`group_of`, of several parties at once: all who belong to the group of any of them."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUP, {"parties": list(party_ids), "on": on})
        return frozenset(row[0] for row in cursor.fetchall())


def related(a: UUID, b: UUID, on: date) -> bool:
    """Whether two parties belong to one group on a day (the same party always does)."""
    return a == b or b in group_of(a, on)
