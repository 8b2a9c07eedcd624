"""After the payout: daily accrual, collection at maturity, overdue, recourse."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from fourflow.capital.financing import models
from fourflow.capital.financing.domain import postings, pricing
from fourflow.capital.financing.events import FinancingCollected, FinancingOverdue, InterestAccrued
from fourflow.capital.financing.operations.posting import post
from fourflow.capital.financing.types import CollectedTooMuch, Financing, FinancingId, FinancingState
from fourflow.capital.ledger.types import Entry
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money

EARNING = (FinancingState.DISBURSED, FinancingState.OVERDUE)


@joins
def accrue(*, on: date, effective_at: datetime, limit: int = 500) -> int:
    """Earn interest up to a business date, set-based: one batch and one fact a funder; returns how many moved.

    Cumulative rounding: today's entry is the rounded total to date less what was earned before. Running it again for the same
    date does nothing.
    """
    due = models.Financing.objects.visible_to(SYSTEM).filter(state__in=EARNING, accrued_on__lt=on)
    found = list(due.order_by("id").values_list("id", flat=True)[:limit])
    locked = models.Financing.objects.visible_to(SYSTEM).lock_all(found)
    # one that was paid off while this waited for its lock has earned everything
    rows = [row for row in locked if row.state in EARNING and row.accrued_on is not None and row.accrued_on < on]
    quotes = models.Quote.objects.in_bulk([row.quote_id for row in rows])
    by_funder: dict[tuple[UUID, str], list[tuple[models.Financing, int]]] = defaultdict(list)
    for row in rows:
        row.quote = quotes[row.quote_id]
        quote = row.quote.to_type()
        earned = pricing.earned(quote, on).minor
        by_funder[(quote.funder_id, quote.amount.currency)].append((row, earned - row.accrued_minor))
        row.accrued_minor, row.accrued_on = earned, on
    for (funder_id, currency), items in by_funder.items():
        _post_accrual(funder_id, currency, items, on, effective_at)
    models.Financing.objects.bulk_update(rows, ["accrued_minor", "accrued_on"])
    return len(rows)


def _post_accrual(
    funder_id: UUID, currency: str, items: list[tuple[models.Financing, int]], on: date, effective_at: datetime
) -> None:
    entries: list[Entry] = []
    for row, minor in items:
        entries += postings.accrued(row.quote.to_type(), row.id, Money(minor, currency)) if minor else []
    if not entries:
        return
    total = Money(sum(minor for _, minor in items), currency)
    first = min(str(row.id) for row, _ in items)
    posted = post(entries, reference=f"financing.accrue:{funder_id}:{currency}:{on}:{first}", effective_at=effective_at)
    event = InterestAccrued(
        subject_id=funder_id, effective_at=effective_at, funder_id=funder_id, on=on, count=len(items), amount=total
    )
    events.publish(event, rows=posted)


def earn_rest(row: models.Financing, on: date) -> list[Entry]:
    """At the end: what of the interest has not been earned yet."""
    quote = row.quote.to_type()
    rest = pricing.interest(quote).minor - row.accrued_minor
    row.accrued_minor, row.accrued_on = row.accrued_minor + rest, on
    return postings.accrued(quote, row.id, Money(rest, row.quote.currency)) if rest else []


@joins
def collect(
    *, financing_id: FinancingId, amount: Money, instruction_id: UUID, effective_at: datetime, on: date
) -> Financing:
    """The core's payment of the financed part has arrived with the funder: its asset is closed by that much.

    :raises FinancingStateWrong: nothing is outstanding.
    :raises CollectedTooMuch: more than was outstanding.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(*EARNING)
    quote = row.quote.to_type()
    if row.collected_minor + amount.minor > row.quote.amount_minor:
        raise CollectedTooMuch(financing=str(financing_id), amount=str(amount))
    entries = postings.collected(quote, row.id, instruction_id, amount)
    row.collected_minor += amount.minor
    wholly = row.collected_minor == row.quote.amount_minor
    if wholly:
        entries += earn_rest(row, on)
        row.state = FinancingState.REPAID
    row.save(update_fields=["collected_minor", "accrued_minor", "accrued_on", "state"])
    posted = post(entries, reference=f"financing.collect:{instruction_id}", effective_at=effective_at)
    event = FinancingCollected(
        subject_id=row.id,
        effective_at=effective_at,
        amount=amount,
        collected=Money(row.collected_minor, amount.currency),
        wholly=wholly,
    )
    events.publish(event, rows=[row.evidence(), *posted])
    return row.to_type()


@joins
def mark_overdue(*, financing_id: FinancingId, effective_at: datetime) -> Financing:
    """The core did not pay at maturity: the funder waits, or takes recourse.

    :raises FinancingStateWrong: it is not running.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.DISBURSED)
    row.state = FinancingState.OVERDUE
    row.save(update_fields=["state"])
    outstanding = Money(row.quote.amount_minor - row.collected_minor, row.quote.currency)
    event = FinancingOverdue(
        subject_id=row.id, effective_at=effective_at, outstanding=outstanding, recourse=row.quote.recourse
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()
