"""Figures over many vouchers: overdue by issuer and days, what is financed, who pays on time."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Case, Count, Min, Q, Sum, TextField, Value, When

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.types import (
    LIVING,
    Arrears,
    DaysPast,
    HoldingState,
    Punctuality,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.parties.types import Actor
from fourflow.platform.clock import business_date
from fourflow.platform.events import queries as events
from fourflow.platform.money import Money

UNPAID = (VoucherState.OVERDUE, VoucherState.DEFAULTED)
#: how many of an issuer's latest due vouchers tell of its punctuality
LOOKED_AT = 50
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


def punctuality(*, actor: Actor, issuer_id: UUID, on: date, latest: int = LOOKED_AT) -> Punctuality:
    """How an issuer paid the latest of its vouchers due before a day that the actor may see (fifty unless told otherwise).

    What was paid when stands in the events: a voucher was paid when the last payment that the actor may see was effective.
    A redeemed voucher of which it sees no payment is left out.
    """
    rows = models.Voucher.objects.visible_to(actor).filter(issuer_id=issuer_id, due_on__lt=on)
    found = list(rows.filter(state__in=(*LIVING, VoucherState.REDEEMED)).order_by("-due_on", "-id")[:latest])
    redeemed = {row.id: row.due_on for row in found if row.state == VoucherState.REDEEMED}
    living = [row.to_type() for row in found if row.id not in redeemed]
    paid = {
        event.subject_id: business_date(event.effective_at)
        for event in events.of_subjects(redeemed, kinds=("voucher.paid",))
    }
    delays = {key: (day - redeemed[key]).days for key, day in paid.items()}
    late = [key for key, days in delays.items() if days > 0]
    open_: dict[str, Money] = {}
    for voucher in living:
        before = open_.get(voucher.face.currency)
        open_[voucher.face.currency] = before + voucher.outstanding if before else voucher.outstanding
    return Punctuality(
        on_time=tuple(VoucherId(key) for key, days in delays.items() if days <= 0),
        late=tuple(VoucherId(key) for key in late),
        days_late=max((delays[key] for key in late), default=0),
        unpaid=tuple(VoucherId(voucher.id) for voucher in living),
        open=tuple(open_.values()),
        oldest=min((voucher.due_on for voucher in living), default=None),
    )


def complaint_counts(*, actor: Actor, on: date) -> tuple[int, int, int]:
    """Complaints that the actor may see: all, still open, and open beyond the date of their answer."""
    open_ = Q(answered_on__isnull=True)
    found = models.Complaint.objects.visible_to(actor).aggregate(
        made=Count("id"), open=Count("id", filter=open_), late=Count("id", filter=open_ & Q(answer_due_on__lt=on))
    )
    return found["made"], found["open"], found["late"]
