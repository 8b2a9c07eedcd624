"""The ledger: medians of interleaved rounds, ratios within one run, every commit on disk.

    python -m tools.bench.ledger [--transfers 1000000] [--peer PYTHON] [--parts batches,singles,peer,past]

``--transfers`` is the size at which past balances are read (0 leaves that out). ``--peer`` names a Python that has
django-hordak and psycopg installed (default: the one that runs this, if it has); without one the comparison is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from tools.bench import ledger_bare

ROUNDS = 7
BATCHES = 8
SIZE = 1_000
ACCOUNTS = 10_000
CALLERS = 8
SECONDS = 2.0


def line(name: str, value: float, unit: str, target: float, *, least: bool = True) -> bool:
    """Print one figure against its target; True when it is met."""
    met = value >= target if least else value <= target
    sign = ">=" if least else "<="
    print(f"{'ok ' if met else 'NOT'} {name:<60} {value:>12,.2f} {unit:<12} {sign} {target:,.2f}", flush=True)
    return met


def main() -> bool:
    """Run all measurements on a server of our own."""
    options = argparse.ArgumentParser()
    options.add_argument("--transfers", type=int, default=1_000_000)
    options.add_argument("--peer", default=os.environ.get("FOURFLOW_BENCH_PEER", ""))
    options.add_argument("--parts", default="batches,singles,peer,past")
    chosen = options.parse_args()
    parts: dict[str, Callable[[str, Path], bool]] = {
        "batches": batches,
        "singles": lambda dsn, home: singles(),
        "peer": lambda dsn, home: against_peer(dsn, chosen.peer),
        "past": lambda dsn, home: not chosen.transfers or past(chosen.transfers),
    }
    with tempfile.TemporaryDirectory(prefix="fourflow-bench-") as home:
        os.environ["FOURFLOW_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fourflow.config.settings")
        from fourflow.platform.db.embedded import Embedded

        server = Embedded(Path(home) / "db", settings={"max_wal_size": "4GB", "shared_buffers": "1GB"})
        server.start()
        try:
            prepare(server.dsn())
            met = [parts[name](server.dsn(), Path(home)) for name in chosen.parts.split(",")]
            return all(met)
        finally:
            from django.db import connection

            connection.close()
            server.stop()


def prepare(dsn: str) -> None:
    """A migrated database; from then on Django is the writer."""
    import django
    import psycopg

    from fourflow.platform.db import location

    with psycopg.connect(dsn, autocommit=True) as admin:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            shown = admin.execute(f"show {name}").fetchone()  # type: ignore[call-overload]
            assert shown == ("on",), (name, shown)
        passwords = location.ensure_roles(admin, {})
        location.write(admin.info.host, str(admin.info.port), "fourflow", passwords)
        location.ensure_database(admin, "fourflow")
        where = {"dbname": "fourflow", "user": "fourflow_owner", "password": passwords["fourflow_owner"]}
        with psycopg.connect(dsn, autocommit=True, **where) as owner:
            location.prepare_schema(owner)
    os.environ["FOURFLOW_DATABASE_ROLE"] = "owner"
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", "ledger", verbosity=0)
    connection.close()
    connection.settings_dict.update({"USER": "fourflow_writer", "PASSWORD": passwords["fourflow_writer"]})


def keys() -> list[Any]:
    """The accounts of one mirror book."""
    from fourflow.capital.ledger.types import AccountKey, BookKind, book_of

    book = book_of(BookKind.MIRROR, UUID(int=1))
    return [AccountKey(book, "ap.voucher", "CNY", UUID(int=n + 1)) for n in range(ACCOUNTS)]


def batch_of(
    accounts: Sequence[Any], size: int, dice: random.Random, *, hot: bool = False, holds: float = 0.3
) -> list[Any]:
    """Entries between random accounts, or all from one hot account to random ones; ten entries an instrument."""
    from fourflow.capital.ledger.types import Entry, EntryKind
    from fourflow.platform.ids import new_id
    from fourflow.platform.money import Money

    instruments = [new_id() for _ in range(max(1, size // 10))]
    made = []
    for _ in range(size):
        debit, credit = dice.sample(accounts[1:], 2)
        made.append(
            Entry(
                accounts[0] if hot else debit,
                credit,
                Money(dice.randrange(1, 1_000_000), "CNY"),
                EntryKind.HOLD if dice.random() < holds else EntryKind.POSTED,
                instrument=dice.choice(instruments),
                narrative_code="bench",
            )
        )
    return made


def post(entries: Sequence[Any], effective_at: datetime | None = None) -> None:
    from fourflow.capital.ledger import operations
    from fourflow.platform.ids import new_id

    operations.post_many(entries, reference=str(new_id()), effective_at=effective_at or datetime.now(UTC))


def batches(dsn: str, home: Path) -> bool:
    """Batches through Python, through pgbench with the same arrays, and on one hot account."""
    dice, accounts = random.Random(1), keys()
    for start in range(0, ACCOUNTS, 1000):
        post(batch_of(accounts[start : start + 1000], SIZE, dice))
    uniform = [batch_of(accounts, SIZE, dice) for _ in range(BATCHES)]
    hot = [batch_of(accounts, SIZE, dice, hot=True) for _ in range(BATCHES)]
    script = home / "post.sql"
    script.write_text(pgbench_script(uniform))
    bare = bare_batches(dsn, uniform)
    for entries in (*uniform[:2], *hot[:2]):
        post(entries)
    results: dict[str, list[float]] = {"python": [], "pgbench": [], "hot": [], "bare": []}
    for _ in range(ROUNDS):
        results["python"].append(rate(uniform))
        results["pgbench"].append(pgbench(dsn, script))
        results["hot"].append(rate(hot))
        results["bare"].append(rate(bare, ledger_bare.post))
    median = {name: statistics.median(values) for name, values in results.items()}
    print(f"    rounds: { {name: [round(v) for v in values] for name, values in results.items()} }")
    good = line("post_many of 1,000, 30 % holds", median["python"], "transfers/s", 25_000)
    print(f"    {median['python'] / median['bare']:.2f} of bare tables without promises ({median['bare']:,.0f}/s here)")
    good &= line("  of the same arrays through pgbench", median["python"] / median["pgbench"], "ratio", 0.8)
    return good & line("  one hot account, of uniform", median["hot"] / median["python"], "ratio", 0.9)


def bare_batches(dsn: str, uniform: Sequence[Sequence[Any]]) -> list[list[str]]:
    """The same batches as columns, and bare tables with their accounts."""
    import psycopg

    from fourflow.capital.ledger.domain import batch
    from fourflow.capital.ledger.operations import accounts

    with psycopg.connect(dsn, autocommit=True, dbname="fourflow") as owner:
        ledger_bare.prepare(owner, list(accounts.ids_of(keys()).values()))
    return [batch.columns(entries, accounts.ids_of(batch.keys(entries))) for entries in uniform]


def rate(all_entries: Sequence[Any], post: Callable[[Any], None] = post) -> float:
    begun = time.perf_counter()
    for entries in all_entries:
        post(entries)
    return len(all_entries) * SIZE / (time.perf_counter() - begun)


def pgbench_script(all_entries: Sequence[Sequence[Any]]) -> str:
    """One statement, and so one commit, for each batch."""
    from fourflow.capital.ledger.domain import batch
    from fourflow.capital.ledger.operations import accounts

    types = ("bigint[]", "bigint[]", "bigint[]", "text[]", "bigint[]", "timestamptz[]", "uuid[]", "text[]")
    statements = []
    for entries in all_entries:
        columns = batch.columns(entries, accounts.ids_of(batch.keys(entries)))
        arrays = ", ".join(f"'{column}'::{of}" for column, of in zip(columns, types, strict=True))
        statements.append(f"select * from ledger_post(gen_random_uuid()::text, now(), {arrays});")
    return "\n".join(statements)


def pgbench(dsn: str, script: Path) -> float:
    """Transfers a second of the script, run once by one client as the writer."""
    from psycopg.conninfo import conninfo_to_dict

    from fourflow.platform.db import location
    from fourflow.platform.db.embedded import binaries

    info, known = conninfo_to_dict(dsn), location.read()
    assert known is not None
    environment = {
        **os.environ,
        "PGHOST": str(info["host"]),
        "PGUSER": "fourflow_writer",
        "PGPASSWORD": known["passwords"]["fourflow_writer"],
    }
    command = [str(binaries() / "pgbench"), "-n", "-c", "1", "-t", "1", "-f", str(script), "fourflow"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+) \(without", ran.stdout)
    assert found, ran.stdout + ran.stderr
    return float(found.group(1)) * BATCHES * SIZE


def singles() -> bool:
    """Single postings by several callers, each a process with a connection of its own."""
    from django.db import connection

    connection.close()
    context = multiprocessing.get_context("fork")

    def once() -> float:
        barrier = context.Barrier(CALLERS)
        with context.Pool(CALLERS, initializer=_meet, initargs=(barrier,)) as pool:
            return sum(pool.map(_call_for_a_while, range(CALLERS), chunksize=1)) / SECONDS

    return line(
        f"single postings, {CALLERS} callers", statistics.median(once() for _ in range(5)), "transfers/s", 1_500
    )


_barrier: Any = None


def _meet(barrier: Any) -> None:
    global _barrier
    _barrier = barrier
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the family's handler would outlive the pool that ends its callers


def _call_for_a_while(number: int) -> int:
    from fourflow.capital.ledger.operations.accounts import ids_of

    dice, accounts = random.Random(), keys()
    ids_of(accounts)
    ready = [batch_of(accounts, 1, dice) for _ in range(2_000)]
    post(ready[0])
    _barrier.wait()
    done, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        post(ready[done % len(ready)])
        done += 1
    return done


def against_peer(dsn: str, python: str) -> bool:
    """django-hordak's bulk creation on the same server, against ours measured again beside it."""
    if not python and importlib.util.find_spec("hordak"):
        python = sys.executable
    if not python:
        print("--  django-hordak is not installed: comparison left out (--peer PYTHON)")
        return True
    script = Path(__file__).with_name("ledger_peer.py")
    accounts = keys()
    ours, theirs = [], []
    entries = [batch_of(accounts, SIZE, random.Random(3), holds=0)]
    with subprocess.Popen([python, str(script), dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin and peer.stdout
        assert peer.stdout.readline().startswith("ready")
        for _ in range(5):
            ours.append(rate(entries))
            peer.stdin.write(f"{SIZE}\n")
            peer.stdin.flush()
            theirs.append(float(peer.stdout.readline()))
        peer.stdin.close()
    print(f"    ours {[round(v) for v in ours]}, django-hordak {[round(v) for v in theirs]} transfers/s")
    ratio = statistics.median(ours) / statistics.median(theirs)
    return line("post_many of 1,000, of django-hordak's bulk_create", ratio, "times", 3)


def past(transfers: int) -> bool:
    """Balances of the past on a hot account that has all transfers, dated over a year and partly backdated."""
    from fourflow.capital.ledger import models, queries

    dice, accounts = random.Random(7), [replace(keys()[0], counterparty=UUID(int=1 << 64)), *keys()[1:]]
    first, size = datetime(2025, 1, 1, tzinfo=UTC), 100
    ready = [batch_of(accounts, size, dice, hot=True) for _ in range(4)]
    begun = time.perf_counter()
    rounds = transfers // size
    for number in range(rounds):
        share = number / rounds * (1 if dice.random() < 0.9 else dice.random())
        post(ready[number % 4], first + timedelta(days=365 * share))
    spent_s = time.perf_counter() - begun
    print(f"    {transfers:,} transfers on one account in {spent_s:,.0f} s, {size} a batch, a tenth of them backdated")
    moments = list(models.Batch.objects.order_by("id").values_list("recorded_at", flat=True))[-rounds:]

    def timed(read: Callable[[], Any]) -> list[float]:
        spent = []
        for _ in range(101):
            begun = time.perf_counter()
            read()
            spent.append((time.perf_counter() - begun) * 1000)
        return spent

    def some_day() -> datetime:
        return first + timedelta(days=365 * dice.random())

    def both() -> None:
        """As the books stood then: effective and recorded at the same share of the way."""
        share = dice.random()
        queries.balance(
            accounts[0],
            effective_at=first + timedelta(days=365 * share),
            recorded_at=moments[int(share * len(moments))],
        )

    good = True
    for name, read in (
        ("by effective time", lambda: queries.balance(accounts[0], effective_at=some_day())),
        ("by recorded time", lambda: queries.balance(accounts[0], recorded_at=dice.choice(moments))),
        ("by both", both),
    ):
        spent = timed(read)
        good &= line(f"past balance {name}, median", statistics.median(spent), "ms", 10, least=False)
        print(f"    p99 {sorted(spent)[99]:.2f} ms, max {max(spent):.2f} ms")
    return good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
