"""Errors as codes and parameters; words for people are found at the edge."""

from __future__ import annotations

import enum
from typing import Any, ClassVar


class Kind(enum.StrEnum):
    """What a refusal means to the caller; the doors map it to HTTP status codes and exit codes."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    BUSY = "busy"
    INPUT_DIFFERS = "input_differs"
    UNAVAILABLE = "unavailable"


class FourflowError(Exception):
    """Base of every refusal: a stable ``code`` and JSON-able parameters.

    Conventional parameters: ``field``, ``row``, ``value``, ``expected``.
    """

    code: ClassVar[str] = "fourflow.error"
    kind: ClassVar[Kind] = Kind.INVALID

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code, params)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({shown})"


class Invalid(FourflowError):
    """The input cannot be right, whoever sends it."""

    code = "input.invalid"
    kind = Kind.INVALID


class NotFound(FourflowError):
    """No such object, or the acting organisation may not see it: the two are not told apart."""

    code = "object.not_found"
    kind = Kind.NOT_FOUND


class Forbidden(FourflowError):
    """The actor sees the object but may not do this."""

    code = "action.forbidden"
    kind = Kind.FORBIDDEN


class Conflict(FourflowError):
    """The object's state does not allow this (any more)."""

    code = "object.conflict"
    kind = Kind.CONFLICT


class Unavailable(FourflowError):
    """Something outside that is needed does not answer; try again later."""

    code = "service.unavailable"
    kind = Kind.UNAVAILABLE
