"""C2SP tlog-proof v1: an inclusion proof and the checkpoint it leads to, in one text."""

from __future__ import annotations

from dataclasses import dataclass

from fourflow.foundation.evidence.domain.checkpoints import parse_decimal
from fourflow.foundation.evidence.domain.merkle import HASH_SIZE, MAX_PROOF_HASHES
from fourflow.foundation.evidence.domain.notes import MAX_NOTE_BYTES, decode_base64, encode_base64
from fourflow.foundation.evidence.types import NoteInvalid

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Position, inclusion path from the leaf upwards, and the checkpoint note verbatim. Nothing is verified yet."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(digest) for digest in self.path)
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> TlogProof:
        """Take a proof apart.

        :raises NoteInvalid: it is malformed, over 1 MiB, or has more than 63 hashes.
        """
        if len(text) > MAX_NOTE_BYTES:
            raise NoteInvalid(what="proof", reason="size", expected=MAX_NOTE_BYTES)
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or not checkpoint or lines.pop(0) != HEADER or not lines:
            raise NoteInvalid(what="proof", reason="shape")
        extra: bytes | None = None
        if lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "), what="proof extra")
        if not lines or not lines[0].startswith("index "):
            raise NoteInvalid(what="proof", reason="shape")
        index = parse_decimal(lines.pop(0).removeprefix("index "), what="proof index")
        return cls(index, parse_hashes(lines), checkpoint, extra)


def parse_hashes(lines: list[str]) -> tuple[bytes, ...]:
    """Base64 hashes, one a line, at most 63.

    :raises NoteInvalid: too many, or one is not 32 bytes.
    """
    if len(lines) > MAX_PROOF_HASHES:
        raise NoteInvalid(what="proof", reason="count", expected=MAX_PROOF_HASHES)
    found = tuple(decode_base64(line, what="proof hash") for line in lines)
    if any(len(digest) != HASH_SIZE for digest in found):
        raise NoteInvalid(what="proof hash", reason="length", expected=HASH_SIZE)
    return found
