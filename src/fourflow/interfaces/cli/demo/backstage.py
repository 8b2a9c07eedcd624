"""The worker and the sequencer of the story: processes of their own, as in service, so that people need not wait for them."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from fourflow.interfaces.cli import running
from fourflow.interfaces.cli.demo.beside import Beside
from fourflow.platform.crypto.keys import home

if TYPE_CHECKING:
    from fourflow.oversight.monitoring.queries import RowAudit
    from fourflow.platform.jobs import Sweeper

#: what the second process sweeps, by the beginning of its name: what goes to banks and to people's letter boxes
SECOND = ("settlement.", "notices.")
#: called late only when all that fell due in the same step has been paid
OVERDUE = ("vouchers.unpaid", "vouchers.defaults")
ROUNDS = 10_000
#: seconds until the next look when there was nothing to do: while people act, and while only the other process has work;
#: and between cosigned heads of the log
PAUSE, WAIT, COSIGNED_EVERY = 0.2, 0.1, 1.0


class Backstage:
    """Two processes that sweep while people act, and to the end when asked to."""

    def __init__(self) -> None:
        self._calm = Calm(2)
        self._all = [Beside(f"backstage {n}", partial(_work, n, self._calm)) for n in range(2)]

    def begin(self) -> None:
        """Sweep from now on, beside whatever else happens."""
        for one in self._all:
            one.tell("begin")

    def settle(self) -> None:
        """Sweep until nothing is due, then once for what is late."""
        self._drain()
        # a fortnight has passed at once: what fell due in it is paid before anybody is called late
        self._all[0].tell("late")
        if self._all[0].answer():
            self._drain()

    def _drain(self) -> None:
        self._calm.over()
        for one in self._all:
            one.tell("drain")
        for one in self._all:
            one.answer()

    def audit(self) -> Callable[[], RowAudit]:
        """Compare every row with its events, beside whatever else is checked; call what is returned for the report."""
        self._all[0].tell("audit")
        return self._all[0].answer

    def end(self) -> None:
        """No more sweeps; the processes are over when this returns."""
        for one in self._all:
            one.end()


class Calm:
    """Whether several processes, each of which makes work for the others, have all found nothing to do.

    They have when each has looked at everything that is its own since anybody last did anything.
    """

    def __init__(self, how_many: int) -> None:
        self._numbers = multiprocessing.get_context("spawn").Array("q", [0, 0] + [-1] * how_many)

    def over(self) -> None:
        """From now on there may be work again."""
        with self._numbers:
            self._numbers[0] += 1
            self._numbers[1] = False

    def acts(self) -> int:
        """How often anybody has done anything."""
        return int(self._numbers[0])

    def acted(self) -> None:
        with self._numbers:
            self._numbers[0] += 1

    def is_it(self) -> bool:
        """Everybody has found nothing."""
        return bool(self._numbers[1])

    def found_nothing(self, number: int, since: int) -> bool:
        """Process ``number`` has looked at everything, beginning when ``since`` acts had been done; whether it is calm now."""
        with self._numbers:
            self._numbers[2 + number] = since
            self._numbers[1] = all(seen == self._numbers[0] for seen in self._numbers[2:])
        return self.is_it()


def _work(number: int, calm: Calm, asked: Connection[Any, Any]) -> None:
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
        sweeps = sweeps or _Sweeps(number, calm)
        while word == "begin":
            # told once to begin, it sweeps until it is told to drain
            if asked.poll(0 if sweeps.look() else PAUSE):
                word = asked.recv()
        if word == "late":
            asked.send(sweeps.late())
        else:
            sweeps.drain()
            asked.send("calm")


def _audit() -> RowAudit:
    from fourflow.config import wiring
    from fourflow.oversight.monitoring import queries

    return queries.audit_rows(wiring.EVIDENCED)


class _Sweeps:
    """A process's share of what worker and sequencer do; nobody else sweeps that, so no sweep's lock is taken."""

    def __init__(self, number: int, calm: Calm) -> None:
        from fourflow.config import wiring

        def is_mine(sweep: Sweeper) -> bool:
            return sweep.name.startswith(SECOND) == bool(number)

        self._number, self._calm = number, calm
        found = [sweep for sweep in wiring.sweepers() if not sweep.name.startswith("settlement.reconcile")]
        self._overdue = [sweep for sweep in found if sweep.name in OVERDUE]
        self._sweepers = [sweep for sweep in found if sweep.name not in OVERDUE and is_mine(sweep)]
        self._followers = [] if number else wiring.consumer_sweepers()[:-1]
        self._writer = None if number else wiring.writer()
        if self._writer:
            # nothing is numbered before each witness has said what it remembers
            self._writer.run_once()
        self._cosigned_at = 0.0

    def look(self) -> int:
        """A round, and once a second a cosigned head of the log after it; the steps done."""
        done = self._round()
        if self._writer and time.monotonic() - self._cosigned_at >= COSIGNED_EVERY:
            self._writer.run_once(at_once=True)
            self._cosigned_at = time.monotonic()
        return done

    def _round(self) -> int:
        """Each sweep once, the sequencer in between; the steps done."""
        done = sum(sweeper.function() for sweeper in self._sweepers)
        if self._writer:
            self._writer.sequence_once()
        done += sum(sweeper.function() for sweeper in self._followers)
        if done:
            self._calm.acted()
        return done

    def late(self) -> int:
        """Call what has not been paid; the steps done."""
        return sum(sweeper.function() for sweeper in self._overdue)

    def drain(self) -> None:
        """Sweep until nobody finds anything to do."""
        for _ in range(ROUNDS):
            if self._calm.is_it():
                break
            since = self._calm.acts()
            if not self._round() and not self._calm.found_nothing(self._number, since):
                time.sleep(WAIT)
        else:
            raise RuntimeError(f"still something due after {ROUNDS} rounds")
        if self._writer:
            self._writer.run_once(at_once=True)
