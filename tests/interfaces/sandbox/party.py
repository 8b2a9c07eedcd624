"""Starts real sandbox processes on free loopback ports and talks to them over plain HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data"
START = "2014-01-02"


#: below what systems hand out by themselves: no connection of anybody takes one between our look and our start
_PORTS = list(range(20_000, 32_000))
random.Random(os.getpid()).shuffle(_PORTS)


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different, and different from those given before."""
    found: list[int] = []
    while len(found) < count:
        port = _PORTS.pop()
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found


def ports_in_a_row(count: int) -> int:
    """The first of so many ports, one after the other, that were free a moment ago."""
    while True:
        first = free_ports(1)[0]
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in range(first + 1, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
                _PORTS[:] = [other for other in _PORTS if other != port]
            return first


@dataclass
class Answer:
    """What came back; ``headers`` in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def text(self, *names: str) -> list[str]:
        """Texts of the elements with the last name, whatever the namespace."""
        root = ElementTree.fromstring(self.body)
        return [e.text or "" for e in root.iter() if e.tag.rpartition("}")[2] in names]


@dataclass
class Party:
    """One process with its home directory; it may be killed and started again."""

    arguments: Sequence[str]
    home: Path
    port: int
    process: subprocess.Popen[str] | None = field(default=None)

    def start(self) -> Party:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        command = [sys.executable, "-m", "fourflow_sandbox", *self.arguments]
        command += ["--port", str(self.port), "--home", str(self.home), "--start-date", START, "--die-with-parent"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"did not start: {self.process.communicate(timeout=60)[1]}")
        assert json.loads(line)["url"] == self.url
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """kill -9"""
        assert self.process is not None
        self.process.kill()
        self.gone()

    def gone(self) -> int:
        """Wait for the end of the process and return its status."""
        assert self.process is not None
        self.process.communicate(timeout=60)
        return self.process.returncode

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.gone()

    def call(self, method: str, path: str, body: Any = None, *, timeout: float = 60) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            connection.request(method, path, data)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, body)

    def open(self, reference: str, name: str, opening: str = "0", **more: Any) -> str:
        """An account's number."""
        body = {
            "client_reference": reference,
            "owner": {"identifier": f"ID-{reference}", "name": name},
            "currency": "USD",
            "kind": "current",
            "opening_balance": opening,
        }
        answer = self.post("/accounts", body | more)
        assert answer.status in (200, 201), answer.body
        return str(answer.json["account"])

    def balance(self, account: str) -> int:
        return int(self.get(f"/accounts/{account}/balance").json["balance_minor"])

    def pay(self, *orders: dict[str, str], message: str = "", **header: str) -> Answer:
        return self.post("/pain.001", initiation(*orders, message=message, **header))

    def status(self, end_to_end_id: str) -> str:
        answer = self.get(f"/status/{end_to_end_id}")
        return answer.text("TxSts")[0] if answer.status == 200 else str(answer.status)

    def notices(self, after: int = 0) -> list[ElementTree.Element]:
        found = self.get(f"/camt.054?after={after}").json["notifications"]
        return [ElementTree.fromstring(one["xml"]) for one in found]

    def references(self, end_to_end_id: str) -> list[str]:
        """Bank references of the delivered notifications of a payment."""
        return [value(n, "AcctSvcrRef") for n in self.notices() if value(n, "EndToEndId") == end_to_end_id]

    def fault(self, endpoint: str, mode: str, **more: Any) -> None:
        answer = self.post("/faults", {"endpoint": endpoint, "mode": mode, "delay_seconds": 0.05} | more)
        assert answer.status == 201, answer.body

    def move_to(self, day: str) -> Answer:
        return self.post("/clock", {"date": day})

    def consistent(self) -> bool:
        return bool(self.get("/books").json["consistent"])


def value(document: ElementTree.Element, name: str) -> str:
    """Text of the first element of this name, whatever the namespace."""
    return next((e.text or "" for e in document.iter() if e.tag.rpartition("}")[2] == name), "")


def order(end_to_end_id: str, debtor: str, creditor: str, amount: str, **more: str) -> dict[str, str]:
    """One transfer for :func:`initiation`."""
    return {"id": end_to_end_id, "debtor": debtor, "creditor": creditor, "amount": amount, "ccy": "USD"} | more


def initiation(
    *orders: dict[str, str], message: str = "", count: str = "", control: str = "", day: str = START
) -> bytes:
    """A pain.001.001.09 written by hand; ``name`` and ``bank`` of the creditor are optional."""
    parts = []
    for one in orders:
        agent = (
            f"<CdtrAgt><FinInstnId><Othr><Id>{one['bank']}</Id></Othr></FinInstnId></CdtrAgt>" if "bank" in one else ""
        )
        name = f"<Cdtr><Nm>{one['name']}</Nm></Cdtr>" if "name" in one else ""
        parts.append(
            f"<PmtInf><PmtInfId>P-{one['id'][:30]}</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>"
            f"<Dbtr><Nm>Payer</Nm></Dbtr><DbtrAcct><Id><Othr><Id>{one['debtor']}</Id></Othr></Id></DbtrAcct>"
            "<DbtrAgt><FinInstnId><Othr><Id>ALFA</Id></Othr></FinInstnId></DbtrAgt>"
            f"<CdtTrfTxInf><PmtId><InstrId>I-1</InstrId><EndToEndId>{one['id']}</EndToEndId></PmtId>"
            f'<Amt><InstdAmt Ccy="{one["ccy"]}">{one["amount"]}</InstdAmt></Amt>{agent}{name}'
            f"<CdtrAcct><Id><Othr><Id>{one['creditor']}</Id></Othr></Id></CdtrAcct><Purp><Cd>SUPP</Cd></Purp>"
            f"<RmtInf><Ustrd>for {one['id']}</Ustrd></RmtInf></CdtTrfTxInf></PmtInf>"
        )
    total = f"<CtrlSum>{control}</CtrlSum>" if control else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">'
        f"<CstmrCdtTrfInitn><GrpHdr><MsgId>{message or 'M-' + orders[0]['id'][:30]}</MsgId>"
        f"<CreDtTm>2014-01-02T00:00:00Z</CreDtTm><NbOfTxs>{count or len(orders)}</NbOfTxs>{total}"
        f"<InitgPty><Nm>Platform</Nm></InitgPty></GrpHdr>{''.join(parts)}</CstmrCdtTrfInitn></Document>"
    ).encode()


def eventually(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for what another process does on its own."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        pause.wait(0.02)


def bank(code: str, home: Path, port: int, *peers: str, **options: str) -> Party:
    """A bank, not started; its books lie in ``home``/its code unless told."""
    arguments = ["bank", "--code", code, "--name", f"Sandbox Bank {code.title()}"]
    arguments += [word for peer in peers for word in ("--peer", peer)]
    arguments += [word for name, text in options.items() for word in (f"--{name.replace('_', '-')}", text)]
    return Party(arguments, home / code.lower(), port)


@contextlib.contextmanager
def two_banks(home: Path) -> Iterator[tuple[Party, Party]]:
    """ALFA and BETA, each other's peers, started."""
    one, other = free_ports(2)
    alfa = bank("ALFA", home, one, f"BETA=http://127.0.0.1:{other}")
    beta = bank("BETA", home, other, f"ALFA=http://127.0.0.1:{one}")
    try:
        yield alfa.start(), beta.start()
    finally:
        for party in (alfa, beta):
            if party.process is not None:
                party.stop()
