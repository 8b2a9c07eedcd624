"""Taking in what banks booked: debits settle instructions, credits are matched or lie in suspense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.matching import suggest
from fourflow.capital.settlement.operations.answers import instruction_id, park, take_answers
from fourflow.capital.settlement.operations.messages import digest_of, keep, keep_all
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
from fourflow.platform.db.joining import joins


@joins
def apply_notifications(
    *, actor: Actor, bank_code: str, notifications: Sequence[Notification], effective_at: datetime
) -> int:
    """Take in notifications and remember how far the bank's were read; returns the new entries.

    The same booking arriving again, in whatever message, changes nothing. A message that cannot be read is kept and
    shown as an exception; it does not hold up the others.
    """
    outcome = Outcome()
    for notification in notifications:
        if notification.refusal:
            _keep_unreadable(actor, bank_code, notification, effective_at, outcome)
    booked = [(one.message, entry) for one in notifications for entry in one.entries]
    new = take_entries(actor, bank_code, booked, effective_at, outcome)
    outcome.finish(effective_at=effective_at)
    if notifications:
        models.Bank.objects.filter(code=bank_code).update(notified_after=notifications[-1].cursor)
    return new


def _keep_unreadable(
    actor: Actor, bank_code: str, notification: Notification, effective_at: datetime, outcome: Outcome
) -> None:
    kept = keep(bank_code, notification.message, outgoing=False, at=effective_at)
    if not models.ExceptionItem.objects.visible_to(actor).filter(message=kept).exists():
        facts = {"refusal": notification.refusal}
        park(bank_code, ExceptionKind.UNREADABLE_MESSAGE, kept, None, effective_at, outcome, facts=facts)


@dataclass
class _Booked:
    """An entry on its way into the record."""

    message: RawMessage
    entry: BankEntry
    account: models.BankAccount
    instruction: models.Instruction | None


def take_entries(
    actor: Actor,
    bank_code: str,
    booked: Sequence[tuple[RawMessage, BankEntry]],
    effective_at: datetime,
    outcome: Outcome,
) -> int:
    """Record the entries that are ours and new, and act on them; returns how many these are."""
    ours = _of_our_accounts(actor, bank_code, booked)
    fresh = _unknown(actor, _with_instructions(actor, ours))
    kept = keep_all(bank_code, (one.message for one in fresh), outgoing=False, at=effective_at)
    rows = models.Entry.objects.bulk_create(_row(one, kept[digest_of(one.message)], effective_at) for one in fresh)
    for one, row in zip(fresh, rows, strict=True):
        outcome.add(_fact(one, row, effective_at), row, row.message)
    said = [
        (
            one.message,
            Answer(one.entry.end_to_end_id, AnswerStatus.SETTLED, one.entry.bank_reference, amount=one.entry.amount),
        )
        for one in fresh
        if one.instruction is not None and one.entry.direction is Direction.DEBIT
    ]
    take_answers(actor, bank_code, said, effective_at, outcome)
    for one, row in zip(fresh, rows, strict=True):
        _act(actor, bank_code, one, row, effective_at, outcome)
    return len(fresh)


def _of_our_accounts(actor: Actor, bank_code: str, booked: Sequence[tuple[RawMessage, BankEntry]]) -> list[_Booked]:
    numbers = {entry.account_number for _, entry in booked}
    found = models.BankAccount.objects.visible_to(actor).filter(bank_id=bank_code, number__in=numbers)
    accounts = {(account.number, account.currency): account for account in found}
    return [
        _Booked(message, entry, account, None)
        for message, entry in booked
        if (account := accounts.get((entry.account_number, entry.currency))) is not None
    ]


def _with_instructions(actor: Actor, booked: Sequence[_Booked]) -> list[_Booked]:
    """Those on watched accounts, and on others those that carry out an instruction of ours.

    The payee's credit carries one out when it is of the very amount. A payer's debit of another amount still names its
    instruction: the contradiction must be seen.
    """
    wanted = {instruction_id(one.entry.end_to_end_id) for one in booked if not one.entry.is_reversal} - {None}
    named = models.Instruction.objects.visible_to(actor).in_bulk([i for i in wanted if i is not None])
    for one in booked:
        entry = one.entry
        found = named.get(instruction_id(entry.end_to_end_id) or UUID(int=0))
        if found is None or entry.is_reversal or found.currency != entry.currency:
            continue
        if entry.direction is Direction.DEBIT:
            fits = found.payer_account_id == one.account.id
        else:
            fits = found.payee_account_id == one.account.id and found.minor == entry.amount.minor
        one.instruction = found if fits else None
    return [one for one in booked if one.instruction is not None or one.account.watched]


def _unknown(actor: Actor, booked: Sequence[_Booked]) -> list[_Booked]:
    """Those that were not recorded before, each once."""
    found = models.Entry.objects.visible_to(actor).filter(
        account__in={one.account.id for one in booked},
        bank_reference__in={one.entry.bank_reference for one in booked},
    )
    known = set(found.values_list("account_id", "bank_reference", "direction"))
    fresh = []
    for one in booked:
        key = (one.account.id, one.entry.bank_reference, one.entry.direction.value)
        if key not in known:
            known.add(key)
            fresh.append(one)
    return fresh


def _row(one: _Booked, kept: models.BankMessage, effective_at: datetime) -> models.Entry:
    entry = one.entry
    return models.Entry(
        bank_id=one.account.bank_id,
        account=one.account,
        party_id=one.account.party_id,
        message=kept,
        instruction=one.instruction,
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
        counterparty_bank=entry.counterparty_bank,
        is_reversal=entry.is_reversal,
        at=effective_at,
    )


def _fact(one: _Booked, row: models.Entry, effective_at: datetime) -> events.CashBooked:
    return events.CashBooked(
        subject_id=row.id,
        effective_at=effective_at,
        account_id=one.account.id,
        direction=one.entry.direction.value,
        amount=one.entry.amount,
        instruction_id=one.instruction.id if one.instruction is not None else None,
    )


def _act(
    actor: Actor, bank_code: str, one: _Booked, row: models.Entry, effective_at: datetime, outcome: Outcome
) -> None:
    if one.entry.is_reversal:
        facts = {"entry": str(row.id)}
        park(bank_code, ExceptionKind.RETURNED, row.message, None, effective_at, outcome, facts=facts)
    if one.entry.direction is not Direction.CREDIT:
        return
    if one.instruction is None:
        _match(actor, row, effective_at, outcome)
    elif InstructionState(one.instruction.state) is InstructionState.REJECTED:
        park(bank_code, ExceptionKind.CONTRADICTORY_ANSWER, row.message, one.instruction, effective_at, outcome)


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
        open_suspense(row, row.minor - placed, suggestions, effective_at, outcome)
