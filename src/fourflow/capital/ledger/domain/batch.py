"""A batch of entries as the columns that the database function takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fourflow.capital.ledger.types import AccountKey, BatchSizeWrong, Entry, Posted, ReferenceMissing, TransferId

#: More in one batch would hold its locks for long; a caller with more splits it under several references.
MAX_ENTRIES = 10_000

_POSITION_BITS = 16


def check(entries: Sequence[Entry], reference: str) -> None:
    """Refuse what no batch may be.

    :raises BatchSizeWrong: no entry, or more than :data:`MAX_ENTRIES`.
    :raises ReferenceMissing: an empty reference.
    """
    if not 0 < len(entries) <= MAX_ENTRIES:
        raise BatchSizeWrong(value=len(entries), expected=MAX_ENTRIES)
    if not reference:
        raise ReferenceMissing(field="reference")


def keys(entries: Sequence[Entry]) -> set[AccountKey]:
    """The accounts that a batch touches."""
    found = {entry.debit for entry in entries}
    found.update(entry.credit for entry in entries)
    return found


def columns(entries: Sequence[Entry], ids: Mapping[AccountKey, int]) -> list[str]:
    """Debit, credit, amount, kind, refers to, expires at, instrument, narrative, in order of the entries, as text of arrays.

    Text, because a driver that adapts element by element takes a fifth of the whole time of posting.

    :raises KeyError: an account's id is not known.
    """
    words = {code: _quoted(code) for code in {entry.narrative_code for entry in entries}}
    return [
        _array([str(ids[entry.debit]) for entry in entries]),
        _array([str(ids[entry.credit]) for entry in entries]),
        _array([str(entry.amount.minor) for entry in entries]),
        _array([entry.kind._value_ for entry in entries]),
        _array(["NULL" if (target := entry.refers_to) is None else str(target) for entry in entries]),
        _array(["NULL" if (date := entry.expires_at) is None else f'"{date.isoformat()}"' for entry in entries]),
        _array(["NULL" if (about := entry.instrument) is None else f"{about.int:032x}" for entry in entries]),
        _array([words[entry.narrative_code] for entry in entries]),
    ]


def _array(elements: Iterable[str]) -> str:
    return f"{{{','.join(elements)}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def posted(batch_id: int, size: int, *, replayed: bool) -> Posted:
    """The ids of a batch's transfers follow from its own: ``batch << 16 | position``, from 1."""
    first = batch_id << _POSITION_BITS
    return Posted(batch_id, tuple(TransferId(first | position) for position in range(1, size + 1)), replayed)
