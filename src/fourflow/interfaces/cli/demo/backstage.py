"""The workers and the sequencer of the story: processes of their own, as in service, so that people need not wait for them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from fourflow.interfaces.cli import running
from fourflow.interfaces.cli.demo.beside import Beside
from fourflow.platform.crypto.keys import home
from fourflow.platform.jobs import Sweeper, run_once

if TYPE_CHECKING:
    from fourflow.oversight.monitoring.queries import RowAudit

#: called late only when all that fell due in the same step has been paid
OVERDUE = ("vouchers.unpaid", "vouchers.defaults")
ROUNDS = 1000
#: seconds until the next look when there was nothing to do; and between cosigned heads of the log
PAUSE, COSIGNED_EVERY = 0.2, 1.0


class Backstage:
    """Sweeps while people act, and to the end when asked to.

    The first worker also numbers and signs. While people act it is alone beside them; when they rest, the second one helps:
    no sweep is in two hands at once, as everywhere, so each takes what the other is not at.
    """

    def __init__(self) -> None:
        self._first = Beside("backstage", _work)
        self._second = Beside("backstage, too", _help)

    def begin(self) -> None:
        """Sweep from now on, beside whatever else happens."""
        self._first.tell("begin")

    def settle(self) -> None:
        """Sweep until nothing is due, then once for what is late."""
        self._ask(self._first, "pause")  # it swept alone, without locks
        self._drain()
        # a fortnight has passed at once: what fell due in it is paid before anybody is called late
        if self._ask(self._first, "late"):
            self._drain()
        self._ask(self._first, "cosign")

    def _drain(self) -> None:
        """Until both have found nothing to do since they were asked last."""
        done = 1
        while done:
            self._second.tell("begin")
            done = self._ask(self._first, "drain")
            done += self._ask(self._second, "pause")

    def _ask(self, whom: Beside, word: str) -> int:
        whom.tell(word)
        done: int = whom.answer()
        return done

    def audit(self) -> Callable[[], RowAudit]:
        """Compare every row with its events, beside whatever else is checked; call what is returned for the report."""
        self._first.tell("audit")
        return self._first.answer

    def end(self) -> None:
        """No more sweeps; the processes are over when this returns."""
        self._second.end()
        self._first.end()


def _work(asked: Connection[Any, Any], *, first: bool = True) -> None:
    # what the worker logs, such as a bank that does not answer, is no part of what the story tells
    with (home() / "story.log").open("a") as file:
        os.dup2(file.fileno(), 2)
    running.start_django()
    word, sweeps = asked.recv(), None
    while True:
        if word == "audit":
            asked.send(_audit())
        else:
            sweeps = sweeps or _Sweeps(first=first)
            if word == "begin":
                # told once to begin, it sweeps until it is told something else
                while not asked.poll(0 if sweeps.look() else PAUSE):
                    pass
            else:
                asked.send(sweeps.answer(word))
        word = asked.recv()


def _help(asked: Connection[Any, Any]) -> None:
    _work(asked, first=False)


def _audit() -> RowAudit:
    from fourflow.config import wiring
    from fourflow.oversight.monitoring import queries

    return queries.audit_rows(wiring.EVIDENCED)


class _Sweeps:
    """Everything that a worker does; the first also what the sequencer does."""

    def __init__(self, *, first: bool) -> None:
        from fourflow.config import wiring

        found = [sweep for sweep in wiring.sweepers() if not sweep.name.startswith("settlement.reconcile")]
        self._overdue = [sweep for sweep in found if sweep.name in OVERDUE]
        self._sweepers = [sweep for sweep in found if sweep.name not in OVERDUE]
        self._followers = wiring.consumer_sweepers()[:-1]
        self._writer = wiring.writer() if first else None
        if self._writer:
            # nothing is numbered before each witness has said what it remembers
            self._writer.run_once()
        else:
            # from the other end, so that the two do not meet at every sweep
            self._sweepers.reverse()
            self._followers.reverse()
        self._done, self._cosigned_at = 0, 0.0

    def look(self) -> int:
        """A round, and once a second a cosigned head of the log after it; the steps done.

        The first looks only while the second rests.
        """
        done = self._round(alone=self._writer is not None)
        if time.monotonic() - self._cosigned_at >= COSIGNED_EVERY:
            self._cosign()
        return done

    def answer(self, word: str) -> int:
        """Do what a word says; the steps done since the last answer."""
        if word == "drain":
            self._drain()
        elif word == "late":
            self._done += sum(sweep.function() for sweep in self._overdue)
        elif word == "cosign":
            self._cosign()
        done, self._done = self._done, 0
        return done

    def _cosign(self) -> None:
        if self._writer:
            self._writer.run_once(at_once=True)
            self._cosigned_at = time.monotonic()

    def _round(self, *, alone: bool) -> int:
        """Each sweep once, the sequencer in between; the steps done. Who is alone needs no locks of sweeps."""

        def sweep(those: Sequence[Sweeper]) -> int:
            return sum(one.function() if alone else run_once(one) for one in those)

        done = sweep(self._sweepers)
        if self._writer:
            self._writer.sequence_once()
        done += sweep(self._followers)
        self._done += done
        return done

    def _drain(self) -> None:
        for _ in range(ROUNDS):
            if not self._round(alone=False):
                return
        raise RuntimeError(f"still something due after {ROUNDS} rounds")
