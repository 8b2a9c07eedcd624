"""Callers at once on real connections: the line is never over-blocked, and opposite moves do not lock each other out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.builders.limits import AT, Funder, blocked, post

from fourflow.capital.limits import operations, queries
from fourflow.capital.limits.types import Limit, LimitExceeded
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db(transaction=True)

CORE = new_id()


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool
        list(pool.map(lambda _: connection.close(), range(8)))


def attempt(limit: Limit, reference: str, amount: str) -> bool:
    try:
        with transaction.atomic():
            blocked(limit.id, amount, reference)
    except LimitExceeded:
        return False
    finally:
        connection.close()
    return True


def test_callers_at_once_never_block_more_than_there_is(callers: ThreadPoolExecutor) -> None:
    funder = Funder()
    limit = funder.limit(CORE, "100.00")
    given = list(callers.map(lambda n: attempt(limit, f"vch_{n}", "30.00"), range(12)))
    assert sum(given) == 3
    now = queries.get(actor=funder.maker, limit_id=limit.id)
    assert (str(now.blocked), str(now.available)) == ("90.00 USD", "10.00 USD")
    assert len(queries.uses(actor=funder.maker, limit_id=limit.id)) == 3


def test_even_without_the_codes_lock_the_database_lets_only_one_of_two_blocks_in(
    raw: Callable[[str], psycopg.Connection[Any]], callers: ThreadPoolExecutor
) -> None:
    limit = Funder().limit(CORE, "100.00")
    one, two = raw("writer"), raw("writer")
    use = (
        "insert into limits_use (id, limit_id, currency, reference, amount_minor, blocked_minor, utilised_minor, "
        "released_minor, opened_at) values (gen_random_uuid(), %s, 'USD', %s, 6000, 6000, 0, 0, now())"
    )
    one.execute(use, [limit.id, "vch_1"])
    waiting = callers.submit(lambda: two.execute(use, [limit.id, "vch_2"]))
    one.commit()
    with pytest.raises(psycopg.errors.CheckViolation) as error:
        waiting.result(timeout=60)
    assert error.value.diag.constraint_name == "limit_available"


def test_opposite_moves_at_once_both_come_through(callers: ThreadPoolExecutor) -> None:
    first, second = Funder(), Funder()
    lines = {"a": first.limit(CORE), "b": second.limit(CORE)}
    for name, limit in lines.items():
        for number in range(6):
            blocked(limit.id, "10.00", f"used_{name}{number}")
            post(operations.utilise(reference=f"used_{name}{number}", effective_at=AT))
            blocked(limit.id, "10.00", f"wanted_{name}{number}")

    def move(pair: tuple[str, str, int]) -> None:
        source, target, number = pair
        try:
            with transaction.atomic():
                post(
                    operations.move(
                        from_reference=f"used_{source}{number}",
                        to_reference=f"wanted_{target}{number}",
                        effective_at=AT,
                    )
                )
        finally:
            connection.close()

    pairs = [pair for number in range(6) for pair in (("a", "b", number), ("b", "a", number))]
    list(callers.map(move, pairs))
    for funder, limit in ((first, lines["a"]), (second, lines["b"])):
        now = queries.get(actor=funder.maker, limit_id=limit.id)
        assert (now.blocked, now.utilised) == (Money(0, "USD"), Money(60_00, "USD"))


def test_two_first_publications_at_once_make_one_line(callers: ThreadPoolExecutor) -> None:
    funder = Funder()
    announced = [funder.propose(CORE, "100.00", currency) for currency in ("USD", "CNY")]

    def decide(publication: Any) -> None:
        try:
            with transaction.atomic():
                funder.decide(publication)
        finally:
            connection.close()

    list(callers.map(decide, announced))
    assert [line.currency for line in queries.board(actor=funder.maker)] == ["CNY", "USD"]


def test_the_lines_of_a_move_are_locked_by_ascending_id_in_one_statement() -> None:
    first, second = Funder(), Funder()
    blocked(first.limit(CORE).id, "10.00", "vch_1")
    post(operations.utilise(reference="vch_1", effective_at=AT))
    blocked(second.limit(CORE).id, "10.00", "fin_1")
    with (
        CaptureQueriesContext(
            connection,
        ) as captured,
        transaction.atomic(),
    ):
        operations.move(from_reference="vch_1", to_reference="fin_1", effective_at=AT)
    locks = [query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"]]
    assert len(locks) == 1
    assert 'FROM "limits_limit"' in locks[0]
    assert 'ORDER BY "limits_limit"."id" ASC' in locks[0]
