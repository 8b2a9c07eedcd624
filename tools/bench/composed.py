"""Composed operations a second: accept a voucher, split a holding, by four callers at once, each call through ``perform``.

    python -m tools.bench.composed [--seconds 5]

Every call is one durable transaction with its locks, limit, claim, entries, signature, event and stored answer. Signing is
the caller's own work and not counted; checking the signature is.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import signal
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.bench import scratch
from tools.bench.filling import run as filling
from tools.bench.scratch import Cast, line, note

CALLERS = 4
LIMIT = 100.0
ROUNDS = 5
#: vouchers under the calls, so that indexes and lines have something in them
SIZE = 20_000

_barrier: Any = None


def _meet(barrier: Any) -> None:
    """A caller begins, as a process of the site does: what is loaded is left alone by the collector of garbage."""
    global _barrier
    _barrier = barrier
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the family's handler would outlive the pool that ends its callers
    gc.freeze()


def _calls(cast: Cast, kind: str, caller: int) -> list[Callable[[], dict[str, Any]]]:
    """What one caller will ask for, signed beforehand; callers take turns over the parts there are."""
    from django.db.models import F
    from django.db.models.functions import Mod

    from fourflow.capital.vouchers import models, operations
    from fourflow.capital.vouchers.types import TERMS_VERSION, HoldingId, VoucherId
    from fourflow.platform import clock
    from fourflow.platform.crypto.signing import SandboxSigner
    from fourflow.platform.money import Money

    actors = {party: cast.actor(party) for party in cast.suppliers[1:40]}
    now, today, signer = clock.now(), clock.today(), SandboxSigner()
    found: list[Callable[[], dict[str, Any]]] = []
    if kind == "accept":
        offers = models.Voucher.objects.filter(state="offered", receiver_id__in=list(actors))
        for row in list(offers.annotate(turn=Mod(F("face_minor"), CALLERS)).filter(turn=caller)[:150]):
            actor, voucher = actors[row.receiver_id], row.to_type()
            signed = signer.sign(actor.person_id, voucher.content(), terms_version=TERMS_VERSION)

            def accept(voucher: Any = voucher, actor: Any = actor, signed: Any = signed) -> dict[str, Any]:
                done = operations.accept(
                    voucher_id=VoucherId(voucher.id), actor=actor, effective_at=now, signature=signed
                )
                return {"id": str(done.id)}

            found.append(accept)
        return found
    parts = models.Holding.objects.filter(
        state="active", holder_id__in=list(actors), parent=None, amount_minor__gt=400_000, voucher__state="active"
    )
    for part in list(parts.annotate(turn=Mod(F("amount_minor"), CALLERS)).filter(turn=caller)[:150]):
        actor, amount = actors[part.holder_id], Money(part.amount_minor // 2, "USD")
        other = next(party for party in actors if party != part.holder_id)
        content = operations.transfer_content(part.id, other, amount, "order SO-7")
        signed = signer.sign(actor.person_id, content, terms_version=TERMS_VERSION)

        def split(
            part: Any = part, other: Any = other, amount: Any = amount, actor: Any = actor, signed: Any = signed
        ) -> dict[str, Any]:
            done = operations.offer_transfer(
                holding_id=HoldingId(part.id),
                receiver_id=other,
                amount=amount,
                trade_basis="order SO-7",
                actor=actor,
                effective_at=now,
                today=today,
                signature=signed,
            )
            return {"id": str(done.id)}

        found.append(split)
    return found


def _call_for_a_while(asked: tuple[Cast, str, int, float]) -> list[tuple[int, float]]:
    """(calls, seconds) of each round of one caller; stops early when it has nothing left to ask for."""
    from fourflow.platform.ids import new_id
    from fourflow.platform.perform import perform

    cast, kind, caller, seconds = asked
    todo = iter(_calls(cast, kind, caller))
    rounds = []
    for _ in range(ROUNDS):
        _barrier.wait(120)
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < seconds and (run := next(todo, None)) is not None:
            perform(scope="bench", key=str(new_id()), operation=kind, input={"call": done}, run=run)
            done += 1
        rounds.append((done, time.perf_counter() - begun))
    return rounds


def measure(cast: Cast, kind: str, seconds: float) -> bool:
    from django.db import connection

    connection.close()
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(CALLERS)
    with context.Pool(CALLERS, initializer=_meet, initargs=(barrier,)) as pool:
        asked = [(cast, kind, caller, seconds / ROUNDS) for caller in range(CALLERS)]
        rounds = zip(*pool.map(_call_for_a_while, asked, chunksize=1), strict=True)
    rates = [sum(done / spent for done, spent in one) for one in rounds if all(done for done, _ in one)]
    note(f"{kind}: {[round(rate) for rate in rates]} a second")
    return line(f"{kind}, {CALLERS} callers through perform", statistics.median(rates), "/s", LIMIT, least=True)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=5.0)
    chosen = options.parse_args()
    with scratch.installation() as home:
        cast = scratch.cast(home)
        filling.fill(home, cast, SIZE)
        good = measure(cast, "accept", chosen.seconds)
        good &= measure(cast, "split", chosen.seconds)
        filling.number()
        good &= filling.prove()
        note(scratch.load())
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
