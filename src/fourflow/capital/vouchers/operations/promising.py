"""An issuer that pays late says by when, and why: a statement beside the voucher, which stays what it is."""

from __future__ import annotations

from datetime import date, datetime

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import promising
from fourflow.capital.vouchers.events import PromiseMade
from fourflow.capital.vouchers.operations import parameters
from fourflow.capital.vouchers.types import LIVING, Promise, PromiseReasonMissing, VoucherId
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform import calendar
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money


def plan_promise(*, voucher_id: VoucherId, pays_on: date, reason: str, actor: Actor, today: date) -> Money:
    """What the issuer would promise now; changes nothing. Refuses what :func:`promise` refuses."""
    return _promised(models.Voucher.objects.visible_to(actor).get_visible(voucher_id), pays_on, reason, actor, today)


@joins
def promise(
    *, voucher_id: VoucherId, pays_on: date, reason: str, actor: Actor, effective_at: datetime, today: date
) -> Promise:
    """The issuer states by which business day it pays all that is outstanding, where it pays late, and why.

    It changes no state, stops no clock and replaces no earlier promise. Whether it was kept is read from the payments.

    :raises VoucherNotFound: not there, or not the actor's to see.
    :raises NotPermitted: the actor does not speak for the issuer.
    :raises VoucherStateWrong: there is no living debt.
    :raises PromiseDayInvalid: not after today and the due date, later than the dated number of days, or no business day.
    :raises PromiseReasonMissing: no reason is given.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    owed = _promised(row, pays_on, reason, actor, today)
    made = models.Promise.objects.create(
        voucher=row,
        organisation_id=row.issuer_id,
        person_id=actor.person_id,
        said_on=today,
        pays_on=pays_on,
        currency=owed.currency,
        amount_minor=owed.minor,
        reason=reason.strip(),
    )
    event = PromiseMade(
        subject_id=row.id,
        effective_at=effective_at,
        promise_id=made.id,
        issuer_id=row.issuer_id,
        amount=owed,
        pays_on=pays_on,
        reason=made.reason,
    )
    events.publish(event, rows=[made.evidence()])
    return made.to_type(today)


def _promised(row: models.Voucher, pays_on: date, reason: str, actor: Actor, today: date) -> Money:
    actor.require(Permission.VOUCHER_PROMISE, party=row.issuer_id, today=today)
    row.must_be(LIVING)
    longest = parameters.whole(Key.VOUCHER_PROMISE_DAYS, today, row.issuer_id)
    promising.check_day(pays_on, today=today, due_on=row.due_on, longest=longest, days=calendar.load("CN"))
    if not reason.strip():
        raise PromiseReasonMissing(field="reason")
    return row.to_type().outstanding
