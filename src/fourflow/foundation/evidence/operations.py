"""The writer's steps: number events and grow the tree, sign a head, keep a cosignature.

Only these steps write the log, one writer at a time under one advisory lock. A signed head never contradicts an
earlier one: before signing, the tree is compared with the head that was published outside of the database.
"""

from __future__ import annotations

import datetime

from django.db import connection, transaction

from fourflow.foundation.evidence.domain.checkpoints import Checkpoint, cosignatures
from fourflow.foundation.evidence.domain.merkle import EMPTY_ROOT
from fourflow.foundation.evidence.domain.notes import (
    Note,
    SignatureLine,
    VerifierKey,
    parse_signature_lines,
    verified_by,
)
from fourflow.foundation.evidence.domain.tiles import TileId, extend, root_from_tail, tail_ids
from fourflow.foundation.evidence.models import Checkpoint as CheckpointRow
from fourflow.foundation.evidence.models import Cosignature, Head, WitnessSeen
from fourflow.foundation.evidence.ports import Log
from fourflow.foundation.evidence.queries.log import latest_note, tiles, tree
from fourflow.foundation.evidence.types import Advanced, LogCorrupt, LogReadOnly, NoteInvalid, WitnessBehind
from fourflow.platform.events.operations import sequence

SEQUENCER_LOCK = 0x46464C4F47
"""Key of the advisory lock that makes the writer the only one."""
MAX_BATCH = 10_000


def _only_writer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
        return bool(cursor.fetchone()[0])


def advance(*, limit: int = MAX_BATCH) -> Advanced | None:
    """Number up to ``limit`` committed events, append their leaves, store tiles and the new (unsigned) head.

    None when another process is writing just now.

    :raises LogCorrupt: the stored tiles do not give the stored root, or positions have a gap.
    """
    with transaction.atomic():
        if not _only_writer():
            return None
        size, root = Head.objects.order_by("-size").values_list("size", "root").first() or (0, EMPTY_ROOT)
        root = bytes(root)
        events = sequence(limit)
        if not events:
            return Advanced(size, size, root)
        if (events[0].position, events[-1].position) != (size, size + len(events) - 1):
            raise LogCorrupt(what="positions", expected=size, value=events[0].position)
        tail = tiles(tail_ids(size))
        if root_from_tail(size, tail) != root:
            raise LogCorrupt(what="tiles", value=size)
        grown = extend(size=size, tail=tail, leaf_hashes=[event.leaf_hash for event in events])
        _store_tiles(list(grown.tiles.items()))
        Head.objects.create(size=grown.size, root=grown.root)
        return Advanced(size, grown.size, grown.root)


def _store_tiles(changed: list[tuple[TileId, bytes]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into evidence_tile (level, number, hashes) select * from unnest(%s::smallint[], %s::bigint[], "
            "%s::bytea[]) on conflict (level, number) do update set hashes = excluded.hashes",
            [[level for (level, _), _ in changed], [number for (_, number), _ in changed], [raw for _, raw in changed]],
        )


def check_published_head(*, log: Log, remembered: bool = True) -> None:
    """Compare the tree with the head published outside of the database, and with the last one signed inside.

    ``remembered``: a witness has confirmed the log since the start, so a lost file may be written anew.

    :raises LogReadOnly: the published head is larger than the tree (``head_ahead``: an old backup was restored), it
        is not the beginning of the tree (``head_differs``), or is gone and nobody else remembers (``head_missing``).
    """
    size = Head.objects.order_by("-size").values_list("size", flat=True).first() or 0
    signed = latest_note()
    published = log.head.read()
    if published is None and signed is not None and not remembered:
        raise LogReadOnly(reason="head_missing")
    for note in filter(None, (signed, published)):
        parsed = Note.parse(note)
        if not verified_by(parsed, [VerifierKey.parse(log.signer.vkey)]):
            raise LogReadOnly(reason="head_differs", expected=log.signer.origin)
        head = Checkpoint.parse(parsed.text)
        if head.size > size:
            raise LogReadOnly(reason="head_ahead", size=size, expected=head.size)
        if tree(size).root(head.size) != head.root:
            raise LogReadOnly(reason="head_differs", size=head.size)


def sign_checkpoint(*, log: Log, remembered: bool = True) -> Checkpoint | None:
    """Sign the latest head, if it is not signed yet. Call it when the head is committed, never in its transaction.

    The signed note is first on disk outside of the database, then in it: whoever has seen it, we remember it.

    :raises LogReadOnly: see :func:`check_published_head`.
    """
    with transaction.atomic():
        if not _only_writer():
            return None
        row = Head.objects.order_by("-size").first()
        if row is None or CheckpointRow.objects.filter(pk__gte=row.size).exists():
            return None
        check_published_head(log=log, remembered=remembered)
        head = Checkpoint(log.signer.origin, row.size, bytes(row.root))
        text = str(head)
        note = str(Note(text, parse_signature_lines(log.signer.sign(text))))
        log.head.publish(note)
        CheckpointRow.objects.create(head=row, note=note)
        return head


def record_cosignature(
    *, size: int, witness: str, vkey: str, lines: str, checked_at: datetime.datetime
) -> SignatureLine:
    """Verify a witness's answer on the checkpoint of ``size`` and keep its cosignature.

    :raises NoteInvalid: there is no valid cosignature by ``vkey`` among the lines.
    """
    note = Note.parse(CheckpointRow.objects.values_list("note", flat=True).get(pk=size))
    found = cosignatures(Note(note.text, parse_signature_lines(lines)), [VerifierKey.parse(vkey)])
    if not found:
        raise NoteInvalid(what="cosignature", reason="not by the witness", key=witness)
    one = found[0]
    with transaction.atomic():
        Cosignature.objects.bulk_create(
            [
                Cosignature(
                    checkpoint_id=size,
                    witness=witness,
                    key_id=one.key.id,
                    line=str(one.line),
                    cosigned_at=one.timestamp,
                )
            ],
            ignore_conflicts=True,
        )
        see_witness(name=witness, size=size, checked_at=checked_at)
    return one.line


def see_witness(*, name: str, checked_at: datetime.datetime, size: int = 0, problem: str = "") -> None:
    """Keep what is known of a witness. Its size never falls: one that went back has lost its memory.

    :raises WitnessBehind: it went back.
    """
    with transaction.atomic():
        row, _ = WitnessSeen.objects.get_or_create(name=name, defaults={"checked_at": checked_at})
        back = not problem and size < row.size
        row.problem = f"went back from {row.size} to {size}" if back else problem
        row.size, row.checked_at = max(row.size, size), checked_at
        row.save(update_fields=["size", "problem", "checked_at"])
    if back:
        raise WitnessBehind(witness=name, size=size, expected=row.size)
