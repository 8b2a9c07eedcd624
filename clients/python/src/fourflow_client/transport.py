"""One request: tried again while that is safe, always under the same idempotency key."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from fourflow_client.errors import Problem, Unreachable, error_of

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


class Transport:
    """Requests with a token. ``attempts`` counts the first one too; waiting doubles from ``pause`` seconds, with jitter,
    unless the answer says how long."""

    def __init__(
        self,
        base_url: str,
        *,
        language: str = "en",
        attempts: int = 4,
        pause: float = 0.5,
        longest: float = 60.0,
        timeout: float = 30.0,
        http: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Accept-Language": language, "Fourflow-Version": VERSION}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout, transport=http)
        self._attempts, self._pause, self._longest, self._sleep = attempts, pause, longest, sleep
        self.last: Answer | None = None

    def authorise(self, token: str) -> None:
        """Send this bearer token from now on."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Answer:
        """Read; parameters that are None are left out."""
        return self._call("GET", path, params={name: value for name, value in query.items() if value is not None})

    def file(self, path: str, media_type: str, **query: Any) -> bytes:
        """Read a file, asked for by its media type."""
        sent = {name: value for name, value in query.items() if value is not None}
        return bytes(self._call("GET", path, headers={"Accept": media_type}, params=sent).body)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> Answer:
        """Write once, however often it is sent: without a ``key`` the request gets one of its own.

        :param if_match: the ``etag`` that was read; the write happens only while the object is in that state.
        :param file: name and content, sent as a form with ``body`` as its other fields.
        """
        headers = {"Idempotency-Key": key or str(uuid4())}
        if if_match is not None:
            headers["If-Match"] = if_match
        if file is not None:
            return self._call("POST", path, headers=headers, data=dict(body or {}), files={"file": file})
        return self._call("POST", path, headers=headers, json=dict(body or {}))

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """The rows of a list, page after page, fetched as they are needed; a feed that goes on ends where nothing is yet.

        A ``cursor`` in the query is where the first page begins.
        """
        cursor: str | None = query.pop("cursor", None)
        while True:
            page = self.get(path, **{**query, "cursor": cursor}).body
            yield from page["data"]
            cursor = page.get("next_cursor")
            if not cursor or not page["data"]:
                return

    def _call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **sent: Any) -> Answer:
        key = (headers or {}).get("Idempotency-Key")
        for attempt in range(1, self._attempts + 1):
            try:
                response = self._http.request(method, path, headers=headers, **sent)
            except httpx.TransportError as error:
                if attempt == self._attempts:
                    raise Unreachable(error, key) from error
                self._sleep(self._backoff(attempt))
                continue
            self.last = _answer(response)
            if response.status_code < 400:
                return self.last
            if attempt == self._attempts or not _may_try_again(response):
                raise error_of(response)
            self._sleep(self._wait(response, attempt))
        raise AssertionError("unreachable")

    def _wait(self, response: httpx.Response, attempt: int) -> float:
        told = response.headers.get("Retry-After", "")
        return min(float(told), self._longest) if told.isdigit() else self._backoff(attempt)

    def _backoff(self, attempt: int) -> float:
        most = min(self._pause * 2.0 ** (attempt - 1), self._longest)
        return most * random.uniform(0.5, 1.0)


def _may_try_again(response: httpx.Response) -> bool:
    return response.status_code in AGAIN or (response.status_code == 409 and Problem.read(response).retryable)


def _answer(response: httpx.Response) -> Answer:
    is_json = response.is_success and response.headers.get("Content-Type", "").startswith("application/json")
    return Answer(
        status=response.status_code,
        body=response.json() if is_json else response.content,
        etag=response.headers.get("ETag", ""),
        request_id=response.headers.get("X-Request-Id", ""),
        replayed=response.headers.get("Idempotent-Replayed") == "true",
        headers=response.headers,
    )
