"""Any story of a line, told to the database and to a dictionary, ends the same; the memo book agrees with both."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.builders.limits import AT, TODAY, Funder, post

from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, book_of
from fourflow.capital.limits import operations, queries
from fourflow.capital.limits.types import AmountNotPositive, LimitExceeded, Stage, UseExceeded
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

AMOUNTS = st.integers(1, 120)


@dataclass
class Parts:
    blocked: int
    utilised: int = 0


class Line(RuleBasedStateMachine):
    """Two lines of two funders on one core; amounts in cents."""

    def __init__(self) -> None:
        super().__init__()
        self.core = new_id()
        self.funders = (Funder(), Funder())
        self.sanctioned = [100, 100]
        self.limits = [funder.limit(self.core, "1.00") for funder in self.funders]
        self.uses: dict[str, tuple[int, Parts]] = {}

    def used(self, n: int) -> int:
        return sum(parts.blocked + parts.utilised for line, parts in self.uses.values() if line == n)

    def pick(self, data: st.DataObject) -> tuple[str, int, Parts]:
        reference = data.draw(st.sampled_from(sorted(self.uses)))
        return reference, *self.uses[reference]

    @rule(n=st.integers(0, 1), cents=st.integers(0, 200))
    def publish(self, n: int, cents: int) -> None:
        self.funders[n].limit(self.core, f"{cents / 100:.2f}")
        self.sanctioned[n] = cents

    @rule(n=st.integers(0, 1), cents=AMOUNTS)
    def block(self, n: int, cents: int) -> None:
        reference = f"use_{len(self.uses)}_{self.limits[0].id}"

        def run() -> None:
            post(
                operations.block(
                    limit_id=self.limits[n].id,
                    amount=Money(cents, "USD"),
                    reference=reference,
                    effective_at=AT,
                    today=TODAY,
                )
            )

        if cents > self.sanctioned[n] - self.used(n):
            with pytest.raises(LimitExceeded):
                run()
        else:
            run()
            self.uses[reference] = (n, Parts(cents))

    @precondition(lambda self: self.uses)
    @rule(data=st.data(), cents=AMOUNTS)
    def utilise(self, data: st.DataObject, cents: int) -> None:
        reference, _, parts = self.pick(data)
        if cents > parts.blocked:
            with pytest.raises(UseExceeded):
                operations.utilise(reference=reference, effective_at=AT, amount=Money(cents, "USD"))
        else:
            post(operations.utilise(reference=reference, effective_at=AT, amount=Money(cents, "USD")))
            parts.blocked -= cents
            parts.utilised += cents

    @precondition(lambda self: self.uses)
    @rule(data=st.data(), cents=AMOUNTS, stage=st.sampled_from(Stage))
    def release_a_part(self, data: st.DataObject, cents: int, stage: Stage) -> None:
        reference, _, parts = self.pick(data)
        amount, held = Money(cents, "USD"), parts.blocked if stage is Stage.BLOCKED else parts.utilised
        if cents > held:
            with pytest.raises(UseExceeded):
                operations.release(reference=reference, effective_at=AT, amount=amount, stage=stage)
        else:
            post(operations.release(reference=reference, effective_at=AT, amount=amount, stage=stage))
            setattr(parts, stage.value, held - cents)

    @precondition(lambda self: self.uses)
    @rule(data=st.data())
    def release_all(self, data: st.DataObject) -> None:
        reference, _, parts = self.pick(data)
        if parts.blocked + parts.utilised == 0:
            with pytest.raises(AmountNotPositive):
                operations.release(reference=reference, effective_at=AT)
        else:
            post(operations.release(reference=reference, effective_at=AT))
            parts.blocked = parts.utilised = 0

    @precondition(lambda self: len({line for line, _ in self.uses.values()}) == 2)
    @rule(data=st.data(), cents=AMOUNTS)
    def move(self, data: st.DataObject, cents: int) -> None:
        source, n, used = self.pick(data)
        target = data.draw(st.sampled_from(sorted(r for r, (line, _) in self.uses.items() if line != n)))
        wanted, amount = self.uses[target][1], Money(cents, "USD")
        if cents > used.utilised or cents > wanted.blocked:
            with transaction.atomic(), pytest.raises(UseExceeded):
                operations.move(from_reference=source, to_reference=target, effective_at=AT, amount=amount)
        else:
            post(operations.move(from_reference=source, to_reference=target, effective_at=AT, amount=amount))
            used.utilised -= cents
            wanted.blocked -= cents
            wanted.utilised += cents

    @invariant()
    def both_tell_the_same(self) -> None:
        for n, (funder, limit) in enumerate(zip(self.funders, self.limits, strict=True)):
            now = queries.get(actor=funder.maker, limit_id=limit.id)
            mine = [parts for line, parts in self.uses.values() if line == n]
            free = self.sanctioned[n] - self.used(n)
            expected = {
                Chart.LIMIT_SANCTIONED: -self.sanctioned[n],
                Chart.LIMIT_BLOCKED: sum(parts.blocked for parts in mine),
                Chart.LIMIT_UTILISED: sum(parts.utilised for parts in mine),
                Chart.LIMIT_AVAILABLE: max(free, 0),
                Chart.LIMIT_EXCESS: -max(-free, 0),
            }
            assert expected == {
                Chart.LIMIT_SANCTIONED: -now.sanctioned.minor,
                Chart.LIMIT_BLOCKED: now.blocked.minor,
                Chart.LIMIT_UTILISED: now.utilised.minor,
                Chart.LIMIT_AVAILABLE: now.available.minor,
                Chart.LIMIT_EXCESS: -now.excess.minor,
            }
            keys = {code: AccountKey(book_of(BookKind.MEMO, funder.id), code, "USD", self.core) for code in expected}
            balances = ledger.balances(keys.values())
            assert expected == {code: balances[key].net().minor for code, key in keys.items()}


@pytest.mark.django_db
def test_any_story_of_a_line_ends_as_in_a_dictionary() -> None:
    quick = settings(
        max_examples=6,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Line, settings=quick)
