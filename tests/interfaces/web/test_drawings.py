"""The flow drawing and the bars: everything inside the picture, nothing on top of another, parts that fill a whole."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fourflow.interfaces.web.components.parts import Bar, Bars, Part, PartsBar
from fourflow.interfaces.web.components.voucher_tree import BAR_W, CARD_H, CARD_W, Node, clipped, draw
from fourflow.platform.money import Money


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def holding(children: list[Node], kept: int, financed: int) -> Node:
    passed = sum(child.amount.minor for child in children)
    total = passed + kept + financed
    return Node("Firm", usd(total), kept=kept, financed=financed, passed=passed, children=tuple(children))


leaves = st.builds(lambda kept, financed: holding([], kept, financed), st.integers(1, 10**9), st.integers(0, 10**9))
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        holding, st.lists(inner, min_size=1, max_size=6), st.integers(0, 10**9), st.integers(0, 10**9)
    ),
    max_leaves=25,
)


@given(trees)
def test_cards_stand_inside_the_picture_and_never_overlap(root: Node) -> None:
    drawing = draw(root)
    for card in drawing.cards:
        assert 0 <= card.x <= drawing.width - CARD_W
        assert 0 <= card.y <= drawing.height - CARD_H
    columns: dict[int, list[int]] = {}
    for card in drawing.cards:
        columns.setdefault(card.x, []).append(card.y)
    for tops in columns.values():
        assert all(after - before >= CARD_H for before, after in zip(sorted(tops), sorted(tops)[1:], strict=False))


@given(trees)
def test_the_bar_of_a_card_is_filled_by_its_parts(root: Node) -> None:
    for card in draw(root).cards:
        if card.segments:
            first, last = card.segments[0], card.segments[-1]
            assert last[0] + last[1] - first[0] == BAR_W
            assert all(width >= 2 for _, width, _ in card.segments)
            assert [tone for _, _, tone in card.segments] == [tone for tone, _ in card.node.parts]


@given(trees)
def test_every_card_but_the_first_has_one_ribbon(root: Node) -> None:
    drawing = draw(root)
    assert len(drawing.ribbons) == len(drawing.cards) - 1


def test_many_children_fold_into_one_card_with_their_sum() -> None:
    children = [holding([], 100, 0) for _ in range(40)]
    drawing = draw(holding(children, 0, 0), max_children=12)
    assert len(drawing.cards) == 1 + 12
    assert (drawing.cards[-1].hidden, drawing.cards[-1].node.amount) == (29, usd(2_900))


def test_a_chain_is_one_straight_line() -> None:
    drawing = draw(holding([holding([holding([], 5, 0)], 5, 0)], 5, 0))
    assert len({card.y for card in drawing.cards}) == 1


def test_names_are_cut_by_the_room_they_take() -> None:
    assert clipped("Aurobindo Pharma", 188, 13) == "Aurobindo Pharma"
    assert clipped("上海复星长征医学科学有限公司第一分公司", 188, 13).endswith("…")
    assert len(clipped("上海复星长征医学科学有限公司第一分公司", 188, 13)) < len(clipped("i" * 60, 188, 13))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=6))
def test_parts_fill_the_bar_exactly(amounts: list[int]) -> None:
    bar = PartsBar("bar", tuple(Part("part", usd(amount), "kept") for amount in amounts))
    assert bar.total == usd(sum(amounts))
    widths = [Decimal(segment.width.rstrip("%")) for segment in bar.segments]
    assert sum(widths) == (100 if any(amounts) else 0)
    assert [Decimal(s.x.rstrip("%")) for s in bar.segments] == [sum(widths[:n]) for n in range(len(widths))] or not any(
        amounts
    )


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=24))
def test_what_is_not_zero_is_seen_and_what_is_zero_is_not(amounts: list[int]) -> None:
    bars = Bars("bars", tuple(Bar(str(n), usd(amount)) for n, amount in enumerate(amounts)))
    for placed, amount in zip(bars.columns, amounts, strict=True):
        assert (placed.height > 0) == (amount > 0)
        assert Bars.TOP <= placed.y <= bars.base
        assert 0 <= Decimal(placed.x.rstrip("%")) <= 100
