"""Doing what the rows of a file ask for: all of them or none, or each for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction

from fourflow.platform.errors import FourflowError
from fourflow.platform.rows import NAMED, About, Asked, RowProblem, RowsMode, RowsRefused, refuse_too_many

T = TypeVar("T")
R = TypeVar("R")


def each(
    rows: Sequence[Asked[T]], do: Callable[[T], R], *, mode: RowsMode, about: About = NAMED
) -> tuple[list[R], tuple[RowProblem, ...]]:
    """Do every row in a savepoint of its own; a refused row is undone, told, and the next one is tried.

    The caller's transaction surrounds all of them. To be called inside one.

    :raises RowsRefused: mode ALL, and a row is refused; ``problems`` names them all, and the caller's transaction falls.
    :raises RowsInvalid: more than 1,000.
    """
    refuse_too_many(len(rows))
    done: list[R] = []
    problems: list[RowProblem] = []
    for row in rows:
        try:
            with transaction.atomic():
                done.append(do(row.wanted))
        except FourflowError as error:
            problems.append(RowProblem.of(row.row, error, row.cells, about))
    if problems and mode is RowsMode.ALL:
        raise RowsRefused(problems=[problem.to_body() for problem in problems])
    return done, tuple(problems)
