"""Balances of the past on a busy account, statements page by page, trial balances, what verify finds."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from tests.builders.entries import NOON, at, entry, key
from tests.builders.ledger import post

from fourflow.capital.ledger import models, queries
from fourflow.capital.ledger.queries.journals import MalformedCursor
from fourflow.capital.ledger.types import AccountNotFound, BookNotFound, Chart, EntryKind
from fourflow.foundation.parties.types import SYSTEM, Actor, RoleKind

A, B = key(Chart.AP_VOUCHER), key(Chart.AP_OPEN)
OWNER, STRANGER = UUID(int=1), UUID(int=9)


def actor(organisation: UUID, *roles: RoleKind) -> Actor:
    return Actor(person_id=UUID(int=100), organisation_id=organisation, on=NOON.date(), roles=frozenset(roles))


@pytest.mark.django_db
def test_a_busy_account_has_the_right_balance_at_any_moment_however_it_was_backdated() -> None:
    dice, moves = random.Random(5), []
    for number in range(24):
        when = at(dice.choice([number, dice.randint(0, 24), 12]))
        amounts = [dice.randint(1, 99) for _ in range(dice.choice([1, 130, 600]))]
        posted = post(*[entry(A, B, minor) for minor in amounts], when=when)
        recorded = models.Batch.objects.get(id=posted.batch_id).recorded_at
        moves.append((when, recorded, sum(amounts)))
    assert models.EffectiveCheckpoint.objects.count() >= 4
    assert models.RecordedCheckpoint.objects.count() >= 4

    def expected(effective: datetime, recorded: datetime) -> int:
        return sum(minor for e, r, minor in moves if e <= effective and r <= recorded)

    forever = datetime(9000, 1, 1, tzinfo=UTC)
    for second in range(-1, 26):
        known = [r for _, r, _ in moves[::5]]
        assert queries.balance(A, effective_at=at(second)).debits_posted.minor == expected(at(second), forever)
        for moment in known:
            found = queries.balance(B, effective_at=at(second), recorded_at=moment)
            assert found.credits_posted.minor == expected(at(second), moment)
    for moment in (r for _, r, _ in moves):
        assert queries.balance(A, recorded_at=moment).debits_posted.minor == expected(forever, moment)
        early = moment - timedelta(microseconds=1)
        assert queries.balance(A, recorded_at=early).debits_posted.minor == expected(forever, early)
    assert queries.verify().sound


@pytest.mark.django_db
def test_recording_is_in_the_order_of_the_locks() -> None:
    for _ in range(5):
        post(entry(A, B, 1))
    moments = list(models.Batch.objects.order_by("id").values_list("recorded_at", flat=True))
    assert moments == sorted(set(moments))


@pytest.mark.django_db
def test_pages_of_a_statement_join_and_close_at_the_balance() -> None:
    post(entry(A, B, 1000), when=at(-5))
    post(*[entry(A, B, 10) for _ in range(4)], entry(B, A, 3), entry(A, B, 8, EntryKind.HOLD), when=at(1))
    post(entry(A, B, 100), when=at(2))
    post(entry(A, B, 7), when=at(50))
    pages, cursor = [], None
    while True:
        page = queries.statement(actor=SYSTEM, account=A, from_=at(0), to=at(50), cursor=cursor, limit=3)
        pages.append(page)
        if (cursor := page.next_cursor) is None:
            break
    lines = [line for page in pages for line in page.lines]
    assert [len(page.lines) for page in pages] == [3, 3, 1]
    assert [line.debit.minor - line.credit.minor for line in lines] == [10, 10, 10, 10, -3, 0, 100]
    assert [line.running.minor for line in lines] == [1010, 1020, 1030, 1040, 1037, 1037, 1137]
    assert [page.opening for page in pages[1:]] == [page.closing for page in pages[:-1]]
    assert pages[0].opening.minor == 1000
    assert pages[-1].closing == queries.balance(A, effective_at=at(49)).net()
    assert lines[5].kind is EntryKind.HOLD and lines[5].contra == B


@pytest.mark.django_db
def test_a_cursor_that_no_page_gave_is_refused() -> None:
    post(entry(A, B, 1))
    for cursor in ("", "x~1", "2014-03-03T04:00:00~1", f"{at(-9).isoformat()}~1", f"{at(1).isoformat()}~-1"):
        with pytest.raises(MalformedCursor):
            queries.statement(actor=SYSTEM, account=A, from_=at(0), to=at(9), cursor=cursor)


@pytest.mark.django_db
def test_a_stranger_finds_no_book_and_the_owner_operator_and_regulator_do() -> None:
    post(entry(A, B, 1))
    for seeing in (actor(OWNER), actor(STRANGER, RoleKind.OPERATOR), actor(STRANGER, RoleKind.REGULATOR)):
        assert [book.code for book in queries.books(actor=seeing)] == [A.book]
        assert queries.trial_balance(actor=seeing, book=A.book)
    stranger: Any = actor(STRANGER, RoleKind.SUPPLIER)
    assert queries.books(actor=stranger) == []
    for read in (
        lambda: queries.trial_balance(actor=stranger, book=A.book),
        lambda: queries.statement(actor=stranger, account=A, from_=at(0), to=at(1)),
        lambda: list(queries.journal(actor=stranger, book=A.book)),
        lambda: list(queries.journal_csv(actor=stranger, book=A.book)),
        lambda: list(queries.hledger_journal(actor=stranger, book=A.book)),
    ):
        with pytest.raises(BookNotFound):
            read()


@pytest.mark.django_db
def test_a_statement_of_an_account_that_was_never_used_is_not_found() -> None:
    post(entry(A, B, 1))
    with pytest.raises(AccountNotFound):
        queries.statement(actor=SYSTEM, account=key(Chart.REVENUE), from_=at(0), to=at(1))


@pytest.mark.django_db
def test_a_trial_balance_balances_in_every_currency_and_adds_counterparties_up_on_request() -> None:
    parties = [UUID(int=50), UUID(int=51)]
    for currency in ("CNY", "USD"):
        for number, party in enumerate(parties):
            post(entry(key(currency=currency, counterparty=party), key(Chart.AP_OPEN, currency=currency), 10 + number))
    whole = queries.trial_balance(actor=SYSTEM, book=A.book)
    assert len(whole) == 6
    for currency in ("CNY", "USD"):
        lines = [line.balance for line in whole if line.account.currency == currency]
        assert sum(b.debits_posted.minor for b in lines) == sum(b.credits_posted.minor for b in lines) == 21
    summed = queries.trial_balance(actor=SYSTEM, book=A.book, effective_at=NOON, by_counterparty=False)
    assert [(line.account.chart_code, line.balance.net().minor) for line in summed] == [
        ("ap.open", -21),
        ("ap.voucher", 21),
    ] * 2
    assert all(not line.balance.net() for line in queries.trial_balance(actor=SYSTEM, book=A.book, effective_at=at(-1)))


Tamper = Callable[[str], None]


@pytest.fixture
def tamper(raw: Callable[[str], psycopg.Connection[Any]]) -> Tamper:
    """Change a row as a database administrator can, with all triggers off."""

    def change(statement: str) -> None:
        session = raw("superuser")
        session.execute("set session_replication_role = replica")
        session.execute(statement)  # type: ignore[call-overload]
        session.commit()

    return change


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update ledger_balance set debits_posted = debits_posted + 1 where debits_posted > 0", "balance"),
        ("delete from ledger_balance where debits_posted > 0", "balance"),
        ("update ledger_balance set credits_must_not_exceed_debits = true where debits_posted > 0", "account"),
        ("update ledger_effective_checkpoint set debits_posted = debits_posted + 1", "effective checkpoint"),
        ("update ledger_recorded_checkpoint set credits_posted = 0", "recorded checkpoint"),
        ("update ledger_recorded_checkpoint set latest_effective_at = now()", "segment"),
        ("update ledger_transfer set credit_is_busy = true where id & 65535 = 1", "busy"),
        ("update ledger_balance set earliest_effective_at = now()", "segment"),
        ("update ledger_transfer set instrument = '00000000-0000-0000-0000-000000000001'", "batch"),
        ("update ledger_transfer set effective_at = effective_at - interval '1 day'", "batch"),
        ("delete from ledger_transfer where kind = 'hold'", "batch"),
        ("delete from ledger_batch where size = 1", "batch"),
        ("update ledger_transfer set currency = 'USD' where kind = 'hold'", "transfer"),
        (
            "update ledger_transfer set refers_to_id = (select max(id) from ledger_transfer) where kind = 'void'",
            "reference",
        ),
    ],
)
def test_verify_finds_what_an_administrator_changed(tamper: Tamper, statement: str, what: str) -> None:
    hold = post(entry(A, B, 5, EntryKind.HOLD)).transfer_ids[0]
    post(queries.transfers([hold])[0].void())
    post(*[entry(A, B, 2)] * 600, when=at(1))
    before = queries.verify()
    assert before.sound and (before.accounts, before.batches, before.transfers) == (2, 3, 602)
    tamper(statement)
    assert what in {difference.what for difference in queries.verify().differences}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_transfer set amount = amount + 1",
        "update ledger_transfer set recorded_at = recorded_at + interval '1 second'",
        "update ledger_account set chart_code = 'bank' where chart_code = 'ap.open'",
        "update ledger_account set counterparty = '00000000-0000-0000-0000-000000000009'",
        "update ledger_batch set reference = 'another'",
        "delete from ledger_transfer",
    ],
)
def test_the_evidence_of_a_batch_changes_with_any_of_its_rows(tamper: Tamper, statement: str) -> None:
    posted = post(entry(A, B, 5), entry(A, B, 6))
    bound = queries.evidence_of(posted.batch_id)
    assert [row.digest() for row in queries.evidenced()] == [bound.digest()]
    tamper(statement)
    connection.close()
    assert [row.digest() for row in queries.evidenced()] != [bound.digest()]
