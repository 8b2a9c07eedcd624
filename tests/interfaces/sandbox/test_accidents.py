"""Kill -9, a silent peer, a moved clock and every fault switch: nothing is lost, nothing happens twice."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.interfaces.sandbox.party import ROOT, Party, bank, eventually, free_ports, order, value
from tests.interfaces.sandbox.test_payments import valid

Banks = tuple[Party, Party]
DROPPED = (http.client.BadStatusLine, ConnectionError)


@pytest.mark.parametrize(("mode", "known"), [("crash-before", "404"), ("crash-after", "ACSC")])
def test_a_bank_killed_in_the_middle_of_a_payment_books_it_once(alfa: Party, mode: str, known: str) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    alfa.fault("pain.001", mode)
    with pytest.raises(DROPPED):
        alfa.pay(order("E", payer, payee, "40.00"))
    assert alfa.gone() == -9
    alfa.start()
    assert alfa.status("E") == known
    assert alfa.pay(order("E", payer, payee, "40.00")).text("TxSts") == ["ACCP"]
    assert (alfa.balance(payer), alfa.balance(payee)) == (6000, 4000)
    assert len(alfa.references("E")) == len(set(alfa.references("E"))) == 2
    assert alfa.consistent()


@pytest.mark.parametrize("mode", ["crash-before", "crash-after", "timeout", "lost", "down"])
def test_a_transfer_between_banks_survives_whatever_the_other_bank_does(own_banks: Banks, mode: str) -> None:
    alfa, beta = own_banks
    payer, payee = alfa.open("1", "Core", "100.00"), beta.open("2", "Supplier")
    beta.fault("clearing", mode, match="E", times=1)
    assert alfa.pay(order("E", payer, payee, "40.00")).text("TxSts") == ["PDNG"]
    if mode.startswith("crash"):
        assert beta.gone() == -9
        shown = alfa.get(f"/accounts/{payer}/balance").json
        assert (shown["balance_minor"], shown["available_minor"]) == (10000, 6000)
        assert alfa.pay(order("E-more", payer, payee, "60.01")).text("Cd")[-1] == "AM04"
        beta.start()
    eventually(lambda: alfa.status("E") == "ACSC")
    assert (alfa.balance(payer), beta.balance(payee)) == (6000, 4000)
    assert len(beta.references("E")) == len(alfa.references("E")) == 1
    assert alfa.consistent() and beta.consistent()


def test_a_bank_killed_while_its_peer_is_down_carries_on_afterwards(own_banks: Banks) -> None:
    alfa, beta = own_banks
    payer, payee = alfa.open("1", "Core", "100.00"), beta.open("2", "Supplier")
    beta.kill()
    for number in range(5):
        alfa.pay(order(f"E-{number}", payer, payee, "10.00"))
    alfa.kill()
    alfa.start()
    assert alfa.status("E-0") == "PDNG"
    assert len(alfa.get("/books").json["in_transit"]) == 5
    beta.start()
    eventually(lambda: all(alfa.status(f"E-{number}") == "ACSC" for number in range(5)))
    assert (alfa.balance(payer), beta.balance(payee)) == (5000, 5000)
    assert alfa.consistent() and beta.consistent()


def test_a_bank_killed_after_its_peer_booked_books_its_own_side_once(own_banks: Banks) -> None:
    alfa, beta = own_banks
    payer, payee = alfa.open("1", "Core", "100.00"), beta.open("2", "Supplier")
    beta.fault("clearing", "timeout", delay_seconds=60)
    alfa.pay(order("E", payer, payee, "40.00"))
    eventually(lambda: beta.balance(payee) == 4000)
    assert alfa.status("E") == "PDNG"
    alfa.kill()
    alfa.start()
    eventually(lambda: alfa.status("E") == "ACSC")
    assert (alfa.balance(payer), beta.balance(payee)) == (6000, 4000)
    assert len(alfa.references("E")) == len(beta.references("E")) == 1
    assert alfa.consistent() and beta.consistent()


def test_a_timeout_leaves_the_caller_to_ask(alfa: Party) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    alfa.fault("pain.001", "timeout", match="E-done")
    alfa.fault("pain.001", "lost", match="E-lost")
    for name in ("E-done", "E-lost"):
        with pytest.raises(DROPPED):
            alfa.pay(order(name, payer, payee, "1.00"))
    assert (alfa.status("E-done"), alfa.status("E-lost")) == ("ACSC", "404")
    assert [f["remaining"] for f in alfa.get("/faults").json["faults"]] == [0, 0]


def test_a_late_notification_is_not_behind_the_cursor(alfa: Party) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    alfa.fault("camt.054", "late", polls=2, match="E-late")
    alfa.pay(order("E-late", payer, payee, "1.00"))
    alfa.pay(order("E-soon", payer, payee, "1.00"))
    first = alfa.get("/camt.054?after=0").json
    assert len(first["notifications"]) == 2 and "E-late" not in json.dumps(first)
    assert alfa.get(f"/camt.054?after={first['last']}").json["notifications"] == []
    late = alfa.get(f"/camt.054?after={first['last']}").json["notifications"]
    assert len(late) == 2 and all("E-late" in one["xml"] for one in late)


def test_a_double_notification_has_the_same_bank_reference(alfa: Party) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    alfa.fault("pain.001", "twice", match="E")
    alfa.pay(order("E", payer, payee, "1.00"))
    references = alfa.references("E")
    assert len(references) == 4 and len(set(references)) == 2
    assert alfa.balance(payee) == 100


def test_a_bank_that_contradicts_itself_has_booked_all_the_same(alfa: Party) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    alfa.fault("pain.001", "contradict")
    assert alfa.pay(order("E", payer, payee, "1.00")).text("TxSts") == ["ACCP"]
    assert [alfa.status("E") for _ in range(3)] == ["ACSC", "RJCT", "RJCT"]
    valid("pain.002.001.10", alfa.get("/status/E").body)
    assert alfa.balance(payee) == 100 and len(alfa.references("E")) == 2


def test_a_told_rejection_is_final(alfa: Party) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    alfa.fault("pain.001", "reject", reason="AC04")
    assert alfa.pay(order("E", payer, payee, "1.00")).text("Cd")[-1] == "AC04"
    assert alfa.pay(order("E", payer, payee, "1.00")).text("TxSts") == ["RJCT"]
    assert alfa.status("E") == "RJCT" and alfa.balance(payee) == 0


def test_switches_can_be_cleared_and_wrong_ones_are_refused(alfa: Party) -> None:
    alfa.fault("balance", "down", times=5)
    account = alfa.open("1", "Core")
    assert alfa.get(f"/accounts/{account}/balance").status == 503
    alfa.call("DELETE", "/faults")
    assert alfa.get(f"/accounts/{account}/balance").status == 200
    for wrong in (
        {"endpoint": "moon"},
        {"mode": "sulk"},
        {"times": -1},
        {"delay_seconds": "x"},
        {"reason": "too long"},
    ):
        assert alfa.post("/faults", {"endpoint": "status", "mode": "down"} | wrong).status == 422


def test_the_clock_moves_forward_only_and_carries_out_what_was_ordered_ahead(alfa: Party) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    answer = alfa.pay(order("E", payer, payee, "30.00"), day="2014-03-31")
    assert (answer.text("TxSts"), alfa.balance(payee)) == (["PDNG"], 0)
    assert alfa.move_to("2014-03-30").json["date"] == "2014-03-30"
    assert (alfa.status("E"), alfa.move_to("2014-03-29").json["code"]) == ("PDNG", "clock.set_back")
    alfa.move_to("2014-03-31")
    assert (alfa.status("E"), alfa.balance(payee)) == ("ACSC", 3000)
    assert {value(n, "Dt") for n in alfa.notices() if value(n, "EndToEndId") == "E"} == {"2014-03-31"}
    alfa.stop()
    assert alfa.start().get("/clock").json["date"] == "2014-03-31"
    assert alfa.move_to("2014-W20-1").status == 422


def test_the_clock_moves_to_an_instant_so_that_a_decision_stands_between_its_callers_times(alfa: Party) -> None:
    assert alfa.post("/clock", {"now": "2014-03-31T01:00:00+00:00"}).json["now"][:16] == "2014-03-31T01:00"
    assert alfa.post("/clock", {"now": "2014-03-31T00:30:00+00:00"}).json["now"][:16] == "2014-03-31T01:00", "it waits"
    assert alfa.post("/clock", {"now": "2014-03-30T15:00:00+00:00"}).json["code"] == "clock.set_back"
    for wrong in ("2014-03-31T01:00:00", "soon", 7, None, "0001-01-01T00:00:00+14:00"):
        assert alfa.post("/clock", {"now": wrong}).json["code"] == "field.invalid"
    # one o'clock of the last day in UTC+8
    assert alfa.post("/clock", {"now": "2014-04-01T17:00:00+00:00"}).json["date"] == "2014-04-02"


def test_the_statement_of_a_finished_day_carries_its_balances_and_entries(alfa: Party) -> None:
    payer, payee = alfa.open("1", "Core", "100.00"), alfa.open("2", "Supplier")
    alfa.pay(order("E-1", payer, payee, "30.00"))
    assert alfa.get(f"/camt.053?account={payer}&date=2014-01-02").json["code"] == "statement.day_not_over"
    alfa.move_to("2014-01-03")
    alfa.pay(order("E-2", payer, payee, "5.00"), day="2014-01-03")
    alfa.move_to("2014-01-05")
    wanted = {
        "2014-01-02": ("0.00", "70.00", 2),
        "2014-01-03": ("70.00", "65.00", 1),
        "2014-01-04": ("65.00", "65.00", 0),
    }
    for day, (opening, closing, entries) in wanted.items():
        answer = alfa.get(f"/camt.053?account={payer}&date={day}")
        valid("camt.053.001.08", answer.body)
        assert answer.text("Amt")[:2] == [opening, closing]
        assert len(answer.text("NtryRef")) == entries
    assert alfa.get("/camt.053?account=ALFA9999999901&date=2014-01-02").status == 404


def test_a_credit_decision_follows_the_price_list_and_stands(alfa: Party) -> None:
    body: dict[str, object] = {"reference": "f-1", "obligor": "CORE", "applicant": "S", "amount": "1000.00"}
    body |= {"currency": "USD", "tenor_days": 120, "recourse": False, "evidence": {"any": ["thing"]}}

    def decided(**change: object) -> Any:
        return alfa.post("/credit-decision", body | change).json

    first = decided()
    assert (first["decision"], first["rate_per_annum"]) == ("approved", "0.051500")
    assert first["decided_by"]["party"]["code"] == "ALFA"
    alfa.fault("credit-decision", "contradict")
    assert decided()["decision"] == "refused"
    assert decided() == first == alfa.get("/credit-decision/f-1").json
    assert decided(tenor_days=90)["code"] == "reference.differs"
    assert decided(reference="f-2", tenor_days=366)["reasons"] == ["tenor_too_long"]
    assert alfa.get("/credit-decision/f-9").status == 404
    alfa.stop()
    prices = {"base_rate": {"default": "0.06", "CORE": "0.03"}, "refused_obligors": ["BAD"]}
    (alfa.home / "pricing.json").write_text(json.dumps(prices))
    alfa.start()
    assert decided(reference="f-3", recourse=True)["rate_per_annum"] == "0.030500"
    assert decided(reference="f-4", obligor="BAD")["reasons"] == ["obligor_refused"]
    assert decided() == first


def test_two_processes_never_serve_one_home(alfa: Party) -> None:
    second = bank("ALFA", alfa.home.parent, free_ports(1)[0])
    with pytest.raises(AssertionError, match="another process serves"):
        second.start()
    assert second.process is not None and second.process.returncode == 2


def test_a_party_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'fourflow_sandbox', 'registry',"
        f" '--port', '0', '--home', {str(tmp_path / 'r')!r}, '--die-with-parent'], stdout=subprocess.PIPE);"
        " sys.stdout.write(p.stdout.readline().decode()); sys.stdout.flush(); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    port = int(json.loads(parent.stdout.readline())["url"].rpartition(":")[2])
    orphan = Party([], tmp_path, port)
    assert orphan.get("/clock").status == 200
    parent.kill()
    parent.communicate(timeout=60)

    def gone() -> bool:
        try:
            orphan.get("/clock")
        except OSError:
            return True
        return False

    eventually(gone)
