"""Accrual, maturity, lateness, recourse, and a bank that stays silent over the due date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.builders import vouchers as build
from tests.builders.financing import EARLY, Desk
from tests.builders.refusals import settle
from tests.builders.settlement import paid_by_bank
from tests.builders.vouchers import DUE, book, usd

from fourflow.capital.financing import jobs, operations, queries
from fourflow.capital.financing.types import (
    CollectedTooMuch,
    DecisionNotTheirs,
    Financing,
    FinancingState,
    FinancingStateWrong,
    NoRecourse,
    PaymentUnderway,
)
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import PaymentInstruction, Purpose
from fourflow.capital.vouchers import jobs as register_jobs
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as register
from fourflow.capital.vouchers.types import HoldingState, Redemption, VoucherState
from fourflow.capital.vouchers.types import PaymentUnderway as RegisterPaymentUnderway
from fourflow.foundation.parties.types import SYSTEM, NotPermitted
from fourflow.oversight.monitoring.queries import audit_rows
from fourflow.platform.db.prepared import prepared
from fourflow.platform.events import queries as stream
from fourflow.platform.ids import new_id

S = FinancingState


def accrue(desk: Desk, day: date) -> int:
    return operations.accrue(on=day, effective_at=desk.on(day).now)


def test_interest_is_earned_day_by_day_and_once_a_day(desk: Desk) -> None:
    financing = desk.on(EARLY).paid_out(desk.tier_two())
    bank, two = desk.company.funder.id, desk.company.supplier(2).id
    assert accrue(desk, EARLY) == 0
    assert accrue(desk, EARLY + timedelta(days=1)) == 1
    assert book(bank)[("INTEREST_INCOME", two)] == "-37.50"
    assert accrue(desk, EARLY + timedelta(days=1)) == 0
    accrue(desk, EARLY + timedelta(days=4))
    assert book(bank)[("INTEREST_INCOME", two)] == "-150.00"
    assert book(bank)[("UNEARNED_INTEREST", two)] == "-4350.00"
    for later in (DUE, DUE + timedelta(days=30)):
        accrue(desk, later)
        assert book(bank)[("INTEREST_INCOME", two)] == "-4500.00"
    assert queries.get(actor=SYSTEM, financing_id=financing.id).accrued == usd("4500.00")


def test_with_recourse_the_suppliers_prepaid_interest_becomes_cost_day_by_day(desk: Desk) -> None:
    desk.on(EARLY).paid_out(desk.tier_two(), recourse=True)
    accrue(desk, EARLY + timedelta(days=1))
    two, bank = book(desk.company.supplier(2).id), desk.company.funder.id
    assert (two[("FINANCE_COST", bank)], two[("PREPAID_INTEREST", bank)]) == ("37.50", "4462.50")


def pay(desk: Desk, financing: Financing, amount: str | None = None) -> Financing:
    """The core's money for the financed part arrives: register and financing follow, as the events make them."""
    held = register.holding(actor=SYSTEM, holding_id=financing.holding_id)  # type: ignore[arg-type]
    instruction, money = new_id(), usd(amount) if amount else held.outstanding
    now = desk.on(DUE).now
    vouchers.redeem(holding_id=held.id, amount=money, instruction_id=instruction, effective_at=now)
    return operations.collect(
        financing_id=financing.id, amount=money, instruction_id=instruction, effective_at=now, on=DUE
    )


def mature(desk: Desk, financing: Financing) -> None:
    desk.company.matured(register.get(actor=SYSTEM, voucher_id=financing.quote.voucher_id))  # type: ignore[arg-type]


