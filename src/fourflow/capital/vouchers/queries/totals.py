"""Counts and sums over all vouchers that somebody sees: kept by triggers, so that a million cost what ten do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateField, F, QuerySet, Sum
from django.db.models.functions import TruncMonth

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.types import LIVING, DueMonth, DueWeek, TermBand, TermTotal, VoucherState
from fourflow.foundation.parties.types import Actor
from fourflow.platform.money import Money

#: what a total is kept for
TOTAL_KEY = ("organisation_id", "state", "currency", "term", "due_on")
# What the register gives (counted) and what all rows of a key add up to (kept), for everybody at once.
COUNTED_AND_KEPT = """
with seen as (
  select v.organisation_id, r.* from vouchers_voucher r join platform_visibility v on v.object_id = r.id
  union all select %(whole)s, r.* from vouchers_voucher r
), counted as (
  select organisation_id, state, currency, vouchers_term_band(issued_on, due_on) as term, due_on, count(*) as vouchers,
         sum(face_minor) as face, sum(redeemed_minor) as redeemed, sum(cancelled_minor) as cancelled
    from seen group by 1, 2, 3, 4, 5
), kept as (
  select organisation_id, state, currency, term, due_on, sum(vouchers) as vouchers,
         sum(face_minor) as face, sum(redeemed_minor) as redeemed, sum(cancelled_minor) as cancelled
    from vouchers_tally group by 1, 2, 3, 4, 5
)
"""
_MISCOUNTED = f"""
{COUNTED_AND_KEPT}
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
    return models.Tally.objects.filter(organisation_id=models.WHOLE if actor.sees_all else actor.organisation_id)


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


def fallen_due(*, actor: Actor, since: date, until: date) -> list[DueMonth]:
    """What fell due from a day to another (inclusive), month by month, and what has been paid of it."""
    promised = (*LIVING, VoucherState.REDEEMED)
    rows = (
        _kept(actor)
        .filter(state__in=promised, due_on__gte=since, due_on__lte=until)
        .annotate(month=TruncMonth("due_on", output_field=DateField()))
        .values("month", "currency")
        .annotate(n=Sum("vouchers"), expected=Sum(F("face_minor") - F("cancelled_minor")), paid=Sum("redeemed_minor"))
        .filter(n__gt=0)
        .order_by("month", "currency")
    )
    return [
        DueMonth(row["month"], Money(int(row["expected"]), row["currency"]), Money(int(row["paid"]), row["currency"]))
        for row in rows
    ]


def falling_due(*, actor: Actor, since: date, weeks: int) -> list[DueWeek]:
    """What is outstanding on living vouchers due before the week of a day, and in each of the weeks from then on.

    The first of the list is what was due before, where there is any; weeks without a voucher are left out.
    """
    begin = since - timedelta(days=since.weekday())
    rows = (
        _kept(actor)
        .filter(state__in=LIVING, due_on__lt=begin + timedelta(weeks=weeks))
        .values("due_on", "currency")
        .annotate(n=Sum("vouchers"), open=_open())
        .filter(n__gt=0)
        .order_by("due_on", "currency")
    )
    found: dict[tuple[date | None, str], DueWeek] = {}
    for row in rows:
        due = row["due_on"]
        first = due - timedelta(days=due.weekday()) if due >= begin else None
        day = DueWeek(first, int(row["n"]), Money(int(row["open"]), row["currency"]))
        key = (first, row["currency"])
        found[key] = found[key] + day if key in found else day
    return list(found.values())


def _open() -> Sum:
    return Sum(F("face_minor") - F("redeemed_minor") - F("cancelled_minor"))


def miscounted() -> list[dict[str, Any]]:
    """Kept totals that are not what counting the register gives, as kept and as counted; for audits. Reads everything."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED, {"whole": models.WHOLE})
        names = ["as", *(column.name for column in (cursor.description or ())[1:])]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
