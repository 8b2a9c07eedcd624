"""Every promise of the README, tried by SQL behind the code's back: as the writer, and as the owner who may do more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from tests.builders.entries import entry, key, limit
from tests.builders.ledger import post

from fourflow.capital.ledger.models import Transfer
from fourflow.capital.ledger.operations.accounts import ids_of
from fourflow.capital.ledger.types import Chart, EntryKind

pytestmark = pytest.mark.django_db(transaction=True)

Connect = Callable[[str], psycopg.Connection[Any]]
TABLES = ("ledger_book", "ledger_account", "ledger_balance", "ledger_batch", "ledger_transfer")
A, B = key(Chart.AP_VOUCHER), key(Chart.AP_OPEN)

TRANSFER = """insert into ledger_transfer (id, batch_id, book_id, currency, debit_account_id, credit_account_id, amount, kind,
    refers_to_id, released, narrative_code, effective_at, recorded_at)
  select b.id << 16 | 1, b.id, d.book_id, d.currency, d.account_id, c.account_id, {amount}, {kind}, {refers}, {released}, 'x',
         b.effective_at, b.recorded_at
    from ledger_batch b, ledger_balance d, ledger_balance c
   where b.reference = 'raw' and d.account_id = {debit} and c.account_id = {credit}"""


@pytest.fixture
def accounts() -> tuple[int, int, int]:
    """Two accounts of a book, and one of another; one transfer of 100 and one hold of 10 stand between the first two."""
    other = key(Chart.AP_OPEN, currency="USD")
    post(entry(A, B, 100), entry(A, B, 10, EntryKind.HOLD))
    ids = ids_of([A, B, other])
    return ids[A], ids[B], ids[other]


def stored() -> tuple[int, int]:
    """The posting of 100 and the hold of 10."""
    ids = list(Transfer.objects.order_by("id").values_list("id", flat=True))
    return ids[0], ids[1]


@pytest.fixture
def owner(raw: Connect) -> Iterator[psycopg.Connection[Any]]:
    """The owner, with an empty batch to put transfers into."""
    session = raw("owner")
    session.execute(
        "insert into ledger_batch (reference, digest, size, effective_at, recorded_at) "
        "values ('raw', sha256('x'), 1, now(), now() + interval '1 hour')"
    )
    session.execute("savepoint ready")
    yield session
    session.rollback()


def refused(session: psycopg.Connection[Any], statement: str) -> str:
    """Name of the constraint that refuses a statement, or its SQL state."""
    with pytest.raises(psycopg.Error) as error:
        session.execute(statement)  # type: ignore[call-overload]
    session.execute("rollback to ready")
    return error.value.diag.constraint_name or error.value.sqlstate or ""


def transfer(
    debit: int, credit: int, *, amount: Any = 1, kind: str = "posted", refers: Any = "null", released: int = 0
) -> str:
    return TRANSFER.format(
        debit=debit, credit=credit, amount=amount, kind=f"'{kind}'", refers=refers, released=released
    )


def test_the_writer_role_writes_no_table_of_the_ledger(raw: Connect, accounts: Any) -> None:
    writer = raw("writer")
    for table in TABLES[1:]:
        for statement in (
            f"insert into {table} select * from {table}",
            f"update {table} set recorded_at = now()",
            f"delete from {table}",
            f"truncate {table}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                writer.execute(statement)  # type: ignore[call-overload]
            writer.rollback()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute("update ledger_book set zone = 'UTC'")


def test_not_even_the_owner_changes_or_deletes(owner: Any, accounts: Any) -> None:
    for table in TABLES:
        for statement in (
            f"update {table} set recorded_at = now()",
            f"delete from {table}",
            f"truncate {table} cascade",
        ):
            assert refused(owner, statement) in ("ledger_append_only", "ledger_follows_transfers")


def test_a_balance_does_not_change_without_transfers(owner: Any, accounts: Any) -> None:
    lone = "update ledger_balance set debits_posted = debits_posted + 1, credits_posted = credits_posted + 1"
    assert refused(owner, lone) == "ledger_follows_transfers"
    assert refused(owner, "delete from ledger_balance") == "ledger_append_only"
    checkpoint = (
        "insert into ledger_{}_checkpoint (account_id, {}_at, debits_posted, credits_posted, debits_pending, credits_pending) "
        f"values ({accounts[0]}, now(), 1, 1, 0, 0)"
    )
    for name in ("effective", "recorded"):
        assert refused(owner, checkpoint.format(name, name)) == "ledger_follows_transfers"


def test_a_balance_starts_at_zero_and_keeps_the_bounds_of_its_account(owner: Any, accounts: Any) -> None:
    owner.execute(
        "insert into ledger_account (book_id, chart_code, currency, debits_must_not_exceed_credits, "
        "credits_must_not_exceed_debits) select id, 'bank', 'CNY', true, false from ledger_book limit 1"
    )
    owner.execute("savepoint ready")
    balance = (
        "insert into ledger_balance (account_id, book_id, currency, debits_must_not_exceed_credits, "
        "credits_must_not_exceed_debits, debits_posted) select id, book_id, currency, {}, false, {} "
        "from ledger_account where chart_code = 'bank'"
    )
    assert refused(owner, balance.format("true", 5)) == "ledger_starts_at_zero"
    assert refused(owner, balance.format("false", 0)) == "ledger_balance_of_account"


def test_a_transfer_moves_its_balances_whoever_inserts_it(owner: Any, accounts: tuple[int, int, int]) -> None:
    debit, credit, _ = accounts
    owner.execute(transfer(debit, credit, amount=7))
    moved = owner.execute(
        "select debits_posted, debits_pending, entries from ledger_balance where account_id = %s", [debit]
    )
    assert moved.fetchone() == (107, 10, 3)


def test_a_transfer_stays_within_one_book_and_currency(owner: Any, accounts: tuple[int, int, int]) -> None:
    debit, credit, other = accounts
    rule = "ledger_transfer_one_book_and_currency"
    assert refused(owner, transfer(debit, other)) == rule
    assert refused(owner, transfer(debit, credit).replace("c.account_id,", "999999,", 1)) == rule


def test_a_transfer_knows_whether_its_accounts_have_checkpoints(owner: Any, accounts: tuple[int, int, int]) -> None:
    debit, credit, _ = accounts
    for side in ("debit", "credit"):
        claimed = (
            transfer(debit, credit)
            .replace("kind,", f"kind, {side}_is_busy,", 1)
            .replace("'posted',", "'posted', true,")
        )
        assert refused(owner, claimed) == "ledger_transfer_one_book_and_currency"


def test_a_transfer_has_two_accounts_a_positive_amount_and_a_known_kind(
    owner: Any, accounts: tuple[int, int, int]
) -> None:
    debit, credit, _ = accounts
    assert refused(owner, transfer(debit, debit)) == "ledger_transfer_two_accounts"
    for amount in (0, -1):
        assert refused(owner, transfer(debit, credit, amount=amount)) == "ledger_transfer_amount_positive"
    assert refused(owner, transfer(debit, credit, kind="gift")) == "ledger_transfer_refers_by_kind"
    for statement in (
        transfer(debit, credit).replace("b.id << 16 | 1", "5"),
        transfer(debit, credit).replace("b.id << 16 | 1", "b.id << 16"),
    ):
        assert refused(owner, statement) == "ledger_transfer_id_within_batch"


def test_transfers_bear_the_two_times_of_their_batch(owner: Any, accounts: tuple[int, int, int]) -> None:
    debit, credit, _ = accounts
    for wrong in ("b.effective_at, now()", "now() - interval '1 day', b.recorded_at"):
        statement = transfer(debit, credit).replace("b.effective_at, b.recorded_at", wrong)
        assert refused(owner, statement) == "ledger_transfer_of_batch"


def test_a_transfer_is_recorded_later_than_what_its_balances_know(owner: Any, accounts: tuple[int, int, int]) -> None:
    debit, credit, _ = accounts
    owner.execute(transfer(debit, credit))
    owner.execute(
        "insert into ledger_batch (reference, digest, size, effective_at, recorded_at) "
        "values ('raw early', sha256('x'), 1, now(), now())"
    )
    owner.execute("savepoint ready")
    early = transfer(debit, credit).replace("'raw'", "'raw early'")
    assert refused(owner, early) == "ledger_transfer_one_book_and_currency"


def test_references_follow_the_kind_and_fit_what_they_name(owner: Any, accounts: tuple[int, int, int]) -> None:
    debit, credit, _ = accounts
    posting, hold = stored()
    for kind, reference, released, rule in (
        ("posted", hold, 0, "ledger_transfer_refers_by_kind"),
        ("hold", hold, 0, "ledger_transfer_refers_by_kind"),
        ("post", "null", 5, "ledger_transfer_refers_by_kind"),
        ("void", hold, 0, "ledger_transfer_refers_by_kind"),
        ("post", hold, 3, "ledger_transfer_post_within_hold"),
        ("void", hold, 9, "ledger_transfer_release_whole"),
        ("post", 12345, 5, "ledger_transfer_refers"),
        ("post", posting, 100, "ledger_resolves_hold"),
        ("post", hold, 11, "ledger_hold_released_whole"),
        ("expire", hold, 10, "ledger_hold_not_due"),
        ("reversal", posting, 0, "ledger_reversal_swaps_accounts"),
        ("reversal", hold, 0, "ledger_reversal_of_posting"),
    ):
        amount = released if kind == "expire" else 5
        statement = transfer(debit, credit, amount=amount, kind=kind, refers=reference, released=released)
        assert refused(owner, statement) == rule, (kind, reference, released)
    swapped = transfer(credit, debit, amount=99, kind="reversal", refers=posting)
    assert refused(owner, swapped) == "ledger_reversal_whole"
    swapped = transfer(credit, debit, amount=5, kind="post", refers=hold, released=10)
    assert refused(owner, swapped) == "ledger_hold_same_accounts"


def test_a_hold_is_resolved_and_a_posting_reversed_at_most_once(owner: Any, accounts: tuple[int, int, int]) -> None:
    debit, credit, _ = accounts
    _, hold = stored()
    twice = transfer(debit, credit, amount=10, kind="void", refers=hold, released=10)
    owner.execute(twice)
    owner.execute("savepoint ready")
    again = twice.replace("b.id << 16 | 1", "b.id << 16 | 2")
    assert refused(owner, again) == "ledger_transfer_referred_once"


def test_bounds_hold_for_posted_and_pending_together(raw: Connect, owner: Any) -> None:
    available, blocked = limit(Chart.LIMIT_AVAILABLE), limit(Chart.LIMIT_BLOCKED)
    post(entry(available, limit(Chart.LIMIT_SANCTIONED), 100), entry(blocked, available, 60, EntryKind.HOLD))
    ids = ids_of([available, blocked])
    beyond = transfer(ids[blocked], ids[available], amount=41)
    assert refused(owner, beyond) == "ledger_balance_credits_within_debits"
    owner.execute(transfer(ids[blocked], ids[available], amount=40))


def test_a_batch_has_a_unique_reference_a_size_and_a_digest(owner: Any) -> None:
    batch = "insert into ledger_batch (reference, digest, size, effective_at, recorded_at) values ({}, now(), now())"
    for values, rule in (
        ("'raw', sha256('x'), 1", "ledger_batch_reference"),
        ("'', sha256('x'), 1", "ledger_batch_reference_says_something"),
        ("'a', sha256('x'), 0", "ledger_batch_size"),
        ("'a', sha256('x'), 10001", "ledger_batch_size"),
        ("'a', 'x', 1", "ledger_batch_digest"),
    ):
        assert refused(owner, batch.format(values)).startswith(rule)


def test_a_reader_sees_the_books_of_its_organisation_and_nothing_without_one(raw: Connect, accounts: Any) -> None:
    mine, stranger = key(Chart.BANK).book.partition(":")[2], "00000000-0000-0000-0000-0000000000ff"
    for organisation, seen in ((mine, True), (stranger, False), ("", False)):
        reader = raw("reader")
        reader.execute("select set_config('fourflow.organisation', %s, false)", [organisation])
        for table in TABLES:
            row = reader.execute(f"select count(*) > 0 from {table}").fetchone()  # type: ignore[call-overload]
            assert row == (seen,), (organisation, table)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select ledger_set_closed(1, true)")
        reader.rollback()
