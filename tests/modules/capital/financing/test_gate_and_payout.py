"""The registration gate and the payout, to the cent of the accounting guide; and what the database refuses."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from tests.builders.financing import EARLY, Desk
from tests.builders.parties import Firm
from tests.builders.refusals import copy_of, refuse, settle
from tests.builders.settlement import never_arrived
from tests.builders.vouchers import DUE, book, usd

from fourflow.capital.claims import operations as registry
from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import RegistrationId, RegistrationState
from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import (
    Financing,
    FinancingNotFound,
    FinancingState,
    FinancingStateWrong,
    GateClosed,
    HoldingFrozen,
    QuoteExpired,
    QuoteNotFound,
    RequeryTooOld,
)
from fourflow.capital.ledger.types import BookKind
from fourflow.capital.settlement import queries as payments
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as register
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.db.prepared import prepared
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import new_id

S = FinancingState


@pytest.fixture
def early(desk: Desk) -> Desk:
    """120 days before the due date."""
    return desk.on(EARLY)


def test_without_decision_registration_and_a_clean_second_search_nothing_is_paid(desk: Desk, early: Desk) -> None:
    financing = early.requested(desk.tier_two())
    with pytest.raises(FinancingStateWrong):
        early.gate(financing)
    early.gate(early.says(financing))
    for _ in range(3):
        with pytest.raises(FinancingStateWrong):
            early.disburse(financing)
        early.registry_says(financing)
        financing = early.note(financing)
    assert early.disburse(financing).state is S.DISBURSING


def registration_state(desk: Desk, financing: Financing) -> RegistrationState:
    number = RegistrationId(desk.now_of(financing).registration_id)  # type: ignore[arg-type]
    return claims.registration(actor=SYSTEM, registration_id=number).state


@pytest.mark.parametrize("after", [0, 2])
def test_somebody_elses_earlier_right_ends_it_and_our_filing_is_taken_back(desk: Desk, early: Desk, after: int) -> None:
    financing = early.gate(early.approved(desk.tier_two()))
    for _ in range(after):
        early.registry_says(financing)
        early.note(financing)
    early.registry_says(financing, first=False)
    assert early.note(financing).state is S.FAILED
    assert register.holding(actor=SYSTEM, holding_id=financing.holding_id).state == "active"  # type: ignore[arg-type]
    operations.release_registration(financing_id=financing.id, effective_at=early.now)
    if after:
        early.registry_says(financing)
    assert registration_state(early, financing) is (
        RegistrationState.CANCELLED if after else RegistrationState.ABANDONED
    )


def test_a_registry_that_refuses_the_filing_ends_it(desk: Desk, early: Desk) -> None:
    financing = early.gate(early.approved(desk.tier_two()))
    early.registry_says(financing)
    early.note(financing)
    early.registry_says(financing, accepted=False)
    ended = operations.note_registration(
        financing_id=financing.id, effective_at=early.now, refusal="asset is not describable"
    )
    assert ended.state is S.FAILED and "not describable" in ended.reason


def test_an_old_search_is_made_again_and_found_rights_stop_the_payout(desk: Desk, early: Desk) -> None:
    financing = early.registered(desk.tier_two())
    late = early.now + timedelta(minutes=61)

    def pay() -> None:
        operations.disburse(financing_id=financing.id, effective_at=late, today=early.day)

    with pytest.raises(RequeryTooOld):
        pay()
    number = RegistrationId(financing.registration_id)  # type: ignore[arg-type]
    registry.query_again(registration_id=number, effective_at=late)
    with pytest.raises(GateClosed):
        pay()
    early.registry_says(financing, first=False)
    assert early.note(financing).state is S.FAILED


def test_a_part_that_is_frozen_after_the_request_is_not_paid_for(desk: Desk, early: Desk) -> None:
    financing = early.registered(desk.tier_two())
    vouchers.freeze(
        voucher_id=financing.quote.voucher_id,  # type: ignore[arg-type]
        source="court paper",
        actor=early.company.actor(early.company.cast.operator),
        effective_at=early.now,
        today=early.day,
    )
    with pytest.raises(HoldingFrozen):
        early.disburse(financing)


def test_a_request_that_is_still_open_when_the_voucher_falls_due_lapses(
    desk: Desk, early: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    financing = early.registered(desk.tier_two())
    due = desk.on(DUE)
    with pytest.raises(GateClosed):
        due.disburse(financing)
    with pytest.raises(QuoteExpired):
        operations.lapse(financing_id=financing.id, effective_at=early.now, today=early.day)
    another = early.requested(desk.tier_two())
    monkeypatch.setattr(queries, "AT_ONCE", 1)
    monkeypatch.setattr(queries, "_FALLEN_DUE", prepared(queries._FALLEN_DUE._build))  # compiled anew, for pages of one
    assert [found.id for found in queries.fallen_due(on=DUE)] == [financing.id, another.id]
    assert operations.lapse(financing_id=financing.id, effective_at=due.now, today=DUE).state is S.FAILED


def test_a_payout_is_among_the_payments_for_its_voucher_for_those_who_see_the_financing(
    desk: Desk, early: Desk
) -> None:
    financing = early.disburse(early.registered(desk.tier_two()))
    voucher_id = financing.quote.voucher_id

    def listed(firm: Firm) -> list[UUID]:
        actor = early.company.actor(firm)
        with reading(actor):
            about = queries.paid_for(actor=actor, voucher_id=voucher_id)
            return [one.subject_id for one in payments.payments(actor=actor, about=about)]

    company = early.company
    for firm in (company.supplier(2), company.funder):
        assert listed(firm) == [financing.id]
    for firm in (company.core, company.supplier(1), company.supplier(3)):
        assert listed(firm) == []


def test_a_bank_that_cannot_pay_leaves_everything_as_it_was(desk: Desk, early: Desk) -> None:
    financing = early.disburse(early.registered(desk.tier_two(), funder=early.company.other_funder))
    before = book(early.company.supplier(2).id)
    ended = operations.fail_disbursement(financing_id=financing.id, effective_at=early.now, reason="AC04")
    assert ended.state is S.FAILED and book(early.company.supplier(2).id) == before
    assert str(early.company.line_now(early.company.other_funder).available) == "5000000.00 USD"
    operations.release_registration(financing_id=financing.id, effective_at=early.now)
    early.registry_says(financing)
    assert registration_state(early, financing) is RegistrationState.CANCELLED


def test_a_payout_that_the_bank_never_got_is_instructed_anew_once_the_gate_has_been_asked(
    desk: Desk, early: Desk
) -> None:
    financing = early.disburse(early.registered(desk.tier_two()))
    (first,) = payments.of_subject(actor=SYSTEM, subject_id=financing.id)
    never_arrived(first, early.now)
    with pytest.raises(FinancingStateWrong):
        operations.reopen_payout(financing_id=financing.id, instruction_id=financing.id, effective_at=early.now)
    again = operations.reopen_payout(financing_id=financing.id, instruction_id=first.id, effective_at=early.now)
    assert (again.state, again.instruction_id) == (S.REGISTERED, None)
    with pytest.raises(FinancingStateWrong):
        operations.reopen_payout(financing_id=financing.id, instruction_id=first.id, effective_at=early.now)
    assert early.disburse(again).state is S.DISBURSING
    lost, second = payments.of_subject(actor=SYSTEM, subject_id=financing.id)
    assert (lost.state.value, lost.reason_code) == ("rejected", "NOT_RECEIVED")
    assert (second.amount, second.reference) == (first.amount, f"{first.reference}:2")
    paid = operations.confirm_disbursed(financing_id=financing.id, effective_at=early.now, on=early.day)
    assert (paid.state, paid.instruction_id) == (S.DISBURSED, second.id)


# --- the payout, to the cent of the accounting guide


@pytest.mark.requirement("R309")
@pytest.mark.requirement("R356")
@pytest.mark.requirement("R358")
@pytest.mark.requirement("R195")
def test_without_recourse_the_funder_holds_the_part_and_the_books_say_so(desk: Desk, early: Desk) -> None:
    financing = early.paid_out(desk.tier_two())
    c = early.company
    core, one, two, bank, operator = c.core.id, c.supplier().id, c.supplier(2).id, c.funder.id, c.cast.operator.id
    held = register.holding(actor=SYSTEM, holding_id=financing.holding_id)  # type: ignore[arg-type]
    assert (held.holder_id, held.state, held.pledgee_id) == (bank, "financed", bank)
    assert book(core) == {
        ("AP_OPEN", one): "1000000.00",
        ("AP_VOUCHER", one): "-700000.00",
        ("AP_VOUCHER", bank): "-300000.00",
    }
    assert book(two) == {
        ("AR_OPEN", one): "-300000.00",
        ("FINANCE_COST", bank): "4500.00",
        ("IN_TRANSIT", financing.instruction_id): "295500.00",
    }
    assert book(bank) == {
        ("FACTORING_ASSET", core): "300000.00",
        ("IN_TRANSIT", financing.instruction_id): "-295500.00",
        ("UNEARNED_INTEREST", two): "-4500.00",
        ("FEE_EXPENSE", operator): "1273.58",
        ("INPUT_VAT", None): "76.42",
        ("FEE_PAYABLE", operator): "-1350.00",
    }
    assert book(operator, BookKind.MONEY) == {
        ("FEE_RECEIVABLE", bank): "1350.00",
        ("FEE_REVENUE", bank): "-1273.58",
        ("OUTPUT_VAT", None): "-76.42",
    }
    (payment,) = payments.of_subject(actor=SYSTEM, subject_id=financing.id)
    assert payment.amount == usd("295500.00")
    settle()


def test_with_recourse_the_holder_stays_and_the_funder_has_its_pledge(desk: Desk, early: Desk) -> None:
    financing = early.paid_out(desk.tier_two(), recourse=True)
    c = early.company
    core, one, two, bank = c.core.id, c.supplier().id, c.supplier(2).id, c.funder.id
    held = register.holding(actor=SYSTEM, holding_id=financing.holding_id)  # type: ignore[arg-type]
    assert (held.holder_id, held.pledgee_id, held.payee_id) == (two, bank, bank)
    assert book(core)[("AP_VOUCHER", two)] == "-300000.00"
    assert book(two) == {
        ("AR_OPEN", one): "-300000.00",
        ("AR_VOUCHER", core): "300000.00",
        ("IN_TRANSIT", financing.instruction_id): "295500.00",
        ("PREPAID_INTEREST", bank): "4500.00",
        ("SHORT_TERM_LOAN", bank): "-300000.00",
    }
    settle()


def test_at_payout_another_funders_line_takes_the_use_over(desk: Desk, early: Desk) -> None:
    early.paid_out(desk.tier_two(), funder=early.company.other_funder)
    assert str(early.company.line_now().utilised) == "700000.00 USD"
    assert str(early.company.line_now(early.company.other_funder).utilised) == "300000.00 USD"


# --- behind the code's back


@pytest.mark.requirement("R297")
def test_the_gate_of_the_payout_stands_in_the_database(desk: Desk, early: Desk) -> None:
    financing = early.requested(desk.tier_two())
    change = "update financing_financing set {} where id = %s"
    for state in ("disbursing", "disbursed", "overdue"):
        with_day = f"state = '{state}', disbursed_on = '2014-05-01'"
        refuse(change.format(with_day), financing.id, constraint="financing_gate")
    refuse(change.format("state = 'repaid'"), financing.id, constraint="financing_repaid_means_all")
    refuse(change.format("holding_id = gen_random_uuid()"), financing.id, constraint="financing_forward")
    refuse(change.format("consent = '{}'"), financing.id, constraint="financing_forward")
    refuse(change.format("funder_id = applicant_id"), financing.id, constraint="financing_forward")
    refuse(change.format("collected_minor = 30000001"), financing.id, constraint="financing_within_amount")
    refuse(change.format("collected_minor = -1"), financing.id, constraint="financing_forward")


def test_a_financing_that_is_paid_out_is_in_a_known_state_and_its_payout_stands(desk: Desk, early: Desk) -> None:
    financing = early.paid_out(desk.tier_two())
    change = "update financing_financing set {} where id = %s"
    refuse(change.format("state = 'lost'"), financing.id, constraint="financing_state_known")
    for column in ("instruction_id", "registration_id", "held_id", "disbursed_on"):
        refuse(change.format(f"{column} = null"), financing.id, constraint="financing_forward")
    for state in ("requested", "approved", "registered", "disbursing", "refused", "withdrawn", "failed"):
        refuse(change.format(f"state = '{state}'"), financing.id, constraint="financing_step")


def test_a_quote_and_a_decision_never_change(desk: Desk, early: Desk) -> None:
    financing = early.approved(desk.tier_two())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update financing_quote set net_minor = 1 where id = %s", [financing.quote.id])
    change = "update financing_financing set {} where id = %s"
    refuse(change.format("approved = false"), financing.id, constraint="financing_forward")
    refuse(change.format("decision = '{}'"), financing.id, constraint="financing_forward")


def test_a_part_is_financed_once_and_one_registration_or_payout_serves_one_financing(desk: Desk, early: Desk) -> None:
    financing = early.paid_out(desk.tier_two())
    quote_id = new_id()
    with connection.cursor() as cursor:
        sql, values, source = copy_of("financing_quote", financing.quote.id, id=quote_id)
        cursor.execute(sql, (values, source))
    fresh = {"quote_id": quote_id, "holding_id": new_id(), "registration_id": new_id(), "instruction_id": new_id()}
    kept = {
        "holding_id": "financing_once_per_holding",
        "registration_id": "financing_one_registration",
        "instruction_id": "financing_one_payout",
    }
    for column, constraint in kept.items():
        changed = {name: value for name, value in fresh.items() if name != column}
        refuse(*copy_of("financing_financing", financing.id, **changed), constraint=constraint)
    stranger = {**fresh, "funder_id": new_id()}
    refuse(*copy_of("financing_financing", financing.id, **stranger), constraint="financing_parties_quoted")


def test_what_the_supplier_gets_and_what_it_costs_are_the_amount(desk: Desk, early: Desk) -> None:
    quoted = early.requested(desk.tier_two()).quote
    dearer = {"net_minor": quoted.net.minor + 1}
    refuse(*copy_of("financing_quote", quoted.id, **dearer), constraint="quote_net_and_cost_are_the_amount")


def test_an_end_is_an_end(desk: Desk, early: Desk) -> None:
    financing = early.says(early.requested(desk.tier_two()), yes=False)
    refuse(
        "update financing_financing set state = 'requested' where id = %s", financing.id, constraint="financing_forward"
    )


def test_strangers_see_neither_quote_nor_financing(desk: Desk, early: Desk) -> None:
    financing = early.requested(desk.tier_two())
    for stranger in (early.company.supplier(3), early.company.core, early.company.other_funder):
        actor = early.company.actor(stranger)
        with pytest.raises(FinancingNotFound):
            queries.get(actor=actor, financing_id=financing.id)
        with pytest.raises(QuoteNotFound):
            queries.quote(actor=actor, quote_id=financing.quote.id)
        assert queries.financings(actor=actor) == []
