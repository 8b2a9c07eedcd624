"""A bank pays once, tells what it did, and its own books balance."""

from __future__ import annotations

import functools
import zlib
from typing import Any

import pytest
from tests.interfaces.sandbox.party import SHARED, Party, eventually, initiation, order, value

XSD = SHARED / "iso20022" / "xsd"
Banks = tuple[Party, Party]


@functools.cache
def schema(message: str) -> Any:
    path = XSD / f"{message}.xsd"
    if not path.exists():
        pytest.skip(f"{path} is not on this machine: the ISO 20022 schemas are not redistributed")
    import xmlschema

    return xmlschema.XMLSchema(str(path))


def valid(message: str, body: bytes | str) -> None:
    schema(message).validate(body.decode() if isinstance(body, bytes) else body)


def test_an_order_within_the_bank_is_booked_and_told_to_both_sides(banks: Banks) -> None:
    alfa, _ = banks
    payer, payee = alfa.open("in-1", "Core", "100.00"), alfa.open("in-2", "Supplier")
    answer = alfa.pay(order("E-in", payer, payee, "12.34", name="SUPPLIER "))
    assert (answer.status, answer.headers["x-sandbox"], answer.text("TxSts")) == (202, "true", ["ACCP"])
    assert alfa.status("E-in") == "ACSC"
    assert (alfa.balance(payer), alfa.balance(payee)) == (8766, 1234)
    debit, credit = (n for n in alfa.notices() if value(n, "EndToEndId") == "E-in")
    assert (value(debit, "CdtDbtInd"), value(credit, "CdtDbtInd")) == ("DBIT", "CRDT")
    assert value(debit, "AcctSvcrRef") == answer.text("AcctSvcrRef")[0] != value(credit, "AcctSvcrRef")
    assert value(credit, "Ustrd") == "for E-in"


def test_what_is_sent_twice_is_paid_once_and_answered_alike(banks: Banks) -> None:
    alfa, _ = banks
    payer, payee = alfa.open("tw-1", "Core", "100.00"), alfa.open("tw-2", "Supplier")
    first = alfa.pay(order("E-tw", payer, payee, "10.00"))
    again = alfa.pay(order("E-tw", payer, payee, "10.00"), message="another message")
    assert first.text("TxSts", "AcctSvcrRef") == again.text("TxSts", "AcctSvcrRef")
    assert alfa.balance(payee) == 1000
    other = alfa.pay(order("E-tw-new", payer, payee, "1.00"), order("E-tw", payer, payee, "10.01"))
    assert (other.status, other.json["code"]) == (409, "end_to_end_id.differs")
    assert alfa.status("E-tw-new") == "404"
    assert alfa.balance(payee) == 1000


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("AM04", {"amount": "100.01"}),
        ("AC01", {"creditor": "ALFA9999999901"}),
        ("AC01", {"debtor": "ALFA9999999901"}),
        ("AC01", {"creditor": "12345"}),
        ("AM03", {"ccy": "EUR"}),
        ("AM11", {"ccy": "dollar"}),
        ("AM12", {"amount": "1.001"}),
        ("AM12", {"amount": "-1"}),
        ("AM01", {"amount": "0.00"}),
        ("RC01", {"creditor": "GAMMA0000000196"}),
        ("RC01", {"bank": "BETA"}),
        ("BE01", {"name": "Somebody Else"}),
    ],
)
def test_an_order_that_cannot_be_paid_is_refused_with_its_reason(
    banks: Banks, reason: str, change: dict[str, str], request: pytest.FixtureRequest
) -> None:
    alfa, _ = banks
    payer, payee = alfa.open("no-1", "Core", "100.00"), alfa.open("no-2", "Supplier")
    name = f"E-no-{zlib.crc32(request.node.name.encode())}"
    answer = alfa.pay(order(name, payer, payee, "1.00") | change)
    assert (answer.text("TxSts"), answer.text("Cd")[-1]) == (["RJCT"], reason)
    assert alfa.status(name) == "RJCT"
    assert (alfa.balance(payer), alfa.references(name)) == (10000, [])
    valid("pain.002.001.10", answer.body)


def test_a_closed_account_neither_pays_nor_is_paid(banks: Banks) -> None:
    alfa, _ = banks
    payer, closed = alfa.open("cl-1", "Core", "5.00"), alfa.open("cl-2", "Supplier")
    assert alfa.post(f"/accounts/{payer}/close", {}).json["code"] == "account.not_empty"
    assert alfa.post(f"/accounts/{closed}/close", {}).json["state"] == "closed"
    assert alfa.pay(order("E-cl-1", payer, closed, "1.00")).text("Cd")[-1] == "AC04"
    assert alfa.pay(order("E-cl-2", closed, payer, "1.00")).text("Cd")[-1] == "AC04"