@pytest.mark.parametrize("recourse", [False, True])
def test_at_maturity_the_cores_payment_closes_everything(desk: Desk, recourse: bool) -> None:
    financing = desk.on(EARLY).paid_out(desk.tier_two(), recourse=recourse)
    mature(desk, financing)
    assert pay(desk, financing).state is S.REPAID
    bank, two, core = desk.company.funder.id, desk.company.supplier(2).id, desk.company.core.id
    ours = book(bank)
    assert not {("FACTORING_ASSET", core), ("LOAN", two), ("UNEARNED_INTEREST", two)} & set(ours)
    assert ours[("INTEREST_INCOME", two)] == "-4500.00"
    theirs = book(two)
    assert not {("SHORT_TERM_LOAN", bank), ("AR_VOUCHER", core), ("PREPAID_INTEREST", bank)} & set(theirs)
    assert theirs[("FINANCE_COST", bank)] == "4500.00"
    assert [part.outstanding for part in desk.company.living(_voucher(financing))] == [usd("700000.00")]
    settle()


def _voucher(financing: Financing) -> build.Voucher:
    return register.get(actor=SYSTEM, voucher_id=financing.quote.voucher_id)  # type: ignore[arg-type]


def test_part_payments_add_up_and_not_a_cent_more_is_collected(desk: Desk) -> None:
    financing = desk.on(EARLY).paid_out(desk.tier_two())
    mature(desk, financing)
    assert pay(desk, financing, "100000.00").state is S.DISBURSED
    with pytest.raises(CollectedTooMuch):
        operations.collect(
            financing_id=financing.id,
            amount=usd("200000.01"),
            instruction_id=new_id(),
            effective_at=desk.on(DUE).now,
            on=DUE,
        )
    assert pay(desk, financing).state is S.REPAID
    with pytest.raises(FinancingStateWrong):
        operations.collect(
            financing_id=financing.id,
            amount=usd("0.01"),
            instruction_id=new_id(),
            effective_at=desk.on(DUE).now,
            on=DUE,
        )


def call(desk: Desk, financing: Financing, actor: build.Actor | None = None) -> Financing:
    late = desk.on(DUE + timedelta(days=14))
    return operations.call_recourse(
        financing_id=financing.id,
        actor=actor or late.company.actor(late.company.funder),
        effective_at=late.now,
        today=late.day,
    )


def test_the_supplier_pays_back_by_recourse_and_the_claim_on_the_core_is_its_own_again(desk: Desk) -> None:
    financing = desk.overdue(desk.on(EARLY).paid_out(desk.tier_two(), recourse=True))
    call(desk, financing)
    (order,) = payments.of_subject(actor=SYSTEM, subject_id=financing.holding_id)
    assert (order.purpose, order.amount, order.payer_id) == (
        Purpose.RECOURSE,
        usd("300000.00"),
        desk.company.supplier(2).id,
    )
    late = DUE + timedelta(days=14)
    repaid = operations.take_recourse(
        financing_id=financing.id, amount=order.amount, instruction_id=order.id, effective_at=desk.on(late).now, on=late
    )
    assert repaid.state is S.REPAID
    held = register.holding(actor=SYSTEM, holding_id=financing.holding_id)  # type: ignore[arg-type]
    assert (held.pledgee_id, held.payee_id, held.state) == (None, desk.company.supplier(2).id, HoldingState.OVERDUE)
    two, bank, core = book(desk.company.supplier(2).id), desk.company.funder.id, desk.company.core.id
    assert ("SHORT_TERM_LOAN", bank) not in two and two[("AR_VOUCHER", core)] == "300000.00"
    desk.company.redeem(held)
    assert ("AR_VOUCHER", core) not in book(desk.company.supplier(2).id)
    settle()


def test_recourse_is_called_by_the_funder_only_once_and_only_when_it_was_agreed_and_is_overdue(desk: Desk) -> None:
    financing = desk.on(EARLY).paid_out(desk.tier_two(), recourse=True)
    with pytest.raises(NoRecourse):
        call(desk, financing)
    desk.overdue(financing)
    late = desk.on(DUE + timedelta(days=14)).company
    with pytest.raises(DecisionNotTheirs):
        call(desk, financing, late.actor(late.supplier(2)))
    with pytest.raises(NotPermitted):
        call(desk, financing, late.actor(late.funder, "viewer"))
    call(desk, financing)
    with pytest.raises(PaymentUnderway):
        call(desk, financing)


