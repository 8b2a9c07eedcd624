"""How long a file will still take, from the steps that were made. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_high

#: a rate is told from at least so many steps
ENOUGH = 3
#: steps that are looked at: what was long ago says little
LATEST = 8
#: where nothing came for so many times the usual wait, it stands still, and nobody knows how long
STILL = 3


def time_left(steps: Sequence[tuple[datetime, int]], total: int, at: datetime) -> timedelta | None:
    """What the rest takes at the usual rate of the last steps; None where too few steps say too little, or nothing moves.

    The median over the steps forgets a pause that somebody made between two of them.

    :param steps: when each step was recorded, and how many of the ``total`` were done by then; the earliest first.
    """
    recent = steps[-LATEST:]
    pairs = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(recent) if b[0] > a[0] and b[1] > a[1]]
    if len(pairs) < ENOUGH - 1:
        return None
    last, done = recent[-1]
    idle = max(timedelta(0), at - last)
    if idle > STILL * median_high(took for took, _ in pairs):
        return None
    each = median_high(took / count for took, count in pairs)
    return max(timedelta(0), (total - done) * each - idle)
