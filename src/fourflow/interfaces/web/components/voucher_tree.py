"""The flow drawing of a voucher: cards by tier from left to right, ribbons as wide as the amount they carry.

A pure function: a tree of holdings in, places of cards and paths of ribbons out. The template only writes SVG. A parent
stands level with its first child, so a chain reads as one straight line and a wide tree leaves no empty corner.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.platform.money import Money, allocate

CARD_W, CARD_H = 212, 92
GAP_X, GAP_Y = 60, 16
PAD, HEAD = 2, 28
RIBBON = 28  # width of a ribbon that carries the whole face
BAR_X, BAR_W, BAR_GAP = 12, CARD_W - 24, 2
MAX_CHILDREN = 12


@dataclass(frozen=True, slots=True)
class Node:
    """A holding and what became of it. ``kept + passed + financed + redeemed`` is its amount, except for the issuer.

    The root is the issuer's promise (all four are zero there); its children are the first holders.
    """

    holder: str
    amount: Money
    status: Status | None = None
    note: Words = ""
    href: str = ""
    kept: int = 0
    passed: int = 0
    financed: int = 0
    redeemed: int = 0
    here: bool = False
    children: tuple[Node, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        named = (("kept", self.kept), ("passed", self.passed), ("financed", self.financed), ("redeemed", self.redeemed))
        return tuple((tone, minor) for tone, minor in named if minor > 0)

    @property
    def part_sums(self) -> tuple[tuple[str, Money], ...]:
        """The parts as amounts, for the outline."""
        return tuple((tone, Money(minor, self.amount.currency)) for tone, minor in self.parts)


@dataclass(frozen=True, slots=True)
class Card:
    node: Node
    x: int
    y: int
    name: str
    segments: tuple[tuple[int, int, str], ...]  # x, width, tone
    hidden: int = 0  # a card that stands for this many left out


@dataclass(frozen=True, slots=True)
class Ribbon:
    path: str
    width: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the SVG needs; ``rails`` are the x positions of the tiers."""

    root: Node
    width: int
    height: int
    cards: tuple[Card, ...]
    ribbons: tuple[Ribbon, ...]
    rails: tuple[tuple[int, int], ...]
    card_width: int = CARD_W
    card_height: int = CARD_H


def draw(root: Node, max_children: int = MAX_CHILDREN) -> Drawing:
    """Lay out a tree. More than ``max_children`` children of one holding fold into a last card with their sum."""
    cards: list[Card] = []
    ribbons: list[Ribbon] = []
    bottom, tiers = _place(root, 0, HEAD + PAD, root.amount.minor or 1, max_children, cards, ribbons)
    return Drawing(
        root=root,
        width=tiers * CARD_W + (tiers - 1) * GAP_X + 2 * PAD,
        height=bottom + PAD,
        cards=tuple(cards),
        ribbons=tuple(ribbons),
        rails=tuple((tier, _x(tier)) for tier in range(tiers)),
    )


def _x(tier: int) -> int:
    return PAD + tier * (CARD_W + GAP_X)


def _place(
    node: Node, tier: int, y: int, face: int, most: int, cards: list[Card], ribbons: list[Ribbon], hidden: int = 0
) -> tuple[int, int]:
    """Place a node at ``y`` and its subtree to the right; returns the lowest y used and the number of tiers."""
    cards.append(Card(node, _x(tier), y, clipped(node.holder, CARD_W - 24, 13), _segments(node), hidden))
    top, lowest, tiers = y, y + CARD_H, tier + 1
    children = folded(node, most)
    widths = [ribbon_width(child.amount.minor, face) for child, _ in children]
    start = y + CARD_H / 2 - sum(widths) / 2
    for (child, count), width in zip(children, widths, strict=True):
        begin, end = start + width / 2, top + CARD_H / 2
        if top == y and len(children) == 1:
            begin = end
        ribbons.append(Ribbon(_curve(_x(tier) + CARD_W, begin, _x(tier + 1), end), f"{width:.1f}"))
        start += width
        child_low, child_tiers = _place(child, tier + 1, top, face, most, cards, ribbons, count)
        top = child_low + GAP_Y
        lowest, tiers = max(lowest, child_low), max(tiers, child_tiers)
    return lowest, tiers


def folded(node: Node, most: int) -> list[tuple[Node, int]]:
    """Children to draw, each with how many it stands for (0 = itself)."""
    if len(node.children) <= most:
        return [(child, 0) for child in node.children]
    shown, rest = node.children[: most - 1], node.children[most - 1 :]
    total = Money(sum(child.amount.minor for child in rest), node.amount.currency)
    return [*((child, 0) for child in shown), (Node(holder="", amount=total, href=node.href), len(rest))]


def ribbon_width(minor: int, face: int) -> float:
    """Width in pixels, in proportion to the face; never thinner than a visible line. Geometry, not money."""
    return max(1.5, RIBBON * minor / face)


def _curve(x1: int, y1: float, x2: int, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f"M{x1} {y1:.1f}C{middle:.0f} {y1:.1f} {middle:.0f} {y2:.1f} {x2} {y2:.1f}"


def _segments(node: Node) -> tuple[tuple[int, int, str], ...]:
    parts = node.parts
    if not parts:
        return ()
    room = BAR_W - BAR_GAP * (len(parts) - 1)
    widths = [max(2, width) for width in allocate(room, [minor for _, minor in parts])]
    widths[widths.index(max(widths))] -= sum(widths) - room
    found, x = [], BAR_X
    for (tone, _), width in zip(parts, widths, strict=True):
        found.append((x, width, tone))
        x += width + BAR_GAP
    return tuple(found)


def clipped(text: str, room: int, size: int) -> str:
    """Cut a name to fit: SVG text does not wrap. Chinese characters are one em wide, Latin ones about half."""
    left = room / size
    for n, character in enumerate(text):
        left -= _ems(character)
        if left < (1 if n + 1 < len(text) else 0):
            return text[:n].rstrip() + "…"
    return text


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in " .,'il|I-()":
        return 0.3
    return 0.72 if character.isupper() or character in "mwMW&" else 0.58