def released(desk: Desk, financing: Financing) -> list[Redemption]:
    """The core's person pays the overdue voucher in full, a fortnight late."""
    late = desk.on(DUE + timedelta(days=14))
    return vouchers.release_payment(
        voucher_id=financing.quote.voucher_id,  # type: ignore[arg-type]
        amount=None,
        actor=late.company.actor(late.company.core, "checker"),
        effective_at=late.now,
        today=late.day,
    )


def payment_of_part(financing: Financing) -> PaymentInstruction:
    """The latest payment of the financed part, of the core's or by recourse."""
    return payments.of_subject(actor=SYSTEM, subject_id=financing.holding_id)[-1]


def test_a_debt_is_never_on_its_way_from_the_core_and_by_recourse_at_once(desk: Desk) -> None:
    financing = desk.overdue(desk.on(EARLY).paid_out(desk.tier_two(), recourse=True))
    call(desk, financing)
    with pytest.raises(RegisterPaymentUnderway):
        released(desk, financing)
    fact = paid_by_bank(payment_of_part(financing), desk.on(DUE + timedelta(days=14)).now)
    with pytest.raises(RegisterPaymentUnderway):
        released(desk, financing)  # the supplier's bank has paid the funder, and the register has not heard of it
    jobs.on_payment_settled(fact)
    paid = {share.payee_id: share.amount for share in released(desk, financing)}
    assert paid[desk.company.supplier(2).id] == usd("300000.00") and desk.company.funder.id not in paid
    settle()


def test_recourse_waits_until_what_the_core_has_paid_is_counted(desk: Desk) -> None:
    financing = desk.overdue(desk.on(EARLY).paid_out(desk.tier_two(), recourse=True))
    released(desk, financing)
    fact = paid_by_bank(payment_of_part(financing), desk.on(DUE + timedelta(days=14)).now)
    with pytest.raises(PaymentUnderway):
        call(desk, financing)
    with pytest.raises(RegisterPaymentUnderway):
        released(desk, financing)
    register_jobs.on_payment_settled(fact)
    with pytest.raises(PaymentUnderway):
        call(desk, financing)  # the register has counted it, the funder's asset still stands
    (counted,) = [one for one in stream.of_subject(financing.quote.voucher_id) if one.kind == "voucher.paid"]
    jobs.on_voucher_paid(counted)
    assert desk.now_of(financing).state is S.REPAID
    settle()


def test_without_recourse_the_funder_waits_for_the_core(desk: Desk) -> None:
    financing = desk.overdue(desk.on(EARLY).paid_out(desk.tier_two()))
    assert financing.state is S.OVERDUE
    with pytest.raises(NoRecourse):
        call(desk, financing)
    with pytest.raises(NoRecourse):
        operations.take_recourse(
            financing_id=financing.id, amount=usd("1.00"), instruction_id=new_id(), effective_at=desk.now, on=DUE
        )
    assert pay(desk, financing).state is S.REPAID


def test_a_bank_that_is_silent_over_the_due_date_leaves_its_part_out_until_it_speaks(desk: Desk) -> None:
    early = desk.on(EARLY)
    financing = early.disburse(early.registered(desk.tier_two()))
    voucher, shares = vouchers.begin_maturity(
        voucher_id=financing.quote.voucher_id,  # type: ignore[arg-type]
        effective_at=desk.on(DUE).now,
    )
    assert [share.amount for share in shares] == [usd("700000.00")]
    assert voucher.state is VoucherState.MATURING
    paid = operations.confirm_disbursed(financing_id=financing.id, effective_at=desk.on(DUE).now, on=DUE)
    held = register.holding(actor=SYSTEM, holding_id=paid.holding_id)  # type: ignore[arg-type]
    assert (held.state, held.payee_id) == (HoldingState.MATURED, desk.company.funder.id)
    shares = vouchers.plan_payment(voucher_id=voucher.id)
    assert sorted(str(share.amount) for share in shares) == ["300000.00 USD", "700000.00 USD"]
    settle()


