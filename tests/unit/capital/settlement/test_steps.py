"""What an instruction may go through, and what no order of a bank's answers can do to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.settlement.domain.steps import ALLOWED, Doubt, judge, not_known, pause_before_asking, step
from fourflow.capital.settlement.types import (
    Answer,
    AnswerStatus,
    ExceptionKind,
    InstructionState,
    StepNotAllowed,
    Verdict,
)
from fourflow.platform.money import Money

S = InstructionState
A = AnswerStatus
AMOUNT = Money(29_550_000, "USD")
SENT_AT = datetime(2014, 3, 3, 9, tzinfo=UTC)


def answer(status: A, reference: str = "b1", amount: Money | None = None) -> Answer:
    return Answer("e2e", status, reference, amount=amount)


def test_from_unknown_an_instruction_is_never_sent_again() -> None:
    with pytest.raises(StepNotAllowed):
        step(S.UNKNOWN, S.SENT)
    with pytest.raises(StepNotAllowed):
        step(S.UNKNOWN, S.INSTRUCTED)


def test_nothing_follows_a_final_state() -> None:
    assert ALLOWED[S.SETTLED] == ALLOWED[S.REJECTED] == frozenset()


@given(st.lists(st.sampled_from(list(S)), max_size=12))
def test_whatever_is_tried_an_instruction_is_sent_at_most_once(wanted: list[S]) -> None:
    state, sent = S.DRAFT, 0
    for one in wanted:
        try:
            state = step(state, one)
        except StepNotAllowed:
            continue
        sent += state is S.SENT
    assert sent <= 1


@pytest.mark.parametrize(
    ("state", "status", "verdict", "after"),
    [
        (S.SENT, A.ACCEPTED, Verdict.APPLIED, S.IN_TRANSIT),
        (S.SENT, A.PENDING, Verdict.APPLIED, S.IN_TRANSIT),
        (S.SENT, A.SETTLED, Verdict.APPLIED, S.SETTLED),
        (S.SENT, A.REJECTED, Verdict.APPLIED, S.REJECTED),
        (S.UNKNOWN, A.ACCEPTED, Verdict.APPLIED, S.IN_TRANSIT),
        (S.UNKNOWN, A.SETTLED, Verdict.APPLIED, S.SETTLED),
        (S.UNKNOWN, A.REJECTED, Verdict.APPLIED, S.REJECTED),
        (S.IN_TRANSIT, A.PENDING, Verdict.REPEATED, None),
        (S.IN_TRANSIT, A.ACCEPTED, Verdict.REPEATED, None),
        (S.IN_TRANSIT, A.SETTLED, Verdict.APPLIED, S.SETTLED),
        (S.IN_TRANSIT, A.REJECTED, Verdict.APPLIED, S.REJECTED),
        (S.SETTLED, A.SETTLED, Verdict.REPEATED, None),
        (S.SETTLED, A.ACCEPTED, Verdict.REPEATED, None),
        (S.SETTLED, A.PENDING, Verdict.REPEATED, None),
        (S.REJECTED, A.REJECTED, Verdict.REPEATED, None),
        (S.REJECTED, A.PENDING, Verdict.REPEATED, None),
    ],
)
def test_an_answer_moves_an_instruction_forward_or_not_at_all(
    state: S, status: A, verdict: Verdict, after: S | None
) -> None:
    judgement = judge(state, AMOUNT, "b1", answer(status))
    assert (judgement.verdict, judgement.next_state, judgement.exception) == (verdict, after, None)


@pytest.mark.parametrize(
    ("state", "given_answer", "exception"),
    [
        (S.SETTLED, answer(A.REJECTED), ExceptionKind.CONTRADICTORY_ANSWER),
        (S.REJECTED, answer(A.SETTLED), ExceptionKind.CONTRADICTORY_ANSWER),
        (S.SETTLED, answer(A.SETTLED, "another booking"), ExceptionKind.CONTRADICTORY_ANSWER),
        (S.DRAFT, answer(A.ACCEPTED), ExceptionKind.NEVER_SENT_BUT_ANSWERED),
        (S.INSTRUCTED, answer(A.SETTLED), ExceptionKind.NEVER_SENT_BUT_ANSWERED),
        (S.SENT, answer(A.SETTLED, amount=Money(1, "USD")), ExceptionKind.AMOUNT_DIFFERS),
        (S.IN_TRANSIT, answer(A.SETTLED, amount=Money(AMOUNT.minor, "CNY")), ExceptionKind.AMOUNT_DIFFERS),
    ],
)
def test_a_contradiction_waits_for_a_person(state: S, given_answer: Answer, exception: ExceptionKind) -> None:
    judgement = judge(state, AMOUNT, "b1", given_answer)
    assert (judgement.verdict, judgement.next_state, judgement.exception) == (Verdict.PARKED, None, exception)


def test_a_second_report_without_a_reference_is_not_a_second_payment() -> None:
    assert judge(S.SETTLED, AMOUNT, "", answer(A.SETTLED, "b1")).verdict is Verdict.REPEATED
    assert judge(S.SETTLED, AMOUNT, "b1", answer(A.SETTLED, "")).verdict is Verdict.REPEATED


@given(st.lists(st.builds(answer, st.sampled_from(list(A)), st.sampled_from(["", "b1", "b2"])), max_size=10))
def test_the_first_final_answer_stands_whatever_follows(answers: list[Answer]) -> None:
    state, reference = S.SENT, ""
    finals = [a for a in answers if a.status.is_final]
    for one in answers:
        judgement = judge(state, AMOUNT, reference, one)
        if judgement.next_state is not None:
            state, reference = judgement.next_state, one.bank_reference or reference
    assert state.is_final == bool(finals)
    if finals:
        assert state.value == finals[0].status.value


def test_a_bank_that_does_not_know_a_payment_is_believed_only_late_and_thrice() -> None:
    patience = timedelta(minutes=15)
    late, early = SENT_AT + patience, SENT_AT + patience - timedelta(seconds=1)
    assert not_known(S.UNKNOWN, SENT_AT, late, 3, patience) is Doubt.NEVER_ARRIVED
    assert not_known(S.UNKNOWN, SENT_AT, late, 2, patience) is Doubt.ASK_AGAIN
    assert not_known(S.UNKNOWN, SENT_AT, early, 30, patience) is Doubt.ASK_AGAIN
    assert not_known(S.IN_TRANSIT, SENT_AT, late, 30, patience) is Doubt.ASK_AGAIN


def test_questions_are_spaced_ever_wider_up_to_ten_minutes() -> None:
    assert [pause_before_asking(n).total_seconds() for n in (0, 1, 2, 3, 9, 1000)] == [2, 4, 8, 16, 600, 600]
