"""How vouchers end: paid, late, in default, cancelled, credited; disputes, freezes and complaints on the way."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from tests.builders import vouchers as build
from tests.builders.financing import account, set_value
from tests.builders.refusals import settle
from tests.builders.vouchers import DUE, Company, book, sign, states, usd

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableId
from fourflow.capital.ledger.types import InputDiffers
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import Purpose
from fourflow.capital.vouchers import jobs, operations, queries
from fourflow.capital.vouchers.types import (
    AccountMissing,
    AmountInvalid,
    CancelNotAsked,
    ComplaintNotFound,
    CreditAfterTransfer,
    CreditExceeded,
    HoldingBlocked,
    HoldingState,
    HoldingStateWrong,
    IssuerBarred,
    NotAHolder,
    OverlayKind,
    OverlayNotFound,
    PaymentExceeded,
    PaymentUnderway,
    SamePerson,
    TradeBasisMissing,
    Voucher,
    VoucherNotFound,
    VoucherState,
    VoucherStateWrong,
)
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Barred, NotPermitted
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

V, H = VoucherState, HoldingState


def three_parts(company: Company) -> tuple[Voucher, list[build.Holding]]:
    """A voucher of 100.00 in hands of 33.33, 33.33 and 33.34: parts that no payment divides evenly."""
    set_value(company, Key.VOUCHER_MIN_LOT, "1", scope=f"core:{company.core.id}")
    root = company.held("100.00")
    company.passed(root, company.supplier(2), "33.33")
    company.passed(company.rest(root), company.supplier(3), "33.33")
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    return voucher, company.living(voucher)


@pytest.mark.requirement("R346")
def test_a_voucher_that_is_paid_on_its_day_is_redeemed_and_the_line_is_free(company: Company) -> None:
    voucher = company.accepted()
    due = company.due_day(voucher)
    maturing = due.matured(voucher)
    assert maturing.state is V.MATURING
    (part,) = due.parts(voucher)
    redeemed = due.redeem(part)
    assert (redeemed.state, redeemed.outstanding) == (V.REDEEMED, usd("0.00"))
    assert states(due.parts(voucher)) == [("redeemed", "1000000.00")]
    assert str(company.line_now().available) == "5000000.00 USD"
    assert claims.payable(actor=SYSTEM, payable_id=PayableId(voucher.payable_id)).remaining == usd("0.00")
    settle()


def test_a_part_payment_is_shared_to_the_cent(company: Company) -> None:
    voucher, _ = three_parts(company)
    company.matured(voucher)
    shares = operations.plan_payment(voucher_id=voucher.id, amount=usd("50.00"))
    assert sum(share.amount.minor for share in shares) == 5_000
    assert sorted(share.amount.minor for share in shares) == [1666, 1667, 1667]
    for share in shares:
        operations.redeem(
            holding_id=share.holding_id, amount=share.amount, instruction_id=new_id(), effective_at=company.now
        )
    now = company.now_of(voucher)
    assert (now.state, now.redeemed, now.outstanding) == (V.MATURING, usd("50.00"), usd("50.00"))
    assert {part.state for part in company.living(voucher)} == {H.PARTLY_PAID}
    assert str(company.line_now().utilised) == "50.00 USD"
    for share in operations.plan_payment(voucher_id=voucher.id):
        operations.redeem(
            holding_id=share.holding_id, amount=share.amount, instruction_id=new_id(), effective_at=company.now
        )
    assert company.now_of(voucher).state is V.REDEEMED
    settle()


@pytest.mark.parametrize("amount", ["0.00", "-5.00", "100.01"])
def test_a_payment_is_positive_and_not_a_cent_more_than_is_owed(company: Company, amount: str) -> None:
    voucher, parts = three_parts(company)
    company.matured(voucher)
    with pytest.raises(AmountInvalid):
        operations.plan_payment(voucher_id=voucher.id, amount=usd(amount))
    with pytest.raises(PaymentExceeded):
        company.redeem(parts[0], "33.35")


def test_nothing_is_paid_before_the_due_date_nor_twice(company: Company) -> None:
    voucher = company.accepted()
    (part,) = company.parts(voucher)
    with pytest.raises(VoucherStateWrong):
        company.redeem(part)
    company.matured(voucher)
    company.redeem(part)
    with pytest.raises(VoucherStateWrong):
        company.redeem(part)


def test_at_maturity_an_unanswered_offer_falls_back_to_its_holder(company: Company) -> None:
    root = company.held()
    company.offer(root, company.supplier(2), "300000.00")
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    _, shares = operations.begin_maturity(voucher_id=voucher.id, effective_at=company.on(DUE).now)
    assert {(share.payee_id, share.amount) for share in shares} == {
        (company.supplier().id, usd("300000.00")),
        (company.supplier().id, usd("700000.00")),
    }
    assert all(part.receiver_id is None for part in company.living(voucher))


def with_accounts(company: Company) -> Company:
    settlement.register_bank(code="ALFA", name="Sandbox Bank Alfa")
    for firm in (company.core, *company.cast.suppliers):
        account(firm, "ALFA")
    return company


def at(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The clock of the jobs stands where the company's does."""
    monkeypatch.setattr(jobs.clock, "now", lambda: company.now)
    return company


