"""What the story shows on the way: what the house refuses, and banks that misbehave."""

from __future__ import annotations

from uuid import UUID

from fourflow.capital.claims.types import PayableId
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers.types import TERMS_VERSION, HoldingId, Voucher
from fourflow.config import outside
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties.types import RelationKind, RelationTerms
from fourflow.interfaces.cli.demo.acts import Play
from fourflow.interfaces.cli.demo.desk import Desk
from fourflow.interfaces.cli.demo.stage import Stage
from fourflow.platform.money import Money
from fourflow.trade.documents.types import DeliveryPayable


def fault(stage: Stage, bank: int, endpoint: str, mode: str, times: int) -> None:
    """Tell a sandbox bank to misbehave: the clearing of it is the platform's."""
    address = outside.read().banks[bank]
    body = {"endpoint": endpoint, "mode": mode, "times": times, "delay_seconds": 0}
    stage.http.post(f"{address.url}/faults", json=body).raise_for_status()
    stage.counts[f"sandbox fault: {mode}"] += times


class FirstDesk(Desk):
    """The desk of the story's own process, on which the scenes are played."""

    def __init__(self, play: Play) -> None:
        super().__init__(play)
        given = self.stage.assumptions["scenes"]
        #: financings before it, and what a bank does wrong then; colleagues count along, so the number may be passed over
        self._faults = [
            (2, 0, "pain.001", "timeout", given["bank_timeout"]),
            (4, 1, "camt.054", "twice", given["bank_twice"]),
        ]

    def financing(self) -> None:
        while self._faults and self.done["financed"] >= self._faults[0][0]:
            fault(self.stage, *self._faults.pop(0)[1:])

    def accepted(self, number: int, delivery: DeliveryPayable, voucher: Voucher, holding_id: HoldingId) -> None:
        """What the house refuses: the same delivery twice, a cent too much, a round trip, a related party."""
        if number:
            return
        stage, play = self.stage, self.play
        core, vendor = stage.actor(self.company.core, "maker"), stage.actor(voucher.receiver_id, "maker")
        stage.refused(
            "the same delivery financed twice",
            lambda: play.issue(PayableId(voucher.payable_id), delivery, voucher.funder_id),
        )
        more = Money(voucher.face.minor + 1, voucher.face.currency)
        others = [p for n, p in self.company.firms.items() if p != voucher.receiver_id]

        def offer(receiver: UUID, amount: Money) -> object:
            content = vouchers.transfer_content(holding_id, receiver, amount, "test of the rules")
            return vouchers.offer_transfer(
                holding_id=holding_id,
                receiver_id=receiver,
                amount=amount,
                trade_basis="test of the rules",
                actor=vendor,
                effective_at=stage.now(),
                today=stage.today,
                signature=stage.sign(vendor, content, TERMS_VERSION),
            )

        stage.refused("one cent more than is held", lambda: offer(others[0], more))
        stage.refused("back to the programme itself", lambda: offer(self.company.core, voucher.face))
        relative = others[-1]
        self._relate(voucher.receiver_id, relative)
        stage.refused("to a related party", lambda: offer(relative, voucher.face))
        assert core.organisation_id == self.company.core

    def _relate(self, one: UUID, other: UUID) -> None:
        """Two firms of one group, declared by one person of the operator and approved by another."""
        stage = self.stage
        maker, checker = stage.actor(self.company.operator, "maker"), stage.actor(self.company.operator, "checker")
        terms = RelationTerms(other, RelationKind.CONTROL, "declared in the story", stage.today)
        proposed = stage.do(
            "party.propose_change",
            f"{one} {other}",
            maker,
            lambda: parties.propose_change(
                party_id=one,
                terms=terms,
                actor=maker,
                effective_at=stage.now(),
                decide_by=parameters.decide_by(stage.now()),
            ),
            lambda c: c.id,
        )
        payload = stage.payload_hash(checker, proposed.approval_id)
        stage.do(
            "party.decide_change",
            f"{one} {other}",
            checker,
            lambda: parties.decide_change(
                change_id=proposed.id,
                actor=checker,
                payload_hash=payload,
                verdict=Verdict.APPROVE,
                effective_at=stage.now(),
            ),
            lambda c: c.id,
        )