def test_money_of_a_supervised_account_goes_only_where_it_may(banks: Banks) -> None:
    alfa, _ = banks
    friend, stranger = alfa.open("su-1", "Friend"), alfa.open("su-2", "Stranger")
    held = alfa.open("su-3", "Core", "9.00", kind="supervised", allowed_payees=[friend])
    assert alfa.pay(order("E-su-1", held, stranger, "1.00")).text("Cd")[-1] == "AG01"
    assert alfa.pay(order("E-su-2", held, friend, "1.00")).text("TxSts") == ["ACCP"]


@pytest.mark.parametrize(
    ("reason", "header", "names"),
    [
        ("AM18", {"count": "3"}, ["g1", "g2"]),
        ("AM10", {"control": "2.01"}, ["g3", "g4"]),
        ("DU04", {}, ["g5", "g5"]),
        ("FF10", {}, ["NOTPROVIDED"]),
        ("FF10", {}, ["x" * 36]),
    ],
)
def test_a_message_that_contradicts_itself_is_refused_whole(
    banks: Banks, reason: str, header: dict[str, str], names: list[str]
) -> None:
    alfa, _ = banks
    payer, payee = alfa.open("gr-1", "Core", "100.00"), alfa.open("gr-2", "Supplier")
    answer = alfa.pay(*(order(name, payer, payee, "1.00") for name in names), message="M-group", **header)
    assert (answer.text("GrpSts"), answer.text("TxSts"), answer.text("Cd")) == (["RJCT"], [], [reason])
    assert alfa.balance(payer) == 10000
    valid("pain.002.001.10", answer.body)


def test_orders_of_one_message_have_their_own_outcomes(banks: Banks) -> None:
    alfa, beta = banks
    payer, payee, away = alfa.open("mi-1", "C", "10.00"), alfa.open("mi-2", "S"), beta.open("mi-3", "T")
    answer = alfa.pay(
        order("E-mi-1", payer, payee, "6.00"),
        order("E-mi-2", payer, payee, "6.00"),
        order("E-mi-3", payer, away, "4.00"),
        control="16.00",
    )
    assert answer.text("TxSts") == ["ACCP", "RJCT", "PDNG"]
    assert answer.text("GrpSts") == ["PART"]
    valid("pain.002.001.10", answer.body)
    eventually(lambda: alfa.status("E-mi-3") == "ACSC")
    assert (alfa.balance(payer), beta.balance(away)) == (0, 400)


def test_what_the_bank_accepts_and_writes_is_valid_against_the_schemas(banks: Banks) -> None:
    alfa, beta = banks
    payer, payee, away = (
        alfa.open("xs-1", "Core & Co <KG>", "50.00"),
        alfa.open("xs-2", "供应商"),
        beta.open("xs-3", "T"),
    )
    valid("pain.001.001.09", initiation(order("E-xs", payer, payee, "1.00", name="供应商", bank="ALFA"), control="1"))
    alfa.pay(order("E-xs-1", payer, payee, "1.00", name="供应商"), order("E-xs-2", payer, away, "2.00"))
    incoming = {"reference": "in-xs", "account": payer, "amount": "3.50", "currency": "USD", "remittance": "x y " * 60}
    assert alfa.post("/incoming", incoming | {"payer_name": "Anyone"}).status == 201
    eventually(lambda: alfa.status("E-xs-2") == "ACSC")
    valid("pain.002.001.10", alfa.get("/status/E-xs-1").body)
    for party in banks:
        found = party.get("/camt.054?after=0").json["notifications"]
        assert found
        for one in found:
            valid("camt.054.001.08", one["xml"])


def test_transfers_between_the_banks_leave_their_clearing_accounts_as_mirrors(banks: Banks) -> None:
    alfa, beta = banks
    payer, payee = alfa.open("mr-1", "Core", "100.00"), beta.open("mr-2", "Supplier")
    alfa.pay(order("E-mr-1", payer, payee, "30.00", bank="BETA"))
    eventually(lambda: alfa.status("E-mr-1") == "ACSC")
    beta.pay(order("E-mr-2", payee, payer, "5.00"))
    eventually(lambda: beta.status("E-mr-2") == "ACSC")
    assert (alfa.balance(payer), beta.balance(payee)) == (7500, 2500)
    books = [party.get("/books").json for party in banks]
    mirrors = [a["balance_minor"] for b in books for a in b["accounts"] if a["kind"] == "clearing"]
    assert sum(mirrors) == 0 and mirrors[0] != 0
    assert all(b["consistent"] and not b["in_transit"] for b in books)
    assert len(alfa.references("E-mr-1")) == len(beta.references("E-mr-1")) == 1


