"""C2SP checkpoints v1.0.0 and cosignatures v1.0.1 (Ed25519, 0x04) and v1.1.0 (ML-DSA-44, 0x06)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fourflow.foundation.evidence.domain.merkle import EMPTY_ROOT, HASH_SIZE, MAX_TREE_SIZE
from fourflow.foundation.evidence.domain.notes import (
    Algorithm,
    Note,
    SignatureLine,
    SigningKey,
    VerifierKey,
    decode_base64,
    ed25519_valid,
    encode_base64,
    mldsa44_valid,
    sign_text,
)
from fourflow.foundation.evidence.types import NoteInvalid

_TIMESTAMP_BYTES = 8
MAX_TIMESTAMP = (1 << 63) - 1


def parse_decimal(text: str, *, what: str, maximum: int = MAX_TREE_SIZE) -> int:
    """An ASCII decimal without sign and without leading zeroes.

    :raises NoteInvalid: it is not one, or exceeds ``maximum``.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 20) or (text[0] == "0" and text != "0"):
        raise NoteInvalid(what=what, reason="number")
    number = int(text)
    if number > maximum:
        raise NoteInvalid(what=what, reason="too large", expected=maximum)
    return number


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: which log, how many leaves, what root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The note text."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines)

    @classmethod
    def parse(cls, text: str, *, strict: bool = True) -> Checkpoint:
        """Read a checkpoint text (the part of the note before its empty line).

        ``strict=False`` reads syntax only: roots of another length and empty extension lines pass, as in other
        implementations' parsers.

        :raises NoteInvalid: it is not a checkpoint.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or not lines[0]:
            raise NoteInvalid(what="checkpoint", reason="shape")
        size = parse_decimal(lines[1], what="checkpoint size")
        root = decode_base64(lines[2], what="checkpoint root")
        found = cls(lines[0], size, root, tuple(lines[3:]))
        if strict:
            if len(root) != HASH_SIZE or (size == 0) != (root == EMPTY_ROOT):
                raise NoteInvalid(what="checkpoint root", reason="length")
            if "" in found.extensions:
                raise NoteInvalid(what="checkpoint", reason="empty extension line")
        return found


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """The signed note of a checkpoint by the log's own key; its name must be the origin.

    :raises NoteInvalid: the key has another name.
    """
    if key.name != checkpoint.origin:
        raise NoteInvalid(what="log key", reason="name", expected=checkpoint.origin)
    text = str(checkpoint)
    return Note(text, (sign_text(text, key),))


def cosignature_message(note_text: str, timestamp: int) -> bytes:
    """What an Ed25519 cosigner signs."""
    return f"cosignature/v1\ntime {timestamp}\n{note_text}".encode()


def subtree_message(*, cosigner: str, timestamp: int, checkpoint: Checkpoint) -> bytes:
    """What an ML-DSA-44 cosigner signs: a ``cosigned_message`` over the whole tree."""
    name, origin = cosigner.encode(), checkpoint.origin.encode()
    if not (0 < len(name) < 256 and 0 < len(origin) < 256):
        raise NoteInvalid(what="cosignature", reason="name length")
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(name)]) + name,
            timestamp.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def cosign(note: Note, key: SigningKey, *, timestamp: int) -> SignatureLine:
    """An Ed25519 cosignature line; ``timestamp`` in POSIX seconds, never 0."""
    if not 0 < timestamp <= MAX_TIMESTAMP:
        raise NoteInvalid(what="cosignature", reason="timestamp")
    verifier = key.verifier(Algorithm.ED25519_COSIGNATURE)
    signature = key.sign(cosignature_message(note.text, timestamp))
    return SignatureLine(key.name, verifier.id, timestamp.to_bytes(_TIMESTAMP_BYTES, "big") + signature)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A verified cosignature: whose, and when it was made (POSIX seconds)."""

    key: VerifierKey
    timestamp: int
    line: SignatureLine


def timestamp_of(line: SignatureLine) -> int:
    """The time inside a cosignature line, unverified.

    :raises NoteInvalid: too short to have one, or beyond 2^63−1.
    """
    stamp = int.from_bytes(line.signature[:_TIMESTAMP_BYTES], "big")
    if len(line.signature) <= _TIMESTAMP_BYTES or stamp > MAX_TIMESTAMP:
        raise NoteInvalid(what="cosignature", reason="timestamp")
    return stamp


def _valid(line: SignatureLine, key: VerifierKey, note: Note, stamp: int) -> bool:
    signature = line.signature[_TIMESTAMP_BYTES:]
    if key.algorithm is Algorithm.ED25519_COSIGNATURE:
        return ed25519_valid(key.public_key, signature, cosignature_message(note.text, stamp))
    message = subtree_message(cosigner=key.name, timestamp=stamp, checkpoint=Checkpoint.parse(note.text))
    return mldsa44_valid(key.public_key, signature, message)


def cosignatures(note: Note, keys: Iterable[VerifierKey]) -> tuple[Cosigned, ...]:
    """The valid cosignatures of known witnesses on a checkpoint note; unknown lines are ignored.

    :raises NoteInvalid: a line bears the name and id of a known witness and does not verify, or has time zero.
    """
    known = [key.as_cosigner() for key in keys]
    found: dict[VerifierKey, Cosigned] = {}
    for line in note.signatures:
        for key in known:
            if key in found or not line.is_by(key):
                continue
            stamp = timestamp_of(line)
            if stamp == 0 or not _valid(line, key, note, stamp):
                raise NoteInvalid(what="cosignature", reason="does not verify", key=key.name)
            found[key] = Cosigned(key, stamp, line)
    return tuple(found.values())
