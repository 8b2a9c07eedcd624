"""Talking to banks: the network outside any transaction, then one operation in one transaction.

Each sweep may be killed at any point, run twice, or at the same time as another: the state in the tables decides what
is done next, and the bank is told an instruction once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import structlog

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.ports import BankPort, NotKnown
from fourflow.capital.settlement.types import (
    AlreadySubmitted,
    BankTimeout,
    BankUnavailable,
    MessageRefused,
    Purpose,
    Question,
)
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import clock
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.jobs import Sweeper, each

log = structlog.get_logger()

INITIATOR = "Fourflow"
PER_TRANSACTION = 100
NO_WORD = (BankTimeout, BankUnavailable, MessageRefused)


def on_payment_settled(event: RecordedEvent) -> None:
    """The bank paid money back that belonged to nobody."""
    if event.body["purpose"] == Purpose.RETURN.value:
        operations.settle_return(actor=SYSTEM, instruction_id=event.subject_id, effective_at=event.effective_at)


def on_payment_rejected(event: RecordedEvent) -> None:
    """It did not: the money is unmatched again, and two people decide anew."""
    if event.body["purpose"] == Purpose.RETURN.value:
        operations.fail_return(actor=SYSTEM, instruction_id=event.subject_id, effective_at=event.effective_at)


def lapse_proposals() -> int:
    """Prepared payments, and proposals for unmatched cash, that no second person decided in time."""
    drafts, late = queries.unreleased(actor=SYSTEM, on=clock.today()), queries.undecided_proposals(on=clock.today())
    done = each(drafts, lambda one: operations.expire_draft(instruction_id=one, effective_at=clock.now()))
    return done + each(late, lambda one: operations.expire_proposal(entry_id=one, effective_at=clock.now()))


def sweepers(
    banks: Mapping[str, BankPort], *, every: float = 1.0, patience: timedelta = operations.PATIENCE
) -> list[Sweeper]:
    """The sweeps of every configured bank; wiring hands in the ports."""
    found = []
    for code, bank in banks.items():
        found += [
            Sweeper(f"settlement.send.{code}", every, partial(send_due, code, bank)),
            Sweeper(f"settlement.notifications.{code}", every, partial(fetch_notifications, code, bank)),
            Sweeper(f"settlement.ask.{code}", every, partial(ask_open, code, bank, patience)),
            Sweeper(f"settlement.reconcile.{code}", max(every, 60.0), partial(reconcile_days, code, bank)),
        ]
    return found


def send_due(bank_code: str, bank: BankPort) -> int:
    """Hand due instructions to their bank in one message; returns how many were handed over.

    They are marked as sent and committed first. Whatever then goes wrong, they are only asked about.
    """
    now = clock.now()
    batch = operations.plan_batch(
        bank_code=bank_code, today=clock.business_date(now), effective_at=now, initiator=INITIATOR
    )
    if batch is None or not bank.reachable():
        return 0
    message = bank.write(batch)
    ids = [UUID(hex=order.end_to_end_id) for order in batch.orders]
    try:
        operations.record_submission(
            actor=SYSTEM, bank_code=bank_code, message=message, instruction_ids=ids, effective_at=clock.now()
        )
    except AlreadySubmitted:
        return 0
    try:
        reply = bank.submit(message)
    except NO_WORD as error:
        log.warning("bank gave no answer", bank=bank_code, error=error.code, instructions=len(ids))
    else:
        operations.apply_reply(actor=SYSTEM, bank_code=bank_code, reply=reply, effective_at=clock.now())
    operations.mark_unknown(actor=SYSTEM, instruction_ids=ids, effective_at=clock.now())
    return len(batch.orders)


def ask_open(bank_code: str, bank: BankPort, patience: timedelta = operations.PATIENCE) -> int:
    """Ask a bank about every instruction whose fate is open and whose time to ask has come; returns answers got.

    Finds also what a killed sender left behind: sent, and no word since.
    """
    got = 0
    for question in queries.to_ask(actor=SYSTEM, bank_code=bank_code, now=clock.now()):
        if question.is_silent:
            operations.mark_unknown(actor=SYSTEM, instruction_ids=[question.instruction_id], effective_at=clock.now())
        got += _ask(bank_code, bank, question, patience)
    return got


def _ask(bank_code: str, bank: BankPort, question: Question, patience: timedelta) -> int:
    try:
        answer = bank.ask(question.end_to_end_id)
    except NO_WORD as error:
        log.info("bank could not be asked", bank=bank_code, error=error.code)
        operations.ask_later(actor=SYSTEM, instruction_id=question.instruction_id, effective_at=clock.now())
        return 0
    if isinstance(answer, NotKnown):
        operations.record_not_known(
            actor=SYSTEM,
            instruction_id=question.instruction_id,
            effective_at=clock.now(),
            patience=patience,
        )
    else:
        operations.apply_reply(actor=SYSTEM, bank_code=bank_code, reply=answer, effective_at=clock.now())
    return 1


def fetch_notifications(bank_code: str, bank: BankPort) -> int:
    """Take in a bank's bookings that followed the last one read, a hundred a transaction; returns how many."""
    try:
        found = bank.notifications(queries.notified_after(bank_code))
    except NO_WORD as error:
        log.info("no notifications", bank=bank_code, error=error.code)
        return 0
    for start in range(0, len(found), PER_TRANSACTION):
        operations.apply_notifications(
            actor=SYSTEM,
            bank_code=bank_code,
            notifications=found[start : start + PER_TRANSACTION],
            effective_at=clock.now(),
        )
    return len(found)


def reconcile_days(bank_code: str, bank: BankPort) -> int:
    """Compare every finished day that was not compared yet; returns how many days were."""
    yesterday = clock.business_date(clock.now()) - timedelta(days=1)
    until = queries.reconciled_until(bank_code)
    day = until + timedelta(days=1) if until is not None else yesterday
    done = 0
    while day <= yesterday and reconcile_day(bank_code, bank, day):
        done += 1
        day += timedelta(days=1)
    return done


def reconcile_day(bank_code: str, bank: BankPort, day: date) -> bool:
    """Fetch the statements of a day, compare, take in what no notification brought, and compare again if anything was.

    False: the bank has not all statements yet; nothing was compared.
    """
    try:
        statements = [
            bank.statement(account.number, account.currency, day)
            for account in queries.accounts_at(actor=SYSTEM, bank_code=bank_code)
        ]
    except NO_WORD as error:
        log.info("no statement", bank=bank_code, day=day.isoformat(), error=error.code)
        return False
    for statement in statements:
        operations.record_statement(actor=SYSTEM, bank_code=bank_code, statement=statement, effective_at=clock.now())
    result = operations.reconcile(actor=SYSTEM, bank_code=bank_code, day=day, effective_at=clock.now())
    if result.is_clean:
        return True
    new = 0
    for statement in statements:
        new += operations.take_in_statement(
            actor=SYSTEM, bank_code=bank_code, statement=statement, effective_at=clock.now()
        )
    if new:
        operations.reconcile(actor=SYSTEM, bank_code=bank_code, day=day, effective_at=clock.now())
    return True
