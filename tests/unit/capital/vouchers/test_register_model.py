"""The rules of the register against the simplest model: who holds how much."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fourflow.capital.vouchers.domain import rules
from fourflow.capital.vouchers.types import Holding, HoldingId, HoldingState, VoucherId
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

FACE = 1_000_000
PARTIES = [new_id() for _ in range(5)]
RULE = rules.SplitRule(min_lot=1_000, max_tiers=6, max_fan_out=20, max_splits_per_day=1000)


class Register(RuleBasedStateMachine):
    """Cuts and payments by the pure rules; the model only counts money by party."""

    def __init__(self) -> None:
        super().__init__()
        zero = Money(0, "USD")
        self.parts = [
            Holding(
                HoldingId(new_id()),
                VoucherId(new_id()),
                PARTIES[0],
                Money(FACE, "USD"),
                zero,
                None,
                (),
                1,
                HoldingState.ACTIVE,
            )
        ]
        self.model: Counter[object] = Counter({PARTIES[0]: FACE})
        self.paid = 0

    @precondition(lambda self: not self.paid)
    @rule(which=st.integers(0, 30), amount=st.integers(1, FACE), to=st.sampled_from(PARTIES))
    def pass_on(self, which: int, amount: int, to: object) -> None:
        part = self.parts[which % len(self.parts)]
        wanted = Money(min(amount, part.amount.minor), "USD")
        try:
            rules.check_tiers(RULE, tier=part.tier)
            rest = rules.check_split(RULE, holding=part, amount=wanted, live_parts=len(self.parts), splits_today=0)
        except FourflowError:
            return
        self.parts.remove(part)
        self.parts.append(replace(part, id=HoldingId(new_id()), holder_id=to, amount=wanted, tier=part.tier + 1))  # type: ignore[arg-type]
        if rest:
            self.parts.append(replace(part, id=HoldingId(new_id()), amount=rest))
        self.model[part.holder_id] -= wanted.minor
        self.model[to] += wanted.minor

    @rule(payment=st.integers(1, FACE))
    def pay(self, payment: int) -> None:
        owed = sum(part.outstanding.minor for part in self.parts)
        if not 0 < payment <= owed:
            return
        shares = {one.holding_id: one.amount for one in rules.shares_of_payment(self.parts, Money(payment, "USD"))}
        self.parts = [replace(p, paid=p.paid + shares[p.id]) if p.id in shares else p for p in self.parts]
        self.paid += payment

    @invariant()
    def face_is_conserved(self) -> None:
        held = Counter(dict.fromkeys(PARTIES, 0))
        for part in self.parts:
            held[part.holder_id] += part.amount.minor
        assert sum(held.values()) == FACE
        assert {party: held[party] for party in PARTIES} == {party: self.model[party] for party in PARTIES}
        assert sum(part.paid.minor for part in self.parts) == self.paid
        assert all(part.amount.minor >= 1_000 for part in self.parts)
        assert all(0 <= part.paid.minor <= part.amount.minor for part in self.parts)


TestRegister = Register.TestCase
