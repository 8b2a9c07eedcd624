"""Term, statutory date, splits, round trips and shares of a payment, as arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.vouchers.domain import rules
from fourflow.capital.vouchers.types import (
    AmountInvalid,
    BelowMinimumLot,
    ContractClauseMissing,
    DueDateInvalid,
    Holding,
    HoldingId,
    HoldingState,
    RelatedParties,
    RoundTrip,
    SplitAbnormal,
    TermReasonMissing,
    TermTooLong,
    TooManyTiers,
    VoucherId,
)
from fourflow.platform.calendar import BusinessCalendar
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

DAYS = BusinessCalendar("CN", frozenset(range(2014, 2018)))
TERM = rules.TermRule(soft_months=6, hard_months=12)
SPLIT = rules.SplitRule(min_lot=100, max_tiers=8, max_fan_out=5, max_splits_per_day=3)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def part(amount: int, paid: int = 0, tier: int = 1) -> Holding:
    return Holding(
        HoldingId(new_id()), VoucherId(new_id()), new_id(), usd(amount), usd(paid), None, (), tier, HoldingState.ACTIVE
    )


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2014, 8, 31), 6, date(2015, 2, 28)),
        (date(2015, 8, 31), 6, date(2016, 2, 29)),
        (date(2014, 12, 15), 1, date(2015, 1, 15)),
        (date(2014, 1, 31), 12, date(2015, 1, 31)),
        (date(2014, 3, 31), 0, date(2014, 3, 31)),
    ],
)
def test_months_are_added_as_the_civil_code_counts_them(day: date, months: int, expected: date) -> None:
    assert rules.add_months(day, months) == expected


def check(due: date, reason: str = "") -> None:
    rules.check_term(TERM, issued_on=date(2014, 3, 3), due_on=due, reason=reason, days=DAYS)


def test_the_term_ends_are_inclusive() -> None:
    check(date(2014, 9, 3))
    check(date(2015, 3, 3), reason="long production")
    with pytest.raises(TermReasonMissing):
        check(date(2014, 9, 4))
    with pytest.raises(TermTooLong) as refused:
        check(date(2015, 3, 4), reason="long production")
    assert refused.value.params["expected"] == "until 2015-03-03"


def test_a_holiday_is_answered_with_the_next_business_day() -> None:
    with pytest.raises(DueDateInvalid) as refused:
        check(date(2014, 3, 8))
    assert refused.value.params["expected"] == "2014-03-10"
    with pytest.raises(DueDateInvalid):
        check(date(2014, 3, 3))


def test_the_statutory_date_binds_large_debtors_towards_smaller_creditors() -> None:
    assert rules.statutory_due_date(date(2014, 3, 3), 60) == date(2014, 5, 2)
    assert rules.statutory_due_date(None, 60) is None
    assert rules.statutory_due_date(date(2014, 3, 3), 60, creditor_is_large=True) is None


def test_a_later_date_than_the_statutory_one_needs_a_clause() -> None:
    day = date(2014, 5, 2)
    assert not rules.check_statutory(due_on=day, statutory_due_on=day, clause="")
    assert not rules.check_statutory(due_on=day, statutory_due_on=None, clause="")
    assert rules.check_statutory(due_on=day + timedelta(1), statutory_due_on=day, clause="4")
    with pytest.raises(ContractClauseMissing):
        rules.check_statutory(due_on=day + timedelta(1), statutory_due_on=day, clause=" ")


def test_an_offer_ends_before_the_due_date_but_never_before_today() -> None:
    today = date(2014, 3, 3)
    assert rules.answer_by(today, 10, date(2014, 8, 1)) == date(2014, 3, 13)
    assert rules.answer_by(today, 10, date(2014, 3, 6)) == date(2014, 3, 5)
    assert rules.answer_by(today, 10, date(2014, 3, 4)) == today


def split(holding: Holding, amount: Money, live: int = 1, splits: int = 0) -> Money:
    return rules.check_split(SPLIT, holding=holding, amount=amount, live_parts=live, splits_today=splits)


@given(st.integers(1, 10**12), st.integers(-5, 10**12 + 5))
def test_a_cut_is_refused_or_leaves_exactly_the_rest(held: int, wanted: int) -> None:
    try:
        rest = split(part(held), usd(wanted))
    except AmountInvalid:
        assert not 0 < wanted <= held
    except BelowMinimumLot:
        assert wanted < 100 or held - wanted < 100
    else:
        assert rest.minor + wanted == held and (rest.minor == 0 or min(rest.minor, wanted) >= 100)


def test_lots_parts_and_splits_have_their_limits() -> None:
    assert split(part(1000), usd(900)) == usd(100)
    assert split(part(50), usd(50)) == usd(0)
    assert split(part(1000), usd(1000), live=9, splits=9) == usd(0)
    for amount in (99, 901):
        with pytest.raises(BelowMinimumLot):
            split(part(1000), usd(amount))
    assert split(part(1000), usd(500), live=4, splits=2) == usd(500)
    with pytest.raises(SplitAbnormal):
        split(part(1000), usd(500), live=5)
    with pytest.raises(SplitAbnormal):
        split(part(1000), usd(500), splits=3)
    for nothing in (Money(500, "CNY"), usd(0), usd(-1)):
        with pytest.raises(AmountInvalid):
            split(part(1000), nothing)
    free = rules.SplitRule(min_lot=1, max_tiers=8, max_fan_out=5, max_splits_per_day=3)
    assert rules.check_split(free, holding=part(2), amount=usd(1), live_parts=1, splits_today=0) == usd(1)


def test_a_part_is_passed_on_as_often_as_the_rule_says() -> None:
    rules.check_tiers(SPLIT, tier=8)
    with pytest.raises(TooManyTiers):
        rules.check_tiers(SPLIT, tier=9)


A, B, C, CORE = (UUID(int=number) for number in range(1, 5))


@pytest.mark.parametrize(
    ("holder", "earlier", "group", "refusal"),
    [
        (B, {A}, {C}, None),
        (B, {A}, {A}, RoundTrip),
        (B, {A}, {C, A}, RoundTrip),
        (B, set(), {CORE}, RoundTrip),
        (B, set(), {C, CORE}, RoundTrip),
        (B, set(), {B}, RelatedParties),
        (B, set(), {C, B}, RelatedParties),
    ],
)
def test_a_part_never_comes_back_to_a_group_where_it_was(
    holder: UUID, earlier: set[UUID], group: set[UUID], refusal: type[Exception] | None
) -> None:
    def run() -> None:
        rules.check_round_trip(
            holder_id=holder, issuer_id=CORE, earlier_holders=earlier, receiver_group=frozenset(group)
        )

    if refusal is None:
        run()
    else:
        with pytest.raises(refusal):
            run()


parts = st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 10**12)), min_size=1, max_size=8)


@given(parts, st.floats(0, 1, exclude_min=True))
def test_shares_of_a_payment_add_up_to_the_cent_and_overpay_nobody(sizes: list[tuple[int, int]], share: float) -> None:
    holdings = [part(amount, min(paid, amount)) for amount, paid in sizes]
    owed = sum(holding.outstanding.minor for holding in holdings)
    payment = min(owed, max(1, int(owed * share)))
    if not owed:
        return
    shares = rules.shares_of_payment(holdings, usd(payment))
    by_id = {holding.id: holding for holding in holdings}
    assert sum(one.amount.minor for one in shares) == payment
    assert all(0 < one.amount.minor <= by_id[one.holding_id].outstanding.minor for one in shares)


def test_the_shares_of_a_third_each() -> None:
    holdings = [part(3333), part(3333), part(3334)]
    assert [one.amount.minor for one in rules.shares_of_payment(holdings, usd(5000))] == [1667, 1666, 1667]
    for payment in (0, -1, 10001):
        with pytest.raises(AmountInvalid):
            rules.shares_of_payment(holdings, usd(payment))


def test_in_full_leaves_out_what_is_paid() -> None:
    holdings = [part(100, 40), part(50, 50)]
    assert [(one.holding_id, one.amount) for one in rules.in_full(holdings)] == [(holdings[0].id, usd(60))]
