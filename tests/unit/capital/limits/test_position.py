"""A credit line as a banker reads it: every step keeps the identity and has its transfer in the memo book."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.ledger.types import Chart
from fourflow.capital.limits.domain import position
from fourflow.capital.limits.domain.position import Position, Shifts
from fourflow.capital.limits.types import AmountNotPositive, LimitExceeded, Stage, UseExceeded

A, B, U, S, X = (
    Chart.LIMIT_AVAILABLE,
    Chart.LIMIT_BLOCKED,
    Chart.LIMIT_UTILISED,
    Chart.LIMIT_SANCTIONED,
    Chart.LIMIT_EXCESS,
)

amounts = st.integers(min_value=0, max_value=10**12)
positions = st.builds(Position, amounts, amounts, amounts)


def balances(at: Position) -> dict[int]:
    """Debit balances of the memo book that mirrors a position."""
    return {A: at.available, B: at.blocked, U: at.utilised, S: -at.sanctioned, X: -at.excess}


def booked(before: Position, shifts: Shifts) -> dict[int]:
    found = balances(before)
    for shift in shifts:
        assert shift.minor > 0
        found[shift.debit] += shift.minor
        found[shift.credit] -= shift.minor
    return found


def assert_mirrored(before: Position, after: Position, shifts: Shifts) -> None:
    assert booked(before, shifts) == balances(after)
    assert after.available + after.blocked + after.utilised == after.sanctioned + after.excess
    assert min(after.available, after.excess) == 0


ROWS = [
    # what happens, before (sanctioned, blocked, utilised), after, transfers (debit, credit, amount)
    ("sanction 100", (0, 0, 0), ("sanction", 100), (100, 0, 0), [(A, S, 100)]),
    ("block 60 of 100", (100, 0, 0), ("block", 60), (100, 60, 0), [(B, A, 60)]),
    ("block all", (100, 40, 10), ("block", 50), (100, 90, 10), [(B, A, 50)]),
    ("utilise 60", (100, 60, 0), ("utilise", 60), (100, 0, 60), [(U, B, 60)]),
    ("release a block", (100, 60, 0), ("release", 60, Stage.BLOCKED), (100, 0, 0), [(A, B, 60)]),
    ("release a draw in part", (100, 0, 60), ("release", 25, Stage.UTILISED), (100, 0, 35), [(A, U, 25)]),
    ("cut what is free", (100, 0, 60), ("sanction", 70), (70, 0, 60), [(S, A, 30)]),
    ("cut below use makes excess", (100, 0, 60), ("sanction", 50), (50, 0, 60), [(S, A, 40), (S, X, 10)]),
    ("cut a line in excess", (50, 0, 60), ("sanction", 20), (20, 0, 60), [(S, X, 30)]),
    (
        "release heals the excess first",
        (50, 0, 60),
        ("release", 25, Stage.UTILISED),
        (50, 0, 35),
        [(X, U, 10), (A, U, 15)],
    ),
    ("release within the excess", (50, 20, 40), ("release", 5, Stage.BLOCKED), (50, 15, 40), [(X, B, 5)]),
    ("raise heals the excess first", (50, 0, 60), ("sanction", 80), (80, 0, 60), [(X, S, 10), (A, S, 20)]),
    ("utilise in excess", (50, 20, 40), ("utilise", 20), (50, 0, 60), [(U, B, 20)]),
]


@pytest.mark.parametrize(("what", "before", "step", "after", "transfers"), ROWS, ids=[row[0] for row in ROWS])
def test_each_step_of_a_line_has_its_transfers(what, before, step, after, transfers) -> None:
    verb, *arguments = step
    found, shifts = {
        "sanction": position.resanction,
        "block": position.block,
        "utilise": position.utilise,
        "release": position.release,
    }[verb](Position(*before), *arguments)
    assert found == Position(*after)
    assert [(s.debit, s.credit, s.minor) for s in shifts] == transfers
    assert_mirrored(Position(*before), found, shifts)


@given(positions, amounts)
def test_any_sanctioned_amount_keeps_the_identity(before: Position, sanctioned: int) -> None:
    after, shifts = position.resanction(before, sanctioned)
    assert after.sanctioned == sanctioned
    assert (after.blocked, after.utilised) == (before.blocked, before.utilised)
    assert_mirrored(before, after, shifts)


@given(positions, st.integers(min_value=-5, max_value=10**12))
def test_a_block_is_given_exactly_within_what_is_available(before: Position, minor: int) -> None:
    if minor <= 0:
        with pytest.raises(AmountNotPositive):
            position.block(before, minor)
    elif minor > before.available:
        with pytest.raises(LimitExceeded):
            position.block(before, minor)
    else:
        after, shifts = position.block(before, minor)
        assert after.excess == before.excess == 0
        assert_mirrored(before, after, shifts)


@given(positions, st.integers(min_value=-5, max_value=10**12))
def test_a_promise_is_drawn_whatever_became_of_the_line(before: Position, minor: int) -> None:
    if minor <= 0:
        with pytest.raises(AmountNotPositive):
            position.utilise(before, minor)
    elif minor > before.blocked:
        with pytest.raises(UseExceeded):
            position.utilise(before, minor)
    else:
        after, shifts = position.utilise(before, minor)
        assert after.excess == before.excess
        assert_mirrored(before, after, shifts)


@given(positions, st.integers(min_value=-5, max_value=10**12), st.sampled_from(Stage))
def test_what_is_released_never_adds_to_the_excess(before: Position, minor: int, stage: Stage) -> None:
    held = before.blocked if stage is Stage.BLOCKED else before.utilised
    if minor <= 0:
        with pytest.raises(AmountNotPositive):
            position.release(before, minor, stage)
    elif minor > held:
        with pytest.raises(UseExceeded):
            position.release(before, minor, stage)
    else:
        after, shifts = position.release(before, minor, stage)
        assert after.excess <= before.excess
        assert_mirrored(before, after, shifts)


def test_a_line_is_never_sanctioned_below_nothing() -> None:
    with pytest.raises(AmountNotPositive):
        position.resanction(Position(10, 0, 0), -1)
    assert position.resanction(Position(10, 0, 0), 0)[0] == Position(0, 0, 0)


def test_a_line_in_excess_gives_nothing_even_one_cent() -> None:
    with pytest.raises(LimitExceeded):
        position.block(Position(50, 0, 60), 1)
