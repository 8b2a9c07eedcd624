"""C2SP signed notes v1.0.0: verifier keys, signature lines, parsing and signing.

A note is a text, an empty line, and signature lines ``— <key name> <base64(key id || signature)>``.
Signatures of unknown keys are ignored; a wrong signature of a known key spoils the whole note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fourflow.foundation.evidence.types import NoteInvalid

MAX_NOTE_BYTES = 1 << 20
MAX_SIGNATURES = 16
ED25519_KEY_BYTES = 32
MLDSA44_KEY_BYTES = 1312
_DASH = "\u2014 "


class Algorithm(IntEnum):
    """Signature types of signed-note that this log knows."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    MLDSA44_COSIGNATURE = 0x06


_KEY_BYTES = {
    Algorithm.ED25519: ED25519_KEY_BYTES,
    Algorithm.ED25519_COSIGNATURE: ED25519_KEY_BYTES,
    Algorithm.MLDSA44_COSIGNATURE: MLDSA44_KEY_BYTES,
}


def decode_base64(text: str, *, what: str) -> bytes:
    """Decode standard base64 strictly: padding, alphabet and unused bits must be exact.

    :raises NoteInvalid: they are not.
    """
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise NoteInvalid(what=what, reason="base64") from error
    if base64.b64encode(raw).decode("ascii") != text:
        raise NoteInvalid(what=what, reason="base64")
    return raw


def encode_base64(raw: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def key_id(name: str, algorithm: int, public_key: bytes) -> int:
    """First four bytes of SHA-256(name || newline || type || key), big-endian."""
    digest = hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key).digest()
    return int.from_bytes(digest[:4], "big")


