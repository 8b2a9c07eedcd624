"""How vouchers end: paid on their day, in parts, late, in default."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.builders import vouchers as build
from tests.builders.financing import account, set_value
from tests.builders.refusals import settle
from tests.builders.settlement import never_arrived
from tests.builders.vouchers import DUE, Company, states, usd
from tests.modules.capital.vouchers.test_taking_back import ask

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableId
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import PaymentInstruction, Purpose
from fourflow.capital.vouchers import jobs, operations, queries
from fourflow.capital.vouchers.types import (
    AccountMissing,
    AmountInvalid,
    HoldingState,
    IssuerBarred,
    Paid,
    PaymentExceeded,
    PaymentUnderway,
    Voucher,
    VoucherId,
    VoucherNotFound,
    VoucherState,
    VoucherStateWrong,
)
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Barred, NotPermitted
from fourflow.platform.db import ordering
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id
from fourflow.platform.models import CalendarYear

V, H = VoucherState, HoldingState


def three_parts(company: Company) -> tuple[Voucher, list[build.Holding]]:
    """A voucher of 100.00 in hands of 33.33, 33.33 and 33.34: parts that no payment divides evenly."""
    set_value(company, Key.VOUCHER_MIN_LOT, "1", scope=f"core:{company.core.id}")
    root = company.held("100.00")
    company.passed(root, company.supplier(2), "33.33")
    company.passed(company.rest(root), company.supplier(3), "33.33")
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    return voucher, company.living(voucher)


@pytest.mark.requirement("R355")
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


def test_who_paid_on_time_and_who_late_is_asked_of_the_register(company: Company) -> None:
    punctual, late = company.accepted("100.00"), three_parts(company)[0]
    for voucher in (punctual, late):
        company.matured(voucher)
    company.due_day(punctual).redeem(company.parts(punctual)[0])
    first, second, third = company.living(late)
    company.due_day(late).later(3).redeem(first)
    company.due_day(late).redeem(second)
    assert company.now_of(late).paid_on == late.due_on + timedelta(3)

    def asked(paid: Paid) -> set[VoucherId]:
        where = queries.VoucherFilter(paid=paid)
        return {one.id for one in queries.vouchers(actor=company.funder.maker, where=where).rows}

    def told(since: date = DUE) -> tuple[int, int, int, int]:
        when = {"since": since, "before": DUE + timedelta(9)}
        found = queries.punctuality(actor=company.funder.maker, issuer_id=company.core.id, **when)
        return found.on_time, found.late, found.days_late, found.unpaid

    assert (asked(Paid.ON_TIME), asked(Paid.LATE), told()) == ({punctual.id}, set(), (1, 0, 0, 1)), "a part is open"
    company.due_day(late).redeem(third)
    assert company.now_of(late).paid_on == late.due_on + timedelta(3), "the bank that was heard of last paid in time"
    assert (asked(Paid.ON_TIME), asked(Paid.LATE), told()) == ({punctual.id}, {late.id}, (1, 1, 3, 0))
    assert told(DUE + timedelta(1)) == (0, 0, 0, 0)
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
    offered = company.offer(root, company.supplier(2), "300000.00")
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    _, shares = operations.begin_maturity(voucher_id=voucher.id, effective_at=company.on(DUE).now)
    assert {(share.payee_id, share.amount) for share in shares} == {
        (company.supplier().id, usd("300000.00")),
        (company.supplier().id, usd("700000.00")),
    }
    assert all(part.receiver_id is None for part in company.living(voucher))
    ended, maturing = events.of_subject(voucher.id)[-2:]
    assert (ended.kind, maturing.kind) == ("holding.transfer_ended", "voucher.maturing")
    assert ended.body == {
        "holding_id": str(offered.id),
        "from_id": str(company.supplier().id),
        "to_id": str(company.supplier(2).id),
        "outcome": "expired",
        "reason": "",
    }


def with_accounts(company: Company) -> Company:
    settlement.register_bank(code="ALFA", name="Sandbox Bank Alfa")
    for firm in (company.core, *company.cast.suppliers):
        account(firm, "ALFA")
    return company


def at(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The clock of the jobs stands where the company's does."""
    monkeypatch.setattr(jobs.clock, "now", lambda: company.now)
    return company


@pytest.mark.requirement("R192")
@pytest.mark.requirement("R386")
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


@pytest.mark.requirement("R190")
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


