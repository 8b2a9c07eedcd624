"""Processes and the database are killed just before or just after a commit; started again, everything goes on.

Nothing is lost, nothing happens twice: every book agrees to the cent, and a disturbed story leaves the same facts as an
undisturbed one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.concurrency.crash.proxy import Label
from tests.concurrency.crash.world import ACTS, World

SEED = 20140303
#: an answer that was lost is asked for: more traces of asking (and of the same answer heard again, which is counted and
#: not applied), or the end without its middle (booked, without “taken”);
#: the facts that it asks about must not be doubled
ASKING = {
    "event registration.exchanged",
    "event payment.unknown",
    "event payment.in_transit",
    "event payment.answer_repeated",
    "event financing.accrued",
}


@dataclass(frozen=True)
class Point:
    """Who is killed, in which act, around which commit."""

    act: str
    victim: str
    after: bool
    label: Label

    def __str__(self) -> str:
        return f"{self.act}: {self.victim} {'after' if self.after else 'before'} the commit of {' '.join(self.label)}"


class Worlds:
    """One world for many deaths, and a new one after a failure, so that one fault does not look like many."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self.factory, self.world = factory, None

    world: World | None

    def get(self) -> World:
        if self.world is None:
            world = World(self.factory.mktemp("crash"))
            world.open()  # one that did not open is not kept
            self.world = world
        return self.world

    def forget(self) -> None:
        if self.world is not None:
            self.world.close()
        self.world = None


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    made = Worlds(tmp_path_factory)
    yield made
    made.forget()


def points(world: World, act: str, victim: str) -> list[Point]:
    """Every class of commit of an act, before and after."""
    return [Point(act, victim, after, label) for label in world.commits[act] for after in (False, True)]


def play(worlds: Worlds, name: str, point: Point | Outside) -> None:
    """A story up to the act with the death in it; then everything is counted and compared."""
    world = worlds.get()
    try:
        for act in ACTS[: ACTS.index(point.act)]:
            world.act(act, name)
        if isinstance(point, Point):
            world.crash(point.act, name, point.label, point.victim, after=point.after)
        else:
            world.crash_outside(point.act, name, point.victim, point.endpoint, point.mode)
        differs = {what: pair for what, pair in world.differences().items() if what not in ASKING}
        assert differs == {}, f"counted and expected after {point}"
    except BaseException:
        worlds.forget()
        raise


@dataclass(frozen=True)
class Outside:
    """An outside party that kills itself around its own commit."""

    act: str
    victim: str
    endpoint: str
    mode: str

    def __str__(self) -> str:
        return f"{self.act}: {self.victim} {self.mode} at {self.endpoint}"


OUTSIDE = [
    Outside(act, victim, endpoint, mode)
    for act, victim, endpoint in (
        ("cash", "bank", "credit-decision"),
        ("cash", "bank", "pain.001"),
        ("cash", "registry", "registrations"),
        ("mature", "bank", "pain.001"),
    )
    for mode in ("crash-before", "crash-after")
]
#: three deaths of people's process, four of worker and sequencer, two of the database, two of outside parties …
PLAN = [
    *[("story", "process")] * 3,
    *[("cash", "process")] * 3,
    *[("mature", "process")] * 2,
    ("story", "database"),
    ("cash", "database"),
    *[("", "outside")] * 2,
]


@pytest.mark.parametrize("number", range(len(PLAN)))
def test_a_seeded_death_loses_nothing_and_doubles_nothing(worlds: Worlds, number: int, wanted: str | None) -> None:
    if wanted is not None:
        pytest.skip("every class of commit is tried below")
    dice, (act, victim) = random.Random(SEED + number), PLAN[number]
    point = dice.choice(OUTSIDE) if victim == "outside" else dice.choice(points(worlds.get(), act, victim))
    play(worlds, f"seeded-{number}", point)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("victim", ["process", "database"])
def test_every_class_of_commit_may_be_the_last(
    worlds: Worlds, act: str, victim: str, wanted: str | None, subtests: Any
) -> None:
    if wanted is None:
        pytest.skip("make crash, or --crash-points all")
    for number, point in enumerate(points(worlds.get(), act, victim)):
        if wanted in str(point):
            with subtests.test(str(point)):
                play(worlds, f"{act}-{victim}-{number}", point)


@pytest.mark.parametrize("point", OUTSIDE, ids=str)
def test_every_outside_party_may_die_around_its_commit(worlds: Worlds, point: Outside, wanted: str | None) -> None:
    if wanted is None or wanted not in str(point):
        pytest.skip("make crash, or --crash-points all")
    play(worlds, f"{point.act}-{point.endpoint}-{point.mode}", point)
