"""What the log needs from outside: a key that signs, a memory outside of the database, witnesses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class LogSigner(Protocol):
    """The log's own key, in a file, an HSM or a KMS."""

    @property
    def origin(self) -> str:
        """Name of the log: first line of every checkpoint and name of the key."""
        ...

    @property
    def vkey(self) -> str:
        """Public key in the form that policy files hold."""
        ...

    def sign(self, text: str) -> str:
        """Signature line (with its newline) over a checkpoint text."""
        ...


class PublishedHead(Protocol):
    """The last signed checkpoint, kept durably outside of the database, so that a restored database is recognised."""

    def read(self) -> str | None:
        """The note, or None when nothing was ever published."""
        ...

    def publish(self, note: str) -> None:
        """Replace the note; it is on disk when this returns."""
        ...


class Witness(Protocol):
    """A C2SP tlog-witness as its client sees it. No call of it ever happens inside a database transaction."""

    @property
    def name(self) -> str:
        """Name in the operator's own policy file."""
        ...

    @property
    def vkey(self) -> str:
        """The key that it cosigns with."""
        ...

    def add_checkpoint(self, *, old_size: int, proof: Sequence[bytes], note: str) -> str:
        """Submit a checkpoint with its consistency proof from ``old_size``; gives cosignature lines.

        :raises WitnessBehind: (409) the witness last cosigned another size, ``size``.
        :raises WitnessRefused: 403 signature, 404 unknown log, 422 inconsistent, 400 malformed, as ``status``.
        :raises WitnessUnavailable: no answer, or one that means nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Log:
    """A log as its writer needs it."""

    signer: LogSigner
    head: PublishedHead
    witnesses: Sequence[Witness] = ()
