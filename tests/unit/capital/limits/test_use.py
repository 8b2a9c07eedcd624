"""One use of a line: blocked, utilised, released, in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.limits.domain import use
from fourflow.capital.limits.domain.use import UseAmounts
from fourflow.capital.limits.types import AmountNotPositive, Stage, StageUnclear, UseExceeded

amounts = st.integers(min_value=0, max_value=10**9)


@given(st.builds(UseAmounts, amounts, amounts, amounts), st.none() | st.integers(-3, 10**9))
def test_drawing_moves_and_never_changes_the_amount(before: UseAmounts, minor: int | None) -> None:
    wanted = before.blocked if minor is None else minor
    if wanted <= 0:
        with pytest.raises(AmountNotPositive):
            use.utilise(before, minor)
    elif wanted > before.blocked:
        with pytest.raises(UseExceeded):
            use.utilise(before, minor)
    else:
        after, drawn = use.utilise(before, minor)
        assert drawn == wanted
        assert after == UseAmounts(before.blocked - drawn, before.utilised + drawn, before.released)
        assert after.amount == before.amount


@given(
    st.builds(UseAmounts, amounts, amounts, amounts),
    st.none() | st.integers(1, 10**9),
    st.none() | st.sampled_from(Stage),
)
def test_releasing_takes_from_the_stage_that_is_meant(
    before: UseAmounts, minor: int | None, stage: Stage | None
) -> None:
    held = {Stage.BLOCKED: before.blocked, Stage.UTILISED: before.utilised}
    if stage is None and minor is not None and before.blocked and before.utilised:
        with pytest.raises(StageUnclear):
            use.release(before, minor, stage)
        return
    try:
        after, parts = use.release(before, minor, stage)
    except UseExceeded:
        assert minor is not None
        assert minor > (held[stage] if stage else before.blocked + before.utilised)
        return
    except AmountNotPositive:
        assert (held[stage] if stage else before.blocked + before.utilised) == 0
        return
    assert after.amount == before.amount
    assert after.released - before.released == sum(amount for _, amount in parts) > 0
    assert before.blocked - after.blocked == sum(a for s, a in parts if s is Stage.BLOCKED)
    assert before.utilised - after.utilised == sum(a for s, a in parts if s is Stage.UTILISED)
    if stage:
        assert {s for s, _ in parts} == {stage}


def test_everything_left_is_released_from_both_stages() -> None:
    after, parts = use.release(UseAmounts(30, 70), None, None)
    assert after == UseAmounts(0, 0, 100)
    assert parts == ((Stage.BLOCKED, 30), (Stage.UTILISED, 70))


def test_a_part_is_released_of_the_only_stage_that_holds_anything() -> None:
    assert use.release(UseAmounts(0, 70), 20, None) == (UseAmounts(0, 50, 20), ((Stage.UTILISED, 20),))
    assert use.release(UseAmounts(70, 0), 20, None) == (UseAmounts(50, 0, 20), ((Stage.BLOCKED, 20),))


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_or_less_is_not_released(minor: int) -> None:
    with pytest.raises(AmountNotPositive):
        use.release(UseAmounts(70, 0), minor, None)


def test_a_finished_use_has_nothing_to_release() -> None:
    with pytest.raises(AmountNotPositive):
        use.release(UseAmounts(0, 0, 100), None, None)
    with pytest.raises(AmountNotPositive):
        use.utilise(UseAmounts(0, 0, 100), None)
