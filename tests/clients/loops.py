"""Coroutines in a loop of their own thread: a browser may have left a loop running in the thread of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import httpx
from tests.builders import api


def in_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """What the work comes to."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class Site:
    """The site in this process, which answers in the thread of the test, in whose transaction it stands."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[httpx.Request, Future[httpx.Response]] | None] = SimpleQueue()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        answer: Future[httpx.Response] = Future()
        self._asked.put((request, answer))
        return await asyncio.wrap_future(answer)

    def serve(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Answer until the work is done; what it comes to."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(asyncio.run, work)
            done.add_done_callback(lambda _: self._asked.put(None))
            while (asked := self._asked.get()) is not None:
                request, answer = asked
                try:
                    answer.set_result(api.over_http(request))
                except Exception as error:
                    answer.set_exception(error)
            return done.result()
