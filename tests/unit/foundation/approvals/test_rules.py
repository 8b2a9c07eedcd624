"""When a request is decided, and what a checker is shown as changed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.foundation.approvals.domain.changes import changes, flatten
from fourflow.foundation.approvals.domain.verdicts import is_late, state_after
from fourflow.foundation.approvals.types import ApprovalState, Change, Verdict

A, R = Verdict.APPROVE, Verdict.REJECT

leaf = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab.", max_size=2)
tree = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1, max_size=2), inner)
)
snapshot = st.dictionaries(st.text("klm", min_size=1, max_size=2), tree, max_size=4)


@pytest.mark.parametrize(
    ("checks", "verdicts", "state"),
    [
        (1, [], ApprovalState.PENDING),
        (1, [A], ApprovalState.APPROVED),
        (2, [A], ApprovalState.PENDING),
        (2, [A, A], ApprovalState.APPROVED),
        (1, [R], ApprovalState.REJECTED),
        (2, [A, R], ApprovalState.REJECTED),
    ],
)
def test_as_many_people_as_asked_for_approve_and_one_rejects(
    checks: int, verdicts: list[Verdict], state: ApprovalState
) -> None:
    assert state_after(checks, verdicts) is state


@given(st.dates(), st.dates())
def test_the_last_day_counts_whole_and_the_next_one_is_too_late(decide_by: date, on: date) -> None:
    assert is_late(decide_by, on) is (on > decide_by)
    assert not is_late(decide_by, decide_by)


def test_a_changed_line_is_named_by_its_path() -> None:
    before = {"lines": [{"amount": "10.00", "to": "S1"}], "term": 90}
    after = {"lines": [{"amount": "12.00", "to": "S1"}, {"amount": "1.00", "to": "S2"}], "term": 90}
    assert changes(before, after) == (
        Change("lines.0.amount", "10.00", "12.00"),
        Change("lines.1.amount", None, "1.00"),
        Change("lines.1.to", None, "S2"),
    )


def test_the_first_request_has_nothing_to_compare_with() -> None:
    assert changes(None, {"amount": "10.00"}) == ()


def test_true_is_not_one() -> None:
    assert changes({"flag": True}, {"flag": 1}) == (Change("flag", True, 1),)


@given(snapshot)
def test_a_snapshot_does_not_differ_from_itself(one: dict[str, object]) -> None:
    assert changes(one, one) == ()


@given(snapshot, snapshot)
def test_changes_turn_around_with_their_direction(one: dict[str, object], two: dict[str, object]) -> None:
    there = {(c.path, repr(c.before), repr(c.after)) for c in changes(one, two)}
    back = {(c.path, repr(c.after), repr(c.before)) for c in changes(two, one)}
    assert there == back


@given(snapshot)
def test_every_leaf_is_visited(one: dict[str, object]) -> None:
    assert all(not (isinstance(value, (dict, list)) and value) for _, value in flatten(one))
