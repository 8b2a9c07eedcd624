"""What is used of an invoice weighs on its delivery and its order, to the cent and in any order of events."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.claims.domain import usage
from fourflow.capital.claims.domain.usage import Level
from fourflow.capital.claims.types import AncestorInvalid, ClaimAmountInvalid, ClaimInUse, ReleaseExceeded

ORDER, DELIVERY, INVOICE, OTHER = (UUID(int=i) for i in (1, 2, 3, 4))
amounts = st.integers(min_value=1, max_value=10**12)


@given(amounts, amounts)
def test_a_use_weighs_in_full_as_far_as_the_share_goes(used: int, share: int) -> None:
    assert usage.weight(used, share) == (used if used <= share else share)
    assert usage.weight(0, share) == 0


@given(amounts, st.lists(amounts, max_size=8))
def test_uses_and_releases_in_any_order_leave_no_trace(share: int, marks: list[int]) -> None:
    level = Level(ORDER, 10**15, 0, share)
    marks = [0, *marks, 0]
    assert sum(usage.added(a, b, level) for a, b in itertools.pairwise(marks)) == 0


def test_a_use_is_added_at_every_level() -> None:
    levels = [Level(INVOICE, 100, 10, 100), Level(DELIVERY, 200, 50, 100), Level(ORDER, 1000, 970, 100)]
    assert usage.use(levels, amount=100, own_use=10, wanted=30) == {INVOICE: 40, DELIVERY: 80, ORDER: 1000}
    with pytest.raises(ClaimInUse):
        usage.use(levels, amount=100, own_use=10, wanted=31)


def test_an_order_loan_and_an_invoice_voucher_collide_at_the_order() -> None:
    order_loan = 700
    levels = [Level(INVOICE, 400, 0, 400), Level(ORDER, 1000, order_loan, 400)]
    assert usage.use(levels, amount=400, own_use=0, wanted=300)[ORDER] == 1000
    with pytest.raises(ClaimInUse) as refused:
        usage.use(levels, amount=400, own_use=0, wanted=301)
    assert refused.value.params == {}


def test_what_grew_out_of_a_claim_uses_it_up() -> None:
    with pytest.raises(ClaimInUse):
        usage.use([Level(DELIVERY, 100, 80, 100)], amount=100, own_use=0, wanted=21)
    with pytest.raises(ClaimInUse):
        usage.use([Level(DELIVERY, 200, 0, 200)], amount=100, own_use=80, wanted=21)


@pytest.mark.parametrize("wanted", [0, -1])
def test_nothing_or_less_is_neither_used_nor_released(wanted: int) -> None:
    with pytest.raises(ClaimAmountInvalid):
        usage.use([Level(INVOICE, 100, 0, 100)], amount=100, own_use=0, wanted=wanted)
    with pytest.raises(ClaimAmountInvalid):
        usage.release([Level(INVOICE, 100, 50, 100)], own_use=50, freed=wanted, open_amount=50)


@given(amounts, st.data())
def test_a_release_undoes_a_use_at_every_level(amount: int, data: st.DataObject) -> None:
    share = data.draw(st.integers(1, amount))
    wanted = data.draw(st.integers(1, amount))
    levels = [Level(INVOICE, amount, 0, amount), Level(ORDER, share, 0, share)]
    used = usage.use(levels, amount=amount, own_use=0, wanted=wanted)
    after = [Level(x.claim_id, x.amount, used[x.claim_id], x.share) for x in levels]
    back = usage.release(after, own_use=wanted, freed=wanted, open_amount=wanted)
    assert back == {INVOICE: 0, ORDER: 0}
    with pytest.raises(ReleaseExceeded):
        usage.release(after, own_use=wanted, freed=wanted + 1, open_amount=wanted)


def test_an_invoice_over_two_deliveries_lies_on_each_with_its_share_and_on_the_order_with_both() -> None:
    above = {
        DELIVERY: {DELIVERY: (60, 0), ORDER: (60, 1)},
        OTHER: {OTHER: (50, 0), ORDER: (50, 1)},
    }
    for order_amount, on_order in ((500, 100), (90, 90)):
        amounts = {DELIVERY: 60, OTHER: 50, ORDER: order_amount}
        assert usage.closure_shares(100, {DELIVERY: 60, OTHER: 40}, above, amounts) == {
            DELIVERY: (60, 1),
            OTHER: (40, 1),
            ORDER: (on_order, 2),
        }


def test_the_nearest_way_to_an_ancestor_counts_as_its_distance() -> None:
    above = {DELIVERY: {DELIVERY: (60, 0), ORDER: (60, 1)}, ORDER: {ORDER: (500, 0)}}
    for parents in ({DELIVERY: 60, ORDER: 40}, {ORDER: 40, DELIVERY: 60}):
        found = usage.closure_shares(100, parents, above, {DELIVERY: 60, ORDER: 500})
        assert found == {DELIVERY: (60, 1), ORDER: (100, 1)}


@pytest.mark.parametrize("parents", [{DELIVERY: 61}, {DELIVERY: 0}, {DELIVERY: -1}, {DELIVERY: 60, OTHER: 41}])
def test_shares_that_do_not_fit_are_refused(parents: dict[UUID, int]) -> None:
    above = {DELIVERY: {DELIVERY: (60, 0)}, OTHER: {OTHER: (500, 0)}}
    with pytest.raises(AncestorInvalid):
        usage.closure_shares(100, parents, above, {DELIVERY: 60, OTHER: 500})
    with pytest.raises(AncestorInvalid):
        usage.closure_shares(10, {OTHER: 11}, above, {DELIVERY: 60, OTHER: 500})


def test_an_order_that_comes_later_takes_what_is_below_as_far_as_it_reaches() -> None:
    links = [(INVOICE, DELIVERY, 30, 1), (INVOICE, OTHER, 20, 1)]
    found = usage.shares_from_below(40, {DELIVERY: 60, OTHER: 20, INVOICE: 50}, {DELIVERY, OTHER}, links)
    assert found == {DELIVERY: (40, 1), OTHER: (20, 1), INVOICE: (40, 2)}


@given(amounts, st.data())
def test_what_is_left_under_an_ancestor_is_the_most_that_still_fits(amount: int, data: st.DataObject) -> None:
    share = data.draw(st.integers(1, amount))
    own = data.draw(st.integers(0, amount))
    used = usage.weight(own, share) + data.draw(st.integers(0, 10**6))
    level = Level(ORDER, used + data.draw(st.integers(0, 10**9)), used, share)
    left = usage.left_under(amount, own, level)
    assert 0 <= left <= amount - own
    assert used + usage.added(own, own + left, level) <= level.amount
    if own + left < amount:
        assert used + usage.added(own, own + left + 1, level) > level.amount
