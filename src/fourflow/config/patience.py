"""A request takes one of the few places at work only when its body is here: who sends slowly keeps nobody else waiting.

The server hands a request over when its headers are read; its body may come a byte a minute. So the body is read first, in
a waiting room much larger than the number of places, for so many seconds; a request whose body is late goes on without it
and is refused (:mod:`fourflow.interfaces.web.policy`). Who sends nothing at all sits in the waiting room until the
connection ends: a proxy that keeps requests until they are whole belongs in front of a public installation.

The places are threads of their own, not leave for any waiting thread to go on: each keeps one connection to the database,
with the statements that it has prepared, so that connections are as many as places and not as many as visitors.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
#: requests at work at the same time in a process, and requests that may be there, most of them waiting for their body
PLACES, WAITING = 3, 128
#: how long a body may take, in seconds
PATIENCE = 20.0
#: bytes that a body may announce; larger ones are refused unread. A file of rows is smaller by far.
LARGEST = 16 * 1024 * 1024
#: set where a body did not come in time
LATE = "fourflow.body_is_late"
_IN_MEMORY = 256 * 1024
_PIECE = 64 * 1024


class Patient:
    """A WSGI application in front of another one. See the module's text."""

    def __init__(
        self,
        application: Application,
        *,
        places: int = PLACES,
        patience: float = PATIENCE,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.application = application
        self.patience = patience
        self.seconds = seconds
        self._places = ThreadPoolExecutor(places, thread_name_prefix="place")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = announced(environ)
        if length is not None and 0 < length <= LARGEST:
            body, is_late = self._read(environ["wsgi.input"], length)
            environ |= {"wsgi.input": body, LATE: is_late}
        return self._places.submit(self.application, environ, start_response).result()

    def _read(self, source: Any, length: int) -> tuple[Any, bool]:
        """What came of the body, from its beginning, and whether time was over before all of it; small ones in memory."""
        deadline = self.seconds() + self.patience
        kept: Any = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115, closed with its request
        is_late = False
        while length > 0 and not is_late and (piece := source.read(min(_PIECE, length))):
            kept.write(piece)
            length -= len(piece)
            is_late = length > 0 and self.seconds() > deadline
        kept.seek(0)
        return kept, is_late


def announced(environ: dict[str, Any]) -> int | None:
    """Bytes of the body as the request announces them; None for what is no number."""
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else None
