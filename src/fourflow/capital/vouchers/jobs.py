"""What follows by itself in the register: offers lapse, vouchers fall due, payments are instructed and applied.

Every sweep takes its rows one by one, each in its own transaction; one that cannot be done is logged and holds up no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from uuid import UUID

import structlog
from django.db import transaction

from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import NOT_RECEIVED, Purpose
from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import HoldingId, HoldingState, Redemption, Voucher, VoucherId
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import calendar, clock
from fourflow.platform.db import ordering
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.jobs import each
from fourflow.platform.money import Money

log = structlog.get_logger()


def lapse_offers() -> int:
    """Offers, offered parts and cancellations that nobody answered in time."""
    vouchers, parts = queries.stale_offers(on=clock.today())
    done = each(vouchers, lambda one: operations.expire_offer(voucher_id=one, effective_at=clock.now()))
    done += each(parts, lambda one: operations.expire_transfer(holding_id=one, effective_at=clock.now()))
    late = queries.unagreed(on=clock.today())
    return done + each(late, lambda one: operations.expire_cancel(voucher_id=one, effective_at=clock.now()))


def mature_due() -> int:
    """Vouchers whose day has come: the issuer's bank is instructed to pay every part, as the commitment says."""
    return each(queries.due(on=clock.today()), mature_one)


def mature_one(voucher_id: VoucherId) -> None:
    """One voucher due: its parts wait for money, and the payments are instructed in the same transaction."""
    with transaction.atomic():
        voucher, shares = operations.begin_maturity(voucher_id=voucher_id, effective_at=clock.now())
        operations.instruct_due(voucher=voucher, shares=shares, effective_at=clock.now(), today=clock.today())


def on_part_resolved(event: RecordedEvent) -> None:
    """A financing that was open on the due date has ended: its part is paid now, to whom it belongs.

    So it is where the voucher is overdue for another part meanwhile: the commitment to pay this one was never carried out. A
    part that a payment was instructed for before waits for the issuer.
    """
    voucher = queries.get(actor=SYSTEM, voucher_id=VoucherId(event.subject_id))
    part = queries.holding(actor=SYSTEM, holding_id=HoldingId(UUID(event.body["holding_id"])))
    due = voucher.state.is_living and part.state in (HoldingState.MATURED, HoldingState.OVERDUE)
    if due and not payments.of_subject(actor=SYSTEM, subject_id=part.id):
        share = Redemption(part.id, part.payee_id, part.outstanding)
        operations.instruct_due(voucher=voucher, shares=[share], effective_at=event.effective_at, today=clock.today())


def on_payment_settled(event: RecordedEvent) -> None:
    """The issuer's bank paid a part."""
    if event.body["purpose"] != Purpose.VOUCHER_REDEMPTION.value:
        return
    amount = event.body["amount"]
    operations.redeem(
        holding_id=HoldingId(UUID(event.body["about_id"])),
        amount=Money.parse(amount["amount"], amount["currency"]),
        instruction_id=event.subject_id,
        effective_at=event.effective_at,
    )


def on_payment_rejected(event: RecordedEvent) -> None:
    """What the issuer's bank never got is instructed anew. What it refused waits for the issuer, and falls overdue."""
    if event.body["purpose"] == Purpose.VOUCHER_REDEMPTION.value and event.body["reason_code"] == NOT_RECEIVED:
        operations.instruct_again(
            holding_id=HoldingId(UUID(event.body["about_id"])),
            lost_id=event.subject_id,
            effective_at=event.effective_at,
            today=clock.today(),
        )


def mark_unpaid() -> int:
    """Vouchers that were due before today and are not paid are overdue; after the days of grace the issuer is barred.

    A due date that a later notice made a holiday counts from the next business day. While a bank still has a payment of the
    voucher in its hands nobody is called late: the sweep itself may have come late. Nor is who has paid all that could be paid:
    a part that a financing still locks was left out, and is no debt of the issuer's yet that it could pay.
    """
    today = clock.today()
    days = cache(calendar.load)  # read where something waits, once
    missed = [one.id for one in queries.unpaid(before=today) if _is_over(days("CN"), one, today)]
    done = each(_late(missed), lambda one: operations.mark_overdue(voucher_id=one, effective_at=clock.now()))
    return done + restrict_unpaid()


def _is_over(days: calendar.BusinessCalendar, voucher: Voucher, today: date) -> bool:
    """Whether the last day to pay is over; not yet, where the calendar does not reach so far: it may be a holiday."""
    try:
        return days.next_business_day(voucher.due_on) < today
    except calendar.CalendarUnknown as error:
        log.warning("sweep passed over", step="mark_overdue", id=str(voucher.id), code=error.code)
        return False


def _late(voucher_ids: Sequence[VoucherId]) -> Iterator[VoucherId]:
    """Those with a part that could be paid and no payment in a bank's hands: two queries for many of them."""
    at_once = ordering.AT_ONCE
    for some in (voucher_ids[n : n + at_once] for n in range(0, len(voucher_ids), at_once)):
        parts = queries.parts_of(voucher_ids=some)
        orders = payments.of_subjects(actor=SYSTEM, subject_ids=[part.id for of in parts.values() for part in of])
        under_way = {order.subject_id for order in orders if not order.state.is_final}
        for one in some:
            locked = all(part.state is HoldingState.LOCKED_FINANCE for part in parts[one] if part.state.is_live)
            if not locked and under_way.isdisjoint(part.id for part in parts[one]):
                yield one


def restrict_unpaid() -> int:
    """Issuers of vouchers that have been overdue for the dated number of days go on the stop list."""
    today = clock.today()

    @cache
    def grace(issuer_id: UUID) -> timedelta:
        return timedelta(days=parameters.integer(Key.OVERDUE_RESTRICTION_DAYS, today, f"core:{issuer_id}"))

    found = [one.id for one in queries.unrestricted_overdue() if today - one.due_on >= grace(one.issuer_id)]
    return each(
        found, lambda one: operations.note_restricted(voucher_id=one, effective_at=clock.now(), today=clock.today())
    )


def mark_defaults() -> int:
    """Vouchers that are overdue for more than the dated number of days; one rule for every issuer, so without a scope."""
    today = clock.today()
    days = parameters.integer(Key.VOUCHER_DEFAULT_DAYS, today)
    found = queries.long_overdue(due_before=today - timedelta(days=days))
    return each(found, lambda one: operations.mark_defaulted(voucher_id=one, effective_at=clock.now()))


def add_up_totals() -> int:
    """Kept totals that have become many rows."""
    return operations.add_up()