def test_a_payment_that_the_other_bank_refuses_gives_the_money_back(banks: Banks) -> None:
    alfa, beta = banks
    payer, payee = alfa.open("rf-1", "Core", "100.00"), beta.open("rf-2", "Supplier")
    alfa.pay(order("E-rf-1", payer, "BETA9999999901", "30.00"), order("E-rf-2", payer, payee, "1.00", name="Wrong"))
    eventually(lambda: alfa.status("E-rf-1") == alfa.status("E-rf-2") == "RJCT")
    assert [alfa.get(f"/status/E-rf-{n}").text("Cd")[-1] for n in (1, 2)] == ["AC01", "BE01"]
    shown = alfa.get(f"/accounts/{payer}/balance").json
    assert (shown["balance_minor"], shown["available_minor"], alfa.references("E-rf-1")) == (10000, 10000, [])


def test_money_that_comes_by_itself_is_told_without_an_order(banks: Banks) -> None:
    alfa, _ = banks
    account = alfa.open("ic-1", "Core")
    body = {"reference": "ic", "account": account, "amount": "7.00", "currency": "USD", "remittance": "for the coal"}
    first, again = alfa.post("/incoming", body), alfa.post("/incoming", body)
    assert first.json == again.json
    assert alfa.post("/incoming", body | {"amount": "8.00"}).status == 409
    assert alfa.balance(account) == 700
    notice = next(n for n in alfa.notices() if value(n, "AcctSvcrRef") == first.json["bank_reference"])
    assert (value(notice, "EndToEndId"), value(notice, "Ustrd")) == ("NOTPROVIDED", "for the coal")


def test_opening_an_account_again_gives_the_same_account(banks: Banks) -> None:
    alfa, _ = banks
    assert alfa.open("op-1", "Core", "5.00") == alfa.open("op-1", "Core", "5.00")
    assert alfa.balance(alfa.open("op-1", "Core", "5.00")) == 500
    body = {"client_reference": "op-1", "owner": {"identifier": "x", "name": "y"}, "currency": "USD", "kind": "current"}
    assert alfa.post("/accounts", body).json["code"] == "reference.differs"


@pytest.mark.parametrize(
    "change",
    [
        {"owner": None},
        {"owner": {"identifier": "", "name": "y"}},
        {"owner": {"identifier": "x", "name": "bell\x07"}},
        {"currency": "usd"},
        {"kind": "cash"},
        {"opening_balance": "-1"},
        {"opening_balance": 1},
        {"opening_balance": "1.001"},
        {"allowed_payees": "all"},
    ],
)
def test_a_wrong_field_is_named(banks: Banks, change: dict[str, object]) -> None:
    alfa, _ = banks
    body = {"client_reference": "bad", "owner": {"identifier": "x", "name": "y"}, "currency": "USD", "kind": "current"}
    answer = alfa.post("/accounts", body | change)
    assert (answer.status, answer.json["code"]) == (422, "field.invalid")
    assert answer.json["params"]["field"] in (*change, "identifier", "name")


def test_the_owner_check_tells_match_or_not_and_nothing_else(banks: Banks) -> None:
    alfa, _ = banks
    account = alfa.open("oc", "Core Enterprise")

    def ask(question: str) -> Any:
        return alfa.get(f"/accounts/{account}/owner-check?{question}").json

    assert ask("name=CORE%20%20enterprise&identifier=ID-oc")["result"] == "match"
    assert ask("name=Core%20Enterprise&identifier=other")["result"] == "partial"
    other = ask("name=Somebody&identifier=other")
    assert other["result"] == "no_match" and "Core Enterprise" not in str(other)
    assert alfa.get("/accounts/ALFA9999999901/owner-check?name=x").status == 404


def test_unknown_paths_methods_and_bodies_are_refused_as_sandbox(banks: Banks) -> None:
    alfa, _ = banks
    answers = [
        alfa.get("/nothing"),
        alfa.call("PUT", "/accounts", {}),
        alfa.post("/accounts", b"{"),
        alfa.post("/accounts", []),
    ]
    assert [a.status for a in answers] == [404, 405, 400, 400]
    assert {a.headers["x-sandbox"] for a in answers} == {"true"}
    page = alfa.get("/")
    assert b"SANDBOX" in page.body and page.headers["x-sandbox"] == "true"
    assert alfa.post("/pain.001", b"<x/>").json["code"] == "message.not_acceptable"
    assert alfa.get("/status/never").status == 404
