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
from fourflow.platform.ids import encode


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


def test_rows_of_a_file_are_planned_done_and_given_back_with_their_reasons(world: World) -> None:
    core, funder = client(world.cast.core), client(world.cast.funder)
    header = "number,seller,amount,currency,issued_on\n"
    content = f"{header}INV-1,Acme,15.00,USD,2014-03-03\nINV-2,Acme,,USD,2014-03-03\n".encode()
    plan = core.invoices.plan_batch("invoices.csv", content)
    assert [row["number"] for row in plan["rows"]] == ["INV-1"] and [one["row"] for one in plan["problems"]] == [3]
    assert b"\n3,rows.cell,amount," in core.invoices.problems("invoices.csv", content)
    done = core.invoices.register_batch(plan)
    assert [one["id"] for one in core.documents.list(kind="invoice")] == done["invoices"]
    assert core.invoices.plan_batch("invoices.csv", content)["known"] == 1

    core_id = encode("prt", world.cast.core.id)
    lines = f"core,sanctioned,currency,valid_from,source\n{core_id},5000.00,USD,2014-03-03,paper 1\n".encode()
    announced = funder.limits.propose_batch(funder.limits.plan_batch("lines.csv", lines))
    (proposal,) = funder.limits.proposals()
    assert announced["proposals"] == [proposal["id"]] and funder.limits.proposal(proposal["id"])["state"] == "proposed"


def test_a_list_is_subscribed_paused_and_ended(world: World) -> None:
    core = client(world.cast.core)
    made = core.schedules.subscribe(name="Mine", address="/vouchers", rhythm="daily")
    assert core.schedules.pause(made["id"])["state"] == "paused"
    assert core.schedules.resume(made["id"])["state"] == "active"
    assert [one["name"] for one in core.schedules.list()] == ["Mine"] and list(core.schedules.reports(made["id"])) == []
    assert core.schedules.end(made["id"])["state"] == core.schedules.get(made["id"])["state"] == "ended"
