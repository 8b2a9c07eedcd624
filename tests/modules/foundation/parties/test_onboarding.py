"""How a party gets in: founding, application, documents, the second person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import parties as build
from tests.builders.parties import LAST, NOON, Firm
from tests.builders.refusals import locker_of, refuse, settle

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import PayloadChanged, SamePerson, Verdict
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    AlreadyFounded,
    ApplicationState,
    ApplicationStateWrong,
    ApplicationView,
    DeclarationInvalid,
    DocumentKnown,
    DocumentMissing,
    DocumentOf,
    IdentifierTaken,
    LicenceKind,
    LicenceMissing,
    LicenceTerms,
    NotPermitted,
    PartyNotFound,
    PartyRecordNotFound,
    PartyState,
    Permission,
    RoleKind,
)
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

PAPER = DocumentOf("registration", "r.pdf", "application/pdf", "ab" * 32)


@pytest.fixture
def op() -> Firm:
    return build.operator()


def drafted(op: Firm, slug: str = "acme", **change: Any) -> ApplicationView:
    declared = replace(build.declaration(slug, RoleKind.SUPPLIER), **change)
    view = operations.apply(declaration=declared, actor=op.maker, effective_at=NOON)
    return operations.add_document(application_id=view.id, document=PAPER, actor=op.maker, effective_at=NOON)


def submitted(op: Firm, slug: str = "acme", **change: Any) -> ApplicationView:
    return operations.submit(
        application_id=drafted(op, slug, **change).id, actor=op.maker, effective_at=NOON, decide_by=LAST
    )


def decide(op: Firm, view: ApplicationView, verdict: Verdict = Verdict.APPROVE, **change: Any) -> ApplicationView:
    assert view.approval_id is not None
    shown = approvals.get(op.checker, view.approval_id).approval
    said = {"actor": op.checker, "payload_hash": shown.payload_hash, "reason": "", **change}
    return operations.decide_application(application_id=view.id, verdict=verdict, effective_at=NOON, **said)


def test_the_operator_is_founded_once_with_two_people() -> None:
    declared = build.declaration("operator", RoleKind.OPERATOR)
    with pytest.raises(DeclarationInvalid):
        operations.found(declaration=replace(declared, members=declared.members[:1]), effective_at=NOON)
    with pytest.raises(DeclarationInvalid):
        operations.found(declaration=build.declaration("acme", RoleKind.SUPPLIER), effective_at=NOON)
    operations.found(declaration=declared, effective_at=NOON)
    with pytest.raises(AlreadyFounded):
        operations.found(declaration=build.declaration("second", RoleKind.OPERATOR), effective_at=NOON)


def test_a_second_person_admits_a_party_with_its_people(op: Firm) -> None:
    active = decide(op, submitted(op))
    settle()
    assert active.state is ApplicationState.ACTIVE and active.party_id is not None
    firm = build.firm(active.party_id)
    assert firm.view.state is PartyState.ACTIVE and firm.view.roles == (RoleKind.SUPPLIER,)
    assert [e.kind for e in events.of_subject(firm.id)] == ["party.onboarded"]


@pytest.mark.requirement("R349")
@pytest.mark.requirement("R350")
@pytest.mark.requirement("R351")
@pytest.mark.requirement("R352")
@pytest.mark.requirement("R014")
def test_every_side_of_a_voucher_has_its_role_and_what_goes_with_it() -> None:
    cast = build.cast(suppliers=2)
    assert cast.core.maker.can(Permission.VOUCHER_ISSUE) and not cast.supplier.maker.can(Permission.VOUCHER_ISSUE)
    assert cast.supplier.maker.can(Permission.VOUCHER_ACCEPT) and not cast.core.maker.can(Permission.VOUCHER_ACCEPT)
    assert cast.funder.maker.can(Permission.FINANCING_DECIDE) and not cast.operator.maker.can(
        Permission.FINANCING_DECIDE
    )
    assert cast.operator.maker.can(Permission.PARTY_ONBOARD) and not cast.regulator.maker.can(Permission.PARTY_ONBOARD)


@pytest.mark.requirement("R041")
@pytest.mark.requirement("R219")
@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (RoleKind.FUNDER, LicenceKind.BANKING),
        (RoleKind.FUNDER, LicenceKind.FACTORING),
        (RoleKind.GUARANTOR, LicenceKind.FINANCING_GUARANTEE),
        (RoleKind.GUARANTOR, LicenceKind.INSURANCE),
    ],
)
def test_bank_factor_guarantor_and_insurer_come_in_on_their_own_licence_only(
    op: Firm, role: RoleKind, kind: LicenceKind
) -> None:
    declared = build.declaration("institution", role)
    admitted = build.onboard(op, replace(declared, licences=(LicenceTerms(kind, "L-1", "NFRA", build.SINCE),)))
    assert admitted.view.roles == (role,)
    (licence,) = queries.licences(op.viewer, party_id=admitted.id)
    assert licence.kind is kind
    wrong = replace(
        build.declaration("other", role),
        licences=(LicenceTerms(LicenceKind.ICP, "L-2", "MIIT", build.SINCE),),
    )
    with pytest.raises(LicenceMissing):
        build.onboard(op, wrong)


def test_nobody_admits_what_they_submitted_themselves(op: Firm) -> None:
    view = submitted(op)
    both = replace(op.checker, person_id=op.maker.person_id, account_id=new_id())
    with pytest.raises(SamePerson):
        decide(op, view, actor=both)


def test_the_maker_has_no_permission_to_check(op: Firm) -> None:
    view = submitted(op)
    with pytest.raises(NotPermitted):
        decide(op, view, actor=op.maker)


@pytest.mark.requirement("R041")
@pytest.mark.requirement("R042")
def test_without_its_documents_an_application_is_not_submitted(op: Firm) -> None:
    declared = build.declaration("bank", RoleKind.FUNDER)
    view = operations.apply(declaration=declared, actor=op.maker, effective_at=NOON)
    operations.add_document(application_id=view.id, document=PAPER, actor=op.maker, effective_at=NOON)
    with pytest.raises(DocumentMissing) as caught:
        operations.submit(application_id=view.id, actor=op.maker, effective_at=NOON, decide_by=LAST)
    assert caught.value.params["expected"] == ["licence"]


def test_the_same_document_twice_or_a_false_digest_is_refused(op: Firm) -> None:
    view = drafted(op)
    for document, refused in ((PAPER, DocumentKnown), (replace(PAPER, sha256="xyz"), DeclarationInvalid)):
        with pytest.raises(refused):
            operations.add_document(application_id=view.id, document=document, actor=op.maker, effective_at=NOON)


def test_a_returned_application_is_corrected_and_shows_what_changed(op: Firm) -> None:
    view = submitted(op)
    returned = decide(op, view, Verdict.REJECT, reason="which country?", send_back=True)
    assert returned.state is ApplicationState.RETURNED and returned.note == "which country?"
    operations.revise(
        application_id=view.id, declaration=replace(view.declaration, country="IN"), actor=op.maker, effective_at=NOON
    )
    again = operations.submit(application_id=view.id, actor=op.maker, effective_at=NOON, decide_by=LAST)
    assert again.approval_id is not None
    changed = {c.path: (c.before, c.after) for c in approvals.get(op.checker, again.approval_id).changes}
    assert changed["country"] == ("CN", "IN")
    assert decide(op, again).state is ApplicationState.ACTIVE


def test_a_rejected_application_stays_rejected(op: Firm) -> None:
    view = submitted(op)
    assert decide(op, view, Verdict.REJECT, reason="shell company").state is ApplicationState.REJECTED
    with pytest.raises(ApplicationStateWrong):
        operations.submit(application_id=view.id, actor=op.maker, effective_at=NOON, decide_by=LAST)


def test_approving_something_else_than_was_put_up_is_refused(op: Firm) -> None:
    with pytest.raises(PayloadChanged):
        decide(op, submitted(op), payload_hash=b"x" * 32)


def test_an_identifier_belongs_to_one_party(op: Firm) -> None:
    first, second = submitted(op), submitted(op, members=build.members("other"))
    decide(op, first)
    with pytest.raises(IdentifierTaken):
        decide(op, second)
    third = drafted(op)
    with pytest.raises(IdentifierTaken):
        operations.submit(application_id=third.id, actor=op.maker, effective_at=NOON, decide_by=LAST)


def test_a_funder_without_a_licence_is_not_admitted(op: Firm) -> None:
    declared = replace(build.declaration("bank", RoleKind.FUNDER), licences=())
    with pytest.raises(LicenceMissing):
        build.onboard(op, declared)


def test_there_is_no_second_operator(op: Firm) -> None:
    with pytest.raises(DeclarationInvalid):
        operations.apply(declaration=build.declaration("two", RoleKind.OPERATOR), actor=op.maker, effective_at=NOON)


@pytest.mark.requirement("R295")
def test_no_names_or_addresses_of_people_reach_events_or_snapshots(op: Firm) -> None:
    view = submitted(op)
    decide(op, view)
    assert view.approval_id is not None
    texts = [str(approvals.get(op.checker, view.approval_id).approval.snapshot)]
    texts += [str(event.body) for event in events.of_subject(view.id)]
    assert not any("@" in text or "maker of" in text for text in texts)


def test_strangers_find_no_application_and_no_party_and_take_no_lock(op: Firm, django_assert_num_queries: Any) -> None:
    view = drafted(op)
    a, b = build.supplier(op, "a-firm"), build.supplier(op, "b-firm")
    with pytest.raises(PartyNotFound):
        queries.party(a.maker, b.id)
    before = locker_of("parties_application", view.id)
    with django_assert_num_queries(4), pytest.raises(PartyRecordNotFound):
        operations.submit(application_id=view.id, actor=a.maker, effective_at=NOON, decide_by=LAST)
    assert locker_of("parties_application", view.id) == before


def test_evidence_covers_every_row_as_it_stands(op: Firm) -> None:
    decide(op, submitted(op))
    last = {(row.table, row.key): row.digest for row in events.evidenced_rows()}
    rows = list(queries.evidenced())
    assert {row.table for row in rows} >= {"parties_party", "parties_mandate", "parties_application", "parties_account"}
    assert [row for row in rows if last.get((row.table, row.key)) != row.digest()] == []


def test_the_database_itself_admits_no_party_without_two_people(op: Firm) -> None:
    insert = (
        "insert into parties_party (id, kind, name, short_name, sort_key, search_words, country, size_class, state,"
        " founding, approval_id) values (gen_random_uuid(), 'legal_entity', 'X', '', 'x', 'x', 'CN', 'small', 'active',"
        " %s, %s)"
    )
    view = submitted(op)
    refuse(insert, False, None, constraint="party_needs_approval")
    refuse(insert, False, view.approval_id, constraint="party_needs_approval")
    refuse(insert, True, None, constraint="party_one_founder")
    refuse(
        "update parties_application set state = 'active', party_id = %s where id = %s",
        op.id,
        view.id,
        constraint="application_approved_by_two",
    )


def test_the_database_itself_keeps_what_was_submitted(op: Firm) -> None:
    view = submitted(op)
    refuse("update parties_application set content = '{}' where id = %s", view.id, constraint="application_step")
    refuse("update parties_application set state = 'draft' where id = %s", view.id, constraint="application_step")
    refuse(
        "insert into parties_application_document (id, application_id, kind, file_name, media_type, sha256) "
        "values (gen_random_uuid(), %s, 'licence', 'x', 'x', %s)",
        view.id,
        "cd" * 32,
        constraint="application_documents_fixed",
    )
    refuse(
        "update parties_application set state = 'rejected', content = '{}' where id = %s",
        view.id,
        constraint="application_content_fixed",
    )
    refuse("update parties_party set name = 'Y' where id = %s", op.id, constraint="party_fixed")


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("uscc", "91350100M000100Y42"),
        ("lei", "213800D1EI4B9WTWWD27"),
        ("sandbox", "a b"),
    ],
)
def test_the_database_itself_checks_the_check_characters(op: Firm, scheme: str, value: str) -> None:
    sql = "insert into parties_identifier (id, party_id, scheme, value) values (gen_random_uuid(), %s, %s, %s)"
    refuse(sql, op.id, scheme, value, constraint="identifier_check_character")


def test_the_database_itself_has_no_sandbox_identifier_in_production(op: Firm) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "insert into platform_installation (id, environment, clock_offset) values (1, 'production', '0')"
        )
    refuse(
        "insert into parties_identifier (id, party_id, scheme, value) values (gen_random_uuid(), %s, 'sandbox', 'X1')",
        op.id,
        constraint="identifier_not_sandbox_in_production",
    )
