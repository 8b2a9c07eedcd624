"""The log's client and the sandbox banks' witness, written apart from each other, agree over HTTP."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.builders.evidence_log import Seer, facts

from fourflow.foundation.evidence import queries
from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey, open_log, read_policy, write_policy
from fourflow.foundation.evidence.adapters.http_witness import HttpWitness
from fourflow.foundation.evidence.domain.checkpoints import Checkpoint
from fourflow.foundation.evidence.domain.notes import Note, parse_signature_lines
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow.foundation.evidence.types import PolicyInvalid, Result, WitnessBehind, WitnessRefused, WitnessUnavailable
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.witness.service import Witness, open_witness

URL = "http://bank-a.sandbox.example/witness-port"


def client_of(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def serve(witness: Witness) -> httpx.Client:
    """The witness behind its own request handling, without a socket."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == f"{URL}/add-checkpoint"
        try:
            got = witness.add_checkpoint(request.content)
        except Refusal as refusal:
            return httpx.Response(refusal.status, json={"code": refusal.code})
        return httpx.Response(got.status, content=got.body, headers={"content-type": got.content_type})

    return client_of(answer)


@pytest.fixture
def sandbox(tmp_path: Path) -> Witness:
    return open_witness(tmp_path / "witness.key", tmp_path / "witness.sqlite3", "witness.bank-a.sandbox.example")


def connect(sandbox: Witness) -> HttpWitness:
    vkey = sandbox._vkey(None).body.decode().strip()  # type: ignore[arg-type]
    return HttpWitness("bank-a", vkey, URL, client=serve(sandbox))


def signed(signer: LocalKey, size: int, root: bytes) -> str:
    text = str(Checkpoint(signer.origin, size, root))
    return str(Note(text, parse_signature_lines(signer.sign(text))))


@pytest.mark.django_db
def test_a_sandbox_bank_cosigns_head_after_head(signer: LocalKey, sandbox: Witness, tmp_path: Path) -> None:
    sandbox.trust(signer.vkey)
    bank = connect(sandbox)
    writer = Writer(Log(signer, HeadFile(tmp_path / "head"), (bank,)), every=0)
    events = []
    for count in (1, 4, 300):
        events += facts(count)
        assert writer.run_once().cosigned == ("bank-a",)
    policy = f"log {signer.vkey}\nwitness bank-a {bank.vkey} {URL}\nquorum bank-a\n"
    verdict = queries.verify(queries.bundle(events[2], Seer()), queries.read_policy(policy))
    assert (verdict.result, verdict.size) == (Result.WITNESSED, 305)
    # a second writer over the same database meets the same bank again
    facts(2)
    again = Writer(Log(signer, HeadFile(tmp_path / "head"), (connect(sandbox),)), every=0)
    assert again.run_once().signed == 307


@pytest.mark.django_db
def test_a_sandbox_bank_that_remembers_more_stops_the_writer(
    signer: LocalKey, sandbox: Witness, tmp_path: Path
) -> None:
    sandbox.trust(signer.vkey)
    bank = connect(sandbox)
    bank.add_checkpoint(old_size=0, proof=(), note=signed(signer, 5, b"r" * 32))
    facts(3)
    assert Writer(Log(signer, HeadFile(tmp_path / "head"), (bank,)), every=0).run_once().read_only == "behind"


def test_each_refusal_has_its_name(signer: LocalKey, sandbox: Witness) -> None:
    bank = connect(sandbox)
    note = signed(signer, 3, b"r" * 32)
    with pytest.raises(WitnessRefused) as refused:
        bank.add_checkpoint(old_size=0, proof=(), note=note)
    assert refused.value.params["status"] == 404
    sandbox.trust(LocalKey(b"z" * 32, signer.origin).vkey)
    with pytest.raises(WitnessRefused) as refused:
        bank.add_checkpoint(old_size=0, proof=(), note=note)
    assert refused.value.params["status"] == 403
    sandbox.trust(signer.vkey)
    with pytest.raises(WitnessRefused) as refused:
        bank.add_checkpoint(old_size=0, proof=[b"p" * 32], note=note)
    assert refused.value.params["status"] == 422
    bank.add_checkpoint(old_size=0, proof=(), note=note)
    with pytest.raises(WitnessBehind) as behind:
        bank.add_checkpoint(old_size=0, proof=(), note=note)
    assert behind.value.params["size"] == 3


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (409, "", WitnessRefused),
        (409, "twelve\n", WitnessRefused),
        (409, "12\n", WitnessBehind),
        (500, "oops", WitnessUnavailable),
        (429, "", WitnessUnavailable),
        (302, "", WitnessUnavailable),
        (400, "", WitnessRefused),
        (200, "x" * 70_000, WitnessUnavailable),
    ],
)
def test_odd_answers_are_borne(status: int, body: str, error: type[Exception]) -> None:
    bank = HttpWitness("odd", "", URL, client=client_of(lambda _: httpx.Response(status, text=body)))
    with pytest.raises(error):
        bank.add_checkpoint(old_size=0, proof=(), note="n\n")


def test_no_answer_is_not_a_refusal() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("no route", request=request)

    with pytest.raises(WitnessUnavailable):
        HttpWitness("lost", "", URL, client=client_of(lost)).add_checkpoint(old_size=0, proof=(), note="n\n")


def test_the_homes_policy_file_names_the_witnesses_to_ask(signer: LocalKey, sandbox: Witness, tmp_path: Path) -> None:
    assert open_log(home=tmp_path, seed=b"k" * 32, connect=HttpWitness).witnesses == []
    vkey = connect(sandbox).vkey
    write_policy(home=tmp_path, signer=signer, witnesses=[("bank-a", vkey, URL)])
    opened = open_log(home=tmp_path, seed=b"k" * 32, connect=HttpWitness, origin=signer.origin)
    assert [(one.name, one.vkey) for one in opened.witnesses] == [("bank-a", vkey)]
    assert opened.signer.vkey == signer.vkey and read_policy(tmp_path).quorum == "witnesses"
    opened.head.publish("one\n")
    opened.head.publish("two\n")
    assert opened.head.read() == "two\n"
    with pytest.raises(PolicyInvalid):
        write_policy(home=tmp_path, signer=signer, witnesses=[("a", vkey, URL), ("b", vkey, URL)])


def test_a_log_key_without_a_name_gets_one_that_no_other_log_has() -> None:
    first, second = LocalKey(b"1" * 32), LocalKey(b"2" * 32)
    assert first.origin != second.origin
    assert base64.b64decode(first.vkey.split("+", 2)[2])[0] == 1
