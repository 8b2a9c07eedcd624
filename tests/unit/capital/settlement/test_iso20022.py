"""Messages out follow the published schema; messages in are read, or refused with the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.builders import bank_messages as iso

from fourflow.capital.settlement.adapters.iso20022 import account_report, payment_initiation, status_report
from fourflow.capital.settlement.ports import AccountAtBank, PaymentBatch, PaymentOrder
from fourflow.capital.settlement.types import AnswerStatus, Direction, MessageRefused, Purpose
from fourflow.platform.money import Money

FUNDER = AccountAtBank("BANKA", "6222000011112222", "First Sandbox Bank", "USD")
SUPPLIER = AccountAtBank("BANKB", "6222000033334444", "Ranbaxy Fine Chemicals & Co <Ltd>", "USD", bic="BKCHCNBJ")


def order(number: int, minor: int = 29_550_000, payee: AccountAtBank = SUPPLIER, text: str = "VCH-1") -> PaymentOrder:
    return PaymentOrder(
        UUID(int=number).hex, FUNDER, payee, Money(minor, "USD"), date(2014, 3, 3), text, Purpose.FINANCING_PROCEEDS
    )


def batch(*orders: PaymentOrder) -> PaymentBatch:
    return PaymentBatch(UUID(int=77).hex, datetime(2014, 3, 3, 9, tzinfo=UTC), "Fourflow sandbox", orders)


def test_a_batch_of_payments_follows_the_published_schema() -> None:
    message = payment_initiation.build(batch(order(1), order(2, minor=1)))
    iso.validate(message.body, "pain.001.001.09")


def test_control_sums_and_counts_cover_every_payment() -> None:
    message = payment_initiation.build(batch(order(1, 100), order(2, 205)))
    text = message.body.decode()
    assert text.count("<NbOfTxs>2</NbOfTxs>") == 2 and text.count("<CtrlSum>3.05</CtrlSum>") == 2


def test_the_instruction_id_travels_as_end_to_end_id_in_at_most_35_characters() -> None:
    body = payment_initiation.build(batch(order(1))).body
    found = etree.fromstring(body).findtext(".//{*}EndToEndId")
    assert found == UUID(int=1).hex and len(found) <= 35


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.text(min_size=1, max_size=200).filter(lambda s: any(c.isalnum() for c in s)))
def test_no_name_and_no_remittance_text_breaks_a_message(remittance: str, holder: str) -> None:
    payee = AccountAtBank("BANKB", "1", holder, "USD")
    iso.validate(payment_initiation.build(batch(order(1, payee=payee, text=remittance))).body, "pain.001.001.09")


def test_every_answer_of_a_status_report_is_read() -> None:
    body = iso.status_report(
        iso.transaction("a", "ACSC", "ref-1"),
        iso.transaction("b", "RJCT", "ref-2", "AM04"),
        iso.transaction("c", "PDNG"),
        iso.transaction("d", "ACCP"),
    )
    iso.validate(body, "pain.002.001.10")
    reply = status_report.read(body)
    assert [(a.end_to_end_id, a.status, a.bank_reference, a.reason_code) for a in reply.answers] == [
        ("a", AnswerStatus.SETTLED, "ref-1", ""),
        ("b", AnswerStatus.REJECTED, "ref-2", "AM04"),
        ("c", AnswerStatus.PENDING, "", ""),
        ("d", AnswerStatus.ACCEPTED, "", ""),
    ]
    assert reply.answers[1].reason == "so said the bank" and reply.message.message_id == "bank-1"


def test_a_report_on_the_whole_group_speaks_of_every_payment_sent() -> None:
    reason = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf>"
    reply = status_report.read(iso.status_report(group=reason), sent_ids=("a", "b"))
    assert [(a.end_to_end_id, a.status, a.reason_code) for a in reply.answers] == [
        ("a", AnswerStatus.REJECTED, "DU01"),
        ("b", AnswerStatus.REJECTED, "DU01"),
    ]


def test_a_status_that_nobody_defined_is_refused() -> None:
    with pytest.raises(MessageRefused):
        status_report.read(iso.status_report(iso.transaction("a", "MAYB")))


def test_a_notification_yields_its_booked_entries() -> None:
    booked = iso.entry("12.34", "CRDT", "r1", iso.details("r1", "e1", "12.34", "VCH-1"))
    pending = iso.entry("1.00", "CRDT", "r2", status="PDNG")
    body = iso.notification(booked, pending)
    iso.validate(body, "camt.054.001.08")
    raw, (only,) = account_report.read_notification(body)
    assert (only.account_number, only.bank_reference, only.direction) == ("200", "r1", Direction.CREDIT)
    assert only.amount == Money(1234, "USD") and only.booked_on == date(2014, 3, 3)
    assert (only.end_to_end_id, only.remittance) == ("e1", "VCH-1")
    assert (only.counterparty, only.counterparty_account) == ("Programme", "100")
    assert raw.kind == "camt.054.001.08"


def test_a_batch_booking_is_taken_apart_only_where_its_parts_add_up() -> None:
    parts = (iso.details("p1", "e1", "10.00"), iso.details("p2", "e2", "5.00"))
    _, apart = account_report.read_notification(iso.notification(iso.entry("15.00", "CRDT", "r1", *parts)))
    assert [(e.bank_reference, e.amount.minor) for e in apart] == [("p1", 1000), ("p2", 500)]
    _, (whole,) = account_report.read_notification(iso.notification(iso.entry("16.00", "CRDT", "r1", *parts)))
    assert (whole.bank_reference, whole.amount.minor, whole.end_to_end_id) == ("r1", 1600, "")


def test_a_statement_carries_signed_balances_and_numbered_lines() -> None:
    lines = (iso.entry("10.00", "CRDT", "r1"), iso.entry("25.00", "DBIT", "r2"))
    body = iso.statement("5.00", "10.00", *lines, closing_side="DBIT")
    iso.validate(body, "camt.053.001.08")
    (statement,) = account_report.read_statements(body)
    assert (statement.opening.minor, statement.closing.minor) == (500, -1000)
    assert statement.day == date(2014, 3, 3)
    assert [(line.number, line.entry.bank_reference, line.entry.direction) for line in statement.lines] == [
        (1, "r1", Direction.CREDIT),
        (2, "r2", Direction.DEBIT),
    ]


def test_a_published_statement_of_an_older_version_is_read() -> None:
    statements = account_report.read_statements(iso.sample("pyiso20022/gs_camt/camt053_001_02.xml"))
    assert statements[0].closing == Money(-84_666_515, "USD")
    assert sum(len(s.lines) for s in statements) > 10
    assert all(line.entry.bank_reference for s in statements for line in s.lines)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed"),
        (b"<Document", "malformed"),
        (b"\x00\x01", "malformed"),
        (b"<Document/>", "other_message"),
        (b'<!DOCTYPE d [<!ENTITY e "x">]><Document>&e;</Document>', "doctype_present"),
        (b"<a>" * 70 + b"</a>" * 70, "other_message"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"/>', "empty_document"),
    ],
)
def test_what_is_not_the_announced_message_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(MessageRefused) as refused:
        account_report.read_notification(body)
    assert refused.value.params["reason"] == reason


def test_a_message_nested_too_deeply_is_refused() -> None:
    deep = (
        iso.notification()
        .replace(b"<Ntfctn>", b"<Ntfctn>" + b"<x>" * 80)
        .replace(b"</Ntfctn>", b"</x>" * 80 + b"</Ntfctn>")
    )
    with pytest.raises(MessageRefused) as refused:
        account_report.read_notification(deep)
    assert refused.value.params["reason"] == "too_deep"


@pytest.mark.parametrize("amount", ["-", "1e3", "12.345", "NaN", "", "99999999999999999999"])
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    with pytest.raises(MessageRefused):
        account_report.read_notification(iso.notification(iso.entry(amount, "CRDT", "r1")))
