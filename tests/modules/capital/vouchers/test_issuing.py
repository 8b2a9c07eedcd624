"""From a confirmed payable to an accepted voucher, and every way in which it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.builders import parties as firms
from tests.builders import vouchers as build
from tests.builders.financing import set_value
from tests.builders.vouchers import Company, sign, usd

from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import ClaimInUse, PayableExceeded, PayableNotFound, PayableStateWrong
from fourflow.capital.limits import operations as limits
from fourflow.capital.limits.types import LimitExceeded
from fourflow.capital.vouchers import jobs, operations, queries
from fourflow.capital.vouchers.types import (
    Act,
    ContractClauseMissing,
    DueDateInvalid,
    FaceInvalid,
    HoldingState,
    IssuerBarred,
    LimitMissing,
    OfferExpired,
    PartyBarred,
    RoleMissing,
    TermNotAcknowledged,
    TermReasonMissing,
    TermTooLong,
    VoucherNotFound,
    VoucherState,
    VoucherStateWrong,
)
from fourflow.foundation.approvals.types import SamePerson, Verdict
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties.types import (
    SYSTEM,
    Barred,
    ChangeKind,
    EndTerms,
    LicenceKind,
    MandateExceeded,
    MandateExpired,
    NotPermitted,
    RestrictionSource,
    RoleKind,
    RoleTerms,
)
from fourflow.platform.crypto.signing import SignatureWrong
from fourflow.platform.ids import new_id

S = VoucherState
LONG = date(2014, 12, 31)  # ten months


def bar(company: Company, party: Any, what: Barred = Barred.ISSUE) -> None:
    parties.impose(
        actor=SYSTEM,
        party_id=party.id,
        bars=what,
        source=RestrictionSource.BOND_DEFAULT,
        reference=f"bond-{new_id()}",
        reason="missed a coupon",
        effective_at=company.now,
    )


@pytest.mark.requirement("R346")
@pytest.mark.requirement("R353")
@pytest.mark.requirement("R354")
def test_a_confirmed_payable_becomes_a_voucher_that_the_supplier_accepts(company: Company) -> None:
    payable = company.payable()
    draft = company.drafted(company.request(payable))
    assert (draft.state, draft.face, draft.statutory_due_on) == (S.DRAFT, usd("1000000.00"), date(2014, 5, 2))
    offered = company.check(draft)
    assert offered.state is S.OFFERED and offered.offer_expires_on == company.day + timedelta(days=10)
    active = company.accept(offered)
    assert active.state is S.ACTIVE
    (root,) = company.parts(active)
    assert (root.holder_id, root.amount, root.state) == (company.supplier().id, active.face, HoldingState.ACTIVE)
    assert [act.act for act in queries.acts(actor=SYSTEM, voucher_id=active.id)] == [Act.ISSUE, Act.CHECK, Act.ACCEPT]
    assert claim_queries.payable(actor=SYSTEM, payable_id=payable.id).remaining == usd("0.00")


@pytest.mark.requirement("R347")
def test_a_voucher_needs_a_line_of_the_bank_that_it_names(company: Company) -> None:
    with pytest.raises(LimitMissing):
        company.plan(company.request(funder_id=company.other_funder.id))


@pytest.mark.requirement("R190")
@pytest.mark.requirement("R347")
def test_one_cent_over_the_line_is_refused_and_leaves_nothing_behind(company: Company) -> None:
    company.accept(company.offered("4000000.00"))
    draft = company.drafted(company.request(company.payable("1000000.01")))
    with pytest.raises(LimitExceeded):
        company.check(draft)
    assert company.now_of(draft).state is S.DRAFT
    assert str(company.line_now().blocked) == "0.00 USD" and str(company.line_now().utilised) == "4000000.00 USD"


@pytest.mark.requirement("R348")
def test_nothing_is_issued_over_a_debt_that_the_core_has_not_confirmed(company: Company) -> None:
    proposed = company.proposed()
    with pytest.raises(PayableStateWrong):
        company.plan(company.request(proposed))
    with pytest.raises(PayableNotFound):
        company.plan(company.request(replace(proposed, id=new_id())))


@pytest.mark.requirement("R277")
def test_the_same_delivery_is_not_issued_twice(company: Company) -> None:
    payable = company.payable()
    company.check(company.drafted(company.request(payable)))
    with pytest.raises(PayableExceeded):
        company.drafted(company.request(payable))


@pytest.mark.requirement("R277")
def test_of_two_drafts_over_one_delivery_only_the_first_is_offered(company: Company) -> None:
    payable = company.payable()
    one, two = company.drafted(company.request(payable)), company.drafted(company.request(payable))
    company.check(one)
    with pytest.raises((ClaimInUse, PayableExceeded)):
        company.check(two)


def test_a_payable_may_be_issued_in_parts_but_not_a_cent_more(company: Company) -> None:
    payable = company.payable("1000.00")
    company.check(company.drafted(company.request(payable, face=usd("400.00"))))
    company.check(company.drafted(company.request(payable, face=usd("600.00"))))
    with pytest.raises(PayableExceeded):
        company.plan(company.request(payable, face=usd("0.01")))


@pytest.mark.parametrize("face", ["0.00", "-1.00"])
def test_a_face_is_positive(company: Company, face: str) -> None:
    with pytest.raises(FaceInvalid):
        company.plan(company.request(face=usd(face)))


def test_a_face_is_of_the_payables_currency(company: Company) -> None:
    with pytest.raises(FaceInvalid):
        company.plan(company.request(face=build.Money.parse("1.00", "CNY")))


@pytest.mark.parametrize("due", [build.TODAY, build.TODAY - timedelta(days=1), date(2014, 8, 30), date(2014, 10, 1)])
def test_a_due_date_is_a_business_day_of_the_future(company: Company, due: date) -> None:
    with pytest.raises(DueDateInvalid):
        company.plan(company.request(due_on=due))


@pytest.mark.requirement("R297")
def test_a_term_over_a_year_is_refused_whatever_the_reason(company: Company) -> None:
    with pytest.raises(TermTooLong):
        company.plan(company.request(due_on=date(2015, 3, 4), term_reason="long production"))


@pytest.mark.requirement("R297")
def test_a_term_over_half_a_year_needs_a_reason_and_the_banks_word(company: Company) -> None:
    with pytest.raises(TermReasonMissing):
        company.plan(company.request(due_on=LONG))
    draft = company.drafted(company.request(due_on=LONG, term_reason="long production"))
    with pytest.raises(TermNotAcknowledged):
        company.check(draft)
    with pytest.raises(NotPermitted):
        operations.acknowledge_term(
            voucher_id=draft.id, actor=company.core.maker, effective_at=company.now, reason="fine by us"
        )
    with pytest.raises(TermReasonMissing):
        operations.acknowledge_term(
            voucher_id=draft.id, actor=company.funder.maker, effective_at=company.now, reason=" "
        )
    operations.acknowledge_term(
        voucher_id=draft.id, actor=company.funder.maker, effective_at=company.now, reason="ships take a year"
    )
    assert company.check(draft).state is S.OFFERED


def test_the_hard_term_is_a_dated_value_that_may_be_cut(company: Company) -> None:
    draft = company.drafted(company.request(due_on=LONG, term_reason="long production"))
    operations.acknowledge_term(voucher_id=draft.id, actor=company.funder.maker, effective_at=company.now, reason="ok")
    set_value(company, Key.TERM_HARD_MONTHS, "6", on=company.day + timedelta(days=1))
    assert company.plan(company.request(due_on=LONG, term_reason="long production")).due_on == LONG
    tomorrow = company.later(1)
    with pytest.raises(TermTooLong):
        tomorrow.plan(tomorrow.request(due_on=LONG, term_reason="long production"))
    with pytest.raises(TermTooLong):
        tomorrow.check(draft)


@pytest.mark.requirement("R297")
def test_a_due_date_after_the_statutory_one_names_the_contracts_clause(company: Company) -> None:
    with pytest.raises(ContractClauseMissing):
        company.plan(company.request(contract_clause=" "))
    assert company.plan(company.request(due_on=date(2014, 4, 30), contract_clause="")).contract_clause == ""


@pytest.mark.requirement("R297")
def test_a_core_on_the_stop_list_issues_nothing_and_its_drafts_are_not_offered(company: Company) -> None:
    draft = company.drafted()
    request = company.request()
    bar(company, company.core)
    with pytest.raises(IssuerBarred):
        company.plan(request)
    with pytest.raises(IssuerBarred):
        company.check(draft)


def test_a_barred_supplier_is_offered_nothing_and_accepts_nothing(company: Company) -> None:
    offered = company.offered()
    bar(company, company.supplier(), Barred.EVERYTHING)
    with pytest.raises(PartyBarred):
        company.accept(offered)
    with pytest.raises(PartyBarred):
        company.plan(company.request())


def test_a_voucher_goes_to_a_supplier_only(company: Company) -> None:
    with pytest.raises(RoleMissing):
        company.plan(company.request(company.payable(creditor=company.other_funder)))


@pytest.mark.requirement("R215")
def test_a_core_issues_only_to_suppliers_on_its_own_white_list(company: Company) -> None:
    """The list is the supplier's role in the core's programme; two people of the operator put a firm on it or take it off."""
    op, core = company.cast.operator, company.core
    foreign = firms.supplier(op, "supplier-foreign", programme=firms.core(op, "core-foreign").id)
    request = company.request(company.payable(creditor=foreign))
    with pytest.raises(RoleMissing):
        company.plan(request)
    role = firms.change(op, foreign.id, RoleTerms(RoleKind.SUPPLIER, build.TODAY, programme_id=core.id))
    draft = company.drafted(request)
    assert draft.receiver_id == foreign.id
    firms.change(op, foreign.id, EndTerms(ChangeKind.ROLE, role, build.TODAY + timedelta(days=1)))
    with pytest.raises(RoleMissing):
        company.later(1).check(draft)


@pytest.mark.requirement("R394")
def test_who_drafted_does_not_check_even_under_a_second_account(company: Company) -> None:
    draft = company.drafted()
    with pytest.raises(SamePerson):
        company.check(draft, build.second_account(company.core))
    assert company.now_of(draft).state is S.DRAFT


@pytest.mark.requirement("R395")
def test_only_the_cores_people_draft_and_check(company: Company) -> None:
    request = company.request()
    for stranger in (company.supplier(2).maker, company.funder.maker):
        with pytest.raises(PayableNotFound):
            company.drafted(request, stranger)
    with pytest.raises(NotPermitted):
        company.drafted(request, company.supplier().maker)
    with pytest.raises(NotPermitted):
        company.drafted(request, company.core.checker)
    draft = company.drafted(request)
    with pytest.raises(VoucherNotFound):
        company.check(draft, company.supplier().checker)


def test_a_checker_signs_for_no_more_than_the_mandate_and_no_longer(company: Company) -> None:
    draft = company.drafted()
    checker = company.core.checker
    small = replace(checker, mandates=tuple(replace(m, max_minor=99_999_999) for m in checker.mandates))
    with pytest.raises(MandateExceeded):
        company.check(draft, small)
    ended = replace(checker, mandates=tuple(replace(m, valid_to=company.day) for m in checker.mandates))
    with pytest.raises(MandateExpired):
        company.check(draft, ended)


def test_a_bank_whose_licence_has_expired_decides_nothing(company: Company) -> None:
    bank = company.funder.maker
    ended = replace(bank, licences=tuple(replace(term, valid_to=company.day) for term in bank.licences))
    assert all(term.kind is LicenceKind.BANKING for term in ended.licences)
    with pytest.raises(NotPermitted) as refused:
        limits.propose(
            actor=ended,
            core_id=company.core.id,
            sanctioned=usd("1.00"),
            valid_from=company.day,
            valid_to=None,
            source="x",
            effective_at=company.now,
        )
    assert refused.value.code == "party.licence_expired"


def test_a_checker_sends_a_draft_back_and_that_is_the_end_of_it(company: Company) -> None:
    draft = company.drafted()
    assert company.check(draft, verdict=Verdict.REJECT).state is S.RETURNED
    with pytest.raises(VoucherStateWrong):
        company.check(draft)


def test_an_approval_without_a_signature_is_none(company: Company) -> None:
    draft = company.drafted()
    with pytest.raises(SignatureWrong):
        operations.check(
            voucher_id=draft.id,
            actor=company.core.checker,
            verdict=Verdict.APPROVE,
            effective_at=company.now,
            today=company.day,
        )


def test_a_signature_is_the_actors_own_and_over_this_very_voucher(company: Company) -> None:
    offered, other = company.offered(), company.offered()
    actor = company.supplier().maker
    for wrong in (sign(company.supplier().checker, offered.content()), sign(actor, other.content())):
        with pytest.raises(SignatureWrong):
            operations.accept(voucher_id=offered.id, actor=actor, effective_at=company.now, signature=wrong)
    assert company.parts(offered) == []


def test_a_second_acceptance_is_refused(company: Company) -> None:
    active = company.accepted()
    with pytest.raises(VoucherStateWrong):
        company.accept(active)
    assert len(company.parts(active)) == 1


def test_only_the_receiver_accepts(company: Company) -> None:
    offered = company.offered()
    with pytest.raises(VoucherNotFound):
        company.accept(offered, company.supplier(2).maker)
    for other in (company.core.checker, company.funder.maker, company.supplier().viewer):
        with pytest.raises(NotPermitted):
            company.accept(offered, other)


@pytest.mark.parametrize("how", ["reject", "withdraw", "expire"])
def test_an_offer_that_ends_gives_line_and_claim_back(company: Company, how: str) -> None:
    payable = company.payable()
    offered = company.check(company.drafted(company.request(payable)))
    assert str(company.line_now().blocked) == "1000000.00 USD"
    if how == "reject":
        ended = operations.reject(
            voucher_id=offered.id, actor=company.supplier().maker, effective_at=company.now, reason="wrong goods"
        )
    elif how == "withdraw":
        ended = operations.withdraw_offer(
            voucher_id=offered.id, actor=company.core.maker, effective_at=company.now, reason="typed wrong"
        )
    else:
        ended = operations.expire_offer(voucher_id=offered.id, effective_at=company.later(11).now)
    assert ended.state is {"reject": S.REJECTED, "withdraw": S.CANCELLED, "expire": S.EXPIRED}[how]
    assert str(company.line_now().available) == "5000000.00 USD"
    assert company.check(company.drafted(company.request(payable))).state is S.OFFERED
    for again in (ended, offered):
        with pytest.raises(VoucherStateWrong):
            company.accept(again)


def test_only_the_issuer_withdraws_and_only_the_receiver_rejects(company: Company) -> None:
    offered = company.offered()
    with pytest.raises(NotPermitted):
        operations.withdraw_offer(
            voucher_id=offered.id, actor=company.supplier().maker, effective_at=company.now, reason="x"
        )
    with pytest.raises(NotPermitted):
        operations.reject(voucher_id=offered.id, actor=company.core.checker, effective_at=company.now, reason="x")


def test_an_offer_cannot_be_accepted_after_its_last_day_even_before_the_sweep(company: Company) -> None:
    offered = company.offered()
    with pytest.raises(VoucherStateWrong):
        operations.expire_offer(voucher_id=offered.id, effective_at=company.later(10).now)
    assert company.later(10).accept(company.offered()).state is S.ACTIVE
    with pytest.raises(OfferExpired):
        company.later(11).accept(offered)


def test_an_offer_ends_before_the_due_date(company: Company) -> None:
    offered = company.offered(due_on=date(2014, 3, 6))
    assert offered.offer_expires_on == date(2014, 3, 5)


def test_the_sweeper_ends_stale_offers_and_one_that_is_answered_meanwhile_holds_up_none(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, stale = company.accepted(), company.offered()
    monkeypatch.setattr(jobs.queries, "stale_offers", lambda on: ([answered.id, stale.id], []))
    assert jobs.lapse_offers() == 1
    assert company.now_of(stale).state is S.EXPIRED and company.now_of(answered).state is S.ACTIVE


def test_a_large_creditor_has_no_statutory_date(company: Company) -> None:
    from fourflow.capital.vouchers.domain import rules

    assert rules.statutory_due_date(build.TODAY, 60, creditor_is_large=True) is None
    assert company.plan(company.request()).creditor_size == "small"
