"""Two implementations of the same standards meet: the platform's clients, which share no code with the sandbox."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.builders.clients import receiving
from tests.interfaces.sandbox.party import Party, eventually, two_banks
from tests.interfaces.sandbox.test_witness import LEAVES, Log, proof

from fourflow.capital.financing.adapters.http_funder.client import HttpFunder
from fourflow.capital.financing.ports import Application, FunderTimeout
from fourflow.capital.settlement.adapters.http_bank import HttpBank
from fourflow.capital.settlement.ports import AccountAtBank, NotKnown, PaymentBatch, PaymentOrder, Reply
from fourflow.capital.settlement.types import AnswerStatus, BankTimeout, BankUnavailable, Purpose
from fourflow.foundation.evidence.adapters.http_witness import HttpWitness
from fourflow.foundation.evidence.domain.checkpoints import cosignatures
from fourflow.foundation.evidence.domain.notes import Note, VerifierKey, parse_signature_lines
from fourflow.foundation.evidence.types import WitnessBehind, WitnessRefused
from fourflow.platform.money import Money

DAY = date(2014, 1, 2)
PAYER, PAYEE = "Core & Söhne <供应链>", "Supplier"


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Party, Party]]:
    home: Path = tmp_path_factory.mktemp("meeting")
    with two_banks(home) as pair:
        yield pair


def paying(name: str, payer: str, payee: str, amount: str, day: date = DAY) -> PaymentBatch:
    order = PaymentOrder(
        end_to_end_id=name,
        payer=AccountAtBank("ALFA", payer, PAYER, "USD"),
        payee=AccountAtBank(payee[:4], payee, PAYEE, "USD"),
        amount=Money.parse(amount, "USD"),
        execution_date=day,
        remittance=f"for {name}",
        purpose=Purpose.TRADE_PAYMENT,
    )
    return PaymentBatch(f"M-{name}", datetime(2014, 1, 2, tzinfo=UTC), "Fourflow", (order,))


def only(reply: Reply | NotKnown) -> AnswerStatus:
    assert isinstance(reply, Reply) and len(reply.answers) == 1
    return reply.answers[0].status


def test_the_platform_pays_asks_and_reads_what_was_booked(banks: tuple[Party, Party]) -> None:
    alfa, beta = banks
    payer, payee = alfa.open("m-1", PAYER, "100.00"), beta.open("m-2", PAYEE)
    bank = HttpBank("ALFA", alfa.url)
    assert bank.reachable() and bank.owner_check(payer, PAYER, "ID-m-1").matches
    assert not bank.owner_check("ALFA9999999901", PAYER, "x").matches
    assert isinstance(bank.ask("E-m"), NotKnown)
    message = bank.write(paying("E-m", payer, payee, "12.34"))
    assert only(bank.submit(message)) is AnswerStatus.PENDING
    eventually(lambda: only(bank.ask("E-m")) is AnswerStatus.SETTLED)
    assert only(bank.submit(message)) is AnswerStatus.ACCEPTED
    assert only(bank.submit(bank.write(paying("E-m-2", payer, payee, "1000.00")))) is AnswerStatus.REJECTED
    entries = [e for n in bank.notifications("") for e in n.entries if e.end_to_end_id == "E-m"]
    reply = bank.ask("E-m")
    assert isinstance(reply, Reply)
    assert [e.bank_reference for e in entries] == [reply.answers[0].bank_reference]
    assert (entries[0].amount, entries[0].counterparty_account) == (Money.parse("12.34", "USD"), payee)
    assert (entries[0].booked_on, entries[0].remittance) == (DAY, "for E-m")
    assert beta.balance(payee) == 1234


@pytest.mark.requirement("R085")
def test_the_platform_asks_a_banks_own_system_which_decides_without_a_person(banks: tuple[Party, Party]) -> None:
    funder = HttpFunder(banks[0].url)
    asked = Application("f-meet", "CORE", "S", Money.parse("1000.00", "USD"), 120, recourse=False, evidence={"log": 1})
    decision = funder.ask(asked)
    assert (decision.approved, decision.annual_rate, decision.reasons) == (True, Decimal("0.051500"), ())
    assert decision.decided_by["party"]["code"] == "ALFA" and decision.decided_by["model_version"]
    assert funder.ask(asked) == decision, "the reference counts once"
    refused = funder.ask(replace(asked, reference="f-long", tenor_days=366))
    assert (refused.approved, refused.annual_rate, refused.reasons) == (False, None, ("tenor_too_long",))
    with pytest.raises(FunderTimeout):
        HttpFunder("http://127.0.0.1:9", timeout_seconds=0.2).ask(asked)


def test_the_platform_knows_a_bank_that_took_nothing_from_one_that_may_have(banks: tuple[Party, Party]) -> None:
    alfa, _ = banks
    payer, payee = alfa.open("f-1", PAYER, "100.00"), alfa.open("f-2", PAYEE)
    bank = HttpBank("ALFA", alfa.url)
    for mode, error in (("down", BankUnavailable), ("timeout", BankTimeout), ("lost", BankTimeout)):
        alfa.fault("pain.001", mode)
        with pytest.raises(error):
            bank.submit(bank.write(paying(f"E-f-{mode}", payer, payee, "1.00")))
    assert only(bank.ask("E-f-timeout")) is AnswerStatus.SETTLED
    assert isinstance(bank.ask("E-f-lost"), NotKnown) and isinstance(bank.ask("E-f-down"), NotKnown)


def test_the_platform_reads_the_statement_of_a_finished_day(tmp_path: Path) -> None:
    with two_banks(tmp_path) as (alfa, _):
        payer = alfa.open("s-1", PAYER, "100.00")
        bank = HttpBank("ALFA", alfa.url)
        words = "free words " * 30
        incoming = {"reference": "i", "account": payer, "amount": "5.00", "currency": "USD", "remittance": words}
        assert alfa.post("/incoming", incoming).status == 201
        with pytest.raises(BankUnavailable):
            bank.statement(payer, "USD", DAY)
        alfa.move_to("2014-01-03")
        statement = bank.statement(payer, "USD", DAY)
        assert (statement.opening.minor, statement.closing.minor, len(statement.lines)) == (0, 10500, 2)
        assert statement.lines[1].entry.remittance == words.strip()


def test_the_platform_s_witness_client_gets_cosignatures_it_can_verify(banks: tuple[Party, Party]) -> None:
    log = Log("log.example/meeting")
    keys = []
    for party in banks:
        vkey = party.get("/witness/vkey").body.decode().strip()
        witness = HttpWitness(party.home.name, vkey, party.url)
        with pytest.raises(WitnessRefused):
            witness.add_checkpoint(old_size=0, proof=[], note=log.head(5))
        assert party.post("/witness/logs", {"vkey": log.key.text()}).status == 201
        witness.add_checkpoint(old_size=0, proof=[], note=log.head(5))
        with pytest.raises(WitnessBehind) as behind:
            witness.add_checkpoint(old_size=4, proof=proof(4, LEAVES[:9]), note=log.head(9))
        assert behind.value.params["size"] == 5
        lines = witness.add_checkpoint(old_size=5, proof=proof(5, LEAVES[:9]), note=log.head(9))
        keys.append(VerifierKey.parse(vkey))
        note = Note.parse(log.head(9)).with_signatures(parse_signature_lines(lines))
        assert [found.key.name for found in cosignatures(note, keys[-1:])] == [keys[-1].name]
        assert cosignatures(note, [])[:1] == ()
    assert len({key.name for key in keys}) == 2


def test_a_kept_alive_connection_survives_a_dropped_answer(banks: tuple[Party, Party]) -> None:
    alfa, _ = banks
    connection = http.client.HTTPConnection("127.0.0.1", alfa.port, timeout=60)
    for _ in range(3):
        connection.request("GET", "/clock")
        assert connection.getresponse().read()
    alfa.fault("balance", "timeout")
    account = alfa.open("k-1", PAYER)
    connection.request("GET", f"/accounts/{account}/balance")
    with pytest.raises((http.client.BadStatusLine, ConnectionError)):
        connection.getresponse()
    connection.close()
    connection.request("GET", f"/accounts/{account}/balance")
    assert connection.getresponse().status == 200
    connection.close()


def test_a_funder_whose_answer_nobody_can_read_has_not_answered() -> None:
    asked = Application("f-odd", "CORE", "S", Money.parse("1.00", "USD"), 1, recourse=False, evidence={})
    with receiving(200) as garbled, pytest.raises(FunderTimeout, match="malformed"):
        HttpFunder(garbled.url).ask(asked)
