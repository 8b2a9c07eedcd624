"""Sweepers: short functions that look for rows with something due and do one step for each. There is no queue.

State lives in tables, so a lost, late or doubled run changes nothing: the next sweep finds what is still due.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from fourflow.platform.errors import FourflowError

log = structlog.get_logger()
Due = TypeVar("Due")


@dataclass(frozen=True, slots=True)
class Sweeper:
    """A function that does what is due and returns how many steps it did; run at least every ``seconds``."""

    name: str
    seconds: float
    function: Callable[[], int]


def each(found: Iterable[Due], step: Callable[[Due], object]) -> int:
    """One step for each, in a transaction of its own; returns how many were done.

    What somebody else did meanwhile, or what is refused, is logged and holds up no other. Nor does one that breaks: it is
    raised when all the others have had their turn. Without a database nobody has one.

    :raises Exception: the first that broke.
    """
    done, broken = 0, list[Exception]()
    for one in found:
        try:
            step(one)
            done += 1
        except FourflowError as error:
            log.info(
                "sweep passed over",
                step=getattr(step, "__name__", ""),
                id=str(getattr(one, "id", one)),
                code=error.code,
            )
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.error("sweep broke", id=str(getattr(one, "id", one)), error=traceback.format_exc(limit=-4))
            broken.append(error)
    if broken:
        raise broken[0]
    return done


def run_once(sweeper: Sweeper) -> int:
    """One sweep, unless another process is in the same sweep right now (then 0)."""
    number = struct.unpack(">q", hashlib.sha256(f"sweeper {sweeper.name}".encode()).digest()[:8])[0]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            return 0
    try:
        return sweeper.function()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [number])


def drain(sweepers: Sequence[Sweeper], rounds: int = 1000) -> int:
    """Sweep until nothing is due (tests and the demo use it instead of waiting); returns the steps done."""
    total = 0
    for _ in range(rounds):
        done = sum(run_once(sweeper) for sweeper in sweepers)
        total += done
        if not done:
            return total
    raise RuntimeError(f"still something due after {rounds} rounds")


def run_forever(sweepers: Sequence[Sweeper], stop: threading.Event) -> None:
    """One thread a sweeper until told to stop; a failure is logged and the sweep tried again, ever more slowly."""
    threads = [threading.Thread(target=_loop, args=(sweeper, stop), name=sweeper.name) for sweeper in sweepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _loop(sweeper: Sweeper, stop: threading.Event) -> None:
    failures = 0
    while not stop.is_set():
        started = time.monotonic()
        try:
            close_old_connections()
            done = run_once(sweeper)
            failures = 0
        except Exception:
            failures += 1
            done = 0
            log.error("sweep failed", sweeper=sweeper.name, failures=failures, error=traceback.format_exc(limit=-4))
            connection.close()
        pause = min(sweeper.seconds * 2 ** min(failures, 10), 30.0) - (time.monotonic() - started)
        if not done:
            stop.wait(max(pause, 0.01))
    connection.close()
