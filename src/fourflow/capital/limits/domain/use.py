"""The life of one use of a line: blocked, utilised, released, in parts if need be. Minor units throughout."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fourflow.capital.limits.types import AmountNotPositive, Stage, StageUnclear, UseExceeded


@dataclass(frozen=True, slots=True)
class UseAmounts:
    """``amount = blocked + utilised + released`` always; ``released`` never falls, ``amount`` never changes."""

    blocked: int
    utilised: int
    released: int = 0

    @property
    def amount(self) -> int:
        return self.blocked + self.utilised + self.released


Parts = tuple[tuple[Stage, int], ...]


def utilise(use: UseAmounts, minor: int | None) -> tuple[UseAmounts, int]:
    """Draw a part of what is blocked (None = all of it); returns the use afterwards and the amount drawn.

    :raises AmountNotPositive: nothing is blocked any more, or the amount is not positive.
    :raises UseExceeded: less is blocked.
    """
    wanted = use.blocked if minor is None else minor
    if wanted <= 0:
        raise AmountNotPositive(minor=wanted)
    if wanted > use.blocked:
        raise UseExceeded()
    return replace(use, blocked=use.blocked - wanted, utilised=use.utilised + wanted), wanted


def release(use: UseAmounts, minor: int | None, stage: Stage | None) -> tuple[UseAmounts, Parts]:
    """Give back a part, or (None) all that is left; of one stage, or (None) of the only one that has anything.

    :returns: the use afterwards, and how much came from which stage.
    :raises AmountNotPositive: nothing is left to release, or the amount is not positive.
    :raises StageUnclear: a part is named while both stages hold something.
    :raises UseExceeded: the stage holds less.
    """
    held = {Stage.BLOCKED: use.blocked, Stage.UTILISED: use.utilised}
    stages = [stage] if stage else [s for s in Stage if held[s]]
    if minor is not None and len(stages) > 1:
        raise StageUnclear()
    parts: Parts = tuple((s, held[s] if minor is None else minor) for s in stages)
    if not parts or min(amount for _, amount in parts) <= 0:
        raise AmountNotPositive(minor=minor or 0)
    for part_stage, amount in parts:
        if amount > held[part_stage]:
            raise UseExceeded()
        held[part_stage] -= amount
    freed = sum(amount for _, amount in parts)
    return UseAmounts(held[Stage.BLOCKED], held[Stage.UTILISED], use.released + freed), parts
