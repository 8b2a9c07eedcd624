"""The API under load: 8 closed-loop clients against granian, nine reads to one write, over a filled register.

    python -m tools.bench.api [--seconds 60] [--size 20000]

Reads: the list in several orders, a voucher, its holdings, the organisation's own holdings, what is offered to it, its
session. Writes: offers refused through ``/reject``, each under a key of its own. Writes that a person signs are
measured apart, one after the other: he confirms once (scrypt, slow on purpose) and then signs without being asked again.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.bench import scratch
from tools.bench.filling import run as filling
from tools.bench.scratch import Cast, line, note, percentile

CLIENTS = 8
#: half of the clients write, each fifth time: nine reads to one write over all
EVERY = 5
READ_MS, WRITE_MS = 100.0, 250.0
SITE = 8718


class Client(threading.Thread):
    """One caller: sends the next request when it has the answer to the last one."""

    def __init__(self, number: int, cast: Cast, headers: dict[str, str], writes: Iterator[str], until: float) -> None:
        super().__init__(daemon=True)
        self.dice, self.cast, self.headers, self.writes, self.until = (
            random.Random(number),
            cast,
            headers,
            writes,
            until,
        )
        self.spent: dict[str, list[float]] = {"read": [], "write": []}
        self.errors: list[str] = []
        self.ids: list[str] = []

    def run(self) -> None:
        client = http.client.HTTPConnection("127.0.0.1", SITE, timeout=30)
        turn = self.dice.randrange(EVERY)
        while time.monotonic() < self.until:
            turn += 1
            path = next(self.writes, None) if turn % EVERY == 0 else None
            try:
                self.ask(client, "write" if path else "read", path or self.reading())
            except OSError as error:
                self.errors.append(f"{type(error).__name__}: {error}")
                client.close()

    def reading(self) -> str:
        sort = self.dice.choice(("due_on", "-issued_on", "-face", "face"))
        found = ["/v1/vouchers", f"/v1/vouchers?sort={sort}", f"/v1/vouchers?state=active&sort={sort}"]
        found += ["/v1/holdings", "/v1/offers", "/v1/session"]
        if self.ids:
            one = self.dice.choice(self.ids)
            found += [f"/v1/vouchers/{one}", f"/v1/vouchers/{one}/holdings"] * 2
        return self.dice.choice(found)

    def ask(self, client: http.client.HTTPConnection, kind: str, path: str) -> None:
        begun = time.perf_counter()
        if kind == "write":
            headers = {**self.headers, "Idempotency-Key": path}
            client.request("POST", path, json.dumps({"reason": "not our delivery"}), headers)
        else:
            client.request("GET", path, headers=self.headers)
        answer = client.getresponse()
        body = answer.read()
        self.spent[kind].append((time.perf_counter() - begun) * 1000)
        if answer.status >= 400:
            self.errors.append(f"{answer.status} {path} {body[:200]!r}")
        elif path == "/v1/vouchers":
            self.ids = [row["id"] for row in json.loads(body)["data"]]


class Shared:
    """An iterator that threads may share."""

    def __init__(self, values: list[str]) -> None:
        self.values, self.lock = values, threading.Lock()

    def __iter__(self) -> Shared:
        return self

    def __next__(self) -> str:
        with self.lock:
            if not self.values:
                raise StopIteration
            return self.values.pop()


def offers(party: UUID, most: int = 2_000) -> list[str]:
    """Where the offers to a supplier are refused."""
    from fourflow.capital.vouchers.models import Voucher
    from fourflow.platform.ids import encode

    rows = Voucher.objects.filter(state="offered", receiver_id=party).values_list("id", flat=True)[:most]
    return [f"/v1/vouchers/{encode('vch', one)}/reject" for one in rows]


def storm(cast: Cast, seconds: float) -> tuple[dict[str, list[float]], list[str]]:
    """All clients for a while; half of them the large supplier, a quarter each the small one and the operator."""
    door = http.client.HTTPConnection("127.0.0.1", SITE, timeout=60)
    headers = {party: scratch.sign_in(door, cast.email(party)) for party in (cast.large, cast.small, cast.operator)}
    writes, none = Shared(offers(cast.large)), Shared([])
    until = time.monotonic() + seconds
    clients = []
    for number in range(CLIENTS):
        party = (cast.large, cast.small, cast.large, cast.operator)[number % 4]
        clients.append(Client(number, cast, headers[party], writes if party == cast.large else none, until))
    for client in clients:
        client.start()
    for client in clients:
        client.join(seconds + 60)
    spent = {kind: [one for client in clients for one in client.spent[kind]] for kind in ("read", "write")}
    return spent, [error for client in clients for error in client.errors]


def signed(cast: Cast) -> list[float]:
    """Milliseconds of accepting an offer, signed, one after the other; the person has confirmed once before."""
    door = http.client.HTTPConnection("127.0.0.1", SITE, timeout=60)
    headers = scratch.sign_in(door, cast.email(cast.large))
    _json(door, "POST", "/v1/session/confirmation", headers, {"password": scratch.PASSWORD})
    spent = []
    for path in offers(cast.large, most=7):
        voucher = path.removesuffix("/reject")
        content = _json(door, "GET", f"{voucher}/content", headers)
        body = {"content_digest": content["content_digest"]}
        begun = time.perf_counter()
        _json(door, "POST", f"{voucher}/accept", {**headers, "Idempotency-Key": voucher}, body)
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def _json(door: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
    door.request(method, path, json.dumps(body) if body else None, headers)
    answer = door.getresponse()
    found = json.loads(answer.read())
    assert answer.status < 400, (path, found)
    return found


def main() -> int:
    from fourflow.interfaces.cli import family

    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--size", type=int, default=20_000)
    chosen = options.parse_args()
    with scratch.installation() as home:
        cast = scratch.cast(home)
        filling.fill(home, cast, chosen.size)
        home.family.start(family.web(SITE))
        storm(cast, 3)  # a worker loads the pages with its first request: both shall have had one
        spent, errors = storm(cast, chosen.seconds)
        slow = signed(cast)
        home.family.stop_member("web")
        reads, writes = spent["read"], spent["write"]
        rate = (len(reads) + len(writes)) / chosen.seconds
        note(f"{len(reads):,} reads, {len(writes):,} writes, {rate:,.0f} requests/s over {filling.count():,} vouchers")
        for kind, values in spent.items():
            note(f"{kind}: median {statistics.median(values):.1f} ms, p99 {percentile(values, 0.99):.1f} ms")
        good = line("errors", len(errors), "", 0.5)
        good &= line("read, p95", percentile(reads, 0.95), "ms", READ_MS)
        good &= line("write that nobody signs, p95", percentile(writes, 0.95), "ms", WRITE_MS)
        if slow:
            note(f"accept, signed within a confirmation: median {statistics.median(slow):.0f} ms")
        for error in errors[:5]:
            note(error)
        note(scratch.load())
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
