"""Handing instructions to a bank: marked as sent and committed before the first byte leaves, and never twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.steps import pause_before_asking
from fourflow.capital.settlement.operations.facts import of_instruction, publish_many
from fourflow.capital.settlement.operations.messages import keep
from fourflow.capital.settlement.ports import AccountAtBank, PaymentBatch, PaymentOrder, RawMessage
from fourflow.capital.settlement.types import AlreadySubmitted, InstructionState, Purpose
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.db.joining import joins
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.ids import new_id

#: How long a sent instruction may stay without any answer before it counts as unknown.
SILENCE = timedelta(seconds=30)
LARGEST_BATCH = 200

#: how a bank that is not registered here may have been named, else by a code of its own
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


#: asked of every bank twice a second, mostly for nothing
_DUE = prepared(
    lambda: (
        models.Instruction.objects.visible_to(SYSTEM)
        .filter(bank_id=Given("bank"), state=InstructionState.INSTRUCTED.value, execution_date__lte=Given("on"))
        .select_related("bank", "payee_account__bank")
        .order_by("id")[:LARGEST_BATCH]
    )
)


def plan_batch(*, bank_code: str, today: date, effective_at: datetime, initiator: str) -> PaymentBatch | None:
    """The instructions that are due at a bank, oldest first, as one batch, or None; nothing is marked yet."""
    rows = _DUE(bank=bank_code, on=today)
    orders = tuple(_order(row) for row in rows)
    if not orders:
        return None
    return PaymentBatch(message_id=new_id().hex, created_at=effective_at, initiator=initiator, orders=orders)


def _order(row: models.Instruction) -> PaymentOrder:
    if row.payee_account is not None:
        code, bic = row.payee_account.bank_id, row.payee_account.bank.bic
    else:
        code, bic = ("", row.payee_bank) if _BIC.fullmatch(row.payee_bank) else (row.payee_bank, "")
    return PaymentOrder(
        end_to_end_id=row.id.hex,
        payer=AccountAtBank(row.bank_id, row.payer_number, row.payer_name, row.currency, row.bank.bic),
        payee=AccountAtBank(code, row.payee_number, row.payee_name, row.currency, bic),
        amount=row.amount,
        execution_date=row.execution_date,
        remittance=row.remittance or row.reference,
        purpose=Purpose(row.purpose),
    )


@joins
def record_submission(
    *, actor: Actor, bank_code: str, message: RawMessage, instruction_ids: Sequence[UUID], effective_at: datetime
) -> None:
    """Mark instructions as sent in this message. Whoever commits this is the one, and the only one, who sends.

    :raises InstructionNotFound: one of them does not exist.
    :raises AlreadySubmitted: one of them is not waiting to be sent (any more); then none is marked.
    """
    rows = models.Instruction.objects.visible_to(actor).lock_all(instruction_ids)
    taken = [str(row.id) for row in rows if row.state != InstructionState.INSTRUCTED.value]
    if taken:
        raise AlreadySubmitted(instructions=taken)
    kept = keep(bank_code, message, outgoing=True, at=effective_at)
    submissions = [models.Submission(instruction=row, message=kept) for row in rows]
    models.Submission.objects.bulk_create(submissions)
    for row in rows:
        row.ask_after = effective_at + SILENCE
        row.step_to(InstructionState.SENT, effective_at=effective_at)
    models.Instruction.objects.save_steps(rows)
    publish_many(
        [
            (of_instruction(events.InstructionSent, row, effective_at, bank=bank_code), (row, submission, kept))
            for row, submission in zip(rows, submissions, strict=True)
        ]
    )


@joins
def mark_unknown(*, actor: Actor, instruction_ids: Iterable[UUID], effective_at: datetime) -> int:
    """The bank was silent: what is still SENT becomes UNKNOWN, to be asked about at once. Returns how many."""
    rows = models.Instruction.objects.visible_to(actor).lock_all(instruction_ids)
    silent = [row for row in rows if row.state == InstructionState.SENT.value]
    for row in silent:
        row.ask_after = effective_at
        row.step_to(InstructionState.UNKNOWN, effective_at=effective_at)
    models.Instruction.objects.save_steps(silent)
    publish_many([(of_instruction(events.PaymentUnknown, row, effective_at), (row,)) for row in silent])
    return len(silent)


@joins
def ask_later(*, actor: Actor, instruction_id: UUID, effective_at: datetime) -> None:
    """The bank could not be asked; the question is put again, ever more slowly."""
    row = models.Instruction.objects.visible_to(actor).lock(instruction_id)
    if not InstructionState(row.state).is_final:
        row.asked += 1
        row.ask_after = effective_at + pause_before_asking(row.asked)
        row.save(update_fields=["asked", "ask_after"])
