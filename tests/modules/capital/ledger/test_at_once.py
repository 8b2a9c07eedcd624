"""Two at the same time: committed from several connections, nothing is lost, nothing counts twice, nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from tests.builders.entries import at, entry, key, limit
from tests.builders.ledger import post

from fourflow.capital.ledger import operations, queries
from fourflow.capital.ledger.types import AlreadyResolved, Chart, CreditsExceedDebits, EntryKind, Posted
from fourflow.foundation.parties.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

A, B, C = key(Chart.AP_VOUCHER), key(Chart.AP_OPEN), key(Chart.BANK)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads that start together; answers results, or the exceptions raised."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(60)
            results[number] = call()
        except Exception as raised:
            results[number] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_one_reference_posted_by_several_at_once_counts_once() -> None:
    results: list[Posted] = at_once(*[lambda: post(entry(A, B, 5), reference="same")] * 6)
    assert sorted(posted.replayed for posted in results) == [False] + [True] * 5
    assert len({posted.batch_id for posted in results}) == 1
    assert queries.balance(A).debits_posted.minor == 5


def test_batches_that_touch_the_same_accounts_in_any_order_do_not_block_each_other() -> None:
    orders = [(A, B), (B, C), (C, A), (B, A), (C, B), (A, C)]

    def many(debit: Any, credit: Any) -> None:
        for _ in range(15):
            post(entry(debit, credit, 1), entry(credit, debit, 2), entry(A, B, 3), entry(C, A, 4))

    assert at_once(*[lambda pair=pair: many(*pair) for pair in orders]) == [None] * 6  # type: ignore[misc]
    total = queries.trial_balance(actor=SYSTEM, book=A.book)
    assert sum(line.balance.debits_posted.minor for line in total) == 6 * 15 * 10
    assert queries.verify().sound


def test_of_two_who_take_the_last_of_a_line_one_is_refused() -> None:
    available, blocked = limit(Chart.LIMIT_AVAILABLE), limit(Chart.LIMIT_BLOCKED)
    post(entry(available, limit(Chart.LIMIT_SANCTIONED), 100))
    results = at_once(*[lambda: post(entry(blocked, available, 60, EntryKind.HOLD))] * 4)
    assert sum(isinstance(result, CreditsExceedDebits) for result in results) == 3
    assert queries.balance(available).credits_pending.minor == 60


def test_a_hold_resolved_by_several_at_once_is_resolved_once() -> None:
    hold = queries.transfers(post(entry(A, B, 9, EntryKind.HOLD, expires_at=at(5))).transfer_ids)[0]
    results = at_once(
        lambda: post(hold.post()),
        lambda: post(hold.void()),
        lambda: operations.expire_due(now=at(6)),
        lambda: post(hold.post(entry(A, B, 4).amount)),
    )
    refused = [result for result in results if isinstance(result, AlreadyResolved)]
    nothing_due = [result for result in results if result == []]
    assert len(refused) + len(nothing_due) == 3, results
    assert queries.balance(A).debits_pending.minor == 0


def test_accounts_first_used_by_several_at_once_are_opened_once() -> None:
    fresh = [key(Chart.REVENUE, currency="USD"), key(Chart.BANK, currency="USD")]
    results = at_once(*[lambda: post(entry(*fresh, 1))] * 5)
    assert all(isinstance(result, Posted) for result in results), results
    assert queries.balance(fresh[0]).debits_posted.minor == 5
