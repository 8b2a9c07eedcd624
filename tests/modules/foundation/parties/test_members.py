"""Members, sign-ins, mandates, licences and relations of parties that are in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests.builders import parties as build
from tests.builders.parties import LAST, NOON, SINCE, TODAY, Firm

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import NotTheMaker, PayloadChanged, SamePerson, Verdict
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    AccountNotFound,
    AccountTaken,
    ChangeKind,
    ChangeState,
    ChangeStateWrong,
    DeclarationInvalid,
    EndTerms,
    Function,
    LicenceExpired,
    LicenceKind,
    LicenceMissing,
    LicenceTerms,
    MandateExceeded,
    MandateTerms,
    MemberTerms,
    NotPermitted,
    PartyNotFound,
    PartyRecordNotFound,
    PeriodInvalid,
    PeriodOverlaps,
    Permission,
    PersonElsewhere,
    RelationInvalid,
    RelationKind,
    RelationTerms,
    RoleKind,
    RoleTerms,
)
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db

SOON = TODAY + timedelta(days=30)


@pytest.fixture
def op() -> Firm:
    return build.operator()


def actor_on(firm: Firm, day: date, who: str = "maker") -> Any:
    return build.as_of(getattr(firm, who), day)


def test_a_second_account_of_one_person_is_still_one_person(op: Firm) -> None:
    first = op.maker
    member = MemberTerms("the maker", "second@operator.example", first.functions, TODAY, person_id=first.person_id)
    build.change(op, op.id, member)
    account = queries.account_by_email("second@operator.example")
    second = queries.actor_for(account.id, op.id, TODAY)
    assert second.person_id == first.person_id and second.account_id != first.account_id
    assert [a.email for a in queries.accounts_of([first.person_id])[first.person_id]] == [
        "maker@operator.example",
        "second@operator.example",
    ]


def test_a_firm_gives_nobody_elses_person_a_further_sign_in(op: Firm) -> None:
    """It would open everything that the person may do for the other firm."""
    a, b = build.supplier(op, "firm-a"), build.supplier(op, "firm-b")

    def further(email: str, person_id: UUID) -> None:
        member = MemberTerms("x", email, frozenset({Function.VIEWER}), TODAY, person_id=person_id)
        build.change(b, b.id, member)

    with pytest.raises(PartyRecordNotFound):
        further("thief@firm-b.example", a.maker.person_id)
    build.change(op, b.id, MemberTerms("x", "maker@firm-a.example", frozenset({Function.VIEWER}), TODAY))
    with pytest.raises(PersonElsewhere):
        further("thief@firm-b.example", a.maker.person_id)
    further("second@firm-b.example", b.viewer.person_id)
    assert [
        one.id for one in queries.organisations_of(queries.account_by_email("second@firm-b.example").id, TODAY)
    ] == [b.id]


def test_a_firm_makes_nobody_elses_person_its_member_without_the_operator(op: Firm) -> None:
    a, b = build.supplier(op, "firm-a"), build.supplier(op, "firm-b")
    treasurer = MemberTerms("x", "Maker@Firm-A.example", frozenset({Function.VIEWER}), TODAY)
    with pytest.raises(PersonElsewhere):
        build.change(b, b.id, treasurer)
    assert queries.changes(b.maker) == []
    own = membership(b.viewer.person_id, b.id)
    build.change(b, b.id, EndTerms(ChangeKind.MEMBER, own, SOON))
    build.change(b, b.id, MemberTerms("x", "viewer@firm-b.example", frozenset({Function.VIEWER}), SOON))
    build.change(op, b.id, treasurer)
    assert a.maker.account_id is not None
    assert {view.id for view in queries.organisations_of(a.maker.account_id, TODAY)} == {a.id, b.id}


def test_who_has_come_to_act_for_another_firm_since_the_proposal_is_let_in_by_the_operator(op: Firm) -> None:
    a, b = build.supplier(op, "firm-a"), build.supplier(op, "firm-b")
    newcomer = MemberTerms("newcomer", "newcomer@elsewhere.example", frozenset({Function.VIEWER}), TODAY)

    change = operations.propose_change(party_id=b.id, terms=newcomer, actor=b.maker, effective_at=NOON, decide_by=LAST)
    assert change.approval_id is not None
    seen = approvals.get(b.checker, change.approval_id).approval.payload_hash
    first: dict[str, Any] = {"change_id": change.id, "payload_hash": seen, "effective_at": NOON}
    build.change(a, a.id, newcomer)
    with pytest.raises(PersonElsewhere), transaction.atomic():
        operations.decide_change(**first, actor=b.checker, verdict=Verdict.APPROVE)
    rejected = operations.decide_change(**first, actor=b.checker, verdict=Verdict.REJECT, reason="not ours")
    assert rejected.state is ChangeState.REJECTED
    build.change(op, b.id, newcomer)


def test_a_person_acts_for_two_firms_but_for_one_at_a_time(op: Firm) -> None:
    a, b = build.supplier(op, "firm-a"), build.supplier(op, "firm-b")
    build.change(op, b.id, MemberTerms("x", "maker@firm-a.example", frozenset({Function.VIEWER}), TODAY))
    assert a.maker.account_id is not None
    assert [view.id for view in queries.organisations_of(a.maker.account_id, TODAY)] == [a.id, b.id]
    there = queries.actor_for(a.maker.account_id, b.id, TODAY)
    assert there.functions == {Function.VIEWER} and there.mandates == ()


def test_who_has_left_does_not_act_any_more(op: Firm) -> None:
    firm = build.supplier(op)
    row = membership(firm.maker.person_id, firm.id)
    build.change(op, firm.id, EndTerms(ChangeKind.MEMBER, row, SOON))
    assert actor_on(firm, SOON - timedelta(days=1)).organisation_id == firm.id
    with pytest.raises(AccountNotFound):
        actor_on(firm, SOON)
    with pytest.raises(AccountNotFound):
        queries.actor_for(new_id(), firm.id, TODAY)


def membership(person_id: UUID, organisation_id: UUID) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from parties_membership where person_id = %s and organisation_id = %s",
            [person_id, organisation_id],
        )
        found: UUID = cursor.fetchone()[0]
        return found


def test_a_mandate_given_by_two_people_binds_from_its_day(op: Firm) -> None:
    parent, child = build.supplier(op, "parent"), build.supplier(op, "child")
    terms = MandateTerms(
        Permission.VOUCHER_ACCEPT, "CNY", 500, SOON, organisation_id=parent.id, person_id=parent.maker.person_id
    )
    with pytest.raises(PartyRecordNotFound):
        build.change(op, child.id, replace(terms, person_id=op.maker.person_id))
    build.change(op, child.id, terms)
    signer = actor_on(parent, SOON)
    signer.require(Permission.VOUCHER_ACCEPT, party=child.id, amount=Money(500, "CNY"))
    with pytest.raises(MandateExceeded):
        signer.require(Permission.VOUCHER_ACCEPT, party=child.id, amount=Money(501, "CNY"))


@pytest.mark.requirement("R187")
def test_an_organisation_edits_its_own_members_by_two_of_its_people(op: Firm) -> None:
    firm = build.supplier(op)
    clerk = MemberTerms("clerk", "clerk@supplier-one.example", frozenset({Function.VIEWER}), TODAY)
    build.change(firm, firm.id, clerk)
    assert len(queries.people(firm.viewer)) == 4
    other = replace(clerk, name="second clerk", email="second@supplier-one.example")
    asked = operations.propose_change(
        party_id=firm.id, terms=other, actor=firm.maker, effective_at=NOON, decide_by=LAST
    )
    assert asked.approval_id is not None
    with pytest.raises(SamePerson):
        operations.decide_change(
            change_id=asked.id,
            actor=replace(firm.checker, person_id=firm.maker.person_id),
            verdict=Verdict.APPROVE,
            effective_at=NOON,
            payload_hash=approvals.get(firm.checker, asked.approval_id).approval.payload_hash,
        )
    assert len(queries.people(firm.viewer)) == 4
    with pytest.raises(NotPermitted):
        operations.propose_change(
            party_id=firm.id, terms=RoleTerms(RoleKind.CORE, TODAY), actor=firm.maker, effective_at=NOON, decide_by=LAST
        )
    with pytest.raises(PartyNotFound):
        operations.propose_change(party_id=op.id, terms=clerk, actor=firm.maker, effective_at=NOON, decide_by=LAST)


def test_a_proposer_does_not_approve_and_a_stranger_finds_nothing(op: Firm) -> None:
    firm = build.supplier(op)
    change = operations.propose_change(
        party_id=firm.id, terms=RoleTerms(RoleKind.CARRIER, TODAY), actor=op.maker, effective_at=NOON, decide_by=LAST
    )
    assert change.approval_id is not None
    payload = approvals.get(op.checker, change.approval_id).approval.payload_hash
    said = {"change_id": change.id, "verdict": Verdict.APPROVE, "effective_at": NOON, "payload_hash": payload}
    with pytest.raises(SamePerson):
        operations.decide_change(actor=replace(op.checker, person_id=op.maker.person_id), **said)
    with pytest.raises(PartyRecordNotFound):
        operations.decide_change(actor=firm.checker, **said)
    with pytest.raises(PayloadChanged):
        operations.decide_change(actor=op.checker, **{**said, "payload_hash": b"x" * 32})
    rejected = {**said, "verdict": Verdict.REJECT, "reason": "no fleet"}
    assert operations.decide_change(actor=op.checker, **rejected).state is ChangeState.REJECTED
    with pytest.raises(ChangeStateWrong):
        operations.decide_change(actor=op.checker, **said)


def test_the_proposer_takes_a_change_back(op: Firm) -> None:
    change = operations.propose_change(
        party_id=op.id,
        terms=LicenceTerms(LicenceKind.ICP, "1", "MIIT", TODAY),
        actor=op.maker,
        effective_at=NOON,
        decide_by=LAST,
    )
    with pytest.raises(NotTheMaker):
        operations.withdraw_change(change_id=change.id, actor=op.checker, effective_at=NOON)
    taken = operations.withdraw_change(change_id=change.id, actor=op.maker, effective_at=NOON)
    assert taken.state is ChangeState.WITHDRAWN


@pytest.mark.requirement("R396")
def test_licences_are_on_record_and_the_ending_ones_are_listed_first(op: Firm) -> None:
    build.change(op, op.id, LicenceTerms(LicenceKind.ICP, "ICP-1", "MIIT", SINCE, SOON))
    for kind in (LicenceKind.BLOCKCHAIN_FILING, LicenceKind.EDI, LicenceKind.PCI_DSS):
        build.change(op, op.id, LicenceTerms(kind, "B-1", "CAC", SINCE))
    assert [licence.kind for licence in queries.licences(op.viewer, party_id=op.id)] == [
        LicenceKind.ICP,
        LicenceKind.BLOCKCHAIN_FILING,
        LicenceKind.EDI,
        LicenceKind.PCI_DSS,
    ]
    assert [x.number for x in queries.licences(op.viewer, ending_before=SOON + timedelta(days=1))] == ["ICP-1"]


@pytest.mark.requirement("R171")
def test_what_a_security_body_has_certified_is_on_record_and_told_of_before_it_ends(op: Firm) -> None:
    for number, until in (
        ("machine room 3-021", None),
        ("hardware 3-022", SOON),
        ("network 3-023", None),
        ("software 3-024", SOON),
    ):
        build.change(op, op.id, LicenceTerms(LicenceKind.SECURITY_GRADE, number, "公安机关网安部门", SINCE, until))
    kept = queries.licences(op.viewer, party_id=op.id)
    assert [x.number.partition(" ")[0] for x in kept if x.valid_to is None] == ["machine", "network"]
    assert {(x.issuer, x.valid_from) for x in kept} == {("公安机关网安部门", SINCE)}
    ending = queries.licences(op.viewer, ending_before=SOON + timedelta(days=1))
    assert {x.number for x in ending} == {"hardware 3-022", "software 3-024"}


@pytest.mark.requirement("R003")
@pytest.mark.requirement("R129")
def test_the_operators_own_licences_are_on_record_with_number_issuer_and_validity(op: Firm) -> None:
    """A network-freight licence, and a local exchange's registration with the joint conference."""
    freight = LicenceTerms(LicenceKind.NETWORK_FREIGHT, "交运 610000", "省交通运输厅", date(2013, 3, 1), SOON)
    exchange = LicenceTerms(LicenceKind.EXCHANGE_FILING, "部际 2014-7", "部际联席会议", SINCE)
    for terms in (freight, exchange):
        build.change(op, op.id, terms)
    kept = queries.licences(op.viewer, party_id=op.id)
    assert [(x.kind, x.number, x.issuer, x.valid_from, x.valid_to) for x in kept] == [
        (t.kind, t.number, t.issuer, t.valid_from, t.valid_to) for t in (freight, exchange)
    ]


