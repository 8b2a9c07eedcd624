"""Sweeps: what cannot be done holds up nothing else, and what breaks is heard of."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from fourflow.platform.errors import Conflict
from fourflow.platform.jobs import each


class Steps:
    """Steps that end as they are told; it remembers which were begun."""

    def __init__(self, **ends: Exception) -> None:
        self.ends, self.begun = ends, list[str]()

    def __call__(self, one: str) -> None:
        self.begun.append(one)
        if one in self.ends:
            raise self.ends[one]


def test_what_is_refused_is_not_counted_and_holds_up_no_other() -> None:
    steps = Steps(b=Conflict(value="b"))
    assert (each("abc", steps), steps.begun) == (2, ["a", "b", "c"])


def test_what_breaks_is_raised_when_all_the_others_have_had_their_turn() -> None:
    steps = Steps(a=KeyError("a"), c=ValueError("c"))
    with pytest.raises(KeyError):
        each("abcd", steps)
    assert steps.begun == ["a", "b", "c", "d"]


def test_without_a_database_nothing_further_is_begun() -> None:
    steps = Steps(b=OperationalError("gone"))
    with pytest.raises(OperationalError):
        each("abc", steps)
    assert steps.begun == ["a", "b"]
