"""Callers at once on real connections: nothing is financed twice, whoever comes first, and families never miss each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.builders.claims import AT, Trade, person

from fourflow.capital.claims import operations, queries
from fourflow.capital.claims.types import Ancestor, Claim, ClaimInUse, Scheme
from fourflow.foundation.parties.types import RoleKind
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db(transaction=True)

OPERATOR = person(roles=[RoleKind.OPERATOR])


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def run(step: Callable[[], object]) -> bool:
    """Whether a step goes through in a transaction of its own on a connection of its own."""
    try:
        with transaction.atomic():
            step()
    except ClaimInUse:
        return False
    finally:
        connection.close()
    return True


def use(claim: Claim, amount: str, reference: str) -> Callable[[], object]:
    return lambda: operations.use(
        claim_id=claim.id, amount=Money.parse(amount, "USD"), reference=reference, effective_at=AT
    )


def used(claim: Claim) -> str:
    return str(queries.get(actor=OPERATOR, claim_id=claim.id).used)


def test_an_order_loan_and_invoice_vouchers_at_once_never_finance_the_same_goods_twice(
    callers: ThreadPoolExecutor,
) -> None:
    trade = Trade()
    order = trade.claim("100.00", scheme=Scheme.ORDER, buyer="B", order="1")
    delivery = trade.claim("100.00", buyer="B", order="1", delivery="1")
    invoice = trade.claim("100.00", scheme=Scheme.INVOICE, ancestors=[Ancestor(delivery.id)])
    steps = [use((order, delivery, invoice)[n % 3], "40.00", f"ref_{n}") for n in range(9)]
    assert sum(callers.map(run, steps)) == 2
    assert used(order) == "80.00 USD"


def test_one_document_registered_by_two_at_once_belongs_to_one(callers: ThreadPoolExecutor) -> None:
    traders = [Trade() for _ in range(6)]
    steps = [
        lambda trade=trade: trade.claim("1.00", scheme=Scheme.INVOICE_CN, number="24312000000012345678")
        for trade in traders
    ]
    assert sum(callers.map(run, steps)) == 1


def test_an_order_and_its_deliveries_registered_at_once_find_each_other(callers: ThreadPoolExecutor) -> None:
    trade = Trade()
    deliveries = [lambda n=n: trade.claim("10.00", buyer="B", order="7", delivery=str(n)) for n in range(8)]
    steps = [*deliveries[:4], lambda: trade.claim("100.00", scheme=Scheme.ORDER, buyer="B", order="7"), *deliveries[4:]]
    assert all(callers.map(run, steps))
    found = queries.claims(actor=trade.supplier)
    (order,) = [claim for claim in found if claim.scheme is Scheme.ORDER]
    for claim in found:
        if claim.id != order.id:
            chain = queries.chain(actor=trade.supplier, claim_id=claim.id)
            assert [link.claim.id for link in chain] == [claim.id, order.id]


def test_even_without_the_codes_lock_the_database_lets_only_one_of_two_uses_in(
    raw: Callable[[str], psycopg.Connection[Any]], callers: ThreadPoolExecutor
) -> None:
    trade = Trade()
    order = trade.claim("100.00", scheme=Scheme.ORDER, buyer="B", order="1")
    delivery = trade.claim("80.00", buyer="B", order="1", delivery="1")
    one, two = raw("writer"), raw("writer")
    insert = (
        "insert into claims_use (id, claim_id, kind, reference, currency, amount_minor, released_minor, used_at) "
        "values (%s, %s, 'finance', %s, 'USD', 6000, 0, now())"
    )
    one.execute(insert, [new_id(), order.id, "loan"])
    waiting = callers.submit(lambda: two.execute(insert, [new_id(), delivery.id, "voucher"]))
    one.commit()
    with pytest.raises(psycopg.errors.CheckViolation) as error:
        waiting.result(timeout=60)
    assert error.value.diag.constraint_name == "claim_used_within_amount"


def test_a_claim_and_all_above_it_are_locked_by_ascending_id_in_one_statement() -> None:
    trade = Trade()
    trade.claim("100.00", scheme=Scheme.ORDER, buyer="B", order="1")
    delivery = trade.claim("80.00", buyer="B", order="1", delivery="1")
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        use(delivery, "1.00", "vch")()
    locks = [query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"]]
    assert len(locks) == 1
    assert 'ORDER BY "claims_claim"."id" ASC' in locks[0]
    assert '"claims_link"' in locks[0]
