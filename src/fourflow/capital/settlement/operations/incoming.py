"""Taking in what banks booked: debits settle instructions, credits are matched or lie in suspense."""

from __future__ import annotations

from datetime import datetime

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.matching import suggest
from fourflow.capital.settlement.operations.answers import instruction_id, park, take_answers
from fourflow.capital.settlement.operations.facts import publish
from fourflow.capital.settlement.operations.messages import keep
from fourflow.capital.settlement.operations.placing import open_suspense, place
from fourflow.capital.settlement.operations.posting import Outcome
from fourflow.capital.settlement.ports import Notification, RawMessage
from fourflow.capital.settlement.types import (
    Answer,
    AnswerStatus,
    BankEntry,
    Direction,
    ExceptionKind,
    InstructionState,
)
from fourflow.foundation.parties.types import Actor


def apply_notification(*, actor: Actor, bank_code: str, notification: Notification, effective_at: datetime) -> int:
    """Take in one notification and remember how far the bank's notifications were read; returns the new entries.

    The same booking arriving again, in whatever message, changes nothing. A message that cannot be read is kept and
    shown as an exception; it does not hold up the next one.
    """
    bank = models.Bank.objects.get(code=bank_code)
    if notification.refusal:
        kept = keep(bank_code, notification.message, outgoing=False, at=effective_at)
        facts = {"refusal": notification.refusal}
        if not models.ExceptionItem.objects.visible_to(actor).filter(message=kept).exists():
            park(bank_code, ExceptionKind.UNREADABLE_MESSAGE, kept, None, effective_at, facts=facts)
    outcome = Outcome()
    new = 0
    for entry in notification.entries:
        new += take_entry(actor, bank_code, notification.message, entry, effective_at, outcome) is not None
    outcome.finish(effective_at=effective_at)
    bank.notified_after = notification.cursor
    bank.save(update_fields=["notified_after"])
    return new


def take_entry(
    actor: Actor,
    bank_code: str,
    message: RawMessage,
    entry: BankEntry,
    effective_at: datetime,
    outcome: Outcome,
) -> models.Entry | None:
    """Record one entry and act on it; None when it is known already or is none of ours."""
    account = (
        models.BankAccount.objects.visible_to(actor)
        .filter(bank_id=bank_code, number=entry.account_number, currency=entry.currency)
        .first()
    )
    if account is None:
        return None
    instruction = _instruction_of(actor, bank_code, account, entry)
    if instruction is None and not account.watched:
        return None
    known = models.Entry.objects.visible_to(actor).filter(
        account=account, bank_reference=entry.bank_reference, direction=entry.direction.value
    )
    if known.exists():
        return None
    kept = keep(bank_code, message, outgoing=False, at=effective_at)
    row = _store(bank_code, account, entry, instruction, kept, effective_at)
    if instruction is not None and entry.direction is Direction.DEBIT:
        answer = Answer(entry.end_to_end_id, AnswerStatus.SETTLED, entry.bank_reference, amount=entry.amount)
        take_answers(actor, bank_code, message, [answer], effective_at, outcome)
    elif entry.is_reversal:
        park(bank_code, ExceptionKind.RETURNED, kept, instruction, effective_at, facts={"entry": str(row.id)})
    if entry.direction is Direction.CREDIT and instruction is None:
        _match(actor, row, effective_at, outcome)
    elif (
        entry.direction is Direction.CREDIT
        and instruction is not None
        and InstructionState(instruction.state) is InstructionState.REJECTED
    ):
        park(bank_code, ExceptionKind.CONTRADICTORY_ANSWER, kept, instruction, effective_at)
    return row


def _instruction_of(
    actor: Actor, bank_code: str, account: models.BankAccount, entry: BankEntry
) -> models.Instruction | None:
    """The instruction that this entry carries out: the payer's debit or the payee's credit, to the cent.

    A payer's debit of another amount still names its instruction: the contradiction must be seen.
    """
    wanted = instruction_id(entry.end_to_end_id)
    if entry.is_reversal or wanted is None:
        return None
    found = models.Instruction.objects.visible_to(actor).filter(id=wanted, currency=entry.currency)
    if entry.direction is Direction.DEBIT:
        return found.filter(payer_account=account).first()
    return found.filter(payee_account=account, minor=entry.amount.minor).first()


def _store(
    bank_code: str,
    account: models.BankAccount,
    entry: BankEntry,
    instruction: models.Instruction | None,
    kept: models.BankMessage,
    effective_at: datetime,
) -> models.Entry:
    row = models.Entry.objects.create(
        bank_id=bank_code,
        account=account,
        party_id=account.party_id,
        message=kept,
        instruction=instruction,
        bank_reference=entry.bank_reference,
        direction=entry.direction.value,
        currency=entry.currency,
        minor=entry.amount.minor,
        booked_on=entry.booked_on,
        value_on=entry.value_on,
        end_to_end_id=entry.end_to_end_id,
        remittance=entry.remittance,
        counterparty=entry.counterparty,
        counterparty_account=entry.counterparty_account,
        is_reversal=entry.is_reversal,
        at=effective_at,
    )
    fact = events.CashBooked(
        subject_id=row.id,
        effective_at=effective_at,
        account_id=account.id,
        direction=entry.direction.value,
        amount=entry.amount,
        instruction_id=instruction.id if instruction is not None else None,
    )
    publish(fact, row, kept)
    return row


def _match(actor: Actor, row: models.Entry, effective_at: datetime, outcome: Outcome) -> None:
    """Apply the first certain suggestion; what is left over, or all of it, goes into suspense with the proposals."""
    waiting = models.Expectation.objects.visible_to(actor).candidates(row)
    suggestions = suggest(row.to_type(), [expectation.to_type() for expectation in waiting])
    certain = next((s for s in suggestions if s.certain and not row.is_reversal), None)
    if certain is not None:
        place(actor, row, certain.shares, certain.basis, certain.facts, effective_at, outcome)
        suggestions = ()
    placed = sum(share.amount.minor for share in certain.shares) if certain is not None else 0
    if placed < row.minor:
        open_suspense(row, row.minor - placed, suggestions, effective_at)
