"""What the database refuses and hides, whatever the code does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from tests.builders import parties as build
from tests.builders.parties import LAST, NOON, SINCE, TODAY, Firm
from tests.builders.refusals import copy_of, refuse, settle

from fourflow.foundation.approvals import operations as approval_operations
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    Barred,
    ChangeKind,
    EndTerms,
    RelationKind,
    RelationTerms,
    RestrictionSource,
    RestrictionView,
)
from fourflow.platform.db.reading import reading
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

SOON = TODAY + timedelta(days=30)


@pytest.fixture
def op() -> Firm:
    return build.operator()


def restrict(op: Firm, firm: Firm, bars: Barred = Barred.ISSUE, **change: Any) -> RestrictionView:
    asked = {"source": RestrictionSource.OVERDUE, "reference": "V-1", "reason": "unpaid", "actor": op.maker, **change}
    return operations.impose(party_id=firm.id, bars=bars, effective_at=NOON, **asked)


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
        kind="party.lift", object_id=new_id(), snapshot={}, maker=op.maker, effective_at=NOON, decide_by=LAST
    )
    lifted = copy_of("parties_restriction", held.id, lifted_on="2015-01-01")
    refuse(*lifted, constraint="restriction_begins_in_force")
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
