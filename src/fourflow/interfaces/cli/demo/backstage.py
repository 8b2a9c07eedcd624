"""The worker and the sequencer of the story: a process of their own, as in service, so that people need not wait for them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from fourflow.interfaces.cli import running
from fourflow.interfaces.cli.demo.beside import Beside
from fourflow.platform.crypto.keys import home

if TYPE_CHECKING:
    from fourflow.oversight.monitoring.queries import RowAudit

#: called late only when all that fell due in the same step has been paid
OVERDUE = ("vouchers.unpaid", "vouchers.defaults")
ROUNDS = 1000
#: seconds until the next look when there was nothing to do while people act; and between cosigned heads of the log
PAUSE, COSIGNED_EVERY = 0.2, 1.0


class Backstage:
    """Sweeps while people act, and to the end when asked to."""

    def __init__(self) -> None:
        self._process = Beside("backstage", _work)

    def begin(self) -> None:
        """Sweep from now on, beside whatever else happens."""
        self._process.tell("begin")

    def settle(self) -> int:
        """Sweep until nothing is due, then once for what is late; the steps done since the last time."""
        self._process.tell("settle")
        done: int = self._process.answer()
        return done

    def audit(self) -> Callable[[], RowAudit]:
        """Compare every row with its events, beside whatever else is checked; call what is returned for the report."""
        self._process.tell("audit")
        return self._process.answer

    def end(self) -> None:
        """No more sweeps; the process is over when this returns."""
        self._process.end()


def _work(asked: Connection[Any, Any]) -> None:
    # what the worker logs, such as a bank that does not answer, is no part of what the story tells
    with (home() / "story.log").open("a") as file:
        os.dup2(file.fileno(), 2)
    running.start_django()
    sweeps = None
    while True:
        word = asked.recv()
        if word == "audit":
            asked.send(_audit())
            continue
        sweeps = sweeps or _Sweeps()
        while word == "begin":
            # told once to begin, it sweeps until it is told to settle
            if asked.poll(0 if sweeps.look() else PAUSE):
                word = asked.recv()
        asked.send(sweeps.settle())


def _audit() -> RowAudit:
    from fourflow.config import wiring
    from fourflow.oversight.monitoring import queries

    return queries.audit_rows(wiring.EVIDENCED)


class _Sweeps:
    """Everything that the worker and the sequencer do; nobody else sweeps during the story, so no sweep's lock is taken."""

    def __init__(self) -> None:
        from fourflow.config import wiring

        found = [sweep for sweep in wiring.sweepers() if not sweep.name.startswith("settlement.reconcile")]
        self._overdue = [sweep for sweep in found if sweep.name in OVERDUE]
        self._sweepers = [sweep for sweep in found if sweep.name not in OVERDUE]
        self._followers = wiring.consumer_sweepers()[:-1]
        self._writer = wiring.writer()
        # nothing is numbered before each witness has said what it remembers
        self._writer.run_once()
        self._done, self._cosigned_at = 0, 0.0

    def look(self) -> int:
        """A round, and once a second a cosigned head of the log after it; the steps done."""
        done = self._round()
        if time.monotonic() - self._cosigned_at >= COSIGNED_EVERY:
            self._writer.run_once(at_once=True)
            self._cosigned_at = time.monotonic()
        return done

    def _round(self) -> int:
        """Each sweep once, the sequencer in between; the steps done."""
        done = sum(sweeper.function() for sweeper in self._sweepers)
        self._writer.sequence_once()
        done += sum(sweeper.function() for sweeper in self._followers)
        self._done += done
        return done

    def settle(self) -> int:
        self._drain()
        # a fortnight has passed at once: what fell due in it is paid before anybody is called late
        late = sum(sweeper.function() for sweeper in self._overdue)
        if late:
            self._drain()
        self._writer.run_once(at_once=True)
        done, self._done = self._done + late, 0
        return done

    def _drain(self) -> None:
        for _ in range(ROUNDS):
            if not self._round():
                return
        raise RuntimeError(f"still something due after {ROUNDS} rounds")
