"""RFC 6962 consistency: is the old tree a prefix of the new one?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def consistent(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Check a consistency proof (RFC 9162 section 2.1.4.2, whose algorithm also serves RFC 6962).

    Size 0 is decided before the algorithm: every tree extends the empty one, with an empty proof.
    """
    if new_size == 0 and new_root != EMPTY_ROOT:
        return False
    if old_size == 0 or old_size == new_size:
        return not proof and (old_size == 0 or old_root == new_root)
    if old_size > new_size:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    return bool(path) and _climb(old_size - 1, new_size - 1, path) == (old_root, new_root)


def _climb(old_index: int, new_index: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots as the path gives them, or ``None`` for a path of the wrong length."""
    while old_index & 1:
        old_index, new_index = old_index >> 1, new_index >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if new_index == 0:
            return None
        if old_index & 1 or old_index == new_index:
            old, new = _node(sibling, old), _node(sibling, new)
            while old_index and not old_index & 1:
                old_index, new_index = old_index >> 1, new_index >> 1
        else:
            new = _node(new, sibling)
        old_index, new_index = old_index >> 1, new_index >> 1
    return (old, new) if new_index == 0 else None
