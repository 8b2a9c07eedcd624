"""Notes, keys, checkpoints, cosignatures, policies and proofs agree with C2SP and with others' vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.evidence import BANK_A, BANK_B, LOG, ORIGIN, STRANGER, policy_text

from fourflow.foundation.evidence.domain.checkpoints import (
    Checkpoint,
    cosign,
    cosignatures,
    sign_checkpoint,
    subtree_message,
    timestamp_of,
)
from fourflow.foundation.evidence.domain.merkle import leaf_hash
from fourflow.foundation.evidence.domain.notes import (
    Algorithm,
    Note,
    SignatureLine,
    SigningKey,
    VerifierKey,
    sign_text,
    verified_by,
)
from fourflow.foundation.evidence.domain.policy import parse_policy
from fourflow.foundation.evidence.domain.proofs import TlogProof
from fourflow.foundation.evidence.types import NoteInvalid, PolicyInvalid

HEAD = Checkpoint(ORIGIN, 7, leaf_hash(b"root"))


def vectors(shared: Path, name: str) -> Any:
    return json.loads((shared / "data" / "evidence" / name).read_text())


def test_examples_of_the_specification_verify(shared: Path) -> None:
    for one in vectors(shared, "c2sp-spec-examples.json")["verifiable"]:
        key = VerifierKey.parse(one["vkey"])
        assert verified_by(Note.parse(one["note"]), [key]) == (key,)
        assert str(key) == one["vkey"] and str(Note.parse(one["note"])) == one["note"]


def test_notes_of_the_specification_parse_and_print_back(shared: Path) -> None:
    for name in ("tlog-checkpoint", "tlog-cosignature"):
        text = vectors(shared, "c2sp-spec-examples.json")["examples"][name][0]
        note = Note.parse(text)
        assert str(note) == text
        assert Checkpoint.parse(note.text).size == 20_852_163
        assert str(Checkpoint.parse(note.text)) == note.text


def test_go_signs_and_reads_the_same_notes(shared: Path) -> None:
    for one in vectors(shared, "go-note-examples.json")["valid"]:
        note, key = Note.parse(one["note"]), SigningKey.parse(one["skey"])
        assert str(key.verifier()) == one["vkey"] and key.encode() == one["skey"]
        assert verified_by(note, [VerifierKey.parse(one["vkey"])])
        assert str(Note(note.text, (sign_text(note.text, key),))) == one["note"]


def test_damaged_keys_are_refused(shared: Path) -> None:
    found = vectors(shared, "go-note-examples.json")
    good = found["valid"][0]["vkey"]
    damaged = [good[:at] for at in range(len(good))] + [good[at:] for at in range(1, len(good))]
    damaged += [good[:at] + chr(ord(good[at]) + 1) + good[at + 1 :] for at in range(len(good))]
    for text in [*found["bad_vkeys"], *damaged, *vectors(shared, "formats-checkpoint-cosig.json")["vkeys"]["invalid"]]:
        with pytest.raises(NoteInvalid):
            VerifierKey.parse(text)


def test_keys_of_other_implementations_parse(shared: Path) -> None:
    found = vectors(shared, "formats-checkpoint-cosig.json")
    for text in found["vkeys"]["valid"]:
        assert str(VerifierKey.parse(text)) == text
    # its key id is wrong, which the specification forbids and that implementation overlooks
    with pytest.raises(NoteInvalid):
        VerifierKey.parse(found["mldsa44_vkey"])


def test_checkpoint_texts_of_other_implementations(shared: Path) -> None:
    found = vectors(shared, "formats-checkpoint-cosig.json")
    for one in found["checkpoint_parse"]:
        if one["wantErr"]:
            with pytest.raises(NoteInvalid):
                Checkpoint.parse(one["text"], strict=False)
        else:
            assert str(Checkpoint.parse(one["text"], strict=False)) == one["text"]
        with pytest.raises(NoteInvalid):  # none has a root of 32 bytes
            Checkpoint.parse(one["text"])
    sth = Note.parse(found["rfc6962_sth_note"]["checkpoint"])
    assert Checkpoint.parse(sth.text).origin == "rome.ct.filippo.io/2024h1"


def test_cosignature_times_of_other_implementations(shared: Path) -> None:
    for one in vectors(shared, "formats-checkpoint-cosig.json")["cosig_timestamp"]:
        line = SignatureLine.parse(f"\u2014 witness.example {one['base64']}")
        assert timestamp_of(line) == one["unix"]


def test_tlog_proofs_of_other_implementations(shared: Path) -> None:
    found = vectors(shared, "formats-checkpoint-cosig.json")["tlog_proof"]
    for one in found["valid"]:
        proof = TlogProof.parse(one["text"])
        assert (proof.index, len(proof.path), proof.checkpoint) == (one["index"], len(one["hashes"]), one["checkpoint"])
        assert str(proof) == one["text"]
    for text in found["invalid"]:
        with pytest.raises(NoteInvalid):
            TlogProof.parse(text)


def test_policies_of_other_implementations(shared: Path) -> None:
    found = vectors(shared, "formats-checkpoint-cosig.json")["policy"]
    for text in found["valid"]:
        assert parse_policy(text, allow_duplicate_keys=True).quorum == "g1"
    for text in found["valid"][2:4]:  # one key under three names: the specification forbids it
        with pytest.raises(PolicyInvalid):
            parse_policy(text)
    for text in found["invalid"]:
        with pytest.raises(PolicyInvalid):
            parse_policy(text)


def test_a_quorum_of_groups_is_counted_as_written() -> None:
    keys = [SigningKey(f"w{n}.example", bytes([n]) * 32).verifier(Algorithm.ED25519_COSIGNATURE) for n in range(6)]
    lines = [f"witness {name} {key}" for name, key in zip(("a", "b", "c", "r", "k", "x"), keys, strict=True)]
    lines += ["group banks 2 a b c", "group gov any r k # either", "group q all banks gov", "quorum q"]
    policy = parse_policy("\n".join(lines))
    assert policy.satisfied_by({"a", "c", "k"}) and policy.satisfied_by({"a", "b", "c", "r", "k"})
    assert not policy.satisfied_by({"a", "b"}) and not policy.satisfied_by({"a", "r", "k", "x"})
    for wrong in (
        "group z 1 a",
        "witness a " + str(keys[5]),
        "quorum q",
        "group z all nobody",
        "speak friend",
        "group q2 3 x r",
    ):
        with pytest.raises(PolicyInvalid):
            parse_policy("\n".join([*lines, wrong]))


def test_what_is_signed_verifies_and_what_is_changed_does_not() -> None:
    note = sign_checkpoint(HEAD, LOG)
    note = note.with_signatures([cosign(note, BANK_A, timestamp=5), cosign(note, STRANGER, timestamp=6)])
    keys = [BANK_A.verifier(Algorithm.ED25519_COSIGNATURE), BANK_B.verifier(Algorithm.ED25519_COSIGNATURE)]
    found = cosignatures(note, keys)
    assert [(one.key.name, one.timestamp) for one in found] == [("bank-a.example", 5)]
    assert verified_by(note, [LOG.verifier()]) == (LOG.verifier(),)
    other = Note(str(Checkpoint(ORIGIN, 8, HEAD.root)), note.signatures)
    with pytest.raises(NoteInvalid):
        verified_by(other, [LOG.verifier()])
    with pytest.raises(NoteInvalid):
        cosignatures(other, keys)


def test_a_key_listed_as_ordinary_ed25519_cosigns_under_its_own_cosigner_id() -> None:
    note = sign_checkpoint(HEAD, LOG)
    note = note.with_signatures([cosign(note, BANK_A, timestamp=5)])
    assert len(cosignatures(note, [BANK_A.verifier(Algorithm.ED25519)])) == 1


@pytest.mark.requirement("R293")
def test_a_post_quantum_cosignature_verifies() -> None:
    private = mldsa.MLDSA44PrivateKey.generate()
    key = VerifierKey("pq.example", Algorithm.MLDSA44_COSIGNATURE, private.public_key().public_bytes_raw())
    message = subtree_message(cosigner=key.name, timestamp=9, checkpoint=HEAD)
    line = SignatureLine(key.name, key.id, (9).to_bytes(8, "big") + private.sign(message))
    note = sign_checkpoint(HEAD, LOG).with_signatures([line])
    assert [one.timestamp for one in cosignatures(note, [VerifierKey.parse(str(key))])] == [9]
    spoiled = SignatureLine(key.name, key.id, (8).to_bytes(8, "big") + line.signature[8:])
    with pytest.raises(NoteInvalid):
        cosignatures(sign_checkpoint(HEAD, LOG).with_signatures([spoiled]), [key])


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_a_note_with_any_flipped_bit_is_never_taken_for_the_original(data: st.DataObject) -> None:
    note = sign_checkpoint(HEAD, LOG)
    note = note.with_signatures([cosign(note, BANK_A, timestamp=5)])
    raw = bytearray(str(note).encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        changed = Note.parse(raw.decode())
        signed = verified_by(changed, [LOG.verifier()])
        witnessed = cosignatures(changed, [BANK_A.verifier(Algorithm.ED25519_COSIGNATURE)])
    except (NoteInvalid, UnicodeDecodeError):
        return
    assert not (signed and witnessed)


def test_limits_and_shapes_of_notes_are_kept() -> None:
    note = sign_checkpoint(HEAD, LOG)
    for text in (
        "",
        "text\n",
        "text\n\n",
        str(note)[:-1],
        str(note).replace("\n\n", "\n"),
        str(note).replace("\u2014", "-"),
        str(note) + "\x01\n",
        note.text + "\n" + str(note.signatures[0]) * 17,
        "x" * (1 << 20) + "\n\n" + str(note.signatures[0]),
    ):
        with pytest.raises(NoteInvalid):
            Note.parse(text)
    with pytest.raises(NoteInvalid):
        TlogProof.parse("c2sp.org/tlog-proof@v1\nindex 0\n" + "A" * 43 + "=\n" * 64 + "\nx\n")
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(f"{ORIGIN}\n07\n{'A' * 43}=\n")
    with pytest.raises(NoteInvalid):
        sign_checkpoint(HEAD, STRANGER)
    assert parse_policy(policy_text()).logs[0].name == ORIGIN
