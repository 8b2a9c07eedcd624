"""Fill the register with vouchers in bulk, then verify and audit.

    python -m tools.bench.filling.run [--size 1000000] [--audit]

Two processes, each with its own bank and suppliers, so that they never wait for one another's rows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tools.bench import scratch
from tools.bench.filling.make import SMALL_GROUPS, WORKERS, Filler
from tools.bench.scratch import Cast, note


def _work(cast: Cast, worker: int, vouchers: int, small_groups: int) -> None:
    Filler(cast, worker, seed=worker + vouchers).run(vouchers, small_groups)


def count(receiver: UUID | None = None) -> int:
    """Vouchers that there are, or that were issued to one supplier."""
    from fourflow.capital.vouchers.models import Voucher

    return (Voucher.objects.filter(receiver_id=receiver) if receiver else Voucher.objects).count()


def fill(home: scratch.Scratch, cast: Cast, size: int) -> None:
    """Bring the register up to ``size`` vouchers (a multiple of 2,000 more than there are)."""
    from django.db import connection

    missing, small = size - count(), count(cast.small)
    if missing <= 0:
        return
    begun = time.perf_counter()
    connection.close()
    context = multiprocessing.get_context("fork")
    each = missing // WORKERS
    workers = [
        context.Process(target=_work, args=(cast, n, each, SMALL_GROUPS if n == 0 and not small else 0))
        for n in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit("the fill did not go through")
    filled = time.perf_counter() - begun
    number()
    spent = time.perf_counter() - begun
    home.vacuum()
    note(
        f"{missing:,} vouchers more, {count():,} in all: {filled:,.0f} s, then {spent - filled:,.0f} s to number their "
        f"events; {missing / spent:,.0f} vouchers/s; {scratch.load()}"
    )


def number() -> None:
    """Number all events and grow the tree."""
    from fourflow.foundation.evidence import operations

    while (done := operations.advance()) and done.added:
        pass


def prove() -> bool:
    """``ledger verify`` and ``evidence audit`` over everything."""
    from fourflow.capital.ledger import queries as ledger
    from fourflow.config import wiring
    from fourflow.foundation.evidence import queries as evidence
    from fourflow.oversight.monitoring.queries import audit_rows

    begun = time.perf_counter()
    books = ledger.verify()
    took = time.perf_counter() - begun
    note(f"ledger verify: {books.transfers:,} transfers, {'sound' if books.sound else 'NOT SOUND'}, {took:,.0f} s")
    begun = time.perf_counter()
    log = evidence.audit_log()
    took = time.perf_counter() - begun
    note(f"audit of the log: {log.leaves:,} leaves, {'sound' if log.sound else 'NOT SOUND'}, {took:,.0f} s")
    begun = time.perf_counter()
    rows = audit_rows(wiring.EVIDENCED)
    took = time.perf_counter() - begun
    note(f"audit of the rows: {rows.checked:,} rows, {'sound' if rows.sound else 'NOT SOUND'}, {took:,.0f} s")
    for finding in [*books.differences, *log.findings, *rows.findings][:10]:
        note(f"  {finding}")
    return books.sound and log.sound and rows.sound


def options() -> argparse.ArgumentParser:
    """``--size``, ``--audit``."""
    found = argparse.ArgumentParser()
    found.add_argument("--size", type=int, default=1_000_000)
    found.add_argument("--audit", action="store_true", help="verify and audit at full size, too (minutes at a million)")
    return found


def main() -> int:
    chosen = options().parse_args()
    with scratch.installation() as home:
        cast = scratch.cast(home)
        fill(home, cast, chosen.size)
        return 0 if not chosen.audit or prove() else 1


if __name__ == "__main__":
    raise SystemExit(main())
