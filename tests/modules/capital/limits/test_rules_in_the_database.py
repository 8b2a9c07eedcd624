"""Every invariant of the README, tried behind the code's back as the writer role."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection
from tests.builders.claims import person
from tests.builders.limits import AT, Funder, blocked, post

from fourflow.capital.limits import operations, queries
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

CORE = new_id()


def refused(constraint: str, sql: str, *values: object) -> None:
    """The database, connected as the writer, refuses the statement by the name of a constraint."""
    with connection.cursor() as cursor:
        cursor.execute("savepoint before_refusal")
        with pytest.raises(Exception) as error:
            cursor.execute(sql, values)
        cause = error.value.__cause__
        assert isinstance(cause, psycopg.Error), error.value
        assert constraint in (cause.diag.constraint_name or str(cause)), cause
        cursor.execute("rollback to savepoint before_refusal")


SET = "update limits_limit set {} where id = %s"
SET_USE = "update limits_use set {} where reference = 'vch_1'"
USE = (
    "insert into limits_use (id, limit_id, currency, reference, amount_minor, blocked_minor, utilised_minor, "
    "released_minor, opened_at) values (%s, %s, %s, %s, %s, %s, %s, %s, now())"
)


def test_there_is_one_line_per_funder_core_and_currency_and_it_begins_unused() -> None:
    limit = Funder().limit(CORE)
    copy = (
        "insert into limits_limit (id, funder_id, core_id, currency, sanctioned_minor, blocked_minor, utilised_minor, "
        "valid_from, frozen, freeze_reason) select %s, funder_id, {core}, currency, {amount}, {blocked}, 0, valid_from, "
        "false, '' from limits_limit where id = %s"
    )
    fresh = {"core": "gen_random_uuid()", "amount": "1", "blocked": "0"}
    refused("limit_once", copy.format(**{**fresh, "core": "core_id"}), new_id(), limit.id)
    refused("limit_funder_is_not_core", copy.format(**{**fresh, "core": "funder_id"}), new_id(), limit.id)
    refused("limit_begins_unused", copy.format(**{**fresh, "blocked": "1"}), new_id(), limit.id)
    refused("limit_amounts_not_negative", copy.format(**{**fresh, "amount": "-1"}), new_id(), limit.id)


def test_what_is_in_use_follows_from_the_uses_and_the_rest_from_that() -> None:
    limit = Funder().limit(CORE)
    blocked(limit.id, "100.00", "vch_1")
    refused("limit_amounts_from_uses", SET.format("blocked_minor = 0"), limit.id)
    refused("limit_amounts_from_uses", SET.format("utilised_minor = 1"), limit.id)
    refused("available_minor", SET.format("available_minor = 1"), limit.id)
    refused("excess_minor", SET.format("excess_minor = 1"), limit.id)
    refused("limit_amounts_not_negative", SET.format("sanctioned_minor = -1"), limit.id)
    refused("limit_fixed", SET.format("currency = 'CNY'"), limit.id)
    refused("limit_fixed", SET.format("core_id = gen_random_uuid()"), limit.id)
    refused("limit_term", SET.format("valid_to = valid_from"), limit.id)
    refused("limit_frozen_by_somebody", SET.format("frozen = true"), limit.id)
    refused("permission denied", "delete from limits_limit where id = %s", limit.id)


def test_a_block_is_never_more_than_available_nor_on_a_frozen_line_nor_in_excess() -> None:
    funder = Funder()
    limit = funder.limit(CORE, "100.00")
    refused("limit_available", USE, new_id(), limit.id, "USD", "x", 100_01, 100_01, 0, 0)
    refused("limit_use_currency", USE, new_id(), limit.id, "CNY", "x", 1, 1, 0, 0)
    refused("limit_use_begins_blocked", USE, new_id(), limit.id, "USD", "x", 2, 1, 1, 0)
    refused("limit_use_amounts", USE, new_id(), limit.id, "USD", "x", 0, 0, 0, 0)
    refused("limit_use_reference", USE, new_id(), limit.id, "USD", "", 1, 1, 0, 0)
    blocked(limit.id, "60.00", "vch_1")
    refused("limits_use_reference", USE, new_id(), limit.id, "USD", "vch_1", 1, 1, 0, 0)
    refused("limit_available", USE, new_id(), limit.id, "USD", "x", 40_01, 40_01, 0, 0)
    funder.limit(CORE, "50.00")
    refused("limit_available", USE, new_id(), limit.id, "USD", "x", 1, 1, 0, 0)
    funder.limit(CORE, "100.00")
    operations.freeze(limit_id=limit.id, actor=funder.maker, reason="x", effective_at=AT)
    refused("limit_available", USE, new_id(), limit.id, "USD", "x", 1, 1, 0, 0)


def test_uses_of_one_statement_count_together() -> None:
    limit = Funder().limit(CORE, "100.00")
    two = USE + ", (%s, %s, %s, %s, %s, %s, %s, %s, now())"

    def uses(first: int, second: int) -> list[object]:
        rows = [(new_id(), limit.id, "USD", f"vch_{minor}", minor, minor, 0, 0) for minor in (first, second)]
        return [value for row in rows for value in row]

    refused("limit_available", two, *uses(60_00, 40_01))
    with connection.cursor() as cursor:
        cursor.execute(two, uses(60_00, 30_00))
        cursor.execute("update limits_use set blocked_minor = 100, utilised_minor = amount_minor - 100")
        cursor.execute("select blocked_minor, utilised_minor from limits_limit where id = %s", [limit.id])
        assert cursor.fetchone() == (2_00, 88_00)


def test_a_use_only_goes_blocked_utilised_released() -> None:
    limit = Funder().limit(CORE)
    blocked(limit.id, "100.00", "vch_1")
    refused("limit_use_identity", SET_USE.format("blocked_minor = 0"))
    refused("limit_use_fixed", SET_USE.format("amount_minor = 20000, blocked_minor = 20000"))
    refused("limit_use_fixed", SET_USE.format("reference = 'vch_2'"))
    refused("limit_use_amounts", SET_USE.format("blocked_minor = -1, utilised_minor = 10001"))
    post(operations.utilise(reference="vch_1", effective_at=AT))
    refused("limit_use_forward", SET_USE.format("blocked_minor = 10000, utilised_minor = 0"))
    post(operations.release(reference="vch_1", effective_at=AT))
    refused("limit_use_forward", SET_USE.format("utilised_minor = 10000, released_minor = 0"))
    refused("permission denied", "delete from limits_use where reference = 'vch_1'")


def test_an_announcement_keeps_what_it_says_and_is_decided_once_by_another_person() -> None:
    funder = Funder()
    announced = funder.propose(CORE)
    set_ = "update limits_publication set {} where id = %s"
    limit = funder.limit(new_id())
    publish = f"state = 'published', limit_id = '{limit.id}', decided_by = "
    refused("publication_fixed", set_.format("sanctioned_minor = 1"), announced.id)
    refused("publication_fixed", set_.format("valid_to = '2020-01-01'"), announced.id)
    refused("publication_two_people", set_.format(publish + "proposed_by"), announced.id)
    refused("publication_state", set_.format("state = 'published', decided_by = core_id"), announced.id)
    refused("publication_state", set_.format("state = 'rejected'"), announced.id)
    refused("permission denied", "delete from limits_publication where id = %s", announced.id)
    again = (
        "insert into limits_publication (id, approval_id, funder_id, core_id, currency, sanctioned_minor, valid_from, "
        "valid_to, source, state, proposed_by, proposed_at) select gen_random_uuid(), gen_random_uuid(), funder_id, "
        "{core}, 'USD', {amount}, valid_from, {to}, '', 'proposed', proposed_by, now() from limits_publication where id = %s"
    )
    fresh = {"core": "gen_random_uuid()", "amount": "1", "to": "null"}
    refused("publication_one_open", again.format(**{**fresh, "core": "core_id"}), announced.id)
    refused("publication_funder_is_not_core", again.format(**{**fresh, "core": "funder_id"}), announced.id)
    refused("publication_amount", again.format(**{**fresh, "amount": "-1"}), announced.id)
    refused("publication_term", again.format(**{**fresh, "to": "valid_from"}), announced.id)
    published = funder.decide(announced)
    refused("publication_decided_once", set_.format("state = 'rejected', limit_id = null"), published.id)


def test_a_reader_sees_the_lines_of_its_own_organisation() -> None:
    funder = Funder()
    limit = funder.limit(CORE)
    blocked(limit.id, "1.00", "vch_1")

    def rows(actor: Any) -> list[int]:
        found = []
        with reading(actor), connection.cursor() as cursor:
            for table in ("limits_limit", "limits_use", "limits_publication"):
                cursor.execute(f"select count(*) from {table}")
                found.append(int(cursor.fetchone()[0]))
        return found

    assert rows(funder.maker) == [1, 1, 1]
    assert rows(person(CORE)) == [1, 1, 0]
    assert rows(person()) == [0, 0, 0]
    with reading(funder.maker):
        assert [line.id for line in queries.board(actor=funder.maker)] == [limit.id]
