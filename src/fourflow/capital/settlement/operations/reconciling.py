"""End of day: keeping statements and holding them against our record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.reconciliation import RecordedEntry, compare
from fourflow.capital.settlement.operations.answers import instruction_id
from fourflow.capital.settlement.operations.facts import publish
from fourflow.capital.settlement.operations.incoming import take_entries
from fourflow.capital.settlement.operations.messages import keep
from fourflow.capital.settlement.operations.posting import Outcome
from fourflow.capital.settlement.ports import RawMessage, Statement, StatementLine
from fourflow.capital.settlement.types import (
    AccountNotFound,
    BankEntry,
    Difference,
    Direction,
    InstructionState,
    Reconciliation,
)
from fourflow.foundation.parties.types import Actor
from fourflow.platform import clock
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.money import Money


@joins
def record_statement(*, actor: Actor, bank_code: str, statement: Statement, effective_at: datetime) -> None:
    """Keep a statement and its lines. It changes nothing else: see :func:`reconcile` and :func:`take_in_statement`.

    :raises AccountNotFound: the account is not registered.
    """
    account = (
        models.BankAccount.objects.visible_to(actor)
        .filter(bank_id=bank_code, number=statement.account_number, currency=statement.currency)
        .first()
    )
    if account is None:
        raise AccountNotFound(bank=bank_code, number=statement.account_number)
    kept = keep(bank_code, statement.message, outgoing=False, at=effective_at)
    if models.Statement.objects.visible_to(actor).filter(account=account, message=kept).exists():
        return
    row = models.Statement.objects.create(
        bank_id=bank_code,
        account=account,
        party_id=account.party_id,
        message=kept,
        statement_id=statement.statement_id,
        day=statement.day,
        currency=statement.currency,
        opening=statement.opening.minor,
        closing=statement.closing.minor,
    )
    models.StatementLine.objects.bulk_create(_line(row, line) for line in statement.lines)
    fact = events.StatementReceived(
        subject_id=row.id,
        effective_at=effective_at,
        account_id=account.id,
        day=statement.day,
        lines=len(statement.lines),
    )
    publish(fact, row, kept)


def _line(row: models.Statement, line: StatementLine) -> models.StatementLine:
    entry = line.entry
    return models.StatementLine(
        statement=row,
        number=line.number,
        bank_reference=entry.bank_reference,
        direction=entry.direction.value,
        minor=entry.amount.minor,
        booked_on=entry.booked_on,
        end_to_end_id=entry.end_to_end_id,
    )


@joins
def take_in_statement(*, actor: Actor, bank_code: str, statement: Statement, effective_at: datetime) -> int:
    """Take in the bookings of a statement that no notification brought; returns how many were new."""
    outcome = Outcome()
    booked = [(statement.message, line.entry) for line in statement.lines]
    new = take_entries(actor, bank_code, booked, effective_at, outcome)
    outcome.finish(effective_at=effective_at)
    return new


@joins
def reconcile(*, actor: Actor, bank_code: str, day: date, effective_at: datetime) -> Reconciliation:
    """Compare a bank's kept statements of one day with our entries and settlements; every difference is listed.

    Nothing is corrected here: a difference is a question to the bank, a late notification, or unmatched cash.
    """
    statements = _latest(actor, bank_code, day)
    differences: list[Difference] = []
    lines = 0
    for row in statements:
        statement = _to_type(row)
        lines += len(statement.lines)
        differences.extend(_compare(actor, row, statement))
    result = Reconciliation(bank_code, day, len(statements), lines, tuple(differences))
    stored = models.Reconciliation.objects.create(
        bank_id=bank_code,
        day=day,
        accounts=result.accounts,
        lines=lines,
        differences=[shown(difference) for difference in differences],
        at=effective_at,
    )
    bank = models.Bank.objects.get(code=bank_code)
    visibility.grant(stored.id, {bank.party_id} if bank.party_id else (), "bank")
    fact = events.BankReconciled(
        subject_id=stored.id,
        effective_at=effective_at,
        bank=bank_code,
        day=day,
        lines=lines,
        differences=len(differences),
    )
    publish(fact, stored)
    return result


def shown(difference: Difference) -> dict[str, object]:
    """A difference as plain JSON."""
    return {
        "kind": difference.kind.value,
        "account": difference.account_number,
        "bank_reference": difference.bank_reference,
        "at_bank": difference.at_bank.to_body() if difference.at_bank is not None else None,
        "here": difference.here.to_body() if difference.here is not None else None,
        "note": difference.note,
    }


def _latest(actor: Actor, bank_code: str, day: date) -> list[models.Statement]:
    found = models.Statement.objects.visible_to(actor).filter(bank_id=bank_code, day=day)
    latest = {row.account_id: row for row in found.select_related("account").order_by("id")}
    return [latest[account] for account in sorted(latest)]


def _to_type(row: models.Statement) -> Statement:
    lines = models.StatementLine.objects.filter(statement=row).order_by("number")
    return Statement(
        message=RawMessage("camt.053", b""),
        statement_id=row.statement_id,
        account_number=row.account.number,
        currency=row.currency,
        day=row.day,
        opening=Money(row.opening, row.currency),
        closing=Money(row.closing, row.currency),
        lines=tuple(StatementLine(line.number, _entry(row, line)) for line in lines),
    )


def _entry(row: models.Statement, line: models.StatementLine) -> BankEntry:
    return BankEntry(
        account_number=row.account.number,
        currency=row.currency,
        bank_reference=line.bank_reference,
        direction=Direction(line.direction),
        amount=Money(line.minor, row.currency),
        booked_on=line.booked_on,
        value_on=line.booked_on,
        end_to_end_id=line.end_to_end_id,
    )


def _compare(actor: Actor, row: models.Statement, statement: Statement) -> Sequence[Difference]:
    entries = models.Entry.objects.visible_to(actor).filter(account=row.account, booked_on=row.day)
    held = entries.select_related("instruction", "account").order_by("id")
    recorded = [RecordedEntry(entry.to_type(), _is_placed(entry)) for entry in held]
    previous = (
        models.Statement.objects.visible_to(actor)
        .filter(account=row.account, day=row.day - timedelta(days=1))
        .order_by("-id")
        .first()
    )
    only = None
    if not row.account.watched:
        ids = [instruction_id(line.entry.end_to_end_id) for line in statement.lines]
        ours = models.Instruction.objects.visible_to(actor).filter(id__in=[i for i in ids if i is not None])
        only = frozenset(found.hex for found in ours.values_list("id", flat=True))
    closing = Money(previous.closing, previous.currency) if previous is not None else None
    return compare(statement, recorded, closing, _settled_without_entry(actor, row), only)


def _is_placed(entry: models.Entry) -> bool:
    """A free credit is in the ledger at once: matched, or in suspense."""
    if entry.instruction is not None:
        return entry.instruction.state == InstructionState.SETTLED.value
    return entry.direction == Direction.CREDIT.value


def _settled_without_entry(actor: Actor, row: models.Statement) -> dict[str, Money]:
    start = clock.instant_of(row.day, hour=0)
    booked = models.Entry.objects.visible_to(actor).filter(instruction=OuterRef("pk"), account=row.account)
    found = models.Instruction.objects.visible_to(actor).filter(
        payer_account=row.account,
        state=InstructionState.SETTLED.value,
        finished_at__gte=start,
        finished_at__lt=clock.instant_of(row.day + timedelta(days=1), hour=0),
    )
    return {i.bank_reference or i.id.hex: i.amount for i in found.filter(~Exists(booked))}
