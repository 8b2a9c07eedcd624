"""Counts and sums over all vouchers that somebody sees: kept by triggers, so that a million cost what ten do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, Sum

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.types import LIVING, TermBand, TermTotal, VoucherState
from fourflow.foundation.parties.types import Actor
from fourflow.platform.money import Money

# All rows of a key against the register itself, for everybody at once.
_MISCOUNTED = """
with seen as (
  select v.organisation_id, r.* from vouchers_voucher r join platform_visibility v on v.object_id = r.id
  union all select null, r.* from vouchers_voucher r
), counted as (
  select organisation_id, state, currency, vouchers_term_band(issued_on, due_on) as term, count(*) as vouchers,
         sum(face_minor) as face, sum(redeemed_minor) as redeemed, sum(cancelled_minor) as cancelled
    from seen group by 1, 2, 3, 4
), kept as (
  select organisation_id, state, currency, term, sum(vouchers) as vouchers,
         sum(face_minor) as face, sum(redeemed_minor) as redeemed, sum(cancelled_minor) as cancelled
    from vouchers_tally group by 1, 2, 3, 4
)
(select 'kept', * from (table kept except table counted) k where vouchers <> 0 or face <> 0 or redeemed <> 0 or cancelled <> 0)
union all (select 'counted', * from (table counted except table kept) c)
"""


@dataclass(frozen=True, slots=True)
class Total:
    """Vouchers of one state and currency."""

    state: VoucherState
    count: int
    face: Money
    outstanding: Money


def _kept(actor: Actor) -> QuerySet[models.Tally]:
    if actor.sees_all:
        return models.Tally.objects.filter(organisation_id__isnull=True)
    return models.Tally.objects.filter(organisation_id=actor.organisation_id)


def totals(*, actor: Actor) -> list[Total]:
    """Counts and sums by state and currency, for tiles and statistics."""
    rows = (
        _kept(actor)
        .values("state", "currency")
        .annotate(n=Sum("vouchers"), face=Sum("face_minor"), open=_open())
        .filter(n__gt=0)
        .order_by("state", "currency")
    )
    return [
        Total(
            VoucherState(row["state"]),
            int(row["n"]),
            Money(int(row["face"]), row["currency"]),
            Money(int(row["open"]), row["currency"]),
        )
        for row in rows
    ]


def terms(*, actor: Actor) -> list[TermTotal]:
    """Living vouchers by band of terms and currency, the short terms first."""
    rows = (
        _kept(actor)
        .filter(state__in=LIVING)
        .values("term", "currency")
        .annotate(n=Sum("vouchers"), open=_open())
        .filter(n__gt=0)
        .order_by("currency")
    )
    found = [TermTotal(TermBand(row["term"]), int(row["n"]), Money(int(row["open"]), row["currency"])) for row in rows]
    return sorted(found, key=lambda one: list(TermBand).index(one.band))


def _open() -> Sum:
    return Sum(F("face_minor") - F("redeemed_minor") - F("cancelled_minor"))


def miscounted() -> list[dict[str, Any]]:
    """Kept totals that are not what counting the register gives, as kept and as counted; for audits. Reads everything."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED)
        names = ["as", *(column.name for column in (cursor.description or ())[1:])]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
