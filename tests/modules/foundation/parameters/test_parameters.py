"""Dated values through the operations, and behind their back as the writer role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from tests.builders import parties as build
from tests.builders.parties import NOON, TODAY, Firm
from tests.builders.refusals import refuse

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.operations import decide as approve
from fourflow.foundation.approvals.types import NotTheMaker, PayloadChanged, SamePerson, Verdict
from fourflow.foundation.parameters import operations, queries
from fourflow.foundation.parameters.types import (
    DateInPast,
    Key,
    ParameterDated,
    ParameterMissing,
    ParameterState,
    ParameterStateWrong,
    ParameterUnknown,
    ParameterValue,
    ScopeInvalid,
    ValueInvalid,
)
from fourflow.foundation.parties.types import NotPermitted
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

LATER = date(2014, 9, 1)


@pytest.fixture
def op() -> Firm:
    return build.operator()


def propose(op: Firm, value: object = 6, **change: Any) -> ParameterValue:
    asked = {"key": Key.TERM_HARD_MONTHS, "valid_from": LATER, "source": "announced", "actor": op.maker, **change}
    return operations.propose(value=value, effective_at=NOON, **asked)


def decide(op: Firm, value: ParameterValue, verdict: Verdict = Verdict.APPROVE, **change: Any) -> ParameterValue:
    assert value.approval_id is not None
    shown = approvals.get(op.checker, value.approval_id).approval.payload_hash
    said = {"actor": op.checker, "payload_hash": shown, "effective_at": NOON, "reason": "", **change}
    return operations.decide(parameter_id=value.id, verdict=verdict, **said)


def test_every_key_has_its_default_from_the_first_day(op: Firm) -> None:
    held = queries.values_on(list(Key), date(2000, 1, 1))
    assert {key: value.value for key, value in held.items()} == {k: d.default for k, d in queries.catalogue().items()}
    assert all(value.source for value in held.values())
    assert queries.altered_seeds() == []
    with pytest.raises(ParameterMissing):
        queries.integer(Key.TERM_HARD_MONTHS, date(1999, 12, 31))


def test_a_limit_cut_later_holds_from_its_day_and_not_before(op: Firm) -> None:
    assert decide(op, propose(op, 6)).state is ParameterState.APPROVED
    assert queries.integer(Key.TERM_HARD_MONTHS, LATER - timedelta(days=1)) == 12
    assert queries.integer(Key.TERM_HARD_MONTHS, LATER) == 6
    assert [value.value for value in queries.scheduled(op.viewer, TODAY)] == [6]


def test_a_proposed_value_binds_nobody(op: Firm) -> None:
    value = propose(op, 6)
    assert queries.integer(Key.TERM_HARD_MONTHS, LATER) == 12
    decide(op, value, Verdict.REJECT, reason="too early")
    assert queries.integer(Key.TERM_HARD_MONTHS, LATER) == 12


def test_the_narrower_scope_comes_first_and_the_platform_last(op: Firm) -> None:
    product, funder = "product:voucher", f"funder:{new_id()}"
    decide(op, propose(op, "0.039", key=Key.FINANCING_ANNUAL_RATE, scope=funder))
    rate = Key.FINANCING_ANNUAL_RATE
    assert queries.decimal(rate, LATER, product, funder) == Decimal("0.039")
    assert queries.decimal(rate, LATER - timedelta(days=1), product, funder) == Decimal("0.045")
    decide(op, propose(op, "0.050", key=rate, scope=product))
    assert queries.decimal(rate, LATER, product, funder) == Decimal("0.050")


def test_the_typed_readers_refuse_another_type(op: Firm) -> None:
    assert queries.text(Key.DAY_COUNT, TODAY) == "ACT/360"
    for reader, key in (
        (queries.integer, Key.DAY_COUNT),
        (queries.decimal, Key.TERM_HARD_MONTHS),
        (queries.text, Key.PLATFORM_SHARE),
    ):
        with pytest.raises(ValueInvalid):
            reader(key, TODAY)


def test_the_proposer_does_not_approve_under_a_second_account(op: Firm) -> None:
    with pytest.raises(SamePerson):
        decide(op, propose(op), actor=replace(op.checker, person_id=op.maker.person_id, account_id=new_id()))


def test_only_the_operator_sets_values(op: Firm) -> None:
    other = build.supplier(op)
    with pytest.raises(NotPermitted):
        propose(op, actor=other.maker)
    with pytest.raises(NotPermitted):
        decide(op, propose(op), actor=op.maker)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, DateInPast),
        ({"value": 0}, ValueInvalid),
        ({"value": 6.0}, ValueInvalid),
        ({"source": " "}, ValueInvalid),
        ({"key": "term.unheard_of"}, ParameterUnknown),
        ({"scope": "core:somebody"}, ScopeInvalid),
        ({"scope": "everywhere"}, ScopeInvalid),
    ],
)
def test_what_cannot_be_proposed(op: Firm, change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        propose(op, **{"value": 6, **change})


def test_a_value_whose_day_passed_while_it_waited_is_proposed_anew(op: Firm) -> None:
    value = propose(op, valid_from=TODAY)
    with pytest.raises(DateInPast):
        decide(op, value, effective_at=NOON + timedelta(days=1))


def test_one_day_has_one_value(op: Firm) -> None:
    first, second = propose(op, 6), propose(op, 9)
    decide(op, first)
    with pytest.raises(ParameterDated):
        decide(op, second)
    with pytest.raises(ParameterDated):
        propose(op, 9)


def test_a_decided_value_is_not_decided_again_and_another_payload_is_refused(op: Firm) -> None:
    value = propose(op)
    with pytest.raises(PayloadChanged):
        decide(op, value, payload_hash=b"x" * 32)
    decide(op, value)
    with pytest.raises(ParameterStateWrong):
        decide(op, value)


def test_the_proposer_takes_it_back(op: Firm) -> None:
    value = propose(op)
    with pytest.raises(NotTheMaker):
        operations.withdraw(parameter_id=value.id, actor=op.checker, effective_at=NOON)
    withdrawn = operations.withdraw(parameter_id=value.id, actor=op.maker, effective_at=NOON)
    assert withdrawn.state is ParameterState.WITHDRAWN
    with pytest.raises(ParameterStateWrong):
        operations.withdraw(parameter_id=value.id, actor=op.maker, effective_at=NOON)


def test_a_partys_own_conditions_are_not_shown_to_others(op: Firm) -> None:
    a, b = build.funder(op, "bank-a"), build.funder(op, "bank-b")
    decide(op, propose(op, "0.039", key=Key.FINANCING_ANNUAL_RATE, scope=f"funder:{a.id}"))
    scope = f"funder:{a.id}"
    assert len(queries.history(a.viewer, scope=scope)) == 1
    assert queries.history(b.viewer, scope=scope) == []
    assert len(queries.history(op.viewer, key=Key.FINANCING_ANNUAL_RATE)) == 2
    with connection.cursor() as cursor:
        for organisation, rows in ((a.id, 1), (b.id, 0)):
            cursor.execute("select set_config('fourflow.organisation', %s, true)", [str(organisation)])
            cursor.execute("set local role fourflow_reader")
            cursor.execute("select count(*) from parameters_parameter where scope = %s", [scope])
            assert cursor.fetchone() == (rows,)
            cursor.execute("reset role")


def test_evidence_covers_what_people_proposed(op: Firm) -> None:
    decide(op, propose(op))
    last = {(row.table, row.key): row.digest for row in events.evidenced_rows()}
    rows = list(queries.evidenced())
    assert len(rows) == 1 and all(last[row.table, row.key] == row.digest() for row in rows)


ROW = "id, key, scope, value, valid_from, state, source, seeded"
SEED = "key = 'term.hard_months' and seeded"


@pytest.mark.requirement("R392")
@pytest.mark.parametrize(
    ("tampered", "named"),
    [
        (f"update parameters_parameter set value = '99' where {SEED}", 1),
        (f"update parameters_parameter set valid_from = '2030-01-01' where {SEED}", 2),
        (f"update parameters_parameter set seeded = false where {SEED}", 2),
        (f"delete from parameters_parameter where {SEED}", 1),
        (
            f"insert into parameters_parameter ({ROW}) "
            "select gen_random_uuid(), key, scope, '99', '2026-01-01', state, source, true "
            f"from parameters_parameter where {SEED}",
            1,
        ),
    ],
)
def test_a_default_that_somebody_changed_added_or_took_away_is_known_to_no_event(
    op: Firm, raw: Callable[[str], Any], tampered: str, named: int
) -> None:
    session = raw("superuser")
    session.execute("set session_replication_role = replica")
    assert session.execute(tampered).rowcount == 1
    session.commit()
    try:
        rows = [
            row
            for row in queries.evidenced()
            if "term.hard_months" in (row.key, row.content.get("key", ""), row.key[11:])
        ]
        assert len(rows) == named
        known = {(row.table, row.key) for row in events.evidenced_rows()}
        assert not known & {(row.table, row.key) for row in rows}
    finally:
        session.execute("delete from parameters_parameter where key = 'term.hard_months'")
        session.execute(
            "insert into parameters_parameter select * from seeded.parameters_parameter where key = 'term.hard_months'"
        )
        session.commit()


APPROVE = "update parameters_parameter set state = 'approved' where id = %s"


def test_the_database_itself_wants_two_people_for_a_value(op: Firm) -> None:
    value = propose(op)
    refuse(
        "update parameters_parameter set state = 'approved' where id = %s",
        value.id,
        constraint="parameter_approved_by_two",
    )
    refuse("update parameters_parameter set value = '3' where id = %s", value.id, constraint="parameter_fixed")
    insert = (
        "insert into parameters_parameter (id, key, scope, value, valid_from, state, source, seeded) "
        "values (gen_random_uuid(), 'term.hard_months', 'platform', '3', '2014-01-01', %s, 'me', %s)"
    )
    refuse(insert, "approved", False, constraint="parameter_begins_proposed")
    refuse(insert, "approved", True, constraint="parameter_seeded_by_migration")
    refuse("update parameters_parameter set value = '3' where seeded", constraint="parameter_fixed")


def test_the_database_itself_keeps_one_value_a_day(op: Firm) -> None:
    first, second = propose(op, 6), propose(op, 9)
    decide(op, first)
    assert second.approval_id is not None
    payload = approvals.get(op.checker, second.approval_id).approval.payload_hash
    approve(
        approval_id=second.approval_id,
        decider=op.checker,
        payload_hash=payload,
        verdict=Verdict.APPROVE,
        effective_at=NOON,
    )
    refuse(
        "update parameters_parameter set state = 'approved' where id = %s",
        second.id,
        constraint="parameter_one_value_a_day",
    )
