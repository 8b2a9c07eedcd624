"""How lines stopped being in excess or about to end, read from what was published of them and given back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fourflow.capital.limits.types import HowEnded, Limit, LineEnding
from fourflow.platform.money import Money


@dataclass(frozen=True, slots=True)
class Fact:
    """A publication of a line, valid up to ``valid_to``; without an ``excess`` that it is within its amount again."""

    id: uuid.UUID
    at: datetime
    day: date
    excess: Money | None = None
    valid_to: date | None = None


def endings(line: Limit, facts: Sequence[Fact], *, today: date, ends_soon: timedelta) -> Iterator[LineEnding]:
    """Every ending of a line up to today; ``facts`` are all of it, the oldest first."""
    yield from _within(line, facts)
    yield from _terms(line, [fact for fact in facts if fact.excess is not None], today, ends_soon)


def _within(line: Limit, facts: Iterable[Fact]) -> Iterator[LineEnding]:
    began: Fact | None = None
    for fact in facts:
        if fact.excess:
            began = began or fact
        elif began is not None:
            how = HowEnded.FREED if fact.excess is None else HowEnded.RAISED
            since = began.day
            yield LineEnding(fact.id, line.id, line.funder_id, line.core_id, how, since, fact.at, began.excess)
            began = None


def _terms(line: Limit, published: Sequence[Fact], today: date, ends_soon: timedelta) -> Iterator[LineEnding]:
    """A term is told of from some days before its end. It is renewed by a later end before that day, or it lapses on it."""
    for position, fact in enumerate(published):
        if (last := fact.valid_to) is None:
            continue
        since = max(last - ends_soon, fact.day)
        later = published[position + 1] if position + 1 < len(published) else None
        if later is not None and later.day < last:
            if later.day >= since and (later.valid_to is None or later.valid_to > last):
                yield LineEnding(
                    later.id, line.id, line.funder_id, line.core_id, HowEnded.RENEWED, since, later.at, None, last
                )
        elif last <= today:
            lapsed = uuid.uuid5(line.id, last.isoformat())
            yield LineEnding(lapsed, line.id, line.funder_id, line.core_id, HowEnded.LAPSED, since, None, None, last)
