"""Edges of shares between claims that a change by one would move."""

from __future__ import annotations

from uuid import UUID

from fourflow.capital.claims.domain import usage

ORDER, DELIVERY, INVOICE = (UUID(int=n) for n in (1, 2, 3))


def test_a_share_of_the_smallest_unit_is_a_share() -> None:
    shares = usage.closure_shares(5, {ORDER: 1}, {ORDER: {ORDER: (5, 0)}}, {ORDER: 5})
    assert shares[ORDER] == (usage.weight(1, 5), 1)


def test_what_grew_out_of_a_child_lies_on_the_order_by_its_weight_and_its_shortest_way() -> None:
    amounts = {DELIVERY: 50, INVOICE: 50}
    one = usage.shares_from_below(100, amounts, {DELIVERY}, [(INVOICE, DELIVERY, 30, 1)])
    assert one == {DELIVERY: (50, 1), INVOICE: (usage.weight(30, 50), 2)}
    two = usage.shares_from_below(100, amounts, {DELIVERY}, [(INVOICE, DELIVERY, 10, 3), (INVOICE, DELIVERY, 10, 1)])
    assert two[INVOICE] == (2 * usage.weight(10, 50), 2)
