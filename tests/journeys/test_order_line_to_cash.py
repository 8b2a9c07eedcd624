"""An order line's way to cash and back, by the real sweeps and consumers, with the outside world behind its ports."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.builders import financing as cash
from tests.builders import parties as firms
from tests.builders.financing import EARLY, Desk
from tests.builders.outside import Bank, Funder, Registry
from tests.builders.refusals import settle
from tests.builders.vouchers import DUE, Company, book, usd
from tests.scenes import Scenes

from fourflow.capital.claims import jobs as claim_jobs
from fourflow.capital.financing import jobs as financing_jobs
from fourflow.capital.financing import operations as financing
from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.ports import FunderPort
from fourflow.capital.financing.types import Financing, FinancingState
from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import Chart
from fourflow.capital.settlement import jobs as settlement_jobs
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.vouchers import jobs as voucher_jobs
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as register
from fourflow.capital.vouchers.types import Holding, IssuerBarred, Voucher, VoucherState
from fourflow.config import wiring
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters.queries import decide_by
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM
from fourflow.oversight.monitoring import queries as monitoring
from fourflow.platform import clock
from fourflow.platform.events import operations as events
from fourflow.platform.models import Parked

pytestmark = pytest.mark.django_db


@dataclass
class Stage:
    """The company, the outside world, and the platform's worker, which runs until nothing is due."""

    desk: Desk
    move: Callable[[date], None]
    banks: dict[str, Bank] = field(default_factory=lambda: {"ALFA": Bank(), "BETA": Bank()})
    registry: Registry = field(default_factory=Registry)
    funder: Funder = field(default_factory=Funder)
    systems: Mapping[UUID, FunderPort] = field(default_factory=dict)
    """The funders' own systems, by funder; without any, the two banks of the company share one."""

    @property
    def company(self) -> Company:
        return self.desk.company

    def go_to(self, day: date) -> Stage:
        """Another business day for people, jobs and clock."""
        self.move(day)
        return Stage(self.desk.on(day), self.move, self.banks, self.registry, self.funder)

    def ports(self) -> Mapping[UUID, FunderPort]:
        return self.systems or {bank.id: self.funder for bank in self.company.cast.funders}

    def settle(self) -> int:
        """Every sweep and every consumer of config/wiring.py, until a whole round does nothing; how many rounds did."""
        for rounds in range(40):
            done = voucher_jobs.lapse_offers() + voucher_jobs.mature_due() + voucher_jobs.mark_unpaid()
            done += voucher_jobs.mark_defaults() + financing_jobs.ask_funders(self.ports)
            done += financing_jobs.open_gates() + financing_jobs.disburse_due() + financing_jobs.lapse_due()
            done += financing_jobs.accrue_day() + claim_jobs.sweep(self.registry, clock.now())
            done += sum(settlement_jobs.send_due(code, bank) for code, bank in self.banks.items())
            done += len(events.sequence(5000))
            done += sum(events.consume(consumer) for consumer in wiring.CONSUMERS)
            done += sum(events.retry_parked(consumer, clock.now()) for consumer in wiring.CONSUMERS)
            if not done:
                return rounds
        raise AssertionError("the worker never came to rest")


@pytest.fixture(scope="module")
def founded(scenes: Scenes) -> Iterator[Desk]:
    with scenes.standing(cash.desk) as desk:
        yield desk


