"""Recourse: the supplier pays the funder back through its bank, and the claim on the core is the supplier's alone again."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fourflow.capital.financing import models
from fourflow.capital.financing.domain import postings
from fourflow.capital.financing.events import RecourseCalled, RecourseTaken
from fourflow.capital.financing.operations.disbursing import pay_account
from fourflow.capital.financing.operations.posting import post
from fourflow.capital.financing.operations.servicing import earn_rest
from fourflow.capital.financing.types import (
    CollectedTooMuch,
    DecisionNotTheirs,
    Financing,
    FinancingId,
    FinancingState,
    NoRecourse,
    PaymentUnderway,
)
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import Purpose
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import types as register
from fourflow.capital.vouchers.types import HoldingId
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money


@joins
def call_recourse(*, financing_id: FinancingId, actor: Actor, effective_at: datetime, today: date) -> Financing:
    """The funder takes recourse: the supplier's bank is instructed to pay what is outstanding, as the consent says.

    :raises FinancingNotFound: no such financing, or it is none of the actor's.
    :raises DecisionNotTheirs, NotPermitted: the actor does not decide for the funder, or not up to this amount.
    :raises NoRecourse: made without recourse, not overdue, or nothing is outstanding.
    :raises PaymentUnderway: the supplier's payment, or one of the core's, is not over yet.
    :raises AccountMissing: a side has no account in the currency.
    """
    row = models.Financing.objects.visible_to(actor).lock(financing_id)
    if actor.organisation_id != row.funder_id:
        raise DecisionNotTheirs()
    quote = row.quote.to_type()
    amount = Money(row.quote.amount_minor - row.collected_minor, row.quote.currency)
    actor.require(Permission.FINANCING_DECIDE, party=row.funder_id, amount=amount, today=today)
    if not row.quote.recourse or row.state != FinancingState.OVERDUE or not amount:
        raise NoRecourse(state=str(row.state))
    part_id = _unpaid(row, amount)
    paid = payments.of_subject(actor=SYSTEM, subject_id=part_id)
    before = [payment for payment in paid if payment.purpose is Purpose.RECOURSE]
    instruction = settlement.instruct(
        actor=SYSTEM,
        reference=f"financing.recourse:{row.id}:{len(before)}",
        payer_account_id=pay_account(quote.applicant_id, amount.currency).id,
        payee_account_id=pay_account(quote.funder_id, amount.currency).id,
        amount=amount,
        purpose=Purpose.RECOURSE,
        subject_id=part_id,  # as the core's payments of the part: whoever pays next finds this one under way
        mandate=f"recourse clause of the consent to quote {quote.id}",
        execution_date=today,
        effective_at=effective_at,
        remittance=f"recourse {row.id}",
    )
    event = RecourseCalled(
        subject_id=row.id,
        effective_at=effective_at,
        amount=amount,
        instruction_id=instruction.id,
        person_id=actor.person_id,
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


def _unpaid(row: models.Financing, amount: Money) -> HoldingId:
    """The pledged part, of which nothing is under way and nothing paid that was not collected."""
    part_id = HoldingId(row.held_id or row.holding_id)
    try:
        outstanding = vouchers.hold_unpaid(holding_id=part_id).outstanding
    except register.PaymentUnderway:
        outstanding = None
    if outstanding != amount:
        raise PaymentUnderway(financing=str(row.id))
    return part_id


@joins
def take_recourse(
    *, financing_id: FinancingId, amount: Money, instruction_id: UUID, effective_at: datetime, on: date
) -> Financing:
    """The supplier's bank has paid the funder back; wholly paid, the pledge ends and the claim is the supplier's.

    :raises NoRecourse: it is not overdue, or was made without recourse.
    :raises CollectedTooMuch: more than was outstanding.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    if not row.quote.recourse or row.state != FinancingState.OVERDUE:
        raise NoRecourse(state=str(row.state))
    if row.collected_minor + amount.minor > row.quote.amount_minor:
        raise CollectedTooMuch(financing=str(financing_id), amount=str(amount))
    quote = row.quote.to_type()
    entries = postings.recourse(quote, row.id, instruction_id, amount)
    row.collected_minor += amount.minor
    if row.collected_minor == row.quote.amount_minor:
        entries += earn_rest(row, on)
        row.state = FinancingState.REPAID
        vouchers.release_pledge(holding_id=HoldingId(row.held_id or row.holding_id), effective_at=effective_at)
    row.save(update_fields=["collected_minor", "state", "accrued_minor", "accrued_on"])
    posted = post(entries, reference=f"financing.recourse:{instruction_id}", effective_at=effective_at)
    event = RecourseTaken(subject_id=row.id, effective_at=effective_at, amount=amount)
    events.publish(event, rows=[row.evidence(), *posted])
    return row.to_type()