def test_a_core_that_has_paid_all_that_could_be_paid_is_not_late_for_a_part_that_a_silent_bank_locks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = desk.on(EARLY)
    financing = early.disburse(early.registered(desk.tier_two()))
    follow(desk, DUE, monkeypatch)
    assert register_jobs.mature_due() == 1
    (first,) = payments.payments(actor=SYSTEM, purpose=Purpose.VOUCHER_REDEMPTION)
    register_jobs.on_payment_settled(paid_by_bank(first, desk.on(DUE).now))
    late = follow(desk, DUE + timedelta(days=14), monkeypatch)
    assert register_jobs.mark_unpaid() == 0
    operations.confirm_disbursed(financing_id=financing.id, effective_at=late.now, on=late.day)
    assert resolved(financing).amount == usd("300000.00")
    assert _voucher(financing).state is VoucherState.MATURING


def test_the_part_of_a_silent_bank_is_paid_also_where_the_core_is_late_with_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = desk.on(EARLY)
    financing = early.disburse(early.registered(desk.tier_two()))
    follow(desk, DUE, monkeypatch)
    register_jobs.mature_due()
    (first,) = payments.payments(actor=SYSTEM, purpose=Purpose.VOUCHER_REDEMPTION)
    settlement.withdraw(actor=SYSTEM, instruction_id=first.id, reason="no cover", effective_at=desk.on(DUE).now)
    late = follow(desk, DUE + timedelta(days=14), monkeypatch)
    assert register_jobs.mark_unpaid() == 2 and _voucher(financing).state is VoucherState.OVERDUE
    operations.confirm_disbursed(financing_id=financing.id, effective_at=late.now, on=late.day)
    assert resolved(financing).amount == usd("300000.00")


def follow(desk: Desk, day: date, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk on a day, where the clock of the register's sweeps stands then."""
    there = desk.on(day)
    monkeypatch.setattr(register_jobs.clock, "now", lambda: there.now)
    return there


def resolved(financing: Financing) -> PaymentInstruction:
    """The register hears, twice, that the financing took its part; what the core's bank is told then."""
    facts = stream.of_subject(financing.quote.voucher_id)
    (fact,) = [one for one in facts if one.kind == "holding.financed"]
    for _ in range(2):
        register_jobs.on_part_resolved(fact)
    (order,) = payments.of_subject(
        actor=SYSTEM, subject_id=queries.get(actor=SYSTEM, financing_id=financing.id).holding_id
    )
    return order


def test_the_sweeps_and_consumers_hold_up_nothing_for_one_that_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = desk.on(EARLY)
    waiting, gone = early.approved(desk.tier_two()), early.says(early.requested(desk.tier_two()), yes=False)
    monkeypatch.setattr(jobs.clock, "now", lambda: early.now)
    monkeypatch.setattr(jobs.queries, "in_state", lambda state: [gone, waiting])
    assert jobs.open_gates() == 1
    assert early.now_of(waiting).registration_id is not None


def test_the_audit_agrees_with_a_financing_whose_registry_still_searches(desk: Desk) -> None:
    early = desk.on(EARLY)
    searching = early.approved(desk.tier_two())
    early.gate(searching)
    assert early.now_of(searching).registration_id is not None
    found = audit_rows([queries.evidenced]).findings
    assert [str(one) for one in found if one.table.startswith("financing_")] == []


def test_financings_that_cannot_move_yet_hold_up_no_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    early = desk.on(EARLY)
    searching, waiting = (early.approved(desk.tier_two()) for _ in range(2))
    early.gate(searching)
    monkeypatch.setattr(jobs.clock, "now", lambda: early.now)
    monkeypatch.setattr(queries, "AT_ONCE", 1)
    monkeypatch.setattr(queries, "_IN_STATE", prepared(queries._IN_STATE._build))  # compiled anew, for pages of one
    assert [one.id for one in queries.in_state(S.APPROVED)] == [searching.id, waiting.id]
    assert jobs.open_gates() == 1
    assert early.now_of(waiting).registration_id is not None