def test_a_due_date_beyond_the_calendar_holds_up_no_other_voucher(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    autumn = company.on(date(2014, 10, 9))
    known, unknown = (replace(autumn, due=due).accepted("1000.00") for due in (date(2014, 12, 26), date(2015, 1, 5)))
    for voucher in (known, unknown):
        company.matured(voucher)
    CalendarYear.objects.filter(year=2015).update(year=2099)
    late = at(company.on(date(2015, 1, 9)), monkeypatch)
    jobs.mark_unpaid()
    assert (late.now_of(known).state, late.now_of(unknown).state) == (V.OVERDUE, V.MATURING)
    CalendarYear.objects.filter(year=2099).update(year=2015)
    jobs.mark_unpaid()
    assert late.now_of(unknown).state is V.OVERDUE


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


def test_late_vouchers_in_their_days_of_grace_hide_none_that_stands_behind_them(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 1)
    late = [company.accepted("1000.00", due_on=DUE - timedelta(days=days)) for days in (0, 1, 1)]
    for voucher in late:
        company.overdue(voucher)
    asked = {voucher.id for voucher in late}
    found = list(queries.unrestricted_overdue())
    assert {one.id for one in found} == asked and len(found) == 3
    assert [one.due_on for one in found] == sorted(voucher.due_on for voucher in late)


def test_a_sweep_reads_all_of_its_rows_though_none_of_those_before_could_move(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 1)
    days = (0, 1, 1)
    running = [company.accepted("1000.00", due_on=DUE - timedelta(days=one)) for one in days]
    assert list(queries.due(on=DUE)) == [one.id for one in sorted(running, key=lambda one: (one.due_on, one.id))]
    assert set(queries.due(on=DUE - timedelta(1))) == {one.id for one in running[1:]}
    for one in running:
        ask(company, one)
    offered = [company.offered("1000.00") for _ in days]
    parts = [company.offer(company.held("1000.00"), company.supplier(2)) for _ in days]
    far = DUE + timedelta(999)
    assert set(queries.unagreed(on=far)) == {one.id for one in running}
    found = queries.stale_offers(on=far)
    assert [set(some) for some in found] == [{one.id for one in offered}, {one.id for one in parts}]
    for one in running:
        company.overdue(one)
    assert set(queries.long_overdue(due_before=DUE)) == {one.id for one in running[1:]}
    assert set(queries.long_overdue(due_before=far)) == {one.id for one in running}


def test_a_silent_bank_keeps_no_other_voucher_from_being_overdue(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 1)
    waiting = [with_accounts(company).accepted("1000.00") for _ in range(2)]
    at(company.on(DUE), monkeypatch)
    assert jobs.mature_due() == 2
    unpaid = company.accepted("1000.00")
    company.matured(unpaid)
    at(company.on(date(2014, 9, 1)), monkeypatch)
    assert jobs.mark_unpaid() == 2  # overdue, and its issuer barred
    assert [company.now_of(one).state for one in (*waiting, unpaid)] == [V.MATURING, V.MATURING, V.OVERDUE]


def test_a_sweep_over_many_unpaid_vouchers_asks_no_more_than_over_one(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpaid = [company.accepted("100.00") for _ in range(4)]
    for one in unpaid:
        company.matured(one)
    at(company.on(date(2014, 9, 1)), monkeypatch)
    monkeypatch.setattr(operations, "mark_overdue", lambda **_: None)

    def read(table: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            jobs.mark_unpaid()
        return sum(f'FROM "{table}"' in query["sql"] for query in asked.captured_queries)

    assert [read("vouchers_holding"), read("settlement_instruction")] == [1, 1]


def test_the_payment_of_many_parts_reads_their_accounts_and_earlier_payments_once(company: Company) -> None:
    voucher, parts = three_parts(with_accounts(company))
    company.overdue(voucher)
    late = company.on(DUE + timedelta(days=14))
    checker = late.actor(company.core, "checker")
    with CaptureQueriesContext(connection) as asked:
        operations.release_payment(
            voucher_id=voucher.id, amount=None, actor=checker, effective_at=late.now, today=late.day
        )
    said = [query["sql"] for query in asked.captured_queries]
    assert len(parts) == 3
    assert sum('"settlement_instruction"."subject_id" IN' in one for one in said) == 1
    assert sum('"settlement_account"."party_id" IN' in one for one in said) == 1
    assert not [one for one in said if '"settlement_account"."party_id" =' in one]


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


def test_the_days_until_a_default_are_a_dated_value(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    set_value(company, Key.VOUCHER_DEFAULT_DAYS, "30")
    voucher = company.accepted()
    company.overdue(voucher)
    at(company.on(DUE + timedelta(days=30)), monkeypatch)
    assert jobs.mark_defaults() == 0
    late = at(company.on(DUE + timedelta(days=31)), monkeypatch)
    assert jobs.mark_defaults() == 1 and late.now_of(voucher).state is V.DEFAULTED


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


def lost_redemption(company: Company) -> tuple[Company, build.Holding, PaymentInstruction]:
    """A part whose payment on the due date never reached the issuer's bank."""
    accepted, due = with_accounts(company).accepted("1000.00"), company.on(DUE)
    voucher, shares = operations.begin_maturity(voucher_id=accepted.id, effective_at=due.now)
    operations.instruct_due(voucher=voucher, shares=shares, effective_at=due.now, today=DUE)
    (part,) = due.parts(voucher)
    (payment,) = payments.of_subject(actor=SYSTEM, subject_id=part.id)
    never_arrived(payment, due.now)
    return due, part, payment


def test_a_redemption_that_the_bank_never_got_is_instructed_anew_once(company: Company) -> None:
    due, part, lost = lost_redemption(company)
    again = partial(operations.instruct_again, holding_id=part.id, lost_id=lost.id, effective_at=due.now, today=DUE)
    second = again()
    assert second is not None and (second.amount, second.mandate) == (lost.amount, lost.mandate)
    assert again() is None
    sent = payments.of_subject(actor=SYSTEM, subject_id=part.id)
    assert [one.state.value for one in sent] == ["rejected", "instructed"]


def test_what_is_no_longer_owed_is_not_instructed_anew(company: Company) -> None:
    due, part, lost = lost_redemption(company)
    due.redeem(part)  # the issuer paid another way
    assert operations.instruct_again(holding_id=part.id, lost_id=lost.id, effective_at=due.now, today=DUE) is None


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
