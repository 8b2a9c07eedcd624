"""Audit of the log itself: everything stored is made anew from the events and compared.

Whether the rows of the other modules still are what the events recorded is the business of oversight, which reads
their ``queries.evidenced()``; here it is events, leaves, tiles, heads and signatures.
"""

from __future__ import annotations

from collections.abc import Iterator

from fourflow.foundation.evidence.domain.checkpoints import Checkpoint, cosignatures
from fourflow.foundation.evidence.domain.merkle import EMPTY_ROOT, Frontier, leaf_hash, perfect_root
from fourflow.foundation.evidence.domain.notes import Note, VerifierKey, parse_signature_lines, verified_by
from fourflow.foundation.evidence.domain.policy import Policy
from fourflow.foundation.evidence.domain.tiles import TILE_BYTES, TileId
from fourflow.foundation.evidence.models import Checkpoint as CheckpointRow
from fourflow.foundation.evidence.models import Cosignature, Head, Tile
from fourflow.foundation.evidence.types import AuditReport, Finding
from fourflow.platform.errors import FourflowError
from fourflow.platform.events import queries as events
from fourflow.platform.events.leaf import build_leaf
from fourflow.platform.events.types import LeafSource


def _leaf_problem(source: LeafSource) -> str:
    """What is wrong with a stored leaf; empty when nothing is."""
    try:
        made = build_leaf(
            kind=source.kind,
            version=source.version,
            subject_id=source.subject_id,
            body=source.body,
            rows=source.rows,
            salt=source.salt,
            effective_at=source.effective_at,
        )
    except (ValueError, TypeError) as error:
        return f"cannot be made anew: {error}"
    if leaf_hash(source.entry) != source.leaf_hash:
        return "the hash is not that of the entry"
    return "" if made.entry == source.entry else "the event is not what its leaf commits to"


class _Auditor:
    """Goes through the log once, from the first leaf to the last signature."""

    def __init__(self, policy: Policy | None, log_key: VerifierKey | None) -> None:
        self.findings: list[Finding] = []
        self.policy = policy
        self.log_key = log_key
        self.roots: dict[int, bytes] = {}
        self.size = 0

    def found(self, code: str, subject: object, detail: str = "") -> None:
        self.findings.append(Finding(code, str(subject), detail))

    def run(self) -> AuditReport:
        heads = {size: bytes(root) for size, root in Head.objects.order_by("size").values_list("size", "root")}
        leaves = self.leaves(heads)
        tiles = self.tiles()
        checkpoints = self.checkpoints(heads)
        return AuditReport(leaves, tiles, checkpoints, self.cosignatures(), tuple(self.findings))

    def leaves(self, heads: dict[int, bytes]) -> int:
        """Make every leaf anew and compare; rebuild the tree and compare its root at every head."""
        count, frontier = 0, Frontier()
        batch: list[bytes] = []
        for source in events.leaf_sources():
            count += 1
            if problem := _leaf_problem(source):
                self.found("evidence.leaf_differs", source.id, problem)
            if source.position is None:
                continue
            if source.position != frontier.size + len(batch):
                self.found("evidence.position_gap", source.id, f"{source.position}, not {frontier.size + len(batch)}")
            batch.append(source.leaf_hash)
            if frontier.size + len(batch) in heads:
                frontier.extend(batch)
                batch = []
                self.roots[frontier.size] = frontier.root()
                if heads[frontier.size] != self.roots[frontier.size]:
                    self.found("evidence.head_differs", frontier.size, "the root is not that of the leaves")
        if batch:
            self.found("evidence.head_missing", frontier.size + len(batch), "numbered leaves without a head")
        for size in heads.keys() - self.roots.keys():
            self.found("evidence.head_differs", size, "no leaf ends there")
        self.size = frontier.size
        return count

    def _expected_tiles(self) -> Iterator[tuple[TileId, bytes]]:
        """Every tile of the tree, made from the leaf hashes of the events."""
        pending: list[list[bytes]] = [[]]
        numbers = [0]

        def push(level: int, digest: bytes) -> Iterator[tuple[TileId, bytes]]:
            if level == len(pending):
                pending.append([])
                numbers.append(0)
            pending[level].append(digest)
            if len(pending[level]) == 256:
                blob = b"".join(pending[level])
                yield (level, numbers[level]), blob
                pending[level] = []
                numbers[level] += 1
                yield from push(level + 1, perfect_root(blob))

        for source in events.leaf_sources():
            if source.position is not None and source.position < self.size:
                yield from push(0, source.leaf_hash)
        for level, rest in enumerate(pending):
            if rest:
                yield (level, numbers[level]), b"".join(rest)

    def tiles(self) -> int:
        """Compare every stored tile with the one made from the leaves."""
        expected = dict(self._expected_tiles())
        count = 0
        for level, number, raw in Tile.objects.values_list("level", "number", "hashes").iterator(chunk_size=500):
            count += 1
            wanted = expected.pop((level, number), None)
            if wanted is None or bytes(raw) != wanted or len(bytes(raw)) > TILE_BYTES:
                self.found("evidence.tile_differs", f"{level}/{number}", "not the hashes of the leaves")
        for level, number in expected:
            self.found("evidence.tile_missing", f"{level}/{number}")
        return count

    def checkpoints(self, heads: dict[int, bytes]) -> int:
        """Check that every signed checkpoint is the head of its size and that the log signed it."""
        count = 0
        for row in CheckpointRow.objects.order_by("pk").iterator(chunk_size=500):
            count += 1
            try:
                note = Note.parse(row.note)
                head = Checkpoint.parse(note.text)
                if head.size != row.pk or head.root != self.roots.get(row.pk, EMPTY_ROOT):
                    self.found("evidence.checkpoint_differs", row.pk, "not the root of the leaves")
                if self.log_key is not None and not verified_by(note, [self.log_key]):
                    self.found("evidence.checkpoint_unsigned", row.pk, "not signed by the log")
            except FourflowError as error:
                self.found("evidence.checkpoint_differs", row.pk, str(error))
        return count

    def cosignatures(self) -> int:
        """Check every cosignature whose witness the policy knows."""
        keys = [] if self.policy is None else [party.key.as_cosigner() for party in self.policy.witnesses.values()]
        count = 0
        rows = Cosignature.objects.select_related("checkpoint").order_by("checkpoint_id", "id")
        for row in rows.iterator(chunk_size=500):
            count += 1
            try:
                lines = parse_signature_lines(row.line)
                text = Note.parse(row.checkpoint.note).text
                known = [key for key in keys if lines[0].is_by(key)]
                if keys and not known:
                    self.found("evidence.cosignature_unknown", row.id, row.witness)
                elif known and not cosignatures(Note(text, lines), known):
                    self.found("evidence.cosignature_differs", row.id, row.witness)
            except FourflowError as error:
                self.found("evidence.cosignature_differs", row.id, str(error))
        return count


def audit_log(*, policy: Policy | None = None, log_vkey: str | None = None) -> AuditReport:
    """Make every leaf, tile and head anew from the events, check every signature, and name what differs.

    Without ``log_vkey`` the log's signatures, without ``policy`` the cosignatures are only counted. Rows of witnesses
    that the policy does not know are reported.
    """
    key = VerifierKey.parse(log_vkey) if log_vkey else None
    return _Auditor(policy, key).run()
