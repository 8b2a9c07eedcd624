"""From an event to its leaf: salted commitments per field, canonical entry, RFC 6962 leaf hash. Pure.

Every hash outside the tree begins with a label of its own and a NUL; 0x00 and 0x01 belong to the tree. So no value
of one kind can ever pass for one of another kind. The formulas are those of docs/subsystems/evidence.md.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any
from uuid import UUID

from fourflow.platform.canonical_json import canonical

FORMAT = "fourflow-evidence/1"
ALGORITHM = "sha256"
LABELS: Mapping[str, bytes] = {
    name: f"{FORMAT} {name}".encode() + b"\x00" for name in ("field", "body", "salt", "stream")
}
"""Domain separation: no label is a prefix of another."""
MAX_ENTRY_BYTES = 65_535
SALT_BYTES = 32

_FIELD, _BODY, _SALT, _STREAM = (LABELS[name] for name in ("field", "body", "salt", "stream"))
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_BLOCK_BYTES = 64


@dataclass(frozen=True, slots=True)
class Leaf:
    """``entry``: canonical JSON that mirrors may hold; ``hash``: what stands in the tree."""

    entry: bytes
    hash: bytes


class _Mac:
    """HMAC-SHA-256 (RFC 2104) under one key for many messages: the key is absorbed once, three times faster."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK_BYTES:
            key = hashlib.sha256(key).digest()
        block = key.ljust(_BLOCK_BYTES, b"\x00")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def __call__(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def field_salt(salt: bytes, name: str) -> bytes:
    """Salt of one field: HMAC-SHA-256 under the event's secret; whoever gets one learns no other."""
    return _Mac(salt)(_SALT + name.encode())


def field_digest(name: str, value: Any, salt: bytes) -> bytes:
    """SHA-256(label || field salt || JCS([name, value])), 32 bytes."""
    return hashlib.sha256(_FIELD + salt + _pair(name, value)).digest()


def _pair(name: str, value: Any) -> bytes:
    """RFC 8785 of [name, value]; plain scalars are written directly, which gives the same bytes much faster."""
    kind = type(value)
    if kind is str:
        return f"[{encode_basestring(name)},{encode_basestring(value)}]".encode()
    if kind is int and -(2**53) < value < 2**53:
        return f"[{encode_basestring(name)},{value}]".encode()
    return canonical([name, value])


def body_commitment(digests: Iterable[bytes]) -> bytes:
    """SHA-256(label || d_1 … d_n), the field digests in the order of their names."""
    return hashlib.sha256(_BODY + b"".join(digests)).digest()


def stream_tag(subject_id: UUID, key: bytes = b"") -> bytes:
    """Tag that all events of one object share: HMAC-SHA-256(key, label || id).

    Without a key the tag still hides the object from those who do not know its id, which has 62 random bits.
    """
    return _Mac(key)(_STREAM + subject_id.bytes)


def leaf_fields(
    *, version: int, subject_id: UUID, body: Mapping[str, Any], rows: Iterable[Sequence[str]] = ()
) -> dict[str, Any]:
    """The fields that a leaf commits to: the event's own, its version and subject, and a digest per evidenced row.

    ``rows`` are (table, key, hex digest). Own fields are identifiers, so the names with a slash cannot collide.
    Several digests for one row in one event: the last one counts.
    """
    fields: dict[str, Any] = dict(body)
    fields["event/version"] = version
    fields["event/subject"] = str(subject_id)
    for table, key, digest in rows:
        fields[f"row/{table}/{key}"] = digest
    return fields


def field_digests(fields: Mapping[str, Any], salt: bytes) -> list[tuple[str, bytes]]:
    """(name, digest) of every field, in the order of the names."""
    sha, mac, pair = hashlib.sha256, _Mac(salt), _pair
    return [
        (name, sha(_FIELD + mac(_SALT + name.encode()) + pair(name, fields[name])).digest()) for name in sorted(fields)
    ]


def instant(moment: datetime.datetime) -> str:
    """RFC 3339 in UTC with microseconds and Z.

    :raises TypeError: the instant is naive.
    """
    if moment.tzinfo is None:
        raise TypeError("a leaf needs an instant with a zone")
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def leaf_entry(*, kind: str, stream: bytes, body: bytes, at: datetime.datetime, parents: Sequence[bytes] = ()) -> bytes:
    """Canonical leaf entry: RFC 8785 written out, its seven ASCII keys being in order.

    :raises ValueError: it would exceed 65,535 bytes, the limit of an entry bundle.
    """
    listed = ",".join(f'"{parent.hex()}"' for parent in parents)
    entry = (
        f'{{"alg":"{ALGORITHM}","at":"{instant(at)}","body":"{body.hex()}","kind":{encode_basestring(kind)},'
        f'"parents":[{listed}],"stream":"{stream.hex()}","v":"{FORMAT}"}}'
    ).encode()
    if len(entry) > MAX_ENTRY_BYTES:
        raise ValueError(f"a leaf entry has at most {MAX_ENTRY_BYTES} bytes, not {len(entry)}")
    return entry


def build_leaf(
    *,
    kind: str,
    version: int,
    subject_id: UUID,
    body: Mapping[str, Any],
    rows: Iterable[Sequence[str]] = (),
    salt: bytes,
    effective_at: datetime.datetime,
    parents: Sequence[bytes] = (),
    stream_key: bytes = b"",
) -> Leaf:
    """The leaf of an event. ``salt`` is the event's own 32 random bytes: whoever has them can open every field.

    :raises ValueError: a short salt, or an entry over 65,535 bytes.
    :raises TypeError: a value without a canonical JSON form, such as a float, or a naive instant.
    """
    if len(salt) < SALT_BYTES:
        raise ValueError(f"an event's salt has {SALT_BYTES} bytes")
    fields = leaf_fields(version=version, subject_id=subject_id, body=body, rows=rows)
    commitment = body_commitment(digest for _, digest in field_digests(fields, salt))
    entry = leaf_entry(
        kind=kind, stream=stream_tag(subject_id, stream_key), body=commitment, at=effective_at, parents=parents
    )
    return Leaf(entry, hashlib.sha256(b"\x00" + entry).digest())