@pytest.mark.requirement("R041")
def test_a_funder_whose_licence_has_ended_decides_nothing(op: Firm) -> None:
    bank = build.funder(op)
    held = queries.licences(op.viewer, party_id=bank.id)[0]
    build.change(op, bank.id, EndTerms(ChangeKind.LICENCE, held.id, SOON))
    decide = Permission.FINANCING_DECIDE
    actor_on(bank, SOON - timedelta(days=1)).require(decide, amount=Money(1, "CNY"))
    with pytest.raises(LicenceExpired):
        actor_on(bank, SOON).require(decide, amount=Money(1, "CNY"))


def test_a_role_that_needs_a_licence_is_refused_without(op: Firm) -> None:
    firm = build.supplier(op)
    with pytest.raises(LicenceMissing):
        build.change(op, firm.id, RoleTerms(RoleKind.GUARANTOR, TODAY))


@pytest.mark.parametrize(
    "terms",
    [
        RoleTerms(RoleKind.SUPPLIER, SOON),
        MemberTerms("x", "maker@supplier-one.example", frozenset({Function.VIEWER}), SOON),
    ],
)
def test_the_same_role_or_membership_does_not_overlap_itself(op: Firm, terms: Any) -> None:
    firm = build.supplier(op)
    with pytest.raises(PeriodOverlaps):
        build.change(op, firm.id, terms)


