"""The bank's database has the last word: no SQL commits an unbalanced book, whatever the code does."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.interfaces.sandbox.party import initiation, order

from fourflow_sandbox import amounts, clock, faults
from fourflow_sandbox.bank import books, payments, schema
from fourflow_sandbox.bank.books import Bank, Leg
from fourflow_sandbox.store import Store


def make_bank(home: Path) -> Bank:
    store = Store(home / "bank.sqlite3", clock.SCHEMA + faults.SCHEMA + schema.SCHEMA)
    clock.start(store, clock.parse_date("2014-01-02"))
    return Bank("ALFA", "Sandbox Bank Alfa", store, {})


def open_account(bank: Bank, reference: str, opening: str = "0", currency: str = "USD") -> str:
    owner = {"identifier": reference, "name": reference}
    body = {"client_reference": reference, "owner": owner, "currency": currency, "kind": "current"}
    return str(books.open_account(bank, body | {"opening_balance": opening})[0]["account"])


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = make_bank(tmp_path)
    yield made
    made.store.close()


LEG = "INSERT INTO leg (journal_id, account, side, amount_minor) VALUES (?, ?, ?, ?)"
JOURNAL = (
    "INSERT INTO journal (id, bank_reference, booked_on, kind, source, details) VALUES (?, ?, 'd', 'transfer', ?, '{}')"
)


def attempt(bank: Bank, *statements: tuple[str, tuple[Any, ...]]) -> None:
    with bank.store.writing() as connection:
        for sql, values in statements:
            connection.execute(sql, values)


def test_no_sql_commits_a_journal_whose_debits_differ_from_its_credits(bank: Bank) -> None:
    one, two, euro = open_account(bank, "1", "10.00"), open_account(bank, "2"), open_account(bank, "3", currency="EUR")
    lone = [(LEG, (9, one, "D", 100))]
    wrong: list[list[tuple[str, tuple[Any, ...]]]] = [
        [(LEG, (9, one, "D", 100)), (LEG, (9, two, "C", 99)), (JOURNAL, (9, "r9", "s9"))],
        [(LEG, (9, one, "D", 100)), (LEG, (9, euro, "C", 100)), (JOURNAL, (9, "r9", "s9"))],
        lone,
        [*lone, (JOURNAL, (9, "r9", "s9"))],
        [(JOURNAL, (9, "r9", "s9"))],
        [(LEG, (1, one, "D", 100))],
        [(LEG, (9, one, "D", -100)), (LEG, (9, two, "C", -100)), (JOURNAL, (9, "r9", "s9"))],
        [(LEG, (9, one, "D", 1.5)), (LEG, (9, two, "C", 1.5)), (JOURNAL, (9, "r9", "s9"))],
        [(LEG, (9, one, "D", 1001)), (LEG, (9, two, "C", 1001)), (JOURNAL, (9, "r9", "s9"))],
        [("UPDATE leg SET amount_minor = 1", ())],
        [("DELETE FROM leg", ())],
        [("UPDATE journal SET booked_on = 'x'", ())],
        [("DELETE FROM journal", ())],
        [("UPDATE account SET currency = 'EUR' WHERE number = ?", (one,))],
        [("DELETE FROM account", ())],
    ]
    before = books.trial_balance(bank)
    for statements in wrong:
        with pytest.raises(sqlite3.IntegrityError):
            attempt(bank, *statements)
        assert books.trial_balance(bank) == before
    attempt(bank, (LEG, (9, one, "D", 1000)), (LEG, (9, two, "C", 1000)), (JOURNAL, (9, "r9", "s9")))
    assert books.trial_balance(bank)["consistent"]


def test_every_commit_reaches_the_disk_before_it_is_answered(bank: Bank) -> None:
    full = 2
    with bank.store.reading() as one, bank.store.reading() as other:
        assert [c.execute("PRAGMA synchronous").fetchone()[0] for c in (one, other)] == [full, full]


def test_a_balance_changed_behind_the_books_is_noticed(bank: Bank) -> None:
    account = open_account(bank, "1", "10.00")
    attempt(bank, ("UPDATE account SET balance_minor = 2000 WHERE number = ?", (account,)))
    assert not books.trial_balance(bank)["consistent"]


def test_held_money_cannot_be_spent(bank: Bank) -> None:
    account, other = open_account(bank, "1", "10.00"), open_account(bank, "2")
    attempt(bank, ("UPDATE account SET held_minor = 600 WHERE number = ?", (account,)))
    with pytest.raises(sqlite3.IntegrityError), bank.store.writing() as connection:
        legs = [Leg(account, "D", 500), Leg(other, "C", 500)]
        books.post(connection, bank, kind="transfer", source="x", legs=legs, details={})


def test_an_outcome_is_final_and_a_payment_is_booked_once(bank: Bank) -> None:
    payer, payee = open_account(bank, "1", "10.00"), open_account(bank, "2")
    payments.submit(bank, initiation(order("E-1", payer, payee, "1.00"), order("E-2", payer, payee, "99.00")))
    for statement in (
        "UPDATE payment SET state = 'rejected', reason = 'AM04', journal_id = NULL WHERE end_to_end_id = 'E-1'",
        "UPDATE payment SET state = 'scheduled', reason = '' WHERE end_to_end_id = 'E-2'",
        "DELETE FROM payment",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            attempt(bank, (statement, ()))
    with pytest.raises(sqlite3.IntegrityError), bank.store.writing() as connection:
        legs = [Leg(payer, "D", 100), Leg(payee, "C", 100)]
        books.post(connection, bank, kind="transfer", source="E-1", legs=legs, details={})


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 2000), st.integers(0, 11), st.integers(1, 3)),
        max_size=12,
    )
)
def test_whatever_is_ordered_money_is_neither_made_nor_lost(moves: list[tuple[int, int, int, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        bank = make_bank(Path(home))
        accounts = [open_account(bank, str(n), "20.00") for n in range(4)]
        for payer, payee, minor, name, times in moves:
            for _ in range(times):
                text = amounts.to_text(minor, "USD")
                body = initiation(order(f"E-{name}-{payer}-{payee}-{minor}", accounts[payer], accounts[payee], text))
                payments.submit(bank, body)
        told = books.trial_balance(bank)
        lines = told["accounts"]
        assert isinstance(lines, list) and told["consistent"]
        balances = [line["balance_minor"] for line in lines if line["kind"] == "current"]
        assert sum(balances) == 8000 and min(balances) >= 0
        bank.store.close()


@given(st.integers(0, 10**12), st.sampled_from(["USD", "JPY", "KWD", "CNY"]))
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    assert amounts.to_minor(amounts.to_text(minor, currency), currency) == minor
