"""Every invariant of the README, tried behind the code's back as the writer role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from tests.builders.claims import AT, Trade, person

from fourflow.capital.claims import operations
from fourflow.capital.claims.ports import PartyAtRegistry
from fourflow.capital.claims.types import Ancestor, Registration, RegistrationKind, Scheme
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade() -> Trade:
    return Trade()


def refused(constraint: str, sql: str, *values: object) -> None:
    """The database, connected as the writer, refuses the statement by the name of a constraint."""
    with connection.cursor() as cursor:
        cursor.execute("savepoint before_refusal")
        with pytest.raises(Exception) as error:
            cursor.execute(sql, values)
            cursor.execute("set constraints all immediate")
        cause = error.value.__cause__
        assert isinstance(cause, psycopg.Error), error.value
        name = cause.diag.constraint_name or str(cause)
        assert constraint in name, cause
        cursor.execute("rollback to savepoint before_refusal")


def use(claim: Any, amount: str, reference: str = "vch", payable: Any = None) -> Any:
    return operations.use(
        claim_id=claim.id,
        amount=Money.parse(amount, "USD"),
        reference=reference,
        effective_at=AT,
        payable_id=payable.id if payable else None,
    )


COPY = (
    "insert into claims_claim (id, scheme, fingerprint, parts, debtor_id, creditor_id, currency, amount_minor, "
    "own_use_minor, used_minor, credited_minor, documents, registered_by, registered_at) "
    "select %s, scheme, {fingerprint}, parts, debtor_id, {creditor}, currency, {amount}, {own}, {own}, 0, documents, "
    "registered_by, registered_at from claims_claim where id = %s"
)


def copied(**change: str) -> str:
    return COPY.format(
        **{"fingerprint": "'\\x01'::bytea", "creditor": "creditor_id", "amount": "amount_minor", "own": "0", **change}
    )


def test_a_document_is_registered_once(trade: Trade) -> None:
    claim = trade.claim()
    refused("claim_once", copied(fingerprint="fingerprint"), new_id(), claim.id)
    refused("claim_two_parties", copied(creditor="debtor_id"), new_id(), claim.id)
    refused("claim_amount", copied(amount="0"), new_id(), claim.id)
    refused("claim_begins_unused", copied(own="1"), new_id(), claim.id)


def test_what_is_used_follows_from_the_uses_and_from_nothing_else(trade: Trade) -> None:
    claim = trade.claim()
    for column in ("own_use_minor", "used_minor", "credited_minor"):
        refused("claim_used_from_uses", f"update claims_claim set {column} = 1 where id = %s", claim.id)
    for change in ("amount_minor = amount_minor + 1", "parts = '{}'", "fingerprint = '\\x02'", "creditor_id = id"):
        refused("claim_fixed", f"update claims_claim set {change} where id = %s", claim.id)
    refused("permission denied", "delete from claims_claim where id = %s", claim.id)


INSERT_USE = (
    "insert into claims_use (id, claim_id, payable_id, kind, reference, currency, amount_minor, released_minor, used_at) "
    "values (%s, %s, %s, %s, %s, %s, %s, %s, now())"
)


def test_a_use_never_exceeds_the_claim_or_any_ancestor(trade: Trade) -> None:
    order = trade.claim("100.00", scheme=Scheme.ORDER, buyer="B", order="1")
    delivery = trade.claim("60.00", buyer="B", order="1", delivery="1")
    use(order, "70.00", "loan")
    refused("claim_used_within_amount", INSERT_USE, new_id(), delivery.id, None, "finance", "x", "USD", 30_01, 0)
    refused("claim_used_within_amount", INSERT_USE, new_id(), order.id, None, "finance", "x", "USD", 30_01, 0)
    refused("claim_use_currency", INSERT_USE, new_id(), delivery.id, None, "finance", "x", "CNY", 1, 0)
    refused("claim_use_amounts", INSERT_USE, new_id(), delivery.id, None, "finance", "x", "USD", 0, 0)
    refused("claim_use_begins_whole", INSERT_USE, new_id(), delivery.id, None, "finance", "x", "USD", 2, 1)
    refused("claim_use_credit_note_stays", INSERT_USE, new_id(), delivery.id, None, "gift", "x", "USD", 2, 0)
    refused("claim_use_reference", INSERT_USE, new_id(), delivery.id, None, "finance", "", "USD", 2, 0)
    refused("claim_use_once", INSERT_USE, new_id(), order.id, None, "finance", "loan", "USD", 1, 0)


def test_uses_of_one_statement_count_together_at_every_level(trade: Trade) -> None:
    order = trade.claim("100.00", scheme=Scheme.ORDER, buyer="B", order="1")
    delivery = trade.claim("60.00", buyer="B", order="1", delivery="1")
    three = INSERT_USE + ", (%s, %s, %s, %s, %s, %s, %s, %s, now())" * 2

    def uses(*amounts: int) -> list[object]:
        claims = (delivery, delivery, order)
        rows = [(new_id(), claims[n].id, None, "finance", f"use {n}", "USD", amounts[n], 0) for n in range(3)]
        return [value for row in rows for value in row]

    def used() -> list[tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute("select own_use_minor, used_minor from claims_claim order by amount_minor")
            return list(cursor.fetchall())

    refused("claim_used_within_amount", three, *uses(20_00, 40_01, 1))
    refused("claim_used_within_amount", three, *uses(20_00, 40_00, 40_01))
    with connection.cursor() as cursor:
        cursor.execute(three, uses(20_00, 10_00, 5_00))
        assert used() == [(30_00, 30_00), (5_00, 35_00)]
        cursor.execute("update claims_use set released_minor = 400")
        assert used() == [(22_00, 22_00), (1_00, 23_00)]


def test_of_a_use_only_the_released_part_changes_and_only_grows(trade: Trade) -> None:
    claim = trade.claim()
    row = use(claim, "50.00")
    operations.release(reference="vch", amount=Money.parse("20.00", "USD"), effective_at=AT)
    refused("claim_use_forward", "update claims_use set released_minor = 1999 where id = %s", row.id)
    refused("claim_use_amounts", "update claims_use set released_minor = 5001 where id = %s", row.id)
    refused("claim_use_fixed", "update claims_use set amount_minor = 6000 where id = %s", row.id)
    refused("claim_use_fixed", "update claims_use set reference = 'other' where id = %s", row.id)
    refused("permission denied", "delete from claims_use where id = %s", row.id)
    note = operations.credit_note(reference="vch", credit_note="CN", amount=Money.parse("5.00", "USD"), effective_at=AT)
    refused("claim_use_credit_note_stays", "update claims_use set released_minor = 1 where id = %s", note.id)


INSERT_LINK = (
    "insert into claims_link (id, descendant_id, ancestor_id, currency, share_minor, distance) values "
    "(%s, %s, %s, %s, %s, %s)"
)


def test_a_link_is_between_two_claims_of_one_currency_and_within_both(trade: Trade) -> None:
    low, high = trade.claim("50.00"), trade.claim("100.00")
    refused("claim_link_upward", INSERT_LINK, new_id(), low.id, low.id, "USD", 1, 1)
    refused("claim_link_amounts", INSERT_LINK, new_id(), low.id, high.id, "USD", 0, 1)
    refused("claim_link_amounts", INSERT_LINK, new_id(), low.id, high.id, "USD", 1, 0)
    refused("claim_link_share", INSERT_LINK, new_id(), low.id, high.id, "USD", 50_01, 1)
    refused("claim_link_share", INSERT_LINK, new_id(), high.id, low.id, "USD", 50_01, 1)
    refused("currency", INSERT_LINK, new_id(), low.id, high.id, "CNY", 1, 1)
    other = trade.claim(currency="CNY")
    refused("claim_link_ancestor_currency", INSERT_LINK, new_id(), low.id, other.id, "USD", 1, 1)
    refused("claim_link_descendant_currency", INSERT_LINK, new_id(), other.id, low.id, "USD", 1, 1)
    invoice = trade.claim("50.00", scheme=Scheme.INVOICE, ancestors=[Ancestor(low.id)])
    refused("claim_link_once", INSERT_LINK, new_id(), invoice.id, low.id, "USD", 1, 1)
    refused("permission denied", "update claims_link set share_minor = 1 where descendant_id = %s", invoice.id)
    refused("permission denied", "delete from claims_link where descendant_id = %s", invoice.id)


def test_a_new_link_carries_at_once_what_is_used_below(trade: Trade) -> None:
    low, high = trade.claim("50.00"), trade.claim("40.00")
    use(low, "45.00")
    refused("claim_link_share", INSERT_LINK, new_id(), low.id, high.id, "USD", 45_00, 1)
    use(high, "0.01", "other")
    refused("claim_used_within_amount", INSERT_LINK, new_id(), low.id, high.id, "USD", 40_00, 1)


def test_a_payable_keeps_what_it_says_and_is_used_only_when_confirmed(trade: Trade) -> None:
    claim = trade.claim("100.00")
    payable = trade.proposed(claim)
    begin = (
        "insert into claims_payable (id, claim_id, debtor_id, creditor_id, currency, amount_minor, used_minor, due_date, "
        "documents, state, proposed_by, proposed_at, decide_by, reason) select %s, claim_id, debtor_id, {creditor}, currency, "
        "{amount}, 0, due_date, documents, '{state}', proposed_by, proposed_at, {until}, '' from claims_payable where id = %s"
    )
    made = {"creditor": "creditor_id", "amount": "amount_minor", "state": "proposed", "until": "decide_by"}
    refused("payable_one_open", begin.format(**made), new_id(), payable.id)
    refused("payable_begins_proposed", begin.format(**{**made, "state": "confirmed"}), new_id(), payable.id)
    refused("payable_within_claim", begin.format(**{**made, "amount": "10001"}), new_id(), payable.id)
    yesterday = {**made, "until": "proposed_at::date - 1"}
    refused("payable_decided_later", begin.format(**yesterday), new_id(), payable.id)
    bare = begin.replace("due_date, documents, '{state}'", "due_date, '[]', '{state}'")
    refused("payable_names_documents", bare.format(**made), new_id(), payable.id)
    early = begin.replace("documents, state", "documents, delivered_on, state")
    early = early.replace("documents, '{state}'", "documents, due_date + 1, '{state}'")
    refused("payable_due_after_delivery", early.format(**made), new_id(), payable.id)
    set_ = "update claims_payable set {} where id = %s"
    refused("payable_fixed", set_.format("amount_minor = 1"), payable.id)
    refused("payable_fixed", set_.format("due_date = '2015-01-01'"), payable.id)
    refused("payable_fixed", set_.format("decide_by = '2015-01-01'"), payable.id)
    refused("payable_used_from_uses", set_.format("used_minor = 1"), payable.id)
    refused("payable_state", set_.format("state = 'expired', confirmed_by = debtor_id"), payable.id)
    refused("payable_state", set_.format("state = 'confirmed'"), payable.id)
    refused(
        "payable_two_people",
        set_.format("state = 'confirmed', signature = '{}', confirmed_by = proposed_by"),
        payable.id,
    )
    refused("payable_step", set_.format("state = 'used'"), payable.id)
    refused("permission denied", "delete from claims_payable where id = %s", payable.id)
    refused("payable_used_when_confirmed", INSERT_USE, new_id(), claim.id, payable.id, "finance", "x", "USD", 1, 0)
    operations.withdraw_payable(payable_id=payable.id, actor=trade.core_maker, reason="x", effective_at=AT)
    refused("payable_parties", begin.format(**{**made, "creditor": "id"}), new_id(), payable.id)


def test_a_confirmation_stands_and_bounds_what_is_used(trade: Trade) -> None:
    claim, other = trade.claim("100.00"), trade.claim("100.00")
    payable = trade.confirmed(claim, amount="80.00")
    set_ = "update claims_payable set {} where id = %s"
    refused("payable_signature_stays", set_.format("signature = '{}'"), payable.id)
    refused("payable_signature_stays", set_.format("confirmed_by = debtor_id"), payable.id)
    refused("payable_step", set_.format("state = 'proposed', signature = null, confirmed_by = null"), payable.id)
    refused("payable_used_within_amount", INSERT_USE, new_id(), claim.id, payable.id, "finance", "x", "USD", 80_01, 0)
    refused("claim_use_payable", INSERT_USE, new_id(), other.id, payable.id, "finance", "x", "USD", 1, 0)
    use(claim, "10.00", payable=payable)
    refused(
        "payable_used_when_confirmed",
        set_.format("state = 'withdrawn', withdrawn_by = debtor_id"),
        payable.id,
    )


@pytest.fixture
def reader() -> Iterator[Callable[[Any, str], int]]:
    def count(actor: Any, table: str) -> int:
        with reading(actor), connection.cursor() as cursor:
            cursor.execute(f"select count(*) from {table}")
            return int(cursor.fetchone()[0])

    yield count


def test_a_reader_sees_the_rows_of_its_own_claims_and_only_the_creditor_their_uses(
    trade: Trade, reader: Callable[[Any, str], int]
) -> None:
    claim = trade.claim("100.00")
    use(claim, "10.00", payable=trade.confirmed(claim))
    Trade().claim("5.00")
    tables = ("claims_claim", "claims_payable", "claims_use")
    assert [reader(trade.supplier, table) for table in tables] == [1, 1, 1]
    assert [reader(trade.core_maker, table) for table in tables] == [1, 1, 0]
    assert [reader(person(), table) for table in tables] == [0, 0, 0]


def test_a_registration_has_its_papers_in_their_order(trade: Trade) -> None:
    registration = open_registration(trade)
    set_ = "update claims_registration set {} where id = %s"
    for wrong in ("registered", "clear", "cancelled"):
        refused("registration_", set_.format(f"state = '{wrong}'"), registration.id)
    refused("registration_step", set_.format("state = 'clear', " + QUERIED + FILED + REQUERIED), registration.id)
    refused("registration_queried_first", set_.format("state = 'found_clean'"), registration.id)
    refused("registration_fixed", set_.format("amount_minor = 1"), registration.id)
    refused("registration_fixed", set_.format("reference = 'x'"), registration.id)
    refused("permission denied", "delete from claims_registration where id = %s", registration.id)
    refused("permission denied", "delete from claims_registration_claim where registration_id = %s", registration.id)
    with connection.cursor() as cursor:
        cursor.execute(set_.format("state = 'found_clean', " + QUERIED.rstrip(", ")), [registration.id])
    refused("registration_has_number", set_.format("state = 'registered'"), registration.id)
    with connection.cursor() as cursor:
        cursor.execute(set_.format("state = 'registered', " + FILED.rstrip(", ")), [registration.id])
    refused("registration_queried_again_after", set_.format("state = 'clear'"), registration.id)
    refused(
        "registration_queried_again_after",
        set_.format("state = 'clear', requery_certificate = 'Q2', requeried_at = registered_at - interval '1 second'"),
        registration.id,
    )
    refused("registration_fixed", set_.format("registration_no = 'R2'"), registration.id)
    refused("registration_step", set_.format("state = 'abandoned'"), registration.id)
    with connection.cursor() as cursor:
        cursor.execute(set_.format("state = 'encumbered'"), [registration.id])
    refused("registration_filing_not_forgotten", set_.format("state = 'abandoned'"), registration.id)
    refused("registration_filing_not_forgotten", set_.format("state = 'found_clean'"), registration.id)


QUERIED = "query_certificate = 'Q1', queried_at = now(), "
FILED = "registration_no = 'R1', registered_at = now(), "
REQUERIED = "requery_certificate = 'Q2', requeried_at = now()"


def test_what_may_have_reached_the_registry_is_never_sent_again(trade: Trade) -> None:
    registration = open_registration(trade)
    set_ = "update claims_exchange set {} where registration_id = %s"
    again = (
        "insert into claims_exchange (id, registration_id, kind, state, client_reference, attempt, request) "
        "select %s, registration_id, kind, 'ready', {reference}, {attempt}, request from claims_exchange "
        "where registration_id = %s and attempt = 1"
    )
    refused("exchange_one_open", again.format(reference="'other'", attempt=1), new_id(), registration.id)
    refused("exchange_never_again", again.format(reference="client_reference", attempt=2), new_id(), registration.id)
    refused("exchange_step", set_.format("state = 'answered', answer = '{}', handed_over_at = now()"), registration.id)
    refused("exchange_handed_over", set_.format("state = 'sent'"), registration.id)
    refused("exchange_fixed", set_.format("request = '{}'"), registration.id)
    refused("exchange_fixed", set_.format("client_reference = 'x'"), registration.id)
    refused("permission denied", "delete from claims_exchange where registration_id = %s", registration.id)
    with connection.cursor() as cursor:
        cursor.execute(set_.format("state = 'sent', handed_over_at = now()"), [registration.id])
    refused("exchange_step", set_.format("state = 'ready'"), registration.id)
    refused("exchange_answer_kept", set_.format("state = 'answered'"), registration.id)
    with connection.cursor() as cursor:
        cursor.execute(set_.format("state = 'unknown'"), [registration.id])
    refused("exchange_step", set_.format("state = 'sent'"), registration.id)
    refused("exchange_step", set_.format("state = 'ready'"), registration.id)
    refused("exchange_never_again", again.format(reference="client_reference", attempt=2), new_id(), registration.id)
    with connection.cursor() as cursor:
        cursor.execute(set_.format("state = 'not_received'"), [registration.id])
    refused("exchange_attempt_once", again.format(reference="client_reference", attempt=1), new_id(), registration.id)
    refused("exchange_never_again", again.format(reference="client_reference", attempt=3), new_id(), registration.id)


def open_registration(trade: Trade) -> Registration:
    return operations.open_registration(
        reference="fin_1",
        kind=RegistrationKind.RECEIVABLE_PLEDGE,
        claim_ids=[trade.claim().id],
        secured_party_id=new_id(),
        debtor_id=trade.supplier_id,
        secured_party=PartyAtRegistry("Bank", "BANK-A"),
        debtor=PartyAtRegistry("Supplier", "X2"),
        amount=Money.parse("1.00", "USD"),
        collateral="receivable",
        assets=["a"],
        term_months=12,
        effective_at=AT,
    )
