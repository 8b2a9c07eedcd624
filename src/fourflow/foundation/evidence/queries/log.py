"""Reading the log: state, heads, proofs, bundles, and their verification."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from uuid import UUID

import psycopg
from django.db import connection

from fourflow.foundation.evidence.domain.bundles import Bundle, open_fields, verify_bundle
from fourflow.foundation.evidence.domain.checkpoints import Checkpoint
from fourflow.foundation.evidence.domain.notes import MAX_SIGNATURES, Note, SignatureLine
from fourflow.foundation.evidence.domain.policy import Policy, parse_policy
from fourflow.foundation.evidence.domain.proofs import TlogProof
from fourflow.foundation.evidence.domain.tiles import TILE_HEIGHT, TILE_WIDTH, TileId, Tree
from fourflow.foundation.evidence.models import Checkpoint as CheckpointRow
from fourflow.foundation.evidence.models import Cosignature, Head, WitnessSeen
from fourflow.foundation.evidence.types import (
    EventNotFound,
    LogState,
    NotYetInLog,
    SignedHead,
    Stage,
    Verdict,
    WitnessState,
)
from fourflow.platform.db.reading import reading
from fourflow.platform.db.visibility import Viewer
from fourflow.platform.events import queries as events
from fourflow.platform.events.leaf import leaf_fields
from fourflow.platform.events.types import LeafSource


def tiles(wanted: Iterable[TileId]) -> dict[TileId, bytes]:
    """Tiles by (level, number), in one query; those that do not exist are missing from the answer."""
    ids = list(wanted)
    if not ids:
        return {}
    levels, numbers = [level for level, _ in ids], [number for _, number in ids]
    connection.ensure_connection()
    # binary both ways: as text every tile would be twice as long and decoded digit by digit
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "select t.level, t.number, t.hashes from unnest(%b::int[], %b::bigint[]) w(level, number) "
            "join evidence_tile t on t.level = w.level and t.number = w.number",
            [levels, numbers],
            binary=True,
        )
        return {(level, number): raw for level, number, raw in cursor.fetchall()}


def tree(size: int, indices: Iterable[int] = ()) -> Tree:
    """The tree of the first ``size`` leaves; the tiles for proofs of ``indices`` are read beforehand in one query."""
    wanted: set[TileId] = set()
    for index in (*indices, size):
        level = 0
        while size >> TILE_HEIGHT * level:
            wanted.add((level, index >> TILE_HEIGHT * (level + 1)))
            level += 1
    known = tiles(wanted)

    def read(level: int, number: int) -> bytes:
        raw = known.pop((level, number), None)
        if raw is None:
            raw = tiles([(level, number)]).get((level, number), b"")
        # the tile may have grown beyond this tree; what it holds of the tree is its beginning
        width = min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - number * TILE_WIDTH)
        return raw[: width * 32]

    return Tree(size, read)


def latest_note() -> str | None:
    """The newest signed checkpoint, as the log alone signed it."""
    return CheckpointRow.objects.order_by("-pk").values_list("note", flat=True).first()


def size() -> int:
    """Leaves in the log."""
    return Head.objects.order_by("-size").values_list("size", flat=True).first() or 0


def _with_cosignatures(row: CheckpointRow) -> tuple[Note, tuple[str, ...]]:
    found = Cosignature.objects.filter(checkpoint_id=row.pk).order_by("id").values_list("witness", "line")
    rows = list(found[: MAX_SIGNATURES - 1])
    lines = [SignatureLine.parse(line.rstrip("\n")) for _, line in rows]
    return Note.parse(row.note).with_signatures(lines), tuple(name for name, _ in rows)


def _signed_head(row: CheckpointRow) -> SignedHead:
    note, witnesses = _with_cosignatures(row)
    head = Checkpoint.parse(note.text)
    return SignedHead(head.origin, head.size, head.root, str(note), witnesses, row.recorded_at)


def best_head(beyond: int = -1) -> SignedHead | None:
    """The signed head over leaf ``beyond`` with most cosignatures among the newest twenty cosigned, else the newest."""
    rows = CheckpointRow.objects.filter(pk__gt=beyond).order_by("-pk")
    cosigned = Cosignature.objects.filter(checkpoint_id__gt=beyond).order_by("-checkpoint_id")
    counts: dict[int, int] = {}
    for one in cosigned.values_list("checkpoint_id", flat=True)[: 20 * MAX_SIGNATURES]:
        counts[one] = counts.get(one, 0) + 1
    if counts:
        best = max(list(counts.items())[:20], key=lambda item: (item[1], item[0]))[0]
        rows = rows.filter(pk=best)
    row = rows.first()
    return None if row is None else _signed_head(row)


def heads(limit: int = 50) -> list[SignedHead]:
    """The newest signed heads, newest first, with their cosignatures."""
    return [_signed_head(row) for row in CheckpointRow.objects.order_by("-pk")[:limit]]


def log_state() -> LogState:
    """The log at a glance."""
    row = CheckpointRow.objects.order_by("-pk").first()
    seen = WitnessSeen.objects.order_by("name")
    return LogState(
        size=size(),
        waiting=events.unsequenced(),
        head=None if row is None else _signed_head(row),
        witnesses=tuple(WitnessState(one.name, one.size, one.problem, one.checked_at) for one in seen),
    )


@lru_cache(maxsize=4)
def _tree_with(root: bytes, size: int) -> Tree:
    """A tree kept for the next proof. The root fixes every tile, so what is kept can never be out of date."""
    return tree(size)


def inclusion_proof(index: int, tree_size: int, *, root: bytes | None = None) -> tuple[bytes, ...]:
    """Path of leaf ``index`` in the tree of the first ``tree_size`` leaves; a caller who has its root passes it.

    :raises ProofInvalid: there is no such leaf in such a tree.
    """
    if root is None:
        stored = Head.objects.filter(size=tree_size).values_list("root", flat=True).first()
        root = None if stored is None else bytes(stored)
    if root is None:
        return tree(tree_size, [index]).inclusion(index)
    return _tree_with(root, tree_size).inclusion(index)


def consistency_proof(old_size: int, new_size: int) -> tuple[bytes, ...]:
    """Proof that the tree of ``new_size`` leaves begins with that of ``old_size``.

    :raises ProofInvalid: the old one is larger.
    """
    return tree(new_size, [max(old_size - 1, 0)]).consistency(old_size)


def _source(event_id: UUID, actor: Viewer) -> LeafSource:
    with reading(actor):
        found = events.leaf_source(event_id)
    if found is None:
        raise EventNotFound(value=str(event_id))
    return found


def stage(event_id: UUID, actor: Viewer) -> Stage:
    """How far an event has come on its way from recorded to witnessed.

    :raises EventNotFound: no such event, or not visible to the actor.
    """
    position = _source(event_id, actor).position
    if position is None:
        return Stage.RECORDED
    if Cosignature.objects.filter(checkpoint_id__gt=position).exists():
        return Stage.WITNESSED
    return Stage.CHECKPOINTED if CheckpointRow.objects.filter(pk__gt=position).exists() else Stage.SEQUENCED


def open_to_parties(name: str) -> bool:
    """Fields that a bundle opens by default: the event's own, not the digests of database rows."""
    return not name.startswith("row/")


def bundle(
    event_id: UUID, actor: Viewer, *, disclose: Callable[[str], bool] | Collection[str] = open_to_parties
) -> bytes:
    """The proof bundle of an event, as a file's bytes; ``disclose`` chooses the fields to open (by name).

    :raises EventNotFound: no such event, or not visible to the actor.
    :raises NotYetInLog: no signed checkpoint covers it yet.
    """
    source = _source(event_id, actor)
    head = None if source.position is None else best_head(source.position)
    if source.position is None or head is None:
        raise NotYetInLog(value=str(event_id))
    fields = leaf_fields(version=source.version, subject_id=source.subject_id, body=source.body, rows=source.rows)
    proof = TlogProof(source.position, inclusion_proof(source.position, head.size, root=head.root), head.note)
    return str(Bundle(source.entry, open_fields(fields, source.salt, disclose=disclose), proof)).encode()


def read_policy(text: str) -> Policy:
    """A reader's trust policy from the text of its file.

    :raises PolicyInvalid: with the line that is wrong.
    """
    return parse_policy(text)


def verify(bundle: str | bytes, policy: Policy) -> Verdict:
    """Check a bundle offline: needs no database, asks nobody. A bad bundle gives a verdict, not an error."""
    return verify_bundle(bundle, policy)
