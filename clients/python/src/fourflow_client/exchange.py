"""What the client for threads and the one for tasks share: an answer, when a request may be sent again, and after how long."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from fourflow_client.errors import Problem

#: the dated version of the API that this client was written for
VERSION = "2026-12-01"
#: answers after which the same request may be sent again; 409 only where the problem says so
AGAIN = {429, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the body (of a file and of a refusal as bytes), and the headers that some callers need."""

    status: int
    body: Any
    etag: str
    request_id: str
    replayed: bool
    headers: Mapping[str, str]

    @classmethod
    def read(cls, response: httpx.Response) -> Answer:
        is_json = response.is_success and response.headers.get("Content-Type", "").startswith("application/json")
        return cls(
            status=response.status_code,
            body=response.json() if is_json else response.content,
            etag=response.headers.get("ETag", ""),
            request_id=response.headers.get("X-Request-Id", ""),
            replayed=response.headers.get("Idempotent-Replayed") == "true",
            headers=response.headers,
        )


class Latest:
    """What each task (or thread, where none runs) was answered last: requests at once do not overwrite each other's."""

    def __init__(self) -> None:
        self._answers: WeakKeyDictionary[object, Answer] = WeakKeyDictionary()

    def keep(self, answer: Answer) -> Answer:
        self._answers[_caller()] = answer
        return answer

    def mine(self) -> Answer | None:
        return self._answers.get(_caller())


def _caller() -> object:
    try:
        return asyncio.current_task() or threading.current_thread()
    except RuntimeError:  # no event loop in this thread
        return threading.current_thread()


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent and how long is waited in between, in seconds: twice as long each time, with jitter, at
    most ``longest``, unless the answer says how long."""

    attempts: int
    pause: float
    longest: float

    def wait(self, attempt: int, response: httpx.Response | None = None) -> float:
        """How long to wait after the ``attempt``-th; ``response``: what it was answered, if anything."""
        told = "" if response is None else response.headers.get("Retry-After", "")
        if told.isdigit():
            return min(float(told), self.longest)
        return min(self.pause * 2.0 ** (attempt - 1), self.longest) * random.uniform(0.5, 1.0)

    def is_over(self, attempt: int, response: httpx.Response) -> bool:
        """Whether a refusal is final: the last attempt's, or one that sending again would not change."""
        again = response.status_code in AGAIN or (response.status_code == 409 and Problem.read(response).retryable)
        return attempt == self.attempts or not again


def without_none(query: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that were given."""
    return {name: value for name, value in query.items() if value is not None}
