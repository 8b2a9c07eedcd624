"""The sender of webhooks is killed by the kernel while the partner is answering: the next one sends the same message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.builders import clients as build
from tests.builders import parties
from tests.builders.parties import NOON

from fourflow.foundation.clients import operations, queries
from fourflow.foundation.clients.types import DeliveryState
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import clock
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import kinds

SENDER = """
import django; django.setup()
from fourflow.foundation.clients import jobs
from fourflow.foundation.clients.adapters.http_webhook.courier import HttpCourier
print(jobs.send_due(HttpCourier(loopback=True), lambda event: event.kind.encode()))
"""


def send(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SENDER], env=environment, stdout=subprocess.PIPE)


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_is_killed_while_it_waits_for_the_answer_sends_the_same_again() -> None:
    seen: list[tuple[str, bytes]] = []
    victim: list[subprocess.Popen[bytes]] = []
    started = threading.Event()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.headers["webhook-id"], body))
            started.wait()
            if len(seen) == 1:
                os.kill(victim[0].pid, signal.SIGKILL)
                victim[0].wait()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                """Who asked is dead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        firm = parties.supplier(parties.operator())
        operations.register(
            url=f"http://127.0.0.1:{server.server_address[1]}/",
            kinds=["client.*"],
            known=kinds(),
            actor=firm.maker,
            effective_at=NOON,
            loopback=True,
        )
        operations.propose(terms=build.terms(), actor=firm.maker, effective_at=NOON)
        events.sequence()
        operations.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        victim.append(send(dict(os.environ)))
        started.set()
        assert victim[0].wait(60) == -signal.SIGKILL
        (delivery,) = queries.deliveries(actor=firm.maker)
        assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 0)
        second = send(dict(os.environ))
        said, _ = second.communicate(timeout=60)
        assert said.split()[-1] == b"1"
    finally:
        started.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert len(seen) == 2 and seen[0] == seen[1]
    assert [one.state for one in queries.deliveries(actor=firm.maker)] == [DeliveryState.DELIVERED]