def test_a_row_ends_after_it_began_and_is_never_prolonged(op: Firm) -> None:
    firm = build.supplier(op)
    role = queries.roles(op.viewer, firm.id)[0]
    with pytest.raises(PeriodInvalid):
        build.change(op, firm.id, EndTerms(ChangeKind.ROLE, role.id, SINCE))
    build.change(op, firm.id, EndTerms(ChangeKind.ROLE, role.id, SOON))
    with pytest.raises(PeriodInvalid):
        build.change(op, firm.id, EndTerms(ChangeKind.ROLE, role.id, SOON + timedelta(days=1)))
    with pytest.raises(PartyRecordNotFound):
        build.change(op, op.id, EndTerms(ChangeKind.ROLE, role.id, SOON))
    assert queries.has_role(firm.id, RoleKind.SUPPLIER, SOON - timedelta(days=1))
    assert not queries.has_role(firm.id, RoleKind.SUPPLIER, SOON)
    assert actor_on(firm, SOON).permissions == frozenset()


def test_an_address_signs_in_one_person(op: Firm) -> None:
    firm = build.supplier(op)
    taken = MemberTerms(
        "x", "maker@operator.example", frozenset({Function.VIEWER}), TODAY, person_id=firm.maker.person_id
    )
    with pytest.raises(AccountTaken):
        build.change(op, firm.id, taken)


