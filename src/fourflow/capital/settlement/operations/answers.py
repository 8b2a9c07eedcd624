"""What banks say of instructions: applied once, repeated without effect, or parked for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.cash import CashMovement, CashSide
from fourflow.capital.settlement.domain.steps import (
    Doubt,
    Judgement,
    judge,
    not_known,
    pause_before_asking,
)
from fourflow.capital.settlement.operations.facts import of_instruction, publish
from fourflow.capital.settlement.operations.messages import digest_of, keep_all
from fourflow.capital.settlement.operations.posting import Outcome
from fourflow.capital.settlement.operations.sending import SILENCE
from fourflow.capital.settlement.ports import RawMessage, Reply
from fourflow.capital.settlement.types import (
    NOT_RECEIVED,
    Answer,
    ExceptionKind,
    ExceptionNotFound,
    InstructionState,
    Purpose,
    Verdict,
)
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db.joining import joins

PATIENCE = timedelta(minutes=15)

Said = tuple[RawMessage, Answer]


@joins
def apply_reply(*, actor: Actor, bank_code: str, reply: Reply, effective_at: datetime) -> int:
    """Take in a status report; returns how many answers changed an instruction.

    The same report again changes nothing. Answers that contradict what is known change nothing either: they are kept,
    parked as exceptions, and wait for a person.
    """
    outcome = Outcome()
    said = [(reply.message, answer) for answer in reply.answers]
    changed = take_answers(actor, bank_code, said, effective_at, outcome)
    outcome.finish(effective_at=effective_at)
    return changed


@dataclass
class _Taken:
    """An answer on its way into the record."""

    message: RawMessage
    answer: Answer
    row: models.Instruction | None
    judgement: Judgement


def take_answers(actor: Actor, bank_code: str, said: Sequence[Said], effective_at: datetime, outcome: Outcome) -> int:
    """Judge and record answers in their order; what they bring about is added to the outcome for the caller to finish."""
    known = _recorded(bank_code, said)
    rows = _locked(actor, bank_code, said)
    taken_by = _references(bank_code, said)
    taken, changed = [], 0
    for message, answer in said:
        key = (digest_of(message), answer.end_to_end_id, answer.status.value, answer.bank_reference)
        if key in known:
            continue
        known.add(key)
        row = rows.get(instruction_id(answer.end_to_end_id) or UUID(int=0))
        judgement = _judge(row, taken_by, answer)
        if judgement.verdict is Verdict.REPEATED and not answer.status.is_final:
            _ask_later(row, effective_at)
            continue
        if row is not None and judgement.verdict is not Verdict.PARKED:
            row.bank_reference = row.bank_reference or answer.bank_reference
            taken_by.setdefault(row.bank_reference, row.id)
        if row is not None and judgement.next_state is not None:
            row.reason_code, row.reason, row.ask_after = answer.reason_code, answer.reason, effective_at + SILENCE
            row.step_to(judgement.next_state, effective_at=effective_at)
            changed += 1
        taken.append(_Taken(message, answer, row, judgement))
    _record(bank_code, taken, effective_at, outcome)
    models.Instruction.objects.save_steps(rows.values())
    return changed


def instruction_id(end_to_end_id: str) -> UUID | None:
    """The instruction that an end-to-end id may name; None where it cannot be one of ours."""
    try:
        return UUID(hex=end_to_end_id) if len(end_to_end_id) == 32 else None
    except ValueError:
        return None


def _recorded(bank_code: str, said: Sequence[Said]) -> set[tuple[bytes, str, str, str]]:
    found = models.Answer.objects.filter(
        message__bank_id=bank_code, message__digest__in=list({digest_of(message) for message, _ in said})
    ).values_list("message__digest", "end_to_end_id", "status", "bank_reference")
    return {(bytes(digest), end_to_end_id, status, reference) for digest, end_to_end_id, status, reference in found}


def _locked(actor: Actor, bank_code: str, said: Sequence[Said]) -> dict[UUID, models.Instruction]:
    ids = [found for _, answer in said if (found := instruction_id(answer.end_to_end_id)) is not None]
    ours = models.Instruction.objects.visible_to(actor).filter(bank_id=bank_code, id__in=ids)
    locked = models.Instruction.objects.visible_to(actor).lock_all(ours.values_list("id", flat=True))
    return {row.id: row for row in locked}


def _references(bank_code: str, said: Sequence[Said]) -> dict[str, UUID]:
    """Which instruction carries which bank reference."""
    wanted = {answer.bank_reference for _, answer in said} - {""}
    found = models.Instruction.objects.filter(bank_id=bank_code, bank_reference__in=wanted)
    return dict(found.values_list("bank_reference", "id"))


def _judge(row: models.Instruction | None, taken_by: dict[str, UUID], answer: Answer) -> Judgement:
    if row is None:
        return Judgement(Verdict.PARKED, exception=ExceptionKind.INSTRUCTION_UNKNOWN_HERE)
    if answer.bank_reference and taken_by.get(answer.bank_reference, row.id) != row.id:
        return Judgement(Verdict.PARKED, exception=ExceptionKind.REFERENCE_REUSED)
    return judge(InstructionState(row.state), row.amount, row.bank_reference, answer)


def _record(bank_code: str, taken: Sequence[_Taken], effective_at: datetime, outcome: Outcome) -> None:
    kept = keep_all(bank_code, (one.message for one in taken), outgoing=False, at=effective_at)
    stored = models.Answer.objects.bulk_create(
        models.Answer(
            bank_id=bank_code,
            message=kept[digest_of(one.message)],
            instruction=one.row,
            end_to_end_id=one.answer.end_to_end_id,
            status=one.answer.status.value,
            bank_reference=one.answer.bank_reference,
            reason_code=one.answer.reason_code,
            reason=one.answer.reason,
            minor=one.answer.amount.minor if one.answer.amount else None,
            currency=one.answer.amount.currency if one.answer.amount else None,
            verdict=one.judgement.verdict.value,
            at=effective_at,
        )
        for one in taken
    )
    for one, answer in zip(taken, stored, strict=True):
        message = kept[digest_of(one.message)]
        if one.judgement.exception is not None:
            park(bank_code, one.judgement.exception, message, one.row, effective_at, outcome, answer=answer)
        elif one.row is not None:
            _tell(one.row, one.judgement.next_state, answer, message, effective_at, outcome)


def _tell(
    row: models.Instruction,
    reached: InstructionState | None,
    answer: models.Answer,
    message: models.BankMessage,
    effective_at: datetime,
    outcome: Outcome,
) -> None:
    rows = (row, answer, message)
    if reached is InstructionState.SETTLED:
        settled = of_instruction(events.PaymentSettled, row, effective_at, bank_reference=row.bank_reference)
        outcome.add(settled, *rows, move=_movement(row))
    elif reached is InstructionState.REJECTED:
        rejected = of_instruction(events.PaymentRejected, row, effective_at, reason_code=row.reason_code)
        outcome.add(rejected, *rows)
    else:
        kind = events.AnswerRepeated if reached is None else events.PaymentInTransit
        outcome.add(of_instruction(kind, row, effective_at), *rows)


def _movement(row: models.Instruction) -> CashMovement:
    """What goes back to its payer was never in that one's book."""
    payee = None
    if row.payee_id is not None and row.purpose != Purpose.RETURN.value:
        payee = CashSide(row.payee_id, row.payee_account_id, row.payee_is_platform)
    return CashMovement(
        payer=CashSide(row.payer_id, row.payer_account_id, row.payer_is_platform),
        payee=payee,
        amount=row.amount,
        transit_id=row.id,
        subject_id=row.subject_id,
    )


def _ask_later(row: models.Instruction | None, effective_at: datetime) -> None:
    if row is not None and not InstructionState(row.state).is_final:
        row.asked += 1
        row.ask_after = effective_at + pause_before_asking(row.asked)


def park(
    bank_code: str,
    kind: ExceptionKind,
    message: models.BankMessage,
    row: models.Instruction | None,
    effective_at: datetime,
    outcome: Outcome,
    *,
    answer: models.Answer | None = None,
    facts: dict[str, str] | None = None,
) -> None:
    """Open an exception for a person, with the message that caused it."""
    item = models.ExceptionItem.objects.create(
        bank_id=bank_code,
        kind=kind.value,
        instruction=row,
        message=message,
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
    outcome.add(parked, item, message, *([answer] if answer is not None else []))


@joins
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
    _ask_later(row, effective_at)
    if doubt is Doubt.ASK_AGAIN:
        row.save(update_fields=["asked", "not_known", "ask_after"])
        return state
    row.reason_code, row.reason = NOT_RECEIVED, ""
    row.become(InstructionState.REJECTED, effective_at=effective_at)
    publish(of_instruction(events.PaymentRejected, row, effective_at, reason_code=NOT_RECEIVED), row)
    return InstructionState.REJECTED


@joins
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
