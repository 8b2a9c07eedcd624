"""The steps an instruction may take, and what each answer of a bank does to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fourflow.capital.settlement.types import (
    Answer,
    AnswerStatus,
    ExceptionKind,
    InstructionState,
    StepNotAllowed,
    Verdict,
)
from fourflow.platform.money import Money

_S = InstructionState

#: From UNKNOWN there is no way back to SENT: what may have happened is asked about, never done again.
ALLOWED: dict[InstructionState, frozenset[InstructionState]] = {
    _S.DRAFT: frozenset({_S.INSTRUCTED, _S.REJECTED}),
    _S.INSTRUCTED: frozenset({_S.SENT, _S.REJECTED}),
    _S.SENT: frozenset({_S.IN_TRANSIT, _S.SETTLED, _S.REJECTED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.IN_TRANSIT, _S.SETTLED, _S.REJECTED}),
    _S.IN_TRANSIT: frozenset({_S.SETTLED, _S.REJECTED}),
    _S.SETTLED: frozenset(),
    _S.REJECTED: frozenset(),
}

_BY_ANSWER = {
    AnswerStatus.ACCEPTED: _S.IN_TRANSIT,
    AnswerStatus.PENDING: _S.IN_TRANSIT,
    AnswerStatus.SETTLED: _S.SETTLED,
    AnswerStatus.REJECTED: _S.REJECTED,
}


def step(current: InstructionState, wanted: InstructionState) -> InstructionState:
    """The wanted state, where the step is allowed.

    :raises StepNotAllowed: it is not in :data:`ALLOWED`.
    """
    if wanted not in ALLOWED[current]:
        raise StepNotAllowed(state=current.value, wanted=wanted.value)
    return wanted


@dataclass(frozen=True)
class Judgement:
    """What to do with an answer: a next state when applied, the kind of exception when parked."""

    verdict: Verdict
    next_state: InstructionState | None = None
    exception: ExceptionKind | None = None


def _park(kind: ExceptionKind) -> Judgement:
    return Judgement(Verdict.PARKED, exception=kind)


_REPEATED = Judgement(Verdict.REPEATED)


def judge(state: InstructionState, amount: Money, bank_reference: str, answer: Answer) -> Judgement:
    """Decide on an answer, given the instruction's state, amount and the bank reference it already carries.

    Answers come late, twice, out of order and contradict each other. A final answer is applied once; the same again
    changes nothing; a weaker one after a final one is merely late; another final one is parked for a person.
    """
    if state in (_S.DRAFT, _S.INSTRUCTED):
        return _park(ExceptionKind.NEVER_SENT_BUT_ANSWERED)
    if answer.amount is not None and answer.amount != amount:
        return _park(ExceptionKind.AMOUNT_DIFFERS)
    wanted = _BY_ANSWER[answer.status]
    if state.is_final:
        return _after_final(state, wanted, bank_reference, answer)
    if wanted is state:
        return _REPEATED
    return Judgement(Verdict.APPLIED, next_state=step(state, wanted))


def _after_final(state: InstructionState, wanted: InstructionState, bank_reference: str, answer: Answer) -> Judgement:
    if not wanted.is_final:
        return _REPEATED
    if wanted is not state:
        return _park(ExceptionKind.CONTRADICTORY_ANSWER)
    booked_twice = (
        state is _S.SETTLED and bank_reference and answer.bank_reference and answer.bank_reference != bank_reference
    )
    return _park(ExceptionKind.CONTRADICTORY_ANSWER) if booked_twice else _REPEATED


class Doubt(StrEnum):
    """What "not known here" of a bank leads to."""

    ASK_AGAIN = "ask_again"
    NEVER_ARRIVED = "never_arrived"


def not_known(state: InstructionState, sent_at: datetime, asked_at: datetime, asked: int, patience: timedelta) -> Doubt:
    """Weigh a bank's word that it has no such payment.

    A message may still be under way, so the word counts only after ``patience`` has passed since sending and the bank
    has said it at least three times (``asked`` counts this one). An instruction that the bank had accepted never
    counts as not arrived: that would be a contradiction, and the question stays open.
    """
    if state not in (_S.SENT, _S.UNKNOWN) or asked < 3 or asked_at - sent_at < patience:
        return Doubt.ASK_AGAIN
    return Doubt.NEVER_ARRIVED


def pause_before_asking(asked: int) -> timedelta:
    """How long to wait before the next question: 2 s, 4 s, 8 s … at most 10 minutes."""
    return timedelta(seconds=min(600, 2 ** min(asked + 1, 10)))
