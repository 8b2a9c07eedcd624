"""Sweepers: make deliveries of new events, send what is due, clear away what is over.

The network is spoken to outside any transaction and in threads that know no database. Killed anywhere, the next sweep
finds what is still due.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

import structlog
from django.db import transaction

from fourflow.foundation.clients import operations
from fourflow.foundation.clients.operations.delivering import Letter
from fourflow.foundation.clients.ports import Courier, Posted
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import clock
from fourflow.platform.crypto import webhooks
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.ids import encode
from fourflow.platform.jobs import Sweeper, each

log = structlog.get_logger()
PREFIX = "whd"
THREADS = 8

Write = Callable[[RecordedEvent], bytes]


def sweepers(courier: Courier, write: Write, *, every: float = 1.0) -> list[Sweeper]:
    """What the worker sweeps; wiring hands in who posts and what an event says outside."""
    return [
        Sweeper(
            "webhooks.fan_out",
            every,
            lambda: operations.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today()),
        ),
        Sweeper("webhooks.send", every, partial(send_due, courier, write)),
        Sweeper("clients.clear", 60.0, clear_over),
    ]


def send_due(courier: Courier, write: Write) -> int:
    """Post what is due, a few at a time side by side; returns how many attempts were made."""
    now = clock.machine()
    letters = operations.due(actor=SYSTEM, now=now)
    if not letters:
        return 0
    written = [(letter, write(letter.event)) for letter in letters]  # before the first leaves
    with ThreadPoolExecutor(min(THREADS, len(letters))) as pool:
        sent = {pool.submit(_post, courier, letter, body): letter for letter, body in written}
        each(as_completed(sent), lambda one: _record(sent[one], one.result()))
    return len(letters)


def _post(courier: Courier, letter: Letter, body: bytes) -> Posted:
    message_id = encode(PREFIX, letter.id)
    headers = webhooks.headers(letter.secrets, message_id=message_id, at=clock.machine(), body=body)
    return courier.post(letter.url, body, {"content-type": "application/json", **headers})


def _record(letter: Letter, posted: Posted) -> None:
    with transaction.atomic():
        operations.record_attempt(
            delivery_id=letter.id,
            posted=posted,
            actor=SYSTEM,
            sent_at=clock.machine(),
            effective_at=clock.now(),
        )
    log.info("webhook", delivery=encode(PREFIX, letter.id), status=posted.status, error=posted.error)


def clear_over() -> int:
    """Tokens and used assertions that nobody could use any more are taken away."""
    with transaction.atomic():
        return operations.clear(now=clock.machine())
