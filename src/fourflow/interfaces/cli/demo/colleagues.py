"""Colleagues: more people at work at once, each desk of them in a process of its own.

People of many firms do not wait for each other, and the platform serves them side by side; so does the story. Whatever comes
in a row (firms to onboard, deliveries of a fortnight) is dealt out between the first desk, which is the story's own process,
and its colleagues.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from fourflow.interfaces.cli import running
from fourflow.interfaces.cli.demo.beside import Beside

if TYPE_CHECKING:
    from fourflow.interfaces.cli.demo.company import Company
    from fourflow.interfaces.cli.demo.stage import Stage

Item = TypeVar("Item")
#: a colleague has done one thing
STEP = "step"


@dataclass(frozen=True)
class Task:
    """What a colleague is to do, and who is on the stage."""

    what: str
    items: Sequence[Any]
    day: datetime.date
    company: Company
    short: Mapping[UUID, str]


@dataclass(frozen=True)
class Result:
    """What came of a task: operations counted, what the desk has done, and who is known now."""

    counts: Counter[str]
    done: Counter[str]
    company: Company
    short: Mapping[UUID, str]


class Colleagues:
    """The desks beside the first one."""

    def __init__(self, assumptions: Mapping[str, Any], how_many: int = 1) -> None:
        self._all = [Beside(f"colleague {number}", _work) for number in range(1, how_many + 1)]
        for one in self._all:
            one.tell(assumptions)

    def together(
        self,
        what: str,
        items: Sequence[Item],
        own: Callable[[Item], object],
        *,
        stage: Stage,
        company: Company,
        step: Callable[[], None],
    ) -> Counter[str]:
        """Deal the items out, do the first desk's share by ``own``, and wait for the others; what these have done.

        Whom they have brought on the stage is known to ``company`` and ``stage`` afterwards, and their operations are counted.
        ``step`` is called for every item, whoever has done it.
        """
        desks = len(self._all) + 1
        busy = dict(zip((one.pipe for one in self._all), self._all, strict=True))
        for number, one in enumerate(self._all, 1):
            one.tell(Task(what, items[number::desks], stage.today, company, dict(stage.short)))
        done: Counter[str] = Counter()

        def listen(seconds: float | None) -> None:
            for pipe in wait(list(busy), seconds):
                said = busy[pipe].answer()  # type: ignore[index]
                if said == STEP:
                    step()
                    continue
                del busy[pipe]  # type: ignore[arg-type]
                stage.counts.update(said.counts)
                stage.short.update(said.short)
                company.meet(said.company)
                done.update(said.done)

        for item in items[::desks]:
            own(item)
            step()
            listen(0)
        while busy:
            listen(None)
        return done

    def end(self) -> None:
        """Everything is done."""
        for one in self._all:
            one.end()


def _work(asked: Connection[Any, Any]) -> None:
    running.start_django()
    from fourflow.interfaces.cli.demo.acts import Play
    from fourflow.interfaces.cli.demo.company import invite
    from fourflow.interfaces.cli.demo.desk import Desk
    from fourflow.interfaces.cli.demo.stage import Stage

    stage = Stage(asked.recv())
    while True:
        task: Task = asked.recv()
        stage.turn_to(task.day)
        stage.short = dict(task.short)
        stage.counts.clear()
        desk = Desk(Play(stage, task.company))
        acts: dict[str, Callable[..., object]] = {
            "deliver": desk.deliver,
            "invite": partial(invite, stage, task.company),
        }
        for item in task.items:
            acts[task.what](*item)
            asked.send(STEP)
        asked.send(Result(Counter(stage.counts), desk.done, task.company, stage.short))
