"""The tree agrees with the recursive definition of RFC 6962 and with vectors that others wrote."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.evidence import TileStore

from fourflow.foundation.evidence.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    node_hash,
    split,
    verify_consistency,
    verify_inclusion,
)
from fourflow.foundation.evidence.domain.tiles import Tree, extend, path_of, root_from_tail, tail_ids
from fourflow.foundation.evidence.types import ProofInvalid

LEAVES = [hashlib.sha256(f"leaf {n}".encode()).digest() for n in range(1400)]
SIZES = st.one_of(st.integers(1, 40), st.integers(250, 262), st.integers(505, 520), st.integers(1, 1400))


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def subproof(size: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if size == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if size <= k:
        return [*subproof(size, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(size - k, leaves[k:], False), mth(leaves[:k])]


def store_of(size: int) -> TileStore:
    store = TileStore()
    store.append(LEAVES[:size])
    return store


def vectors(shared: Path, name: str) -> Any:
    return json.loads((shared / "data" / "evidence" / name).read_text())


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@given(SIZES)
@settings(deadline=None, max_examples=40)
def test_a_root_from_tiles_is_the_root_of_the_definition(size: int) -> None:
    store, frontier = store_of(size), Frontier()
    frontier.extend(LEAVES[:size])
    assert store.root == mth(LEAVES[:size]) == frontier.root() == store.tree().root()


@given(SIZES, st.data())
@settings(deadline=None, max_examples=40)
def test_growing_in_any_steps_gives_the_same_tree(size: int, data: st.DataObject) -> None:
    store = TileStore()
    while store.size < size:
        store.append(LEAVES[store.size : store.size + data.draw(st.integers(1, size - store.size))])
    assert store.root == mth(LEAVES[:size])
    assert store.tiles == store_of(size).tiles


@given(SIZES, st.data())
@settings(deadline=None, max_examples=60)
def test_an_inclusion_proof_from_tiles_is_the_path_of_the_definition_and_verifies(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = store_of(size).tree().inclusion(index)
    assert list(proof) == path(index, LEAVES[:size])
    verify_inclusion(leaf=LEAVES[index], index=index, size=size, path=proof, root=mth(LEAVES[:size]))


@given(SIZES, st.data())
@settings(deadline=None, max_examples=60)
def test_a_consistency_proof_from_tiles_is_the_proof_of_the_definition_and_verifies(
    size: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, size))
    proof = store_of(size).tree().consistency(old)
    assert list(proof) == subproof(old, LEAVES[:size], True)
    verify_consistency(old_size=old, new_size=size, old_root=mth(LEAVES[:old]), new_root=mth(LEAVES[:size]), path=proof)


@given(st.integers(2, 700), st.data())
@settings(deadline=None, max_examples=60)
def test_a_proof_with_one_flipped_bit_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root = mth(LEAVES[:size])
    proof = list(store_of(size).tree().inclusion(index))
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    proof[at] = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf=LEAVES[index], index=index, size=size, path=proof, root=root)
    old = data.draw(st.integers(1, size - 1))
    chain = list(store_of(size).tree().consistency(old))
    at = data.draw(st.integers(0, len(chain) - 1))
    chain[at] = (int.from_bytes(chain[at], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(ProofInvalid):
        verify_consistency(old_size=old, new_size=size, old_root=mth(LEAVES[:old]), new_root=root, path=chain)


@given(st.integers(1, 300), st.data())
@settings(deadline=None, max_examples=40)
def test_a_proof_serves_no_other_place_and_no_other_length(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = store_of(size).tree().inclusion(index)
    root = mth(LEAVES[:size])
    other = data.draw(st.integers(-2, size + 300).filter(lambda n: n != index))
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf=LEAVES[index], index=other, size=size, path=proof, root=root)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf=LEAVES[index], index=index, size=size, path=[*proof, root], root=root)


def test_the_tree_refuses_what_it_does_not_hold() -> None:
    tree = store_of(10).tree()
    for wrong in (
        lambda: tree.inclusion(10),
        lambda: tree.inclusion(-1),
        lambda: tree.consistency(11),
        lambda: tree.leaf(10),
    ):
        with pytest.raises(ProofInvalid):
            wrong()
    with pytest.raises(ProofInvalid):
        extend(size=10, tail={}, leaf_hashes=LEAVES[:1])
    with pytest.raises(ProofInvalid):
        Tree(11, lambda level, number: store_of(10).tiles[level, number]).root()


def test_the_partial_tiles_alone_give_the_root_of_a_tree_of_three_levels() -> None:
    store = TileStore()
    many = [hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(66_000)]
    store.append(many)
    frontier = Frontier()
    frontier.extend(many)
    assert root_from_tail(store.size, {one: store.tiles[one] for one in tail_ids(store.size)}) == frontier.root()
    proof = store.tree().inclusion(65_536)
    verify_inclusion(leaf=many[65_536], index=65_536, size=66_000, path=proof, root=frontier.root())


def test_tiles_are_named_as_tlog_tiles_names_them() -> None:
    assert path_of(0, 1_234_067) == "tile/0/x001/x234/067"
    assert path_of(1, 0, 17) == "tile/1/000.p/17"


def test_constants_of_other_implementations(shared: Path) -> None:
    found = vectors(shared, "merkle-constants.json")
    leaves = [leaf_hash(bytes.fromhex(one)) for one in found["leaf_inputs_hex"]]
    assert [one.hex() for one in leaves] == found["node_hashes_hex_by_level"][0]
    for size, root in enumerate(found["root_hashes_hex_by_size"]):
        store = TileStore()
        store.append(leaves[:size])
        assert store.root.hex() == root
    assert EMPTY_ROOT.hex() == found["root_hashes_hex_by_size"][0]


def test_inclusion_probes_of_other_implementations(shared: Path) -> None:
    found = vectors(shared, "merkle-inclusion.json")
    refused = 0
    for one in found["vectors"]:
        proof = [raw(text) for text in one["proof"] or []]
        try:
            verify_inclusion(
                leaf=raw(one["leafHash"]), index=one["leafIdx"], size=one["treeSize"], path=proof, root=raw(one["root"])
            )
            assert not one["wantErr"], one["file"]
        except ProofInvalid:
            assert one["wantErr"], one["file"]
            refused += 1
    assert (len(found["vectors"]), refused) == (found["count"], found["wantErr"])


def test_consistency_probes_of_other_implementations(shared: Path) -> None:
    found = vectors(shared, "merkle-consistency.json")
    refused = 0
    for one in found["vectors"]:
        proof = [raw(text) for text in one["proof"] or []]
        try:
            verify_consistency(
                old_size=one["size1"],
                new_size=one["size2"],
                old_root=raw(one["root1"]),
                new_root=raw(one["root2"]),
                path=proof,
            )
            assert not one["wantErr"], one["file"]
        except ProofInvalid:
            assert one["wantErr"], one["file"]
            refused += 1
    assert (len(found["vectors"]), refused) == (found["count"], found["wantErr"])


def test_record_hash_of_the_go_checksum_database(shared: Path) -> None:
    for text, digest in vectors(shared, "go-note-examples.json")["record_hash"].items():
        assert leaf_hash(text.encode()) == raw(digest)
