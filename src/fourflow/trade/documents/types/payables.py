"""What a delivery makes payable, and who made the goods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from fourflow.platform.money import Money


class Relation(StrEnum):
    """How the seller of a line and the maker of its goods stand to each other."""

    SAME_FIRM = "same_firm"
    RELATED = "related"
    INDEPENDENT = "independent"
    UNKNOWN = "unknown"
    """The source names no maker."""


@dataclass(frozen=True, slots=True)
class PayableLine:
    line: str
    maker: str
    amount_minor: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class DeliveryPayable:
    """What one delivery makes payable to its vendor, and how much of it each manufacturing site supplied.

    `amount_minor` is in minor units of `currency`. The shares of the sites add up to it exactly, because each is a sum
    of whole lines. `same_firm`: every line was made by the vendor itself, so that there is no second tier.
    """

    po_number: str
    asn_number: str
    vendor: str
    currency: str
    amount_minor: int
    delivered_on: date
    lines: tuple[PayableLine, ...]
    site_shares: Mapping[str, int] = field(default_factory=dict)
    same_firm: bool = False
    delivery_id: UUID | None = None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def shares(self, *relations: Relation) -> dict[str, int]:
        """Minor units per site over the lines whose maker stands in one of these relations to the vendor."""
        sums: dict[str, int] = {}
        for line in self.lines:
            if line.relation in relations:
                sums[line.maker] = sums.get(line.maker, 0) + line.amount_minor
        return sums
