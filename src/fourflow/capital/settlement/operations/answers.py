"""What banks say of instructions: applied once, repeated without effect, or parked for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.cash import CashMovement, CashSide
from fourflow.capital.settlement.domain.steps import (
    NOT_RECEIVED,
    Doubt,
    Judgement,
    judge,
    not_known,
    pause_before_asking,
)
from fourflow.capital.settlement.operations.facts import of_instruction, publish
from fourflow.capital.settlement.operations.messages import keep
from fourflow.capital.settlement.operations.posting import Outcome
from fourflow.capital.settlement.operations.sending import SILENCE
from fourflow.capital.settlement.ports import RawMessage, Reply
from fourflow.capital.settlement.types import (
    Answer,
    ExceptionKind,
    ExceptionNotFound,
    InstructionState,
    Verdict,
)
from fourflow.foundation.parties.types import Actor, Permission

PATIENCE = timedelta(minutes=15)


def apply_reply(*, actor: Actor, bank_code: str, reply: Reply, effective_at: datetime) -> int:
    """Take in a status report; returns how many answers changed an instruction.

    The same report again changes nothing. Answers that contradict what is known change nothing either: they are kept,
    parked as exceptions, and wait for a person.
    """
    outcome = Outcome()
    changed = take_answers(actor, bank_code, reply.message, reply.answers, effective_at, outcome)
    outcome.finish(effective_at=effective_at)
    return changed


def take_answers(
    actor: Actor,
    bank_code: str,
    message: RawMessage,
    answers: Sequence[Answer],
    effective_at: datetime,
    outcome: Outcome,
) -> int:
    """Judge and record answers; what settled is added to the outcome for the caller to finish."""
    ids = {a.end_to_end_id: instruction_id(a.end_to_end_id) for a in answers}
    known = models.Instruction.objects.visible_to(actor).filter(
        bank_id=bank_code, id__in={i for i in ids.values() if i is not None}
    )
    rows = {
        row.id: row for row in models.Instruction.objects.visible_to(actor).lock_all(known.values_list("id", flat=True))
    }
    changed = 0
    for answer in answers:
        row = rows.get(ids[answer.end_to_end_id] or UUID(int=0))
        judgement = _judge(row, bank_code, answer)
        if judgement.verdict is Verdict.REPEATED and not answer.status.is_final:
            _ask_later(row, effective_at)
            continue
        changed += _record(row, bank_code, message, answer, judgement, effective_at, outcome)
    return changed


def instruction_id(end_to_end_id: str) -> UUID | None:
    """The instruction that an end-to-end id may name; None where it cannot be one of ours."""
    try:
        return UUID(hex=end_to_end_id) if len(end_to_end_id) == 32 else None
    except ValueError:
        return None


def _judge(row: models.Instruction | None, bank_code: str, answer: Answer) -> Judgement:
    if row is None:
        return Judgement(Verdict.PARKED, exception=ExceptionKind.INSTRUCTION_UNKNOWN_HERE)
    reused = answer.bank_reference and (
        models.Instruction.objects.filter(bank_id=bank_code, bank_reference=answer.bank_reference)
        .exclude(id=row.id)
        .exists()
    )
    if reused:
        return Judgement(Verdict.PARKED, exception=ExceptionKind.REFERENCE_REUSED)
    return judge(InstructionState(row.state), row.amount, row.bank_reference, answer)


def _record(
    row: models.Instruction | None,
    bank_code: str,
    message: RawMessage,
    answer: Answer,
    judgement: Judgement,
    effective_at: datetime,
    outcome: Outcome,
) -> int:
    kept = keep(bank_code, message, outgoing=False, at=effective_at)
    stored, new = models.Answer.objects.get_or_create(
        message=kept,
        end_to_end_id=answer.end_to_end_id,
        status=answer.status.value,
        bank_reference=answer.bank_reference,
        defaults={
            "bank_id": bank_code,
            "instruction": row,
            "reason_code": answer.reason_code,
            "reason": answer.reason,
            "minor": answer.amount.minor if answer.amount else None,
            "currency": answer.amount.currency if answer.amount else None,
            "verdict": judgement.verdict.value,
            "at": effective_at,
        },
    )
    if not new:
        return 0
    if judgement.exception is not None:
        park(bank_code, judgement.exception, kept, row, effective_at, answer=stored)
    elif row is not None and judgement.next_state is not None:
        _apply(row, answer, judgement.next_state, stored, kept, effective_at, outcome)
        return 1
    elif row is not None:
        row.bank_reference = row.bank_reference or answer.bank_reference
        row.save(update_fields=["bank_reference"])
        publish(of_instruction(events.AnswerRepeated, row, effective_at), row, stored, kept)
    return 0


def _apply(
    row: models.Instruction,
    answer: Answer,
    wanted: InstructionState,
    stored: models.Answer,
    kept: models.BankMessage,
    effective_at: datetime,
    outcome: Outcome,
) -> None:
    row.bank_reference = row.bank_reference or answer.bank_reference
    row.reason_code, row.reason = answer.reason_code, answer.reason
    row.ask_after = effective_at + SILENCE
    row.become(wanted, effective_at=effective_at)
    if wanted is InstructionState.SETTLED:
        settled = of_instruction(events.PaymentSettled, row, effective_at, bank_reference=row.bank_reference)
        outcome.add(_movement(row), settled, row, stored, kept)
    elif wanted is InstructionState.REJECTED:
        rejected = of_instruction(events.PaymentRejected, row, effective_at, reason_code=row.reason_code)
        publish(rejected, row, stored, kept)
    else:
        publish(of_instruction(events.PaymentInTransit, row, effective_at), row, stored, kept)


def _movement(row: models.Instruction) -> CashMovement:
    return CashMovement(
        payer=CashSide(row.payer_id, row.payer_account_id, row.payer_is_platform),
        payee=CashSide(row.payee_id, row.payee_account_id, row.payee_is_platform),
        amount=row.amount,
        transit_id=row.id,
        subject_id=row.subject_id,
    )


def _ask_later(row: models.Instruction | None, effective_at: datetime) -> None:
    if row is not None and not InstructionState(row.state).is_final:
        row.asked += 1
        row.ask_after = effective_at + pause_before_asking(row.asked)
        row.save(update_fields=["asked", "ask_after"])


def park(
    bank_code: str,
    kind: ExceptionKind,
    kept: models.BankMessage,
    row: models.Instruction | None,
    effective_at: datetime,
    *,
    answer: models.Answer | None = None,
    facts: dict[str, str] | None = None,
) -> None:
    """Open an exception for a person, with the message that caused it."""
    item = models.ExceptionItem.objects.create(
        bank_id=bank_code,
        kind=kind.value,
        instruction=row,
        message=kept,
        answer=answer,
        facts=facts or {},
        opened_at=effective_at,
    )
    parked = events.AnswerParked(
        subject_id=item.id,
        effective_at=effective_at,
        exception=kind.value,
        instruction_id=row.id if row is not None else None,
    )
    publish(parked, item, kept, *([answer] if answer is not None else []))


def record_not_known(
    *, actor: Actor, instruction_id: UUID, effective_at: datetime, patience: timedelta = PATIENCE
) -> InstructionState:
    """The bank, asked, says that it has no such payment. Believed only late and repeatedly; see ``domain.steps``.

    Believed, the instruction ends REJECTED with the reason NOT_RECEIVED; a new payment needs a new instruction.

    :raises InstructionNotFound: no such instruction.
    """
    row = models.Instruction.objects.visible_to(actor).lock(instruction_id)
    state = InstructionState(row.state)
    if state.is_final or row.sent_at is None:
        return state
    row.not_known += 1
    doubt = not_known(state, row.sent_at, effective_at, row.not_known, patience)
    row.asked += 1
    row.ask_after = effective_at + pause_before_asking(row.asked)
    if doubt is Doubt.ASK_AGAIN:
        row.save(update_fields=["asked", "not_known", "ask_after"])
        return state
    row.reason_code, row.reason = NOT_RECEIVED, ""
    row.become(InstructionState.REJECTED, effective_at=effective_at)
    publish(of_instruction(events.PaymentRejected, row, effective_at, reason_code=NOT_RECEIVED), row)
    return InstructionState.REJECTED


def resolve_exception(*, actor: Actor, exception_id: UUID, resolution: str, effective_at: datetime) -> None:
    """A person states how an exception was dealt with; nothing else changes by it.

    :raises ExceptionNotFound: no such open exception.
    :raises NotPermitted: the actor does not check matches for the operator.
    """
    actor.require(Permission.PAYMENT_MATCH_CHECK)
    item = models.ExceptionItem.objects.visible_to(actor).lock(exception_id)
    if item.resolved_at is not None:
        raise ExceptionNotFound(value=str(exception_id))
    item.resolved_at, item.resolved_by, item.resolution = effective_at, actor.person_id, resolution
    item.save(update_fields=["resolved_at", "resolved_by", "resolution"])
    fact = events.ExceptionResolved(subject_id=item.id, effective_at=effective_at, by_person_id=actor.person_id)
    publish(fact, item)
