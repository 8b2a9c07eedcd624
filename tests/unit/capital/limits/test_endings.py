"""How a line stopped being in excess, or about to end: what was published of it and given back, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fourflow.capital.limits.domain.endings import Fact, endings
from fourflow.capital.limits.types import HowEnded, Limit, LimitId, LineEnding
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

NONE, SOME = Money(0, "USD"), Money(500, "USD")
LINE = Limit(LimitId(new_id()), new_id(), new_id(), Money(1000, "USD"), NONE, NONE, date(2014, 1, 1), None, False)
YEAR_END = date(2014, 12, 31)


def fact(month: int, day: int, excess: Money | None = NONE, valid_to: date | None = None) -> Fact:
    return Fact(new_id(), datetime(2014, month, day, 4, tzinfo=UTC), date(2014, month, day), excess, valid_to)


def told(*facts: Fact, today: date = date(2015, 6, 1)) -> list[LineEnding]:
    return list(endings(LINE, facts, today=today, ends_soon=timedelta(30)))


def test_an_excess_ends_when_the_bank_raises_the_line_or_enough_is_given_back() -> None:
    cut, freed = fact(3, 3, SOME), fact(3, 9, None)
    again, deeper, raised = fact(4, 1, SOME), fact(4, 2, Money(700, "USD")), fact(4, 5)
    first, second = told(fact(1, 1), cut, freed, again, deeper, raised)
    assert (first.how, first.id, first.since, first.at, first.amount) == (
        HowEnded.FREED, freed.id, date(2014, 3, 3), freed.at, SOME,
    )  # fmt: skip
    assert (second.how, second.since, second.amount) == (HowEnded.RAISED, date(2014, 4, 1), SOME), (
        "one breach, cut twice"
    )
    assert told(fact(1, 1), cut) == [], "it is still in excess"


def test_a_term_that_was_told_of_is_renewed_or_lapses() -> None:
    begun = fact(1, 1, valid_to=YEAR_END)
    renewed = fact(12, 20, valid_to=date(2015, 12, 31))
    (one,) = told(begun, renewed)
    assert (one.how, one.id, one.since, one.day) == (HowEnded.RENEWED, renewed.id, date(2014, 12, 1), YEAR_END)
    (lapsed,) = told(begun)
    assert (lapsed.how, lapsed.at, lapsed.day) == (HowEnded.LAPSED, None, YEAR_END)
    assert told(begun)[0].id == lapsed.id, "a lapse is named by its line and day"
    assert told(begun, today=date(2014, 12, 30)) == [], "its day has not come"
    assert told(begun, fact(6, 1, valid_to=None)) == [], "renewed long before anybody was told"
    late = told(begun, fact(12, 31, valid_to=None))
    assert [one.how for one in late] == [HowEnded.LAPSED], "on the day itself the line holds no more"


def test_a_line_that_is_announced_for_a_few_days_is_told_of_from_its_first_day() -> None:
    (short,) = told(fact(6, 1, valid_to=date(2014, 6, 11)))
    assert (short.how, short.since) == (HowEnded.LAPSED, date(2014, 6, 1))