def check_key_name(name: str) -> str:
    """Give ``name`` back when it can be a key name: not empty, no plus sign, no space or control character.

    :raises NoteInvalid: it cannot.
    """
    if not name or any(c == "+" or c.isspace() or ord(c) < 0x20 for c in name):
        raise NoteInvalid(what="key name", reason="characters")
    return name


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and id under which it signs."""

    name: str
    algorithm: Algorithm
    public_key: bytes

    @property
    def id(self) -> int:
        """32-bit key id."""
        return key_id(self.name, self.algorithm, self.public_key)

    def __str__(self) -> str:
        return f"{self.name}+{self.id:08x}+{encode_base64(bytes([self.algorithm]) + self.public_key)}"

    def as_cosigner(self) -> VerifierKey:
        """The key as it cosigns: an Ed25519 key listed with type 0x01 cosigns with type 0x04."""
        if self.algorithm is Algorithm.ED25519:
            return VerifierKey(self.name, Algorithm.ED25519_COSIGNATURE, self.public_key)
        return self

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a vkey; the key id in it must be the right one.

        :raises NoteInvalid: it is malformed, of an unknown type or has a wrong key id.
        """
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise NoteInvalid(what="vkey", reason="shape")
        name, hexadecimal, encoded = check_key_name(parts[0]), parts[1], parts[2]
        raw = decode_base64(encoded, what="vkey")
        try:
            algorithm = Algorithm(raw[0])
        except (IndexError, ValueError) as error:
            raise NoteInvalid(what="vkey", reason="algorithm") from error
        key = cls(name, algorithm, raw[1:])
        if len(key.public_key) != _KEY_BYTES[algorithm]:
            raise NoteInvalid(what="vkey", reason="length", expected=_KEY_BYTES[algorithm])
        if f"{key.id:08x}" != hexadecimal:
            raise NoteInvalid(what="vkey", reason="key id", expected=f"{key.id:08x}")
        return key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key with its name; signs notes (0x01) or cosigns checkpoints (0x04)."""

    name: str
    seed: bytes

    def public_key(self) -> bytes:
        """Raw 32-byte public key."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def verifier(self, algorithm: Algorithm = Algorithm.ED25519) -> VerifierKey:
        """The matching verifier key."""
        return VerifierKey(check_key_name(self.name), algorithm, self.public_key())

    def sign(self, message: bytes) -> bytes:
        """RFC 8032 signature, 64 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read ``PRIVATE+KEY+<name>+<id>+<base64(0x01 || seed)>`` as Go's note package writes it.

        :raises NoteInvalid: it is malformed.
        """
        parts = text.split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise NoteInvalid(what="skey", reason="shape")
        raw = decode_base64(parts[4], what="skey")
        if len(raw) != 1 + ED25519_KEY_BYTES or raw[0] != Algorithm.ED25519:
            raise NoteInvalid(what="skey", reason="algorithm")
        key = cls(check_key_name(parts[2]), raw[1:])
        if f"{key.verifier().id:08x}" != parts[3]:
            raise NoteInvalid(what="skey", reason="key id")
        return key

    def encode(self) -> str:
        """The form that :meth:`parse` reads. Secret."""
        return (
            f"PRIVATE+KEY+{self.name}+{self.verifier().id:08x}+{encode_base64(bytes([Algorithm.ED25519]) + self.seed)}"
        )


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature line: who claims to have signed, and the bytes after the key id."""

    name: str
    key_id: int
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {encode_base64(self.key_id.to_bytes(4, 'big') + self.signature)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether name and id are those of ``key``; says nothing of validity."""
        return self.name == key.name and self.key_id == key.id

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """Read one line without its newline.

        :raises NoteInvalid: it is not a signature line.
        """
        name, space, encoded = line[len(_DASH) :].partition(" ")
        if not line.startswith(_DASH) or not space:
            raise NoteInvalid(what="signature line", reason="shape")
        raw = decode_base64(encoded, what="signature line")
        if len(raw) < 5:
            raise NoteInvalid(what="signature line", reason="length")
        return cls(check_key_name(name), int.from_bytes(raw[:4], "big"), raw[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note. Nothing in it is verified yet."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(line) for line in self.signatures)

    def with_signatures(self, lines: Iterable[SignatureLine]) -> Note:
        """The same text with more signature lines; a line that is already there is not repeated."""
        known = list(self.signatures)
        known.extend(line for line in lines if line not in known)
        return Note(self.text, tuple(known))

    @classmethod
    def parse(cls, note: str) -> Note:
        """Take a note apart.

        :raises NoteInvalid: it is not a note, or exceeds 1 MiB or 16 signatures.
        """
        if len(note) > MAX_NOTE_BYTES or len(note.encode("utf-8", "surrogatepass")) > MAX_NOTE_BYTES:
            raise NoteInvalid(what="note", reason="size", expected=MAX_NOTE_BYTES)
        if any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in note):
            raise NoteInvalid(what="note", reason="characters")
        cut = note.rfind("\n\n")
        if cut < 0 or not note.endswith("\n"):
            raise NoteInvalid(what="note", reason="shape")
        text, tail = note[: cut + 1], note[cut + 2 :]
        return cls(text, parse_signature_lines(tail))


def parse_signature_lines(tail: str) -> tuple[SignatureLine, ...]:
    """Read one to sixteen signature lines, each ending in a newline.

    :raises NoteInvalid: none, too many or a malformed one.
    """
    lines = tail.split("\n")
    if lines.pop() != "" or not lines:
        raise NoteInvalid(what="signatures", reason="shape")
    if len(lines) > MAX_SIGNATURES:
        raise NoteInvalid(what="signatures", reason="count", expected=MAX_SIGNATURES)
    return tuple(SignatureLine.parse(line) for line in lines)


def ed25519_valid(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is an RFC 8032 Ed25519 signature of the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def mldsa44_valid(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is a FIPS 204 ML-DSA-44 signature of the message; False where the library lacks it."""
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

        MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (ImportError, InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def sign_text(text: str, key: SigningKey) -> SignatureLine:
    """Sign a note text with an ordinary Ed25519 note key (type 0x01)."""
    if not text.endswith("\n"):
        raise NoteInvalid(what="note", reason="shape")
    return SignatureLine(key.name, key.verifier().id, key.sign(text.encode()))


def verified_by(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The ordinary note keys (type 0x01) among ``keys`` that signed ``note``.

    :raises NoteInvalid: a known key has a signature line here that does not verify.
    """
    found: list[VerifierKey] = []
    for line in note.signatures:
        for key in keys:
            if key.algorithm is Algorithm.ED25519 and line.is_by(key):
                if not ed25519_valid(key.public_key, line.signature, note.text.encode()):
                    raise NoteInvalid(what="signature", reason="does not verify", key=key.name)
                if key not in found:
                    found.append(key)
    return tuple(found)
