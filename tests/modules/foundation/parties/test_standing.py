"""Members, mandates, licences, relations, restrictions and consents of parties that are in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from tests.builders import parties as build
from tests.builders.parties import NOON, SINCE, TODAY, Firm
from tests.builders.refusals import refuse, settle

from fourflow.foundation.approvals import operations as approval_operations
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import ApprovalPending, NotTheMaker, PayloadChanged, SamePerson, Verdict
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    SYSTEM,
    AccountNotFound,
    AccountTaken,
    AlreadyLifted,
    Barred,
    ChangeKind,
    ChangeState,
    ChangeStateWrong,
    ConsentNumberTaken,
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
    PartyRestricted,
    PeriodInvalid,
    PeriodOverlaps,
    Permission,
    RelationInvalid,
    RelationKind,
    RelationTerms,
    RestrictionSource,
    RestrictionView,
    RoleKind,
    RoleTerms,
)
from fourflow.platform.db.reading import reading
from fourflow.platform.events import queries as events
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


def test_an_organisation_edits_its_own_members_by_two_of_its_people(op: Firm) -> None:
    firm = build.supplier(op)
    clerk = MemberTerms("clerk", "clerk@supplier-one.example", frozenset({Function.VIEWER}), TODAY)
    build.change(firm, firm.id, clerk)
    assert len(queries.people(firm.viewer)) == 4
    with pytest.raises(NotPermitted):
        operations.propose_change(
            party_id=firm.id, terms=RoleTerms(RoleKind.CORE, TODAY), actor=firm.maker, effective_at=NOON
        )
    with pytest.raises(PartyNotFound):
        operations.propose_change(party_id=op.id, terms=clerk, actor=firm.maker, effective_at=NOON)


def test_a_proposer_does_not_approve_and_a_stranger_finds_nothing(op: Firm) -> None:
    firm = build.supplier(op)
    change = operations.propose_change(
        party_id=firm.id, terms=RoleTerms(RoleKind.CARRIER, TODAY), actor=op.maker, effective_at=NOON
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
        party_id=op.id, terms=LicenceTerms(LicenceKind.ICP, "1", "MIIT", TODAY), actor=op.maker, effective_at=NOON
    )
    with pytest.raises(NotTheMaker):
        operations.withdraw_change(change_id=change.id, actor=op.checker, effective_at=NOON)
    taken = operations.withdraw_change(change_id=change.id, actor=op.maker, effective_at=NOON)
    assert taken.state is ChangeState.WITHDRAWN


@pytest.mark.requirement("R396")
def test_licences_are_on_record_and_the_ending_ones_are_listed_first(op: Firm) -> None:
    build.change(op, op.id, LicenceTerms(LicenceKind.ICP, "ICP-1", "MIIT", SINCE, SOON))
    build.change(op, op.id, LicenceTerms(LicenceKind.BLOCKCHAIN_FILING, "B-1", "CAC", SINCE))
    assert [licence.kind for licence in queries.licences(op.viewer, party_id=op.id)] == [
        LicenceKind.ICP,
        LicenceKind.BLOCKCHAIN_FILING,
    ]
    assert [x.number for x in queries.licences(op.viewer, ending_before=SOON + timedelta(days=1))] == ["ICP-1"]


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


def restrict(op: Firm, firm: Firm, bars: Barred = Barred.ISSUE, **change: Any) -> RestrictionView:
    asked = {"source": RestrictionSource.OVERDUE, "reference": "V-1", "reason": "unpaid", "actor": op.maker, **change}
    return operations.impose(party_id=firm.id, bars=bars, effective_at=NOON, **asked)


def test_a_restriction_bars_from_its_day_until_two_people_lift_it(op: Firm) -> None:
    firm = build.core(op)
    held = restrict(op, firm)
    assert restrict(op, firm, reason="again", actor=SYSTEM) == held
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY) == held
    assert queries.is_barred(firm.id, Barred.FINANCE, TODAY) is None
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY - timedelta(days=1)) is None
    with pytest.raises(PartyRestricted):
        operations.require_unrestricted(firm.id, Barred.ISSUE, TODAY)

    asked = operations.request_lift(restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON)
    with pytest.raises(ApprovalPending):
        operations.request_lift(restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON)
    said = {"restriction_id": held.id, "approval_id": asked.id, "payload_hash": asked.payload_hash}
    with pytest.raises(SamePerson):
        twin = replace(op.checker, person_id=op.maker.person_id)
        operations.decide_lift(actor=twin, verdict=Verdict.APPROVE, effective_at=NOON, **said)
    later = NOON + timedelta(days=2)
    lifted = operations.decide_lift(actor=op.checker, verdict=Verdict.APPROVE, effective_at=later, **said)
    assert lifted.lifted_on == TODAY + timedelta(days=2)
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY + timedelta(days=1)) is not None
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY + timedelta(days=2)) is None
    with pytest.raises(AlreadyLifted):
        operations.request_lift(restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON)
    assert [e.kind for e in events.of_subject(held.id)] == ["party.restricted", "party.restriction_lifted"]
    operations.require_unrestricted(firm.id, Barred.ISSUE, SOON)


def test_a_bar_from_everything_bars_from_each_thing(op: Firm) -> None:
    firm = build.core(op)
    restrict(op, firm, Barred.EVERYTHING, source=RestrictionSource.COURT)
    assert all(queries.is_barred(firm.id, what, TODAY) for what in Barred)


def test_a_rejected_lift_leaves_the_restriction(op: Firm) -> None:
    firm = build.core(op)
    held, other = restrict(op, firm), restrict(op, firm, reference="V-2")
    asked = operations.request_lift(restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON)
    said = {"approval_id": asked.id, "payload_hash": asked.payload_hash, "actor": op.checker, "effective_at": NOON}
    with pytest.raises(PayloadChanged):
        operations.decide_lift(restriction_id=other.id, verdict=Verdict.APPROVE, **said)
    kept = operations.decide_lift(restriction_id=held.id, verdict=Verdict.REJECT, reason="not seen", **said)
    assert kept.lifted_on is None
    assert len(queries.restrictions(op.viewer, party_id=firm.id, in_force_on=SOON)) == 2


def test_only_the_operator_restricts_and_says_why(op: Firm) -> None:
    firm = build.core(op)
    with pytest.raises(NotPermitted):
        restrict(op, firm, actor=firm.maker)
    with pytest.raises(PartyNotFound):
        restrict(op, firm, actor=build.supplier(op).maker)
    with pytest.raises(DeclarationInvalid):
        restrict(op, firm, reason=" ")


def test_a_consent_is_for_one_party_and_purpose_and_ends(op: Firm) -> None:
    firm, bank = build.supplier(op), build.funder(op)
    given = {"to_party_id": bank.id, "purpose": "credit", "authorisation_number": "A-1", "actor": firm.maker}
    period = {"valid_from": TODAY, "valid_to": SOON, "effective_at": NOON}
    consent = operations.give_consent(**given, **period)
    assert queries.consent_in_force(firm.id, bank.id, "credit", TODAY) == consent
    assert queries.consent_in_force(firm.id, bank.id, "marketing", TODAY) is None
    assert queries.consent_in_force(bank.id, firm.id, "credit", TODAY) is None
    assert queries.consent_in_force(firm.id, bank.id, "credit", SOON) is None
    assert queries.consents(bank.viewer) == [consent] and queries.consents(build.core(op).viewer) == []
    with pytest.raises(ConsentNumberTaken):
        operations.give_consent(**given, **period)
    with pytest.raises(PeriodInvalid):
        operations.give_consent(**given, **{**period, "valid_to": TODAY})
    with pytest.raises(DeclarationInvalid):
        operations.give_consent(**{**given, "to_party_id": firm.id}, **period)
    with pytest.raises(PartyNotFound):
        operations.give_consent(**{**given, "to_party_id": new_id()}, **period)
    with pytest.raises(NotPermitted):
        operations.withdraw_consent(consent_id=consent.id, actor=bank.maker, effective_at=NOON)
    operations.withdraw_consent(consent_id=consent.id, actor=firm.maker, effective_at=NOON)
    assert queries.consent_in_force(firm.id, bank.id, "credit", TODAY) is None
    with pytest.raises(AlreadyLifted):
        operations.withdraw_consent(consent_id=consent.id, actor=firm.maker, effective_at=NOON)


def test_parties_of_one_programme_find_each_other_and_others_do_not(op: Firm) -> None:
    core, other = build.core(op), build.core(op, "other-core")
    firm = build.supplier(op, "steel-works", programme=core.id)
    assert [view.id for view in queries.search(core.viewer, "steel")] == [firm.id]
    assert [view.id for view in queries.search(firm.viewer, role=RoleKind.CORE)] == [core.id]
    assert queries.search(other.viewer, "steel") == []
    assert [view.id for view in queries.search(op.viewer, "STEEL-WORKS")] == [firm.id]
    assert queries.by_identifier(firm.view.identifiers[0], TODAY) == queries.party(op.viewer, firm.id)
    operations.introduce([(other.id, firm.id)], "voucher")
    assert queries.party(other.viewer, firm.id).id == firm.id
    assert queries.party(firm.viewer, other.id).id == other.id
    with pytest.raises(PartyNotFound):
        build.supplier(op, "lost", programme=firm.id)


def test_behind_the_code_the_reader_role_sees_only_its_own(op: Firm) -> None:
    core = build.core(op)
    firm = build.supplier(op, programme=core.id)
    stranger = build.funder(op)
    tables = {
        "parties_party": 2,
        "parties_identifier": 2,
        "parties_role": 2,
        "parties_membership": 3,
        "parties_person": 3,
        "parties_account": 3,
        "parties_application": 0,
        "parties_change": 0,
    }
    with reading(firm.viewer), connection.cursor() as cursor:
        for table, rows in tables.items():
            cursor.execute(f"select count(id) from {table}")
            assert (table, cursor.fetchone()) == (table, (rows,))
        assert queries.names([stranger.id]) == {stranger.id: stranger.name}
    with reading(replace(firm.viewer, organisation_id=new_id())), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select count(id) from {table}")
            assert (table, cursor.fetchone()) == (table, (0,))


def test_no_reader_reads_a_password(raw: Callable[[str], psycopg.Connection[Any]]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw("reader").execute("select password from parties_account")


def test_evidence_covers_every_row_as_it_stands(op: Firm) -> None:
    core, bank = build.core(op), build.funder(op)
    restrict(op, core)
    link = build.change(op, core.id, RelationTerms(bank.id, RelationKind.OWNERSHIP, "register", SINCE))
    build.change(op, core.id, EndTerms(ChangeKind.RELATION, link, SOON))
    settle()
    last = {(row.table, row.key): row.digest for row in events.evidenced_rows()}
    assert [row for row in queries.evidenced() if last.get((row.table, row.key)) != row.digest()] == []


DATED_INSERTS = {
    "parties_licence": (
        "(id, party_id, kind, number, issuer, valid_from) "
        "values (gen_random_uuid(), {firm}, 'icp', '1', 'x', '2014-01-01')"
    ),
    "parties_role": "(id, party_id, kind, valid_from) values (gen_random_uuid(), {firm}, 'carrier', '2014-01-01')",
    "parties_membership": (
        "(id, person_id, organisation_id, functions, valid_from) "
        "values (gen_random_uuid(), {person}, {firm}, '{{maker}}', '2024-01-01')"
    ),
    "parties_mandate": (
        "(id, person_id, organisation_id, party_id, permission, currency, valid_from) "
        "values (gen_random_uuid(), {person}, {firm}, {firm}, 'voucher.accept', 'EUR', '2014-01-01')"
    ),
    "parties_relation": (
        "(id, first_id, second_id, kind, source, valid_from) "
        "values (gen_random_uuid(), {firm}, {firm}, 'control', 'x', '2014-01-01')"
    ),
}


@pytest.mark.requirement("R291")
@pytest.mark.parametrize("table", sorted(DATED_INSERTS))
def test_the_database_itself_wants_two_people_for_every_dated_row(op: Firm, table: str) -> None:
    firm = build.supplier(op)
    values = DATED_INSERTS[table].format(firm=f"'{firm.id}'", person=f"'{op.maker.person_id}'")
    refuse(f"insert into {table} {values}", constraint="party_row_needs_approval")


@pytest.mark.parametrize("table", ["parties_licence", "parties_role", "parties_membership", "parties_mandate"])
def test_the_database_itself_lets_a_dated_row_only_end(op: Firm, table: str) -> None:
    build.funder(op)
    refuse(f"update {table} set valid_from = valid_from - 1", constraint="dated_row_only_ends")
    refuse(f"update {table} set valid_to = valid_from", constraint=table.removeprefix("parties_") + "_period_forward")


def test_the_database_itself_keeps_restrictions_and_consents(op: Firm) -> None:
    firm = build.core(op)
    held = restrict(op, firm)
    approval = approval_operations.request(
        kind="party.lift", object_id=new_id(), snapshot={}, maker=op.maker, effective_at=NOON
    )
    set_ = "update parties_restriction set "
    refuse(set_ + "valid_from = '2015-01-01' where id = %s", held.id, constraint="restriction_fixed")
    refuse(set_ + "lifted_on = '2015-01-01' where id = %s", held.id, constraint="restriction_lift_by_two")
    refuse(
        set_ + "lifted_on = '2015-01-01', lift_approval_id = %s where id = %s",
        approval.id,
        held.id,
        constraint="restriction_lift_by_two",
    )
    bank = build.funder(op)
    consent = operations.give_consent(
        to_party_id=bank.id,
        purpose="credit",
        authorisation_number="A-1",
        valid_from=TODAY,
        valid_to=SOON,
        actor=build.supplier(op).maker,
        effective_at=NOON,
    )
    refuse("update parties_consent set valid_to = '2099-01-01' where id = %s", consent.id, constraint="consent_fixed")


def test_the_database_itself_never_hands_an_account_to_another_person(op: Firm) -> None:
    refuse(
        "update parties_account set person_id = %s where email = 'maker@operator.example'",
        op.checker.person_id,
        constraint="account_person_fixed",
    )
    refuse("update parties_account set email = upper(email)", constraint="account_person_fixed")


def test_the_writer_deletes_nothing(raw: Callable[[str], psycopg.Connection[Any]]) -> None:
    writer = raw("writer")
    tables = [
        *("party", "identifier", "licence", "role", "relation", "person", "account", "membership", "mandate"),
        *("restriction", "consent", "application", "application_document", "change"),
    ]
    for table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute(f"delete from parties_{table}")
        writer.rollback()
