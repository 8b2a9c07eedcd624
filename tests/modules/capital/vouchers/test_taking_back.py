"""Vouchers taken back by both sides or by credit notes; disputes, freezes and complaints."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.builders import vouchers as build
from tests.builders.refusals import settle
from tests.builders.vouchers import Company, book, sign, usd

from fourflow.capital.ledger.types import InputDiffers
from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import (
    CancelNotAsked,
    ComplaintNotFound,
    CreditAfterTransfer,
    CreditExceeded,
    HoldingBlocked,
    HoldingState,
    HoldingStateWrong,
    NotAHolder,
    OverlayKind,
    OverlayNotFound,
    SamePerson,
    TradeBasisMissing,
    Voucher,
    VoucherNotFound,
    VoucherState,
    VoucherStateWrong,
)
from fourflow.foundation.parties.types import SYSTEM, NotPermitted
from fourflow.platform.events import queries as events

V, H = VoucherState, HoldingState


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


def test_all_credit_notes_together_take_no_more_than_the_face(company: Company) -> None:
    root = company.held()
    company.passed(root, company.supplier(2))
    settle_outside = partial(
        operations.settle_credit_note_outside,
        voucher_id=root.voucher_id,
        actor=company.supplier().maker,
        effective_at=company.now,
    )
    settle_outside(amount=usd("999000.00"), document="CN-9")
    with pytest.raises(CreditExceeded):
        settle_outside(amount=usd("1000.01"), document="CN-10")
    settle_outside(amount=usd("1000.00"), document="CN-10")
    assert book(company.supplier().id)[("OTHER_PAYABLE", company.core.id)] == "-1000000.00"


def test_a_note_on_what_is_still_held_counts_those_that_were_settled_outside(company: Company) -> None:
    root = company.held()
    company.passed(root, company.supplier(2), "300000.00")
    operations.settle_credit_note_outside(
        voucher_id=root.voucher_id,
        amount=usd("999000.00"),
        document="CN-9",
        actor=company.supplier().maker,
        effective_at=company.now,
    )
    with pytest.raises(CreditExceeded):
        credit(company, company.rest(root), "1000.01")
    credit(company, company.rest(root), "1000.00")


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
    assert queries.complaint(actor=company.supplier(2).maker, complaint_id=number) == seen
    assert queries.complaint(actor=company.cast.operator.maker, complaint_id=number) == seen
    assert queries.complaints(actor=company.supplier(1).maker) == []
    with pytest.raises(ComplaintNotFound):
        queries.complaint(actor=company.supplier(1).maker, complaint_id=number)
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
