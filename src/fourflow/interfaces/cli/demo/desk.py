"""One delivery from its confirmation to cash: what the programme's and its suppliers' people do with it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from uuid import UUID

from fourflow.capital.vouchers.types import HoldingId, Voucher
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.interfaces.cli.demo.acts import Play
from fourflow.platform.money import Money
from fourflow.trade.documents.types import DeliveryPayable, Relation


class Desk:
    """Takes one delivery after the other; ``done`` counts vouchers, transfers and financings."""

    def __init__(self, play: Play) -> None:
        self.play, self.stage, self.company = play, play.stage, play.company
        self.done: Counter[str] = Counter()

    def deliver(self, number: int, delivery: DeliveryPayable) -> None:
        """Confirmed, issued, accepted; makers that are other firms paid; a part turned into cash.

        ``number`` of the year decides which bank is asked, and whether for cash at all.
        """
        play, given = self.play, self.stage.assumptions["finance"]
        funders = list(self.company.funders.values())
        lot = parameters.integer(Key.VOUCHER_MIN_LOT, self.stage.today)
        payable_id = play.confirm(delivery)
        voucher = play.issue(payable_id, delivery, funders[number % len(funders)])
        holding = play.accept(voucher)
        self.done["vouchers"] += 1
        self.accepted(number, delivery, voucher, holding.id)
        for maker, minor in delivery.shares(Relation.INDEPENDENT).items():
            rest = play.rest_of(holding)
            if rest is not None and maker in self.company.firms:
                left = rest.amount.minor - minor
                if minor < lot or 0 < left < lot:
                    self.stage.counts["share under the minimum lot, paid otherwise"] += 1
                    continue
                amount = Money(minor, delivery.currency)
                got = play.pass_down(rest, maker, amount, f"order {delivery.po_number}, delivery {delivery.asn_number}")
                self.done["transfers"] += 1
                if number % (given["every"] * 2) == 0:
                    self._finance(got.id, got.amount, funders[(number + 1) % len(funders)], number, lot)
        rest = play.rest_of(holding)
        if rest is not None and number % given["every"] == 0:
            part = int(Decimal(rest.amount.minor) * Decimal(given["part"]))
            amount = Money(max(part, 1), rest.amount.currency)
            self._finance(rest.id, amount, funders[number % len(funders)], number, lot)

    def _finance(self, holding_id: HoldingId, amount: Money, funder: UUID, number: int, lot: int) -> None:
        recourse = number % self.stage.assumptions["finance"]["recourse_every"] == 0
        if amount.minor < 10 * lot:
            return
        self.financing()
        self.play.cash_now(holding_id, funder, amount, recourse)
        self.done["financed"] += 1

    def accepted(self, number: int, delivery: DeliveryPayable, voucher: Voucher, holding_id: HoldingId) -> None:
        """A vendor has accepted: at the first desk the story goes on from here."""

    def financing(self) -> None:
        """Cash is about to be asked for: likewise."""