def test_on_the_due_date_the_cores_bank_is_told_to_pay_every_part(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = with_accounts(company).held()
    company.passed(root, company.supplier(2), "300000.00")
    at(company.on(DUE - timedelta(days=1)), monkeypatch)
    assert jobs.mature_due() == 0
    due = at(company.on(DUE), monkeypatch)
    assert jobs.mature_due() == 1 and jobs.mature_due() == 0
    found = payments.payments(actor=SYSTEM, purpose=Purpose.VOUCHER_REDEMPTION)
    assert {(p.payee_id, p.amount) for p in found} == {
        (company.supplier().id, usd("700000.00")),
        (company.supplier(2).id, usd("300000.00")),
    }
    assert due.now_of(queries.get(actor=SYSTEM, voucher_id=root.voucher_id)).state is V.MATURING


def test_a_core_that_does_not_pay_is_overdue_and_issues_nothing_until_two_people_lift_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher, request = company.accepted(), company.request()
    at(company.on(DUE), monkeypatch)
    jobs.mature_due()
    assert jobs.mark_unpaid() == 0
    monday = date(2014, 9, 1)
    late = at(company.on(monday), monkeypatch)
    assert jobs.mark_unpaid() == 2 and jobs.mark_unpaid() == 0
    assert late.now_of(voucher).state is V.OVERDUE
    assert states(late.parts(voucher)) == [("overdue", "1000000.00")]
    barred = parties.is_barred(company.core.id, Barred.ISSUE, monday)
    assert barred is not None and barred.reference == voucher.number
    with pytest.raises(IssuerBarred):
        late.plan(request)


def test_the_days_of_grace_before_the_stop_list_are_a_dated_value(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_value(company, Key.OVERDUE_RESTRICTION_DAYS, "10", scope=f"core:{company.core.id}")
    company.matured(company.accepted())
    at(company.on(DUE + timedelta(days=4)), monkeypatch)
    assert jobs.mark_unpaid() == 1
    assert parties.is_barred(company.core.id, Barred.ISSUE, DUE + timedelta(days=4)) is None
    at(company.on(DUE + timedelta(days=10)), monkeypatch)
    assert jobs.restrict_unpaid() == 1
    assert parties.is_barred(company.core.id, Barred.ISSUE, DUE + timedelta(days=10)) is not None


def test_after_ninety_days_a_voucher_is_in_default_and_can_still_be_paid(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = company.accepted()
    company.overdue(voucher)
    at(company.on(DUE + timedelta(days=90)), monkeypatch)
    assert jobs.mark_defaults() == 0
    late = at(company.on(DUE + timedelta(days=91)), monkeypatch)
    assert jobs.mark_defaults() == 1
    assert late.now_of(voucher).state is V.DEFAULTED
    assert late.redeem(late.parts(voucher)[0]).state is V.REDEEMED


def test_a_person_of_the_issuer_releases_a_late_payment_whole_or_in_part(company: Company) -> None:
    voucher = with_accounts(company).accepted("1000.00")
    company.overdue(voucher)
    late = company.on(DUE + timedelta(days=14))
    release = partial(operations.release_payment, voucher_id=voucher.id, effective_at=late.now, today=late.day)
    for other in (company.supplier().maker, company.core.viewer, company.funder.checker):
        with pytest.raises((NotPermitted, VoucherNotFound)):
            release(amount=None, actor=other)
    checker = late.actor(company.core, "checker")
    (share,) = release(amount=usd("400.00"), actor=checker)
    (payment,) = payments.of_subject(actor=SYSTEM, subject_id=share.holding_id)
    assert payment.amount == usd("400.00")
    with pytest.raises(PaymentUnderway):
        release(amount=usd("1.00"), actor=checker)
    settlement.withdraw(actor=SYSTEM, instruction_id=payment.id, reason="bank closed", effective_at=late.now)
    (whole,) = release(amount=None, actor=checker)
    assert whole.amount == usd("1000.00")
    assert len(payments.of_subject(actor=SYSTEM, subject_id=share.holding_id)) == 2


def test_a_payment_needs_accounts_on_both_sides(company: Company) -> None:
    voucher = company.accepted("1000.00")
    company.overdue(voucher)
    late = company.on(DUE + timedelta(days=14))
    with pytest.raises(AccountMissing):
        operations.release_payment(
            voucher_id=voucher.id,
            amount=None,
            actor=late.actor(company.core, "checker"),
            effective_at=late.now,
            today=late.day,
        )


# --- cancellation and credit notes


def ask(company: Company, voucher: Voucher) -> Voucher:
    actor = company.core.maker
    return operations.ask_to_cancel(
        voucher_id=voucher.id,
        actor=actor,
        effective_at=company.now,
        signature=sign(actor, operations.cancel_content(voucher)),
    )


def agree(company: Company, voucher: Voucher) -> Voucher:
    actor = company.supplier().maker
    return operations.agree_to_cancel(
        voucher_id=voucher.id,
        actor=actor,
        effective_at=company.now,
        signature=sign(actor, operations.cancel_content(voucher)),
    )


def test_both_cancel_an_accepted_voucher_and_everything_is_as_before(company: Company) -> None:
    payable = company.payable()
    voucher = company.accept(company.check(company.drafted(company.request(payable))))
    ask(company, voucher)
    assert agree(company, voucher).state is V.CANCELLED
    assert book(company.core.id) == {} and book(company.supplier().id) == {}
    assert str(company.line_now().available) == "5000000.00 USD"
    assert company.drafted(company.request(payable)).state is V.DRAFT
    settle()


def test_neither_cancels_alone(company: Company) -> None:
    voucher = company.accepted()
    with pytest.raises(CancelNotAsked):
        agree(company, voucher)
    actor = company.supplier().maker
    with pytest.raises(NotPermitted):
        operations.ask_to_cancel(
            voucher_id=voucher.id,
            actor=actor,
            effective_at=company.now,
            signature=sign(actor, operations.cancel_content(voucher)),
        )


@pytest.mark.parametrize("passed", ["1000.00", None])
def test_what_was_split_or_passed_on_is_not_cancelled(company: Company, passed: str | None) -> None:
    root = company.held()
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    ask(company, voucher)
    company.offer(root, company.supplier(2), passed)
    with pytest.raises(HoldingStateWrong):
        agree(company, voucher)


def credit(company: Company, holding: build.Holding, amount: str, document: str = "CN-1") -> build.Holding:
    return operations.apply_credit_note(
        holding_id=holding.id,
        amount=usd(amount),
        document=document,
        actor=company.firm_of(holding.holder_id).maker,
        effective_at=company.now,
    )


def test_a_credit_note_takes_a_part_of_the_debt_away_while_the_supplier_holds_it(company: Company) -> None:
    root = company.held()
    part = credit(company, root, "200000.00")
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    assert (part.state, voucher.cancelled, voucher.outstanding) == (H.CANCELLED, usd("200000.00"), usd("800000.00"))
    assert str(company.line_now().utilised) == "800000.00 USD"
    assert book(company.core.id)[("AP_VOUCHER", company.supplier().id)] == "-800000.00"
    assert credit(company, company.rest(root), "800000.00", "CN-2").state is H.CANCELLED
    assert company.now_of(voucher).state is V.CANCELLED
    assert str(company.line_now().utilised) == "0.00 USD"
    settle()


def test_a_credit_note_after_transfer_leaves_the_holders_alone(company: Company) -> None:
    root = company.held()
    second = company.passed(root, company.supplier(2), "300000.00")
    for spent in (root, second):
        with pytest.raises(CreditAfterTransfer):
            credit(company, spent, "1000.00")
    for amount in ("700000.01", "0.00", "-1.00"):
        with pytest.raises(CreditExceeded):
            credit(company, company.rest(root), amount)
    with pytest.raises(TradeBasisMissing):
        credit(company, company.rest(root), "1.00", " ")


def test_a_credit_note_after_transfer_is_settled_between_supplier_and_core(company: Company) -> None:
    root = company.held()
    company.passed(root, company.supplier(2))
    settle_outside = partial(
        operations.settle_credit_note_outside,
        voucher_id=root.voucher_id,
        amount=usd("1000.00"),
        document="CN-9",
        effective_at=company.now,
    )
    with pytest.raises(NotPermitted):
        settle_outside(actor=company.supplier(2).maker)
    settle_outside(actor=company.supplier().maker)
    assert book(company.supplier().id)[("OTHER_PAYABLE", company.core.id)] == "-1000.00"
    assert book(company.core.id)[("OTHER_RECEIVABLE", company.supplier().id)] == "1000.00"
    assert company.living(queries.get(actor=SYSTEM, voucher_id=root.voucher_id))[0].amount == usd("1000000.00")
    with pytest.raises(InputDiffers):
        settle_outside(actor=company.supplier().maker, amount=usd("2.00"))


# --- disputes, freezes, complaints


def dispute(company: Company, holding: build.Holding, actor: build.Actor, part: bool = True) -> build.queries.Overlay:
    return operations.dispute(
        voucher_id=holding.voucher_id,
        holding_id=holding.id if part else None,
        source="case 7",
        actor=actor,
        effective_at=company.now,
        today=company.day,
    )


def test_the_issuer_disputes_all_of_a_voucher_a_holder_only_its_own_part(company: Company) -> None:
    root = company.held()
    second = company.passed(root, company.supplier(2), "300000.00")
    rest = company.rest(root)
    assert dispute(company, rest, company.core.maker, part=False).kind is OverlayKind.DISPUTED
    assert dispute(company, second, company.supplier(2).maker).holding_id == second.id
    for foreign in (second, root):
        with pytest.raises(NotAHolder):
            dispute(company, foreign, company.supplier(1).maker)
    with pytest.raises(NotAHolder):
        dispute(company, second, company.supplier(2).maker, part=False)
    with pytest.raises(VoucherNotFound):
        dispute(company, second, company.supplier(4).maker)


def test_who_opened_a_dispute_settles_it_and_then_the_part_is_free_again(company: Company) -> None:
    root = company.held()
    opened = dispute(company, root, company.core.maker, part=False)
    close = partial(operations.close_overlay, overlay_id=opened.id, effective_at=company.now, today=company.day)
    with pytest.raises(HoldingBlocked):
        company.offer(root, company.supplier(2), "1000.00")
    with pytest.raises(NotPermitted):
        close(reason="never mind", actor=company.supplier().maker)
    with pytest.raises(TradeBasisMissing):
        close(reason=" ", actor=company.core.maker)
    assert close(reason="goods replaced", actor=company.core.maker).closed_on == company.day
    with pytest.raises(OverlayNotFound):
        close(reason="again", actor=company.core.maker)
    assert company.passed(root, company.supplier(2), "1000.00").state is H.ACTIVE


def test_a_freeze_is_lifted_by_another_person_under_whatever_account(company: Company) -> None:
    root, op = company.held(), company.cast.operator
    freeze = partial(
        operations.freeze,
        voucher_id=root.voucher_id,
        effective_at=company.now,
        today=company.day,
    )
    with pytest.raises(NotPermitted):
        freeze(source="paper", actor=company.core.maker)
    with pytest.raises(TradeBasisMissing):
        freeze(source="  ", actor=op.maker)
    frozen = freeze(source="court paper 12", actor=op.maker)
    with pytest.raises(HoldingBlocked):
        credit(company, root, "1.00")
    lift = partial(
        operations.close_overlay,
        overlay_id=frozen.id,
        reason="paper lifted",
        effective_at=company.now,
        today=company.day,
    )
    with pytest.raises(NotPermitted):
        lift(actor=op.maker)
    with pytest.raises(SamePerson):
        lift(actor=build.second_account(op))
    assert lift(actor=op.checker).closed_on == company.day


def test_the_due_date_runs_under_a_freeze(company: Company) -> None:
    voucher = company.accepted()
    operations.freeze(
        voucher_id=voucher.id,
        source="paper",
        actor=company.cast.operator.maker,
        effective_at=company.now,
        today=company.day,
    )
    assert company.overdue(voucher).state is V.OVERDUE


def test_nothing_is_disputed_or_frozen_that_is_paid(company: Company) -> None:
    voucher = company.accepted()
    company.matured(voucher)
    company.redeem(company.parts(voucher)[0])
    with pytest.raises(VoucherStateWrong):
        dispute(company, company.parts(voucher)[0], company.core.maker, part=False)


def test_a_holder_of_an_overdue_part_complains_and_the_desk_answers_once(company: Company) -> None:
    root = company.held()
    company.passed(root, company.supplier(2))
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    company.overdue(voucher)
    complain = partial(operations.complain, voucher_id=voucher.id, effective_at=company.now, today=company.day)
    with pytest.raises(NotAHolder):
        complain(text="where is our money", actor=company.supplier(1).maker)
    with pytest.raises(VoucherNotFound):
        complain(text="where is our money", actor=company.supplier(4).maker)
    with pytest.raises(TradeBasisMissing):
        complain(text=" ", actor=company.supplier(2).maker)
    number = complain(text="still unpaid", actor=company.supplier(2).maker)
    (seen,) = queries.complaints(actor=company.supplier(2).maker)
    assert seen.answer_due_on == company.day + timedelta(days=30)
    assert queries.complaints(actor=company.supplier(1).maker) == []
    assert [one.id for one in queries.complaints(actor=company.cast.operator.maker, open_only=True)] == [number]
    answer = partial(operations.answer_complaint, complaint_id=number, effective_at=company.now, today=company.day)
    with pytest.raises(NotPermitted):
        answer(answer="soon", actor=company.supplier(2).maker)
    with pytest.raises(ComplaintNotFound):
        answer(answer="soon", actor=company.supplier(1).maker)
    answer(answer="the core pays on Monday", actor=company.cast.operator.maker)
    with pytest.raises(ComplaintNotFound):
        answer(answer="again", actor=company.cast.operator.maker)
    texts = [str(event.body) for event in events.of_subject(voucher.id)]
    assert not any("unpaid" in text or "Monday" in text for text in texts)
