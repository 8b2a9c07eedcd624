"""Identifiers: UUID version 7 made in Python, prefixed Crockford base 32 at the edge (``vch_01J…``)."""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from fourflow.platform.errors import NotFound

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {c: i for i, c in enumerate(_ALPHABET)} | {c.lower(): i for i, c in enumerate(_ALPHABET)}
#: ten bits at a time: two characters
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_lock = threading.Lock()
_last = 0


class MalformedId(NotFound):
    """A text is not an identifier of the expected kind; to the caller that is an object that does not exist."""

    code = "id.malformed"


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562 §5.7), strictly increasing within a process.

    48 bits of milliseconds and 12 bits of a sub-millisecond counter, then 62 random bits.
    """
    global _last
    with _lock:
        nanos = time.time_ns()
        tick = (nanos // 1_000_000 << 12) | ((nanos % 1_000_000) * 4096 // 1_000_000)
        _last = tick = max(tick, _last + 1)
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | random)


def first_id(at: datetime) -> UUID:
    """Below every id that is made from an instant of the machine's on, and above every id made before."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)


@lru_cache(maxsize=8192)
def encode(prefix: str, value: UUID) -> str:
    """``encode("vch", id)`` → ``"vch_"`` and 26 Crockford base-32 characters."""
    number = value.int
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"


def decode(prefix: str, text: str) -> UUID:
    """The inverse of :func:`encode`; letter case does not matter.

    :raises MalformedId: another prefix, another length, a character outside the alphabet, or out of range.
    """
    head, _, body = text.partition("_")
    if head != prefix or len(body) != 26:
        raise MalformedId(value=text[:40], expected=f"{prefix}_…")
    number = 0
    for character in body:
        if character not in _VALUES:
            raise MalformedId(value=text[:40], expected=f"{prefix}_…")
        number = number << 5 | _VALUES[character]
    if number >= 1 << 128:
        raise MalformedId(value=text[:40], expected=f"{prefix}_…")
    return UUID(int=number)
