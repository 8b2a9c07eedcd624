"""Logs, witnesses and bundles made by the evidence domain itself, without a database."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fourflow.foundation.evidence.domain.bundles import Bundle, open_fields
from fourflow.foundation.evidence.domain.checkpoints import Checkpoint, cosign, sign_checkpoint
from fourflow.foundation.evidence.domain.notes import Algorithm, Note, SigningKey
from fourflow.foundation.evidence.domain.proofs import TlogProof
from fourflow.foundation.evidence.domain.tiles import Tree, extend, tail_ids
from fourflow.platform.events.leaf import Leaf, build_leaf, leaf_fields

ORIGIN = "log.example/test"
SUBJECT = UUID("01980000-0000-7000-8000-000000000001")
MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)


def key(name: str) -> SigningKey:
    """A key that is the same in every run. Never for anything but tests."""
    return SigningKey(name, hashlib.sha256(f"test key {name}".encode()).digest())


LOG = key(ORIGIN)
BANK_A, BANK_B, STRANGER = key("bank-a.example"), key("bank-b.example"), key("stranger.example")


@dataclass
class TileStore:
    """Tiles in a dictionary, grown as the sequencer grows them."""

    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    size: int = 0
    root: bytes = hashlib.sha256(b"").digest()

    def append(self, leaf_hashes: Sequence[bytes]) -> None:
        tail = {one: self.tiles[one] for one in tail_ids(self.size)}
        grown = extend(size=self.size, tail=tail, leaf_hashes=leaf_hashes)
        self.tiles.update(grown.tiles)
        self.size, self.root = grown.size, grown.root

    def tree(self) -> Tree:
        return Tree(self.size, lambda level, number: self.tiles[level, number])


BODY: dict[str, Any] = {
    "amount": {"minor": 123456, "currency": "USD"},
    "holder": "Acme Steel",
    "documents": ["po-1", "asn-1"],
    "note": "数信 — naïve \u0001 \u20ac \U0001f602",
    "tier": 2,
    "recourse": False,
}


def leaf(number: int = 0, body: dict[str, Any] | None = None) -> tuple[Leaf, bytes, dict[str, Any]]:
    """A leaf, the salt of its event and its fields."""
    salt = hashlib.sha256(f"salt {number}".encode()).digest()
    content = {**(BODY if body is None else body), "number": number}
    made = build_leaf(
        kind="voucher.accepted", version=1, subject_id=SUBJECT, body=content, salt=salt, effective_at=MOMENT
    )
    return made, salt, leaf_fields(version=1, subject_id=SUBJECT, body=content)


def bundle(
    *,
    size: int = 300,
    index: int = 256,
    witnesses: Sequence[SigningKey] = (BANK_A, BANK_B),
    disclose: Callable[[str], bool] | Collection[str] = ("amount", "note", "event/version"),
    log: SigningKey = LOG,
) -> Bundle:
    """A good bundle for leaf ``index`` of a log of ``size`` leaves."""
    store = TileStore()
    store.append([leaf(number)[0].hash for number in range(size)])
    made, salt, fields = leaf(index)
    note: Note = sign_checkpoint(Checkpoint(log.name, store.size, store.root), log)
    note = note.with_signatures([cosign(note, one, timestamp=1_760_000_000 + at) for at, one in enumerate(witnesses)])
    proof = TlogProof(index, store.tree().inclusion(index), str(note))
    return Bundle(made.entry, open_fields(fields, salt, disclose=disclose), proof)


def policy_text(
    witnesses: Sequence[SigningKey] = (BANK_A, BANK_B), quorum: str | None = "banks", log: SigningKey = LOG
) -> str:
    """A reader's policy: any one of the witnesses, or whatever ``quorum`` says."""
    lines = [f"log {log.verifier()}"]
    names = [one.name.split(".")[0] for one in witnesses]
    for name, one in zip(names, witnesses, strict=True):
        lines.append(f"witness {name} {one.verifier(Algorithm.ED25519_COSIGNATURE)}")
    if names:
        lines.append(f"group banks any {' '.join(names)}")
    lines.append(f"quorum {quorum or 'none'}")
    return "\n".join(lines) + "\n"
