"""Lists stay flat: p95 of the list of vouchers at full size against that at 10,000, within one run.

    python -m tools.bench.flat [--size 1000000] [--audit] [--calls 60] [--without-site]

For a supplier with 200 vouchers and for the operator, who sees all: every sort, both directions, one state, how it was
paid, the beginning of a number, page 200 by its number and by cursor; the query behind page and API as people read (reader
role, row-level security), and the API through granian. FOURFLOW_BENCH_HOME keeps the filled home. Limit of each: 1.5
times. Beside the time stands the work: database blocks that the query touches, which no other load on the machine can
disturb.
"""

from __future__ import annotations

import gc
import http.client
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.bench import scratch
from tools.bench.filling import run as filling
from tools.bench.scratch import Cast, line, note, percentile

SMALL = 10_000
LIMIT = 1.5
SORTS = ("due_on", "issued_on", "face")
SITE = 8717

Case = tuple[str, Callable[[], Any]]


def cases(cast: Cast, party: UUID, name: str) -> list[Case]:
    """The readings of one organisation."""
    from fourflow.capital.vouchers import queries
    from fourflow.capital.vouchers.types import Paid, VoucherState
    from fourflow.platform.db.reading import reading

    actor = cast.actor(party, "viewer")

    def listed(**how: Any) -> Callable[[], Any]:
        def read() -> Any:
            with reading(actor):
                return queries.vouchers(actor=actor, **how)

        return read

    found: list[Case] = []
    for sort in [mark + one for one in SORTS for mark in ("", "-")]:
        found.append((f"{name}, sort {sort}", listed(sort=sort)))
        active = queries.VoucherFilter(states=(VoucherState.ACTIVE,))
        found.append((f"{name}, active, sort {sort}", listed(sort=sort, where=active)))
    overdue = queries.VoucherFilter(states=(VoucherState.OVERDUE,))
    found += [(f"{name}, overdue, sort {sort}", listed(sort=sort, where=overdue)) for sort in ("-issued_on", "face")]
    for how in Paid:
        paid = queries.VoucherFilter(paid=how)
        found += [
            (f"{name}, paid {how.value}, sort {sort}", listed(sort=sort, where=paid)) for sort in ("-issued_on", "face")
        ]
    number = listed()().rows[0].number
    for letters in (len(number), len(number) - 4, 6):
        where = queries.VoucherFilter(text=number[:letters])
        found.append((f"{name}, number begins with {letters} characters", listed(where=where)))
    found.append((f"{name}, page 200 by its number", listed(page=200)))
    cursor = _deep_cursor(listed, pages=3 if party == cast.small else 199)
    found.append((f"{name}, page 200 (or last) by cursor", listed(cursor=cursor)))
    return found


def _deep_cursor(listed: Callable[..., Callable[[], Any]], pages: int) -> str:
    cursor = ""
    for _ in range(pages):
        cursor = listed(cursor=cursor)().next_cursor or cursor
    return cursor


def blocks(read: Callable[[], Any]) -> float:
    """Database blocks that a reading touches, whether found in memory or not."""
    from django.db import connection

    touched = 0

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal touched
        if sql.startswith("SELECT"):
            execute(f"explain (analyze, buffers, format json) {sql}", params, many, context)
            plan = context["cursor"].fetchone()[0][0]["Plan"]
            touched += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        read()
    return float(touched)


def requests(cast: Cast) -> list[Case]:
    """The same through the site."""
    found: list[Case] = []
    number = _get(cast, cast.small, "")["data"][0]["number"]
    for party, name in ((cast.small, "API, small supplier"), (cast.operator, "API, operator")):
        for query in ("sort=due_on", "sort=-face", "state=active&sort=-issued_on", f"q={quote(number[:-4])}"):
            found.append((f"{name}, {query.replace(number[:-4], '…')}", lambda p=party, q=query: _get(cast, p, q)))
    return found


_clients: dict[UUID, tuple[http.client.HTTPConnection, dict[str, str]]] = {}


def _get(cast: Cast, party: UUID, query: str) -> Any:
    """One page from the API over a kept connection."""
    import json

    if party not in _clients:
        client = http.client.HTTPConnection("127.0.0.1", SITE, timeout=30)
        _clients[party] = (client, scratch.sign_in(client, cast.email(party)))
    client, headers = _clients[party]
    client.request("GET", f"/v1/vouchers?{query}", headers=headers)
    answer = client.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, body[:300])
    return json.loads(body)


Measured = dict[str, tuple[float, float]]


def measure(home: scratch.Scratch, cast: Cast, calls: int, *, site: bool) -> Measured:
    """p95 in milliseconds and blocks (0 through the API) of every reading.

    The readings take turns, so that a disturbance meets all of them.
    """
    from fourflow.interfaces.cli import family

    both = [*cases(cast, cast.small, "small supplier"), *cases(cast, cast.operator, "operator")]
    touched = {name: blocks(read) for name, read in both}
    if site:
        home.family.start(family.web(SITE))
    try:
        both += requests(cast) if site else []
        spent: dict[str, list[float]] = {name: [] for name, _ in both}
        for turn in range(calls + 5):
            gc.collect()
            for name, read in both:
                begun = time.perf_counter()
                read()
                if turn >= 5:  # the first ones fill caches, of the server and of the connection
                    spent[name].append((time.perf_counter() - begun) * 1000)
    finally:
        if site:
            home.family.stop_member("web")
        _clients.clear()
    return {name: (percentile(values, 0.95), touched.get(name, 0.0)) for name, values in spent.items()}


def compare(small: Measured, large: Measured) -> bool:
    """Print every ratio; the limit is on the time."""
    good = True
    for name, (p95, touched) in large.items():
        first, before = small[name]
        good &= line(f"{name}: p95 {first:.1f} ms, then", p95 / first, "times", LIMIT)
        if before:
            note(f"{'':>4}{before:,.0f} blocks, then {touched:,.0f}: {touched / before:.2f} times")
    return good


def main() -> int:
    options = filling.options()
    options.add_argument("--calls", type=int, default=60)
    options.add_argument(
        "--without-site", action="store_true", help="the queries alone, on a machine too busy for more"
    )
    chosen = options.parse_args()
    with scratch.installation() as home:
        cast = scratch.cast(home)
        filling.fill(home, cast, SMALL)
        good = filling.prove()
        small = measure(home, cast, chosen.calls, site=not chosen.without_site)
        note(f"{filling.count():,} vouchers measured; {scratch.load()}")
        filling.fill(home, cast, chosen.size)
        large = measure(home, cast, chosen.calls, site=not chosen.without_site)
        note(f"{filling.count():,} vouchers measured; {scratch.load()}")
        good &= compare(small, large)
        if chosen.audit:
            good &= filling.prove()
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
