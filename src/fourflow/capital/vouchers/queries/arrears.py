"""Figures over many vouchers: overdue by issuer and days, what is financed or held, who pays on time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, F, Max, Min, Q, Sum, TextField, Value, When

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.queries.register import paid
from fourflow.capital.vouchers.types import (
    LIVING,
    Arrears,
    DaysPast,
    HoldingState,
    Paid,
    Punctuality,
    VoucherState,
)
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.money import Money

UNPAID = (VoucherState.OVERDUE, VoucherState.DEFAULTED)
_OPEN = Sum("face_minor") - Sum("redeemed_minor") - Sum("cancelled_minor")


def arrears(*, actor: Actor, on: date) -> list[Arrears]:
    """Overdue and defaulted vouchers that the actor may see, by issuer, currency and days past due; the oldest first."""
    whens = [
        When(due_on__gte=begin, then=Value(bucket.value))
        for bucket in DaysPast
        if (begin := bucket.due(on)[0]) is not None
    ]
    bucket = Case(*whens, default=Value(DaysPast.OVER.value), output_field=TextField())
    rows = (
        models.Voucher.objects.visible_to(actor)
        .filter(state__in=UNPAID)
        .annotate(bucket=bucket)
        .values("issuer_id", "currency", "bucket")
        .annotate(n=Count("id"), open=_OPEN, oldest=Min("due_on"), since=Min("restricted_on"))
        .order_by("oldest", "issuer_id")
    )
    return [
        Arrears(
            row["issuer_id"],
            DaysPast(row["bucket"]),
            row["n"],
            Money(int(row["open"]), row["currency"]),
            row["oldest"],
            row["since"],
        )
        for row in rows
    ]


def financed(*, actor: Actor) -> list[tuple[int, Money]]:
    """How many living parts a funder holds or has pledged, and what is outstanding on them, by currency."""
    rows = (
        models.Holding.objects.visible_to(actor)
        .filter(pledgee_id__isnull=False, state__in=[state for state in HoldingState if state.is_live])
        .values("currency")
        .annotate(n=Count("id"), amount=Sum("amount_minor"), paid=Sum("paid_minor"))
        .order_by("currency")
    )
    return [(row["n"], Money(int(row["amount"] - row["paid"]), row["currency"])) for row in rows]


def held(*, actor: Actor, states: Sequence[HoldingState]) -> list[tuple[int, Money]]:
    """How many parts in some states the actor's own organisation holds, and what is outstanding on them, by currency."""
    rows = (
        models.Holding.objects.visible_to(actor)
        .filter(holder_id=actor.organisation_id, state__in=[state.value for state in states])
        .values("currency")
        .annotate(n=Count("id"), amount=Sum("amount_minor"), paid=Sum("paid_minor"))
        .order_by("currency")
    )
    return [(row["n"], Money(int(row["amount"] - row["paid"]), row["currency"])) for row in rows]


def punctuality(*, actor: Actor, issuer_id: UUID, since: date, before: date) -> Punctuality:
    """How an issuer paid those of its vouchers due from one day to before another that the actor may see."""
    late, on_time = (Q(state=VoucherState.REDEEMED) & paid(how) for how in (Paid.LATE, Paid.ON_TIME))
    unpaid = Q(state__in=LIVING)
    rows = list(
        models.Voucher.objects.visible_to(actor)
        .filter(issuer_id=issuer_id, due_on__gte=since, due_on__lt=before)
        .values("currency")
        .annotate(
            on_time=Count("id", filter=on_time),
            late=Count("id", filter=late),
            delay=Max(F("paid_on") - F("due_on"), filter=late),
            unpaid=Count("id", filter=unpaid),
            open=Sum(F("face_minor") - F("redeemed_minor") - F("cancelled_minor"), filter=unpaid),
            oldest=Min("due_on", filter=unpaid),
        )
        .order_by("currency")
    )
    return Punctuality(
        on_time=sum(row["on_time"] for row in rows),
        late=sum(row["late"] for row in rows),
        days_late=max((row["delay"].days for row in rows if row["delay"] is not None), default=0),
        unpaid=sum(row["unpaid"] for row in rows),
        open=tuple(Money(int(row["open"]), row["currency"]) for row in rows if row["unpaid"]),
        oldest=min((row["oldest"] for row in rows if row["oldest"] is not None), default=None),
    )


def complaint_counts(*, actor: Actor, on: date) -> tuple[int, int, int]:
    """Complaints that the actor may see: all, still open, and open beyond the date of their answer."""
    open_ = Q(answered_on__isnull=True)
    found = models.Complaint.objects.visible_to(actor).aggregate(
        made=Count("id"), open=Count("id", filter=open_), late=Count("id", filter=open_ & Q(answer_due_on__lt=on))
    )
    return found["made"], found["open"], found["late"]


def due_since(*, on: date) -> date | None:
    """The due date of the voucher that has longest been due without its payment having been asked for; None where each has."""
    waiting = models.Voucher.objects.visible_to(SYSTEM).filter(state=VoucherState.ACTIVE, due_on__lte=on)
    return waiting.order_by("due_on").values_list("due_on", flat=True).first()
