"""The database has the last word: what the writer role cannot do behind the code's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import transaction
from tests.builders import settlement as build
from tests.builders.refusals import copy_of
from tests.builders.settlement import NOON, arrives, booked, expected, says, sent, usd

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import AnswerStatus, Purpose
from fourflow.foundation.parties.types import SYSTEM, Permission, RoleKind
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)

Connect = Callable[[str], psycopg.Connection[Any]]
REFUSED = (psycopg.errors.CheckViolation, psycopg.errors.ForeignKeyViolation, psycopg.errors.UniqueViolation)


@pytest.fixture
def accounts(transactional_db: None) -> build.Money4:
    with transaction.atomic():
        return build.company()


@pytest.fixture
def writer(raw: Connect) -> psycopg.Connection[Any]:
    return raw("writer")


def refused(writer: psycopg.Connection[Any], name: str, sql: str, *values: object) -> None:
    """The statement, or its commit, fails at the named constraint."""
    with pytest.raises(REFUSED) as found:
        writer.execute(sql, values)  # type: ignore[arg-type]
        writer.commit()
    writer.rollback()
    assert found.value.diag.constraint_name == name, found.value


def insert(writer: psycopg.Connection[Any], source: UUID, **change: object) -> tuple[str, list[object]]:
    """SQL that copies an instruction under a new id with some columns changed."""
    columns = [
        row[0]
        for row in writer.execute(
            "select column_name from information_schema.columns where table_name = 'settlement_instruction'"
        )
    ]
    change = {"id": new_id(), "reference": new_id().hex, "bank_reference": "", **change}
    chosen = ", ".join("%s" if column in change else f'"{column}"' for column in columns)
    values = [change[column] for column in columns if column in change]
    names = ", ".join(f'"{column}"' for column in columns)
    return f"insert into settlement_instruction ({names}) select {chosen} from settlement_instruction where id = %s", [
        *values,
        source,
    ]


@pytest.mark.parametrize("wanted", ["sent", "instructed", "draft"])
def test_an_unknown_payment_is_never_sent_again(accounts: build.Money4, writer: Any, wanted: str) -> None:
    with transaction.atomic():
        payment = sent(accounts)
        operations.mark_unknown(actor=SYSTEM, instruction_ids=[payment.id], effective_at=NOON)
    refused(
        writer, "instruction_step", "update settlement_instruction set state = %s where id = %s", wanted, payment.id
    )


def test_one_instruction_has_one_submission(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        payment, fresh = sent(accounts), build.instructed(accounts, reference="other")
    again = (
        "insert into settlement_submission (id, instruction_id, message_id) "
        "select %s, %s, message_id from settlement_submission limit 1"
    )
    refused(writer, "submission_of_instructed", again, new_id(), payment.id)
    writer.execute(again, (new_id(), fresh.id))
    with pytest.raises(psycopg.errors.UniqueViolation):
        writer.execute(again, (new_id(), fresh.id))
    writer.rollback()


def test_nothing_is_sent_settled_or_rejected_without_its_ground(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        fresh, gone = build.instructed(accounts, reference="fresh"), sent(accounts)
    set_state = "update settlement_instruction set state = %s, sent_at = now() where id = %s"
    refused(writer, "instruction_sent_by_submission", set_state, "sent", fresh.id)
    end = "update settlement_instruction set state = %s, finished_at = now(), reason_code = %s where id = %s"
    refused(writer, "instruction_settled_by_bank", end, "settled", "", gone.id)
    refused(writer, "instruction_rejected_by_bank", end, "rejected", "", gone.id)
    refused(writer, "instruction_not_received", end, "rejected", "NOT_RECEIVED", gone.id)


@pytest.mark.parametrize(
    "change", ["minor = minor + 1", "payee_number = 'thief'", "purpose = 'return'", "execution_date = '2020-01-01'"]
)
def test_who_what_and_how_much_never_change(accounts: build.Money4, writer: Any, change: str) -> None:
    with transaction.atomic():
        payment = build.instructed(accounts)
    refused(writer, "instruction_fixed", f"update settlement_instruction set {change} where id = %s", payment.id)


def test_a_bank_reference_belongs_to_one_payment_and_ends_it_once(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        one, other = sent(accounts), sent(accounts, reference="other")
        operations.apply_reply(
            actor=SYSTEM, bank_code="ALFA", reply=says(one, AnswerStatus.SETTLED, "b1"), effective_at=NOON
        )
    give = "update settlement_instruction set bank_reference = 'b1' where id = %s"
    refused(writer, "instruction_bank_reference_once", give, other.id)
    copy = (
        "insert into settlement_answer (id, bank_id, message_id, instruction_id, end_to_end_id, status, bank_reference, "
        "reason_code, reason, verdict, at) select %s, bank_id, message_id, %s, %s, status, %s, '', '', 'applied', at "
        "from settlement_answer limit 1"
    )
    refused(writer, "answer_one_outcome", copy, new_id(), one.id, "x", "b2")
    refused(writer, "answer_applied_once", copy, new_id(), other.id, "x", "b1")


def test_a_platform_account_is_payee_only_of_its_invoiced_fees(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        source = build.instructed(accounts).id
        invoice = build.fee_invoice(accounts, 500)
    fees = {
        "payee_account_id": accounts.fees.id,
        "payee_id": accounts.fees.party_id,
        "payee_is_platform": True,
    }
    for name, change in [
        ("platform_receives_only_its_fees", fees),
        ("instruction_payee_account", {**fees, "payee_is_platform": False}),
        ("platform_money_has_invoice", {**fees, "purpose": "platform_fee"}),
        ("platform_receives_only_its_fees", {"purpose": "platform_fee", "invoice_id": invoice.id}),
        ("platform_own_invoice", {**fees, "purpose": "platform_fee", "invoice_id": invoice.id}),
    ]:
        sql, values = insert(writer, source, **change)
        refused(writer, name, sql, *values)


def test_a_platform_account_is_payer_only_of_its_own_bills(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        source = build.instructed(accounts).id
    own = {
        "payer_account_id": accounts.fees.id,
        "payer_id": accounts.fees.party_id,
        "payer_is_platform": True,
    }
    for name, change in [
        ("platform_pays_only_its_bills", own),
        ("instruction_payer_account", {**own, "payer_is_platform": False}),
        ("platform_money_has_invoice", {**own, "purpose": "platform_bill"}),
    ]:
        sql, values = insert(writer, source, **change)
        refused(writer, name, sql, *values)


def test_no_more_is_paid_on_an_invoice_than_it_says(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        invoice = build.fee_invoice(accounts, 500)
        paid = operations.instruct(
            actor=SYSTEM,
            reference="fee-1",
            payer_account_id=accounts.supplier.id,
            payee_account_id=accounts.fees.id,
            amount=usd(300),
            purpose=Purpose.PLATFORM_FEE,
            subject_id=new_id(),
            mandate="m",
            execution_date=build.DAY,
            effective_at=NOON,
            invoice_id=invoice.id,
        )
    sql, values = insert(writer, paid.id, minor=201)
    refused(writer, "platform_invoice_exceeded", sql, *values)
    sql, values = insert(writer, paid.id, minor=200)
    writer.execute(sql, values)
    writer.commit()


def test_a_platform_account_is_whose_it_is_and_stays_so(accounts: build.Money4, writer: Any) -> None:
    for column, value in [("kind", "operating"), ("is_platform", False), ("party_id", new_id())]:
        sql = f"update settlement_account set {column} = %s where id = %s"
        refused(writer, "account_fixed", sql, value, accounts.fees.id)


def test_cash_is_never_lost_between_matches_and_suspense(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        arrives("BETA", booked(accounts.supplier, 300, "b1"))
    refused(writer, "cash_in_full", "update settlement_suspense set rest = 200")
    entry = (
        "insert into settlement_entry (id, bank_id, account_id, party_id, message_id, bank_reference, direction, currency, "
        "minor, booked_on, value_on, end_to_end_id, remittance, counterparty, counterparty_account, counterparty_bank, "
        "is_reversal, at) "
        "select %s, bank_id, account_id, party_id, message_id, %s, direction, currency, minor, booked_on, value_on, '', '', "
        "'', '', '', false, at from settlement_entry limit 1"
    )
    refused(writer, "cash_in_full", entry, new_id(), "b2")
    refused(writer, "entry_once", entry, new_id(), "b1")


def test_no_more_is_matched_than_arrived_or_is_owed(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        small, large = expected(accounts, 200, "SMALL"), expected(accounts, 900, "LARGE")
        arrives("BETA", booked(accounts.supplier, 300, "b1"))
    match = (
        "insert into settlement_match (id, entry_id, expectation_id, account_id, currency, minor, basis, grounds, at) "
        "select %s, id, %s, account_id, currency, %s, 'reference', '{}', at from settlement_entry"
    )
    refused(writer, "match_within_entry", match, new_id(), large.id, 301)
    refused(writer, "expectation_not_over", match, new_id(), small.id, 201)
    refused(writer, "cash_in_full", match, new_id(), small.id, 200)
    refused(writer, "expectation_follows_matches", "update settlement_expectation set received = 100")


def test_a_match_stays_on_its_account(accounts: build.Money4, writer: Any) -> None:
    with transaction.atomic():
        other = build.account(new_id(), "BETA", "B-2", build.AccountKind.COLLECTION, "Other")
        waiting = build.expected(build.Money4(accounts.core, accounts.funder, other, other, other), 300)
        arrives("BETA", booked(accounts.supplier, 300, "b1"))
    match = (
        "insert into settlement_match (id, entry_id, expectation_id, account_id, currency, minor, basis, grounds, at) "
        "select %s, id, %s, %s, currency, 300, 'reference', '{}', at from settlement_entry"
    )
    refused(writer, "match_of_expectation", match, new_id(), waiting.id, accounts.supplier.id)
    refused(writer, "match_of_entry", match, new_id(), waiting.id, other.id)


@pytest.mark.requirement("R049")
def test_a_kept_message_is_what_its_digest_says(accounts: build.Money4, writer: Any) -> None:
    refused(
        writer,
        "message_digest",
        "insert into settlement_message (id, bank_id, outgoing, kind, message_id, body, digest, at) "
        "values (%s, 'ALFA', false, 'x', 'x', 'body', sha256('other'), now())",
        new_id(),
    )


def test_money_goes_back_once_and_only_to_where_it_came_from(accounts: build.Money4, writer: Any, raw: Connect) -> None:
    matchers = [
        build.person(
            accounts.supplier.party_id,
            Permission.PAYMENT_MATCH,
            Permission.PAYMENT_MATCH_CHECK,
            role=RoleKind.SUPPLIER,
        )
        for _ in range(2)
    ]
    with transaction.atomic():
        arrives("BETA", booked(accounts.supplier, 300, "b1", payer="Stranger", payer_account="X-77"))
        large = expected(accounts, 900, "LARGE")
        (item,) = queries.unmatched(actor=SYSTEM)
        operations.propose_return(
            actor=matchers[0], entry_id=item.entry_id, amount=usd(300), reason="stray", effective_at=NOON
        )
        payment = operations.carry_out_return(
            actor=matchers[1], entry_id=item.entry_id, execution_date=build.DAY, effective_at=NOON
        )
        theft = build.instructed(accounts, 300)
    again = (
        "insert into settlement_return (id, entry_id, instruction_id, account_id, party_id, currency, minor, reason, "
        "maker_person_id, checker_person_id, state, at) select %s, entry_id, %s, account_id, party_id, currency, minor, "
        "reason, maker_person_id, checker_person_id, 'instructed', at from settlement_return"
    )
    sql, values = insert(writer, payment.id)
    refused(writer, "return_has_entry", sql, *values)
    refused(writer, "return_to_its_payer", again, new_id(), theft.id)
    sql, values = insert(writer, payment.id)
    writer.execute(sql, values)
    refused(writer, "return_has_entry", "select 1")
    refused(writer, "return_within_entry", again, new_id(), payment.id)
    match = (
        "insert into settlement_match (id, entry_id, expectation_id, account_id, currency, minor, basis, grounds, at) "
        "select %s, id, %s, account_id, currency, 1, 'reference', '{}', at from settlement_entry"
    )
    refused(writer, "match_within_entry", match, new_id(), large.id)
    (known,) = writer.execute("select id from settlement_return").fetchall()
    superuser = raw("superuser")
    superuser.execute(
        "set session_replication_role = replica"
    )  # no trigger looks: what is left is the table's own word
    alone = copy_of("settlement_return", known[0], checker_person_id=matchers[0].person_id)
    refused(superuser, "return_two_people", *alone)
    refused(writer, "return_fixed", "update settlement_return set minor = 1")
    refused(writer, "return_ends_as_its_payment", "update settlement_return set state = 'failed', finished_at = now()")
    refused(writer, "suspense_only_shrinks", "update settlement_suspense set rest = 300, closed_at = null")
    nowhere = insert(writer, theft.id, payee_account_id=None, payee_id=None)
    refused(writer, "instruction_to_registered_account", nowhere[0], *nowhere[1])


FACTS = ["message", "submission", "answer", "entry", "match", "statement", "platform_invoice", "reconciliation"]


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize("sql", ["update settlement_{} set id = id", "delete from settlement_{}"])
def test_facts_are_not_changed_or_deleted(accounts: build.Money4, writer: Any, table: str, sql: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute(sql.format(table))


def test_a_reader_sees_only_the_payments_of_his_organisation(accounts: build.Money4, raw: Connect) -> None:
    with transaction.atomic():
        payment = sent(accounts)
        arrives("BETA", booked(accounts.supplier, 300, "b1"))
    reader = raw("reader")
    seen = {}
    for organisation in (accounts.supplier.party_id, accounts.core.party_id):
        reader.execute("select set_config('fourflow.organisation', %s, false)", (str(organisation),))
        tables = ("instruction", "submission", "entry", "suspense", "message", "account")
        counts = [reader.execute(f"select count(*) from settlement_{t}").fetchone() for t in tables]
        seen[organisation] = [row[0] for row in counts if row]
    assert seen == {accounts.supplier.party_id: [1, 1, 1, 1, 0, 1], accounts.core.party_id: [0, 0, 0, 0, 0, 1]}
    assert queries.payment(actor=SYSTEM, instruction_id=payment.id).payment.id == payment.id


def test_a_payee_reads_the_trail_of_his_payment_under_the_readers_role(accounts: build.Money4) -> None:
    with transaction.atomic():
        payment = sent(accounts)
        operations.apply_reply(
            actor=SYSTEM, bank_code="ALFA", reply=says(payment, AnswerStatus.SETTLED, "b1"), effective_at=NOON
        )
        expected(accounts, 100)
        arrives("BETA", booked(accounts.supplier, 300, "b9"))
    payee = build.person(accounts.supplier.party_id, Permission.PAYMENT_VIEW, role=RoleKind.SUPPLIER)
    stranger = build.person(new_id(), Permission.PAYMENT_VIEW, role=RoleKind.SUPPLIER)
    with reading(payee):
        trail = queries.payment(actor=payee, instruction_id=payment.id).trail
        assert [step.what for step in trail] == ["instructed", "sent", "settled"]
        assert len(queries.payments(actor=payee)) == len(queries.unmatched(actor=payee)) == 1
        assert len(queries.expectations(actor=payee)) == 1
    with reading(stranger):
        assert queries.payments(actor=SYSTEM) == [] and queries.unmatched(actor=SYSTEM) == []
