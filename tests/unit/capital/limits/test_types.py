"""What a line tells of itself on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from fourflow.capital.limits.types import Limit, LimitId
from fourflow.platform.money import Money

LINE = Limit(
    id=LimitId(UUID(int=1)),
    funder_id=UUID(int=2),
    core_id=UUID(int=3),
    sanctioned=Money(100_00, "CNY"),
    blocked=Money(20_00, "CNY"),
    utilised=Money(30_00, "CNY"),
    valid_from=date(2014, 1, 1),
    valid_to=date(2015, 1, 1),
    frozen=False,
)


def test_a_line_offers_what_is_not_in_use() -> None:
    assert LINE.available == LINE.headroom(date(2014, 6, 1)) == Money(50_00, "CNY")
    assert LINE.excess == Money(0, "CNY")


def test_a_line_is_in_force_from_its_first_day_up_to_its_last() -> None:
    assert not LINE.headroom(date(2013, 12, 31))
    assert LINE.headroom(date(2014, 1, 1))
    assert LINE.headroom(date(2014, 12, 31))
    assert not LINE.headroom(date(2015, 1, 1))
    assert replace(LINE, valid_to=None).headroom(date(2099, 1, 1))


def test_a_frozen_line_offers_nothing() -> None:
    assert not replace(LINE, frozen=True).headroom(date(2014, 6, 1))


def test_a_line_cut_below_its_use_shows_the_excess() -> None:
    cut = replace(LINE, sanctioned=Money(40_00, "CNY"))
    assert cut.excess == Money(10_00, "CNY")
    assert not cut.available
    assert not cut.headroom(date(2014, 6, 1))
