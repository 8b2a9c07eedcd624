"""What can go wrong, as types: ``except Conflict`` instead of comparing numbers; ``problem.code`` never changes its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with the input: where (JSON pointer) and what."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document (RFC 9457) of the API."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str = ""
    retryable: bool = False
    errors: tuple[FieldError, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, response: httpx.Response) -> Problem:
        """The document of an answer; an answer without one (a proxy's page) is a problem without a code."""
        try:
            body = response.json()
        except ValueError:
            body = {}
        if not isinstance(body, dict):
            body = {}
        return cls(
            status=response.status_code,
            code=str(body.get("code", "")),
            title=str(body.get("title", response.reason_phrase)),
            detail=str(body.get("detail", "")),
            request_id=str(body.get("request_id", response.headers.get("X-Request-Id", ""))),
            retryable=bool(body.get("retryable", False)),
            errors=tuple(FieldError(e["pointer"], e["code"], e["detail"]) for e in body.get("errors", ())),
            params=dict(body.get("params", {})),
        )


class FourflowError(Exception):
    """Everything that this client raises about a request."""


class Unreachable(FourflowError):
    """No answer, after all attempts. A write may have happened: repeat it with the same ``key`` to find out safely."""

    def __init__(self, cause: Exception, key: str | None) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.key = key


class ApiError(FourflowError):
    """The API refused."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail} (request {problem.request_id})")
        self.problem = problem

    @property
    def code(self) -> str:
        return self.problem.code


class BadRequest(ApiError):
    """400, 413, 415, 428: the request itself is wrong."""


class Unauthenticated(ApiError):
    """401: no token, or its time is over."""


class Forbidden(ApiError):
    """403: it may be seen, and not done by this person."""


class NotFound(ApiError):
    """404: it does not exist, or is not the organisation's to see."""


class Conflict(ApiError):
    """409: its state does not allow it (any more)."""


class PreconditionFailed(ApiError):
    """412: the object is not any more what was read."""


class InvalidInput(ApiError):
    """422: the input breaks a rule; ``problem.errors`` names the fields."""


class RateLimited(ApiError):
    """429: the quota is used up, and waiting was not enough."""


class ServerError(ApiError):
    """5xx: something on the other side, or outside of it, does not answer."""


_KINDS: dict[int, type[ApiError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    422: InvalidInput,
    429: RateLimited,
}


def error_of(response: httpx.Response) -> ApiError:
    """The error that an answer stands for."""
    problem = Problem.read(response)
    kind = _KINDS.get(problem.status, ServerError if problem.status >= 500 else BadRequest)
    return kind(problem)
