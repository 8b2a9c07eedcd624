"""An account is retired while a payment over it is being made: whoever comes second sees what the first one did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import transaction
from tests.builders import settlement as build
from tests.builders.refusals import attempt
from tests.builders.settlement import DAY, NOON
from tests.interfaces.sandbox.party import eventually
from tests.modules.capital.settlement.test_returning import carry_out, propose, somebody, strayed

from fourflow.capital.settlement import operations, queries
from fourflow.foundation.parties.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
def accounts(db: None) -> build.Money4:
    return build.company()


@pytest.fixture
def second() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def one_after_the_other(
    first: Callable[[], object], then: Callable[[], object], pool: ThreadPoolExecutor, watch: psycopg.Connection[Any]
) -> str:
    """What the second one is answered, who comes when the first one has written and not yet committed."""
    with transaction.atomic():
        first()
        answer: Future[str] = pool.submit(attempt, then)
        watch.autocommit = True
        eventually(lambda: answer.done() or (watch.execute(WAITING).fetchone() or (0,))[0] > 0)
    return answer.result()


def test_an_account_is_retired_or_paid_to_and_never_both(
    accounts: build.Money4, second: ThreadPoolExecutor, raw: Callable[[str], psycopg.Connection[Any]]
) -> None:
    payee = accounts.supplier.id

    def retire() -> object:
        return operations.retire_account(actor=SYSTEM, account_id=payee, effective_at=NOON, today=DAY)

    def pay() -> object:
        return build.instructed(accounts)

    assert one_after_the_other(pay, retire, second, raw("superuser")) == "settlement.account_in_use"
    (payment,) = queries.payments(actor=SYSTEM)
    operations.withdraw(actor=SYSTEM, instruction_id=payment.id, reason="not now", effective_at=NOON)

    def again() -> object:
        return build.instructed(accounts, reference="fin-2/proceeds")

    assert one_after_the_other(retire, again, second, raw("superuser")) == "settlement.account_closed"
    assert len(queries.payments(actor=SYSTEM)) == 1


def test_an_account_from_which_stray_money_goes_back_is_not_retired_meanwhile(
    accounts: build.Money4, second: ThreadPoolExecutor, raw: Callable[[str], psycopg.Connection[Any]]
) -> None:
    with transaction.atomic():
        entry_id = strayed(accounts)
        propose(somebody(accounts), entry_id)
    checker = somebody(accounts)

    def retire() -> object:
        return operations.retire_account(actor=SYSTEM, account_id=accounts.supplier.id, effective_at=NOON, today=DAY)

    def back() -> object:
        return carry_out(checker, entry_id)

    assert one_after_the_other(back, retire, second, raw("superuser")) == "settlement.account_in_use"