@pytest.fixture
def stage(founded: Desk, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    day, desk = [date(2014, 3, 3)], founded
    monkeypatch.setattr(clock, "now", lambda: desk.on(day[0]).now)
    yield Stage(desk, lambda to: day.__setitem__(0, to))
    settle()
    waiting = Parked.objects.filter(resolved_at__isnull=True).values_list("consumer", "error")
    assert not list(waiting)


def now_of(financed: Financing) -> Financing:
    return financings.get(actor=SYSTEM, financing_id=financed.id)


def only(root: Holding, part_id: UUID) -> tuple[str]:
    """What the registry is told when one part of a voucher is all that secures the cash."""
    number = register.get(actor=SYSTEM, voucher_id=root.voucher_id).number
    return (hashlib.sha256(f"{number}/{part_id}".encode()).hexdigest(),)


def everything_agrees(company: Company) -> None:
    """Register = ledger, party by party; nothing is left in transit; every row is what its last event says."""
    positions = {holder: minor for (holder, _), minor in register.positions().items() if minor}
    claims: dict[UUID, int] = {}
    for firm in (company.core, *company.cast.suppliers, *company.cast.funders):
        for (name, other), amount in book(firm.id).items():
            assert name != Chart.IN_TRANSIT.name, (firm.name, other, amount)
            if name in (Chart.AR_VOUCHER.name, Chart.FACTORING_ASSET.name):
                claims[firm.id] = claims.get(firm.id, 0) + usd(amount).minor
    assert positions == {firm: minor for firm, minor in claims.items() if minor}
    assert ledger.verify().differences == ()
    findings = monitoring.audit_rows(wiring.EVIDENCED).findings
    modules = ("vouchers_", "financing_", "ledger_", "limits_", "claims_", "settlement_")
    assert [str(f) for f in findings if f.table.startswith(modules)] == []


@pytest.mark.requirement("R085")
@pytest.mark.requirement("R228")
@pytest.mark.requirement("R346")
@pytest.mark.requirement("R360")
@pytest.mark.requirement("R359")
def test_an_order_line_becomes_cash_over_three_tiers_and_is_paid_on_its_day(stage: Stage) -> None:
    company = stage.company
    root = company.held()
    second = company.passed(root, company.supplier(2), "300000.00")
    third = company.passed(second, company.supplier(3), "100000.00")
    early = stage.go_to(EARLY)
    bought = early.desk.requested(company.rest(second))
    pledged = early.desk.requested(third, funder=company.other_funder, recourse=True)
    early.settle()
    assert [now_of(f).state for f in (bought, pledged)] == [FinancingState.DISBURSED] * 2
    alone = {only(root, pledged.holding_id), only(root, bought.holding_id)}
    assert set(stage.registry.filed.values()) == alone, "no other collateral, and no guarantee"
    assert str(company.line_now(company.other_funder).utilised) == "100000.00 USD"

    due = stage.go_to(DUE)
    due.settle()
    voucher = register.get(actor=SYSTEM, voucher_id=root.voucher_id)
    assert (voucher.state, voucher.outstanding) == (VoucherState.REDEEMED, usd("0.00"))
    assert [now_of(f).state for f in (bought, pledged)] == [FinancingState.REPAID] * 2
    assert stage.registry.filed == {} and len(stage.registry.ended) == 2
    for funder in company.cast.funders:
        assert str(company.line_now(funder).available) == "5000000.00 USD"
    moved = {name: sum(bank.moved.get(name, 0) for bank in stage.banks.values()) for name in _names(company)}
    cost = [now_of(f).quote.cost.minor for f in (bought, pledged)]
    assert moved == {
        company.core.name: -100_000_000,
        company.supplier(1).name: 70_000_000,
        company.supplier(2).name: 20_000_000 - cost[0],
        company.supplier(3).name: 10_000_000 - cost[1],
        company.funder.name: cost[0],
        company.other_funder.name: cost[1],
    }
    everything_agrees(company)


def _names(company: Company) -> list[str]:
    suppliers = [company.supplier(number).name for number in (1, 2, 3)]
    return [company.core.name, *suppliers, company.funder.name, company.other_funder.name]


def lift(company: Company, voucher: Voucher) -> None:
    """Two people of the operator take the core off the stop list."""
    op = company.cast.operator
    maker, checker = company.actor(op), company.actor(op, "checker")
    (barred,) = party_queries.restrictions(maker, party_id=company.core.id, in_force_on=company.day)
    asked = parties.request_lift(
        restriction_id=barred.id,
        reason=f"voucher {voucher.number} is paid",
        actor=maker,
        effective_at=company.now,
        decide_by=decide_by(company.now),
    )
    parties.decide_lift(
        restriction_id=barred.id,
        approval_id=asked.id,
        actor=checker,
        payload_hash=asked.payload_hash,
        verdict=Verdict.APPROVE,
        effective_at=company.now,
    )


def test_a_core_that_pays_late_is_barred_pays_its_supplier_takes_recourse_and_is_free_again(stage: Stage) -> None:
    company = stage.company
    root, request = company.held("1000.00"), company.request(company.payable("500.00"), due_on=date(2014, 9, 30))
    early = stage.go_to(EARLY)
    pledged = early.desk.requested(root, recourse=True)
    early.settle()
    for bank in stage.banks.values():
        bank.refusing = True
    stage.go_to(DUE).settle()
    late = stage.go_to(DUE + timedelta(days=3))
    late.settle()
    voucher = register.get(actor=SYSTEM, voucher_id=root.voucher_id)
    assert voucher.state is VoucherState.OVERDUE and now_of(pledged).state is FinancingState.OVERDUE
    with pytest.raises(IssuerBarred):
        late.company.plan(request)

    for bank in stage.banks.values():
        bank.refusing = False
    funder = late.company.actor(company.funder)
    financing.call_recourse(financing_id=pledged.id, actor=funder, effective_at=late.desk.now, today=late.desk.day)
    late.settle()
    assert now_of(pledged).state is FinancingState.REPAID and stage.registry.filed == {}
    everything_agrees(company)

    later = stage.go_to(DUE + timedelta(days=14))
    vouchers.release_payment(
        voucher_id=voucher.id,
        amount=None,
        actor=later.company.actor(company.core, "checker"),
        effective_at=later.desk.now,
        today=later.desk.day,
    )
    later.settle()
    assert register.get(actor=SYSTEM, voucher_id=voucher.id).state is VoucherState.REDEEMED
    lift(later.company, voucher)
    assert later.company.plan(request).face == usd("500.00")
    everything_agrees(company)


def test_a_bank_that_cannot_pay_out_leaves_the_part_free_and_the_registry_empty(stage: Stage) -> None:
    company = stage.company
    root = company.held("1000.00")
    for bank in stage.banks.values():
        bank.refusing = True
    early = stage.go_to(EARLY)
    asked = early.desk.requested(root)
    early.settle()
    assert now_of(asked).state is FinancingState.FAILED and stage.registry.filed == {}
    for bank in stage.banks.values():
        bank.refusing = False
    again = early.desk.requested(company.rest(root))
    early.settle()
    assert now_of(again).state is FinancingState.DISBURSED
    everything_agrees(company)


@pytest.mark.requirement("R230")
def test_ten_banks_decide_and_pay_in_seconds_each_by_its_own_system(stage: Stage) -> None:
    company = stage.company
    root = company.held()
    early = stage.go_to(EARLY)
    operator, systems, asked = company.cast.operator, {}, []
    for number in range(10):
        code = f"BK{number:02}"
        bank = firms.funder(operator, f"tenth-{number}")
        company.line("100000.00", bank)
        settlement.register_bank(code=code, name=f"Bank {number}")
        cash.account(bank, code)
        stage.banks[code], systems[bank.id] = Bank(), Funder()
        quote = early.desk.quote(company.rest(root), funder=bank, amount="50000.00")
        asked.append((bank.name, early.desk.request(quote)))
    alone = early.desk.requested(company.held("1000.00"))
    rounds = early.settle()
    early.systems = systems
    assert early.settle() <= rounds, "a round takes a second: ten banks wait no longer than one"
    assert now_of(alone).state is FinancingState.DISBURSED and rounds <= 10
    for name, request in asked:
        paid = now_of(request)
        assert (paid.state, systems[paid.quote.funder_id].asked) == (FinancingState.DISBURSED, [paid.id.hex])
        assert [bank.moved[name] for bank in stage.banks.values() if name in bank.moved] == [-paid.quote.net.minor]
