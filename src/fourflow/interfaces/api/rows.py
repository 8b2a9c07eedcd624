"""What routes share that do the rows of a file: the number of a row, what is wrong with one, the bad ones as a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, Field

from fourflow.interfaces.api.errors import text_of
from fourflow.interfaces.api.fields import Part
from fourflow.interfaces.api.replies import file
from fourflow.platform.rows import Asked, RowProblem, problem_file

B = TypeVar("B", bound=BaseModel)
Row = Annotated[int, Field(ge=2, le=100_000, description="As a spreadsheet numbers it; the header is row 1.")]


class RowProblemBody(Part):
    """What is wrong with a row: the field, the value as given, what was expected; ``detail`` in the caller's language."""

    row: int
    code: str
    detail: str
    field: str
    value: str
    expected: str

    @classmethod
    def of(cls, problem: RowProblem) -> RowProblemBody:
        return cls(**problem.to_body(), detail=text_of(problem.code))


def shown(model: type[B], asked: Asked[Any]) -> B:
    """A row of a dry run as the body that asks for it."""
    wanted = {name: getattr(asked.wanted, name) for name in model.model_fields if name != "row"}
    return model.model_validate({**wanted, "row": asked.row}, from_attributes=True)


def told(problems: Iterable[RowProblem]) -> list[RowProblemBody]:
    return [RowProblemBody.of(problem) for problem in problems]


def stored(result: dict[str, Any]) -> list[RowProblemBody]:
    """The rows that a write left out, from its stored answer."""
    return told(RowProblem(**problem) for problem in result["problems"])


def to_mend(request: HttpRequest, problems: Iterable[RowProblem]) -> HttpResponse:
    """The bad rows with their reasons as CSV; no cell is one that a spreadsheet executes."""
    return file(request, problem_file(problems), "text/csv; charset=utf-8", "problems.csv")
