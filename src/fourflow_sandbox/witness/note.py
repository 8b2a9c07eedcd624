"""C2SP signed notes, checkpoints and Ed25519 cosignatures, read strictly."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LOG_KEY = 0x01
COSIGNATURE_KEY = 0x04
MOST_SIGNATURES = 100
_NAME = re.compile(r"[^\s+]{1,200}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Malformed(Exception):
    """Not the format it claims to be."""


def unbase64(text: str) -> bytes:
    """Standard base64 in its only canonical spelling.

    :raises Malformed: anything else.
    """
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed("base64") from error
    if base64.b64encode(value).decode() != text:
        raise Malformed("base64 is not canonical")
    return value


def size(text: str) -> int:
    """A tree size: decimal, no leading zeroes, below 2^63.

    :raises Malformed: anything else.
    """
    if not _SIZE.fullmatch(text) or int(text) >= 2**63:
        raise Malformed("tree size")
    return int(text)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """First four bytes of SHA-256(name, newline, type byte, public key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name, as in a vkey line."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The key ID that signature lines carry."""
        return key_id(self.name, self.kind, self.public)

    @classmethod
    def parse(cls, line: str) -> VerifierKey:
        """Read ``name+hex id+base64``.

        :raises Malformed: wrong form, wrong length, or an ID that is not the key's.
        """
        parts = line.split("+", 2)
        if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or not re.fullmatch(r"[0-9a-f]{8}", parts[1]):
            raise Malformed("vkey")
        raw = unbase64(parts[2])
        if len(raw) != 33:
            raise Malformed("vkey length")
        key = cls(parts[0], raw[0], raw[1:])
        if key.id.hex() != parts[1] or key.kind not in (LOG_KEY, COSIGNATURE_KEY):
            raise Malformed("vkey id or type")
        return key

    def text(self) -> str:
        """The vkey line."""
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """Does the Ed25519 signature hold?"""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SignedNote:
    """Text (ending in a newline) and signature lines as (name, key ID, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def parse(cls, raw: bytes) -> SignedNote:
        """Read a signed note.

        :raises Malformed: no UTF-8, control characters, no signature, or a wrong signature line.
        """
        try:
            whole = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("UTF-8") from error
        if any(ord(c) < 32 and c != "\n" for c in whole):
            raise Malformed("control character")
        cut = whole.rfind("\n\n")
        if cut < 0 or not whole.endswith("\n"):
            raise Malformed("note")
        lines = whole[cut + 2 : -1].split("\n")
        if not 0 < len(lines) <= MOST_SIGNATURES:
            raise Malformed("number of signatures")
        return cls(whole[: cut + 1], tuple(_signature_line(line) for line in lines))

    def signed_by(self, key: VerifierKey) -> bool:
        """Is there a valid signature by this key, and no invalid one?"""
        mine = [s for name, identity, s in self.signatures if name == key.name and identity == key.id]
        return bool(mine) and all(key.accepts(s, self.text.encode()) for s in mine)


def _signature_line(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014" or not _NAME.fullmatch(parts[1]):
        raise Malformed("signature line")
    raw = unbase64(parts[2])
    if len(raw) < 5:
        raise Malformed("signature length")
    return parts[1], raw[:4], raw[4:]


@dataclass(frozen=True)
class Checkpoint:
    """A log's head."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text as a checkpoint with a SHA-256 root; extension lines must not be empty.

        :raises Malformed: anything else.
        """
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not all(lines):
            raise Malformed("checkpoint")
        root = unbase64(lines[2])
        if len(root) != 32:
            raise Malformed("root hash")
        return cls(lines[0], size(lines[1]), root)


class CosigningKey:
    """The witness's private key."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.verifier = VerifierKey(name, COSIGNATURE_KEY, public)

    @classmethod
    def parse(cls, line: str) -> CosigningKey:
        """Read ``PRIVATE+KEY+name+hex id+base64(type, seed)``.

        :raises Malformed: wrong form or an ID that is not the key's.
        """
        parts = line.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"] or not _NAME.fullmatch(parts[2]):
            raise Malformed("key file")
        raw = unbase64(parts[4])
        if len(raw) != 33 or raw[0] != COSIGNATURE_KEY:
            raise Malformed("key file: not a cosignature key")
        key = cls(parts[2], raw[1:])
        if key.verifier.id.hex() != parts[3]:
            raise Malformed("key file: key ID differs")
        return key

    def text(self) -> str:
        """The line to keep in a key file."""
        encoded = base64.b64encode(bytes([COSIGNATURE_KEY]) + self._seed).decode()
        return f"PRIVATE+KEY+{self.verifier.name}+{self.verifier.id.hex()}+{encoded}"

    def cosign(self, text: str, timestamp: int) -> str:
        """A signature line: key ID, eight bytes of POSIX seconds, Ed25519 over ``cosignature/v1``, time and text."""
        signature = self._private.sign(f"cosignature/v1\ntime {timestamp}\n{text}".encode())
        blob = self.verifier.id + timestamp.to_bytes(8, "big") + signature
        return f"\u2014 {self.verifier.name} {base64.b64encode(blob).decode()}\n"
