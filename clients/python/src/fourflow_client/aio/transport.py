"""One request: tried again while that is safe, always under the same idempotency key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx

from fourflow_client.errors import Unreachable, error_of
from fourflow_client.exchange import VERSION, Answer, Latest, Patience, without_none


class AsyncTransport:
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
        http: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        headers = {"Accept-Language": language, "Fourflow-Version": VERSION}
        self._http = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=timeout, transport=http)
        self._patience, self._sleep = Patience(attempts, pause, longest), sleep
        self.latest = Latest()

    def authorise(self, token: str) -> None:
        """Send this bearer token from now on."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: Any) -> Answer:
        """Read; parameters that are None are left out."""
        return await self._call("GET", path, params=without_none(query))

    async def file(self, path: str, media_type: str, **query: Any) -> bytes:
        """Read a file, asked for by its media type."""
        answer = await self._call("GET", path, headers={"Accept": media_type}, params=without_none(query))
        return bytes(answer.body)

    async def post(
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
            return await self._call("POST", path, headers=headers, data=dict(body or {}), files={"file": file})
        return await self._call("POST", path, headers=headers, json=dict(body or {}))

    async def pages(self, path: str, **query: Any) -> AsyncIterator[Any]:
        """The rows of a list, page after page, fetched as they are needed; a feed that goes on ends where nothing is yet.

        A ``cursor`` in the query is where the first page begins.
        """
        cursor: str | None = query.pop("cursor", None)
        while True:
            page = (await self.get(path, **{**query, "cursor": cursor})).body
            for row in page["data"]:
                yield row
            cursor = page.get("next_cursor")
            if not cursor or not page["data"]:
                return

    async def _call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **sent: Any) -> Answer:
        key = (headers or {}).get("Idempotency-Key")
        for attempt in range(1, self._patience.attempts + 1):
            try:
                response = await self._http.request(method, path, headers=headers, **sent)
            except httpx.TransportError as error:
                if attempt == self._patience.attempts:
                    raise Unreachable(error, key) from error
                await self._sleep(self._patience.wait(attempt))
                continue
            answer = self.latest.keep(Answer.read(response))
            if answer.status < 400:
                return answer
            if self._patience.is_over(attempt, response):
                raise error_of(response)
            await self._sleep(self._patience.wait(attempt, response))
        raise AssertionError("unreachable")
