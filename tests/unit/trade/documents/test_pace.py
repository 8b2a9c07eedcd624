"""How long a file still takes is told from the last steps, and only where they tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fourflow.trade.documents.domain.pace import time_left

BEGAN = datetime(2014, 3, 3, 4, tzinfo=UTC)


def steps(*seconds: int, each: int = 500) -> list[tuple[datetime, int]]:
    """A step of so many orders at each of these seconds."""
    return [(BEGAN + timedelta(seconds=at), each * (number + 1)) for number, at in enumerate(seconds)]


def left(told: list[tuple[datetime, int]], total: int = 5000, after: int = 0) -> float | None:
    """Seconds, ``after`` so many since the last step."""
    found = time_left(told, total, told[-1][0] + timedelta(seconds=after) if told else BEGAN)
    return None if found is None else found.total_seconds()


def test_the_rest_takes_as_long_as_the_last_steps_say() -> None:
    assert left(steps(0, 30, 60)) == 7 * 30, "3,500 orders of 5,000 are left, 500 every half minute"
    assert left(steps(0, 30, 60), after=20) == 7 * 30 - 20
    assert left(steps(0, 30, 60), total=1500) == 0


@pytest.mark.parametrize("told", [[], steps(0), steps(0, 30), steps(0, 0, 0), steps(0, 30, 60, each=0)])
def test_too_few_steps_say_nothing(told: list[tuple[datetime, int]]) -> None:
    assert left(told) is None


def test_what_stands_still_has_no_end() -> None:
    assert left(steps(0, 30, 60), after=90) is not None
    assert left(steps(0, 30, 60), after=91) is None


def test_a_pause_between_two_steps_and_what_was_long_ago_do_not_count() -> None:
    assert left(steps(0, 30, 3600, 3630, 3660)) == 5 * 30
    slow = [600 * number for number in range(10)]
    assert left(steps(*slow, *(slow[-1] + 10 * n for n in range(1, 9)), each=100)) == pytest.approx(32 * 10)
