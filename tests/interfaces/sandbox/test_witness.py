"""A witness cosigns a log only while the log does not rewrite its past, and is never reset."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.interfaces.sandbox.party import SHARED, Answer, Party, bank, free_ports

from fourflow_sandbox.witness import note, tree
from fourflow_sandbox.witness.note import Checkpoint, Malformed, SignedNote, VerifierKey

LEAVES = [f"leaf {n}".encode() for n in range(40)]


def vectors(name: str) -> Any:
    path = SHARED / "evidence" / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return json.loads(path.read_text(encoding="utf-8"))


def root(leaves: Sequence[bytes]) -> bytes:
    """Straight from the definition in RFC 6962 section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def proof(old: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """Straight from the definition in RFC 6962 section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= half:
        return [*proof(old, leaves[:half], whole), root(leaves[half:])]
    return [*proof(old - half, leaves[half:], False), root(leaves[:half])]


class Log:
    """A log that signs whatever it is told to."""

    def __init__(self, origin: str, seed: bytes = b"\7" * 32) -> None:
        self.origin = origin
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key = VerifierKey(origin, note.LOG_KEY, public)

    def sign(self, text: str) -> str:
        blob = base64.b64encode(self.key.id + self._private.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.origin} {blob}\n"

    def head(self, size: int, leaves: Sequence[bytes] = LEAVES) -> str:
        return self.sign(f"{self.origin}\n{size}\n{base64.b64encode(root(leaves[:size])).decode()}\n")


def submission(old: int | str, hashes: Sequence[bytes], checkpoint: str) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in hashes)]
    return ("\n".join(lines) + "\n\n" + checkpoint).encode()


def submit(party: Party, old: int | str, hashes: Sequence[bytes], checkpoint: str) -> Answer:
    return party.post("/add-checkpoint", submission(old, hashes, checkpoint))


@pytest.fixture
def log(alfa: Party) -> Log:
    made = Log("log.example/fourflow")
    assert alfa.post("/witness/logs", {"vkey": made.key.text()}).status == 201
    return made


def test_published_consistency_vectors() -> None:
    ran = 0
    for case in vectors("merkle-consistency.json")["vectors"]:
        hashes = [base64.b64decode(one) for one in case["proof"] or []]
        if case["size1"] == 0 and not hashes:
            continue  # the witness rule of size 0 is tested below; these vectors refuse all of size 0
        roots = base64.b64decode(case["root1"]), base64.b64decode(case["root2"])
        found = tree.consistent(case["size1"], roots[0], case["size2"], roots[1], hashes)
        assert found is not case["wantErr"], case["desc"]
        ran += 1
    assert ran > 90


def test_every_prefix_of_a_tree_is_consistent_and_no_changed_one_is() -> None:
    for new in range(1, 24):
        after = root(LEAVES[:new])
        changed = root([b"x", *LEAVES[1:new]])
        for old in range(1, new + 1):
            before, hashes = root(LEAVES[:old]), proof(old, LEAVES[:new])
            assert tree.consistent(old, before, new, after, hashes)
            assert not tree.consistent(old, changed, new, after, hashes)
            assert not tree.consistent(old, before, new, changed, hashes)
            assert not tree.consistent(old, before, new, after, [*hashes, before])
            assert not hashes or not tree.consistent(old, before, new, after, hashes[:-1])


def test_size_zero_is_decided_before_the_proof() -> None:
    empty = tree.EMPTY_ROOT
    assert tree.consistent(0, empty, 0, empty, []) and tree.consistent(0, empty, 5, root(LEAVES[:5]), [])
    assert not tree.consistent(0, empty, 0, root(LEAVES[:1]), [])
    assert not tree.consistent(0, empty, 5, root(LEAVES[:5]), [empty])


def test_published_notes_and_checkpoints() -> None:
    for case in vectors("go-note-examples.json")["valid"]:
        assert SignedNote.parse(case["note"].encode()).signed_by(VerifierKey.parse(case["vkey"]))
        for cut in range(len(case["vkey"])):
            with pytest.raises(Malformed):
                VerifierKey.parse(case["vkey"][:cut])
    for line in vectors("go-note-examples.json")["bad_vkeys"]:
        with pytest.raises(Malformed):
            VerifierKey.parse(line)
    for case in vectors("formats-checkpoint-cosig.json")["checkpoint_parse"]:
        if case["wantErr"]:
            with pytest.raises(Malformed):
                Checkpoint.parse(case["text"])


def test_a_growing_log_is_cosigned_and_the_cosignature_holds(alfa: Party, log: Log) -> None:
    witness = VerifierKey.parse(alfa.get("/witness/vkey").body.decode().strip())
    assert witness.kind == note.COSIGNATURE_KEY
    sizes = [0, 1, 2, 7, 8, 40, 40]
    for old, new in zip([0, *sizes], sizes, strict=False):
        head = log.head(new)
        answer = submit(alfa, old, proof(old, LEAVES[:new]) if old else [], head)
        assert answer.status == 200, answer.body
        assert answer.headers["x-sandbox"] == "true"
        signed = SignedNote.parse((head + answer.body.decode()).encode())
        name, identity, blob = signed.signatures[-1]
        assert (name, identity, len(blob)) == (witness.name, witness.id, 72)
        message = f"cosignature/v1\ntime {int.from_bytes(blob[:8], 'big')}\n{signed.text}"
        assert witness.accepts(blob[8:], message.encode())
    latest = alfa.get(f"/witness/checkpoint?origin={log.origin}")
    assert latest.body.decode().startswith(log.head(40).partition("\n\n")[0])


def test_each_wrong_submission_has_its_own_status(alfa: Party, log: Log) -> None:
    assert submit(alfa, 0, [], log.head(8)).status == 200
    stranger = Log("other.example/log")
    impostor = Log(log.origin, b"\x08" * 32)
    good = proof(8, LEAVES[:12])
    root_line = base64.b64encode(root(LEAVES[:12])).decode()
    forked = [*LEAVES[:3], b"rewritten", *LEAVES[4:]]
    cases = [
        (404, submit(alfa, 0, [], stranger.head(3))),
        (403, submit(alfa, 8, good, impostor.head(12))),
        (403, submit(alfa, 8, good, log.head(12).replace("\n12\n", "\n13\n"))),
        (400, submit(alfa, 13, [], log.head(12))),
        (409, submit(alfa, 0, [], log.head(12))),
        (409, submit(alfa, 7, proof(7, LEAVES[:12]), log.head(12))),
        (409, submit(alfa, 9, good, log.head(12))),
        (422, submit(alfa, 8, [], log.head(12))),
        (422, submit(alfa, 8, good[:-1], log.head(12))),
        (422, submit(alfa, 8, [*good, good[0]], log.head(12))),
        (422, submit(alfa, 8, proof(8, forked[:12]), log.head(12, forked))),
        (422, submit(alfa, 8, [], log.head(8, forked))),
        (422, submit(alfa, 8, [root(LEAVES[:8])], log.head(8))),
        (400, submit(alfa, "08", good, log.head(12))),
        (400, submit(alfa, "-8", good, log.head(12))),
        (400, submit(alfa, 8, [b"short"], log.head(12))),
        (400, submit(alfa, 8, [b"x" * 32] * 64, log.head(12))),
        (400, submit(alfa, 8, good, log.head(12).rstrip("\n"))),
        (400, submit(alfa, 8, good, log.sign(f"{log.origin}\n012\n{root_line}\n"))),
        (400, submit(alfa, 8, good, log.sign(f"{log.origin}\n12\n{root_line[:-5]}\n"))),
        (400, submit(alfa, 8, good, log.sign(f"{log.origin}\n12\n{root_line}\n\n"))),
        (400, alfa.post("/add-checkpoint", b"")),
        (400, alfa.post("/add-checkpoint", b"\xff\n\n\xff")),
    ]
    assert [answer.status for _, answer in cases] == [status for status, _ in cases]
    conflict = submit(alfa, 0, [], log.head(12))
    assert (conflict.headers["content-type"], conflict.body) == ("text/x.tlog.size", b"8\n")
    assert submit(alfa, 8, good, log.head(12)).status == 200


def test_signatures_of_unknown_keys_are_ignored(alfa: Party, log: Log) -> None:
    other = Log("someone.example/else").sign("x\n").partition("\n\n")[2]
    assert submit(alfa, 0, [], log.head(3) + other).status == 200


def test_a_witness_remembers_across_kill_and_never_goes_back(alfa: Party, log: Log) -> None:
    assert submit(alfa, 0, [], log.head(8)).status == 200
    vkey = alfa.get("/witness/vkey").body
    alfa.kill()
    alfa.start()
    assert alfa.get("/witness/vkey").body == vkey
    assert submit(alfa, 0, [], log.head(4)).body == b"8\n"
    with sqlite3.connect(alfa.home / "witness.sqlite3") as database:
        for statement in ("UPDATE head SET size = 4", "UPDATE head SET root = zeroblob(32)", "DELETE FROM head"):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute(statement)
    database.close()


def test_a_lost_witness_is_retired_not_reset(alfa: Party, log: Log) -> None:
    assert submit(alfa, 0, [], log.head(8)).status == 200
    alfa.stop()
    key = (alfa.home / "witness.key").read_text()
    for path in alfa.home.glob("witness.sqlite3*"):
        path.rename(path.with_name("kept-" + path.name))
    with pytest.raises(AssertionError, match="a lost witness is retired, not reset"):
        alfa.start()
    assert alfa.process is not None and alfa.process.returncode == 2
    assert not (alfa.home / "witness.sqlite3").exists()
    for path in alfa.home.glob("kept-*"):
        path.rename(path.with_name(path.name.removeprefix("kept-")))
    (alfa.home / "witness.key").unlink()
    with pytest.raises(AssertionError, match="a lost witness is retired, not reset"):
        alfa.start()
    (alfa.home / "witness.key").write_text(key)
    assert alfa.start().get(f"/witness/checkpoint?origin={log.origin}").status == 200


def test_logs_can_be_made_known_by_a_file_and_wrong_keys_are_refused(tmp_path: Path) -> None:
    log = Log("file.example/log")
    (tmp_path / "logs").write_text(log.key.text() + "\n\n")
    options = {"log_vkey_file": str(tmp_path / "logs"), "witness_key_file": str(tmp_path / "own.key")}
    party = bank("ALFA", tmp_path, free_ports(1)[0], **options).start()
    try:
        assert submit(party, 0, [], log.head(5)).status == 200
        assert (tmp_path / "own.key").stat().st_mode & 0o077 == 0
        witness_key = party.get("/witness/vkey").body.decode().strip()
        for wrong in ("x", log.key.text()[:-4], witness_key):
            assert party.post("/witness/logs", {"vkey": wrong}).status == 422
    finally:
        party.stop()