def test_signing_in_needs_the_address_and_the_password(op: Firm) -> None:
    account = queries.account_by_email("Maker@Operator.example")
    assert queries.authenticate(account.email, "") is None
    with pytest.raises(DeclarationInvalid):
        operations.set_password(account_id=account.id, password="short")
    operations.set_password(account_id=account.id, password="correct horse battery")
    assert queries.authenticate(" MAKER@operator.example", "correct horse battery") == account
    assert queries.authenticate(account.email, "correct horse batterx") is None
    assert queries.authenticate("nobody@operator.example", "correct horse battery") is None


def test_a_closed_account_neither_signs_in_nor_acts(op: Firm) -> None:
    firm = build.supplier(op)
    account_id = firm.viewer.account_id
    assert account_id is not None
    other = build.supplier(op, "other")
    with pytest.raises(AccountNotFound):
        operations.close_account(account_id=account_id, actor=other.maker, effective_at=NOON)
    operations.set_password(account_id=account_id, password="correct horse battery")
    operations.close_account(account_id=account_id, actor=firm.maker, effective_at=NOON)
    assert queries.authenticate("viewer@supplier-one.example", "correct horse battery") is None
    with pytest.raises(AccountNotFound):
        queries.actor_for(account_id, firm.id, TODAY)


def test_groups_follow_dated_links_over_any_distance(op: Firm) -> None:
    a, b, c, d = (build.supplier(op, f"firm-{x}") for x in "abcd")
    build.change(op, a.id, RelationTerms(b.id, RelationKind.OWNERSHIP, "register", SINCE))
    link = build.change(op, c.id, RelationTerms(b.id, RelationKind.CONTROL, "register", SINCE))
    assert (
        queries.related(a.id, c.id, TODAY) and queries.related(c.id, a.id, TODAY) and queries.related(d.id, d.id, TODAY)
    )
    assert not queries.related(a.id, d.id, TODAY) and not queries.related(a.id, c.id, SINCE - timedelta(days=1))
    assert queries.group_of(a.id, TODAY) == {a.id, b.id, c.id}
    build.change(op, b.id, EndTerms(ChangeKind.RELATION, link, SOON))
    assert queries.related(a.id, c.id, TODAY) and not queries.related(a.id, c.id, SOON)
    with pytest.raises(RelationInvalid):
        build.change(op, d.id, RelationTerms(d.id, RelationKind.FAMILY, "x", SINCE))
