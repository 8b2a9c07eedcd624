"""Papers, notices and evidence packs through the Python client, against the site in this process."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import httpx
import pytest
from fourflow_client import Client, Conflict
from tests.builders import api, parties
from tests.builders.api import PASSWORD, World
from tests.builders.evidence_log import LocalWitness

from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log


def client(firm: parties.Firm, person: str = "maker") -> Client:
    email = f"{person}@{firm.view.short_name.lower()}.example"
    site = httpx.MockTransport(api.over_http)
    return Client("http://testserver/v1/", http=site, attempts=1).sign_in(email, PASSWORD)


def test_papers_and_packs_come_as_bytes_and_notices_as_they_were_chosen(world: World, tmp_path: Path) -> None:
    log = LocalKey(b"k" * 32, "log.example/client")
    head = HeadFile(tmp_path / "head.txt")
    writer = Writer(Log(signer=log, head=head, witnesses=(LocalWitness("bank-a.example", log),)), every=0)
    world.limit()
    voucher = world.accepted("1000.00")
    holding = world.holding_of(voucher)["id"]
    supplier, regulator = client(world.cast.supplier), client(world.cast.regulator, "viewer")
    paper = supplier.papers.certificate(holding, language="zh")
    assert paper.startswith(b"%PDF-1.7") and b"/Lang(zh-CN)" in paper
    with pytest.raises(Conflict) as early:
        supplier.papers.transfer_notice(holding)
    assert early.value.code == "paper.not_yet"

    chosen = supplier.notices.choose(language="zh", choices={})
    assert chosen["language"] == supplier.notices.preferences()["language"] == "zh"
    assert list(supplier.notices.list()) == []

    why = {"purpose": "unpaid voucher", "authority": "order 2014-88", "answer_by": "2014-12-01"}
    asked = regulator.evidence_requests.ask(voucher["id"], **why)
    assert [one["id"] for one in regulator.evidence_requests.list(state="open")] == [asked["id"]]
    writer.run_once()
    answered = client(world.cast.operator).evidence_requests.answer(asked["id"], note="complete")
    assert regulator.evidence_requests.get(asked["id"])["sha256"] == answered["sha256"] != ""
    with pytest.raises(Conflict) as unsigned:
        regulator.evidence_requests.pack(asked["id"])
    assert unsigned.value.code == "evidence.not_yet_in_log"
    writer.run_once(at_once=True)
    with zipfile.ZipFile(io.BytesIO(regulator.evidence_requests.pack(asked["id"]))) as file:
        assert len([name for name in file.namelist() if name.startswith("facts/")]) == answered["facts"]
