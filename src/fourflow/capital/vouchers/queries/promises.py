"""What issuers promised where they pay late, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Q

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.types import LIVING, Promise, PromiseOutcome, VoucherId, VoucherState
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db.ordering import in_order

#: what promises may be sorted by
PROMISE_SORTS = {"pays": "pays_on"}


def promises(
    *,
    actor: Actor,
    on: date,
    voucher_id: VoucherId | None = None,
    issuer_id: UUID | None = None,
    outcome: PromiseOutcome | None = None,
    unpaid_only: bool = False,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[Promise]:
    """Promises about vouchers that the actor may see, as they stand on a day; the latest first or by ``PROMISE_SORTS``.

    :param unpaid_only: about vouchers on which something is owed.
    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.Promise.objects.visible_to(actor), sort, PROMISE_SORTS, after=after, only=only)
    if voucher_id is not None:
        rows = rows.filter(voucher_id=voucher_id)
    if issuer_id is not None:
        rows = rows.filter(organisation_id=issuer_id)
    if unpaid_only:
        rows = rows.filter(voucher__state__in=LIVING)
    if outcome is not None:
        rows = rows.filter(_ended(outcome, on))
    return [row.to_type(on) for row in rows.select_related("voucher")[:limit]]


def promised(*, actor: Actor, issuer_id: UUID, on: date) -> dict[PromiseOutcome, int]:
    """How many promises an issuer made about vouchers that the actor may see, by outcome; outcomes without any are left out."""
    rows = models.Promise.objects.visible_to(actor).filter(organisation_id=issuer_id)
    counts = rows.aggregate(**{one.value: Count("id", filter=_ended(one, on)) for one in PromiseOutcome})
    return {one: counts[one.value] for one in PromiseOutcome if counts[one.value]}


def _ended(outcome: PromiseOutcome, on: date) -> Q:
    """The rows of an outcome, as :func:`domain.promising.outcome` tells it of one."""
    living, paid = Q(voucher__state__in=LIVING), Q(voucher__state=VoucherState.REDEEMED)
    return {
        PromiseOutcome.OPEN: living & Q(pays_on__gte=on),
        PromiseOutcome.KEPT: paid & Q(voucher__paid_on__lte=F("pays_on")),
        PromiseOutcome.BROKEN: (living & Q(pays_on__lt=on)) | (paid & Q(voucher__paid_on__gt=F("pays_on"))),
        PromiseOutcome.VOID: Q(voucher__state=VoucherState.CANCELLED),
    }[outcome]
