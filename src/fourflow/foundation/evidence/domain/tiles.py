"""The tree as tiles of 256 hashes (C2SP tlog-tiles): growing it, and taking proofs out of it.

Tile (0, n) holds the leaf hashes n·256…; tile (l, n) holds the roots of the full tiles (l−1, n·256…).
Only the last tile of a level may be partial, and a tile only ever grows at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fourflow.foundation.evidence.domain.merkle import (
    HASH_SIZE,
    fold,
    node_hash,
    parents,
    perfect_ranges,
    perfect_root,
    split,
)
from fourflow.foundation.evidence.types import ProofInvalid

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * HASH_SIZE
MAX_HELD_TILES = 2048
"""What one :class:`Tree` keeps in memory: 16 MiB."""

TileId = tuple[int, int]
"""(level, number)"""

TileReader = Callable[[int, int], bytes]
"""Gives the concatenated hashes of tile (level, number): full, or as many as there are."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What appending a batch changes: the new size and root, and every tile that is new or longer."""

    size: int
    root: bytes
    tiles: Mapping[TileId, bytes]


def tail_ids(size: int) -> list[TileId]:
    """The partial tiles of a tree of ``size`` leaves: what :func:`extend` needs to go on."""
    found: list[TileId] = []
    level = 0
    while size:
        if size % TILE_WIDTH:
            found.append((level, size // TILE_WIDTH))
        size //= TILE_WIDTH
        level += 1
    return found


def extend(*, size: int, tail: Mapping[TileId, bytes], leaf_hashes: Sequence[bytes]) -> Extension:
    """Append leaf hashes to the tree of ``size`` leaves whose partial tiles are ``tail``.

    :raises ProofInvalid: a partial tile is missing or has not the length that ``size`` says.
    """
    changed: dict[TileId, bytes] = {}
    edge: list[bytes] = []
    pending = b"".join(leaf_hashes)
    new_size = size + len(leaf_hashes)
    level = 0
    while size >> TILE_HEIGHT * level or new_size >> TILE_HEIGHT * level:
        count = size >> TILE_HEIGHT * level
        number, width = count // TILE_WIDTH, count % TILE_WIDTH
        blob = tail.get((level, number), b"") if width else b""
        if len(blob) != width * HASH_SIZE:
            raise ProofInvalid(what="tile", reason="length", expected=width)
        if pending:
            blob += pending
            roots: list[bytes] = []
            for at in range(0, len(blob), TILE_BYTES):
                piece = blob[at : at + TILE_BYTES]
                changed[level, number + at // TILE_BYTES] = piece
                if len(piece) == TILE_BYTES:
                    roots.append(perfect_root(piece))
            pending = b"".join(roots)
            blob = blob[len(blob) - len(blob) % TILE_BYTES :]
        edge.append(blob)
        level += 1
    return Extension(size=new_size, root=_root_of_edge(edge), tiles=changed)


def _root_of_edge(edge: Sequence[bytes]) -> bytes:
    """Root of the tree whose partial tiles, lowest level first, are ``edge``."""
    frontier: list[bytes] = []
    for blob in reversed(edge):
        at, left = 0, len(blob) // HASH_SIZE
        while left:
            width = 1 << left.bit_length() - 1
            frontier.append(perfect_root(blob[at : at + width * HASH_SIZE]))
            at += width * HASH_SIZE
            left -= width
    return fold(frontier)


def root_from_tail(size: int, tail: Mapping[TileId, bytes]) -> bytes:
    """Root of the tree of ``size`` leaves, from its partial tiles alone."""
    return extend(size=size, tail=tail, leaf_hashes=()).root


@lru_cache(maxsize=1024)
def _storeys(tile: bytes) -> tuple[bytes, ...]:
    """All interior storeys of a full tile: [0] its 256 hashes, … [7] its two halves, [8] its root."""
    storeys = [tile]
    while len(storeys[-1]) > HASH_SIZE:
        storeys.append(parents(storeys[-1]))
    return tuple(storeys)


class Tree:
    """A tree of a fixed size read through its tiles; takes roots and proofs out of it."""

    def __init__(self, size: int, read: TileReader) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[TileId, bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """Root of the perfect subtree over leaves index·2^level … (index+1)·2^level−1."""
        storey, inside = divmod(level, TILE_HEIGHT)
        number, at = divmod(index << inside, TILE_WIDTH)
        tile = self._tile(storey, number)
        width = HASH_SIZE << inside
        if len(tile) == TILE_BYTES:
            where = (at >> inside) * HASH_SIZE
            return _storeys(tile)[inside][where : where + HASH_SIZE]
        piece = tile[at * HASH_SIZE : at * HASH_SIZE + width]
        if len(piece) != width:
            raise ProofInvalid(what="tile", reason="length", expected=at + (1 << inside))
        return perfect_root(piece)

    def _tile(self, level: int, number: int) -> bytes:
        tile = self._tiles.get((level, number))
        if tile is None:
            if len(self._tiles) >= MAX_HELD_TILES:
                self._tiles.clear()
            tile = self._tiles[level, number] = self._read(level, number)
        return tile

    def _range(self, start: int, end: int) -> bytes:
        return fold([self.node(level, index) for level, index in perfect_ranges(start, end)])

    def root(self, size: int | None = None) -> bytes:
        """Root over the first ``size`` leaves (all of them by default)."""
        return self._range(0, self._prefix(size))

    def _prefix(self, size: int | None) -> int:
        size = self.size if size is None else size
        if not 0 <= size <= self.size:
            raise ProofInvalid(what="tree", reason="size", expected=self.size)
        return size

    def leaf(self, index: int) -> bytes:
        """Leaf hash at ``index``."""
        if not 0 <= index < self.size:
            raise ProofInvalid(what="tree", reason="index", expected=self.size)
        return self.node(0, index)

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """PATH(index, D[size]) of RFC 6962: siblings from the leaf upwards.

        :raises ProofInvalid: there is no such leaf in a tree of that size.
        """
        end = self._prefix(size)
        if not 0 <= index < end:
            raise ProofInvalid(what="inclusion", reason="index", expected=end)
        path: list[bytes] = []
        start = 0
        while end - start > 1:
            middle = start + split(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        path.reverse()
        return tuple(path)

    def consistency(self, old_size: int, new_size: int | None = None) -> tuple[bytes, ...]:
        """PROOF(old_size, D[new_size]) of RFC 6962; empty for equal sizes and for the empty tree.

        :raises ProofInvalid: the old tree is larger than the new one.
        """
        end = self._prefix(new_size)
        if not 0 <= old_size <= end:
            raise ProofInvalid(what="consistency", reason="size", expected=end)
        if old_size in (0, end):
            return ()
        path: list[bytes] = []
        start, whole = 0, True
        while old_size != end:
            middle = start + split(end - start)
            if old_size <= middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start, whole = middle, False
        if not whole:
            path.append(self._range(start, end))
        path.reverse()
        return tuple(path)


def path_of(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Path of a tile as C2SP tlog-tiles publishes it, such as ``tile/0/x001/234`` or ``tile/0/000.p/17``."""
    digits = [f"{number % 1000:03d}"]
    number //= 1000
    while number:
        digits.insert(0, f"x{number % 1000:03d}")
        number //= 1000
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(digits)}{partial}"


__all__ = [
    "TILE_BYTES",
    "TILE_WIDTH",
    "Extension",
    "Tree",
    "extend",
    "node_hash",
    "path_of",
    "root_from_tail",
    "tail_ids",
]
