"""The loops of the log: one that numbers and signs, and one for each witness, so that a slow one delays nobody.

After every start each witness is asked once what it last cosigned, before anything is numbered or signed: a database
that was restored from a backup is recognised by it, and stays read-only. The question is a signed checkpoint of the
empty tree, which no tree ever contradicts.
"""

from __future__ import annotations

import time

import structlog
from django.db import transaction

from fourflow.foundation.evidence import operations, queries
from fourflow.foundation.evidence.domain.checkpoints import Checkpoint
from fourflow.foundation.evidence.domain.merkle import EMPTY_ROOT
from fourflow.foundation.evidence.domain.notes import Note, parse_signature_lines
from fourflow.foundation.evidence.models import Cosignature, WitnessSeen
from fourflow.foundation.evidence.ports import Log, Witness
from fourflow.foundation.evidence.types import (
    LogReadOnly,
    NoteInvalid,
    Step,
    WitnessBehind,
    WitnessRefused,
    WitnessUnavailable,
)
from fourflow.platform import clock, jobs

CHECKPOINT_EVERY_SECONDS = 1.0
CHECKPOINT_EVERY_LEAVES = 10_000
_log = structlog.get_logger()


class Writer:
    """The one writer of a log, with what it has learnt from the witnesses since it started."""

    def __init__(self, log: Log, *, every: float = CHECKPOINT_EVERY_SECONDS) -> None:
        self.log = log
        self._every = every
        self._signed_at = float("-inf")
        self._confirmed: set[str] = set()
        self._halted: dict[str, str] = {}
        self._checked = False

    def run_once(self, *, at_once: bool = False) -> Step:
        """Everything that is due, in one thread: ask, number, sign, collect cosignatures.

        ``at_once`` signs new leaves even if the last head is younger than a second.
        """
        asked = [
            name for one in self.log.witnesses if one.name not in self._confirmed for name in self.witness_once(one)
        ]
        step = self.sequence_once(at_once=at_once)
        if step.read_only:
            return step
        got = tuple(name for one in self.log.witnesses for name in self.witness_once(one))
        return Step(step.added, step.signed, tuple(dict.fromkeys((*asked, *got))), self.read_only, self.waiting)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Witnesses that have not answered since the start."""
        return tuple(one.name for one in self.log.witnesses if one.name not in self._confirmed)

    @property
    def read_only(self) -> str:
        """Why nothing may be written now; empty when it may."""
        if self._halted:
            return next(iter(self._halted.values()))
        return "unasked" if self.waiting else ""

    def sequence_once(self, *, at_once: bool = False) -> Step:
        """Number what is committed, grow the tree, sign when it is time: every second or 10,000 leaves."""
        if self.read_only:
            return Step(read_only=self.read_only, waiting=self.waiting)
        try:
            if not self._checked:
                operations.check_published_head(log=self.log, remembered=bool(self.log.witnesses))
                self._checked = True
            added = self._advance()
            signed = self._sign(at_once)
        except LogReadOnly as error:
            self._checked = False
            _log.error("evidence log is read-only", **error.params)
            return Step(read_only=str(error.params["reason"]))
        return Step(added, signed)

    def _advance(self) -> int:
        added = 0
        for _ in range(10):
            with transaction.atomic(durable=True):
                done = operations.advance()
            added += done.added if done else 0
            if done is None or done.added < operations.MAX_BATCH:
                break
        return added

    def _sign(self, at_once: bool) -> int | None:
        open_leaves = queries.size() - _signed_size()
        due = at_once or time.monotonic() - self._signed_at >= self._every or open_leaves >= CHECKPOINT_EVERY_LEAVES
        if not open_leaves or not due:
            return None
        with transaction.atomic(durable=True):
            head = operations.sign_checkpoint(log=self.log, remembered=bool(self._confirmed))
        if head is None:
            return None
        self._signed_at = time.monotonic()
        return head.size

    def witness_once(self, witness: Witness) -> tuple[str, ...]:
        """Bring one witness up to the newest signed head; gives its name when it has cosigned that."""
        name = witness.name
        try:
            met = () if name in self._confirmed else self._meet(witness)
            return self._submit(witness) or met
        except LogReadOnly as error:
            self._halted[name] = str(error.params["reason"])
            self._confirmed.discard(name)
            _log.error("evidence log is read-only", **error.params)
            operations.see_witness(name=name, problem=self._halted[name], checked_at=clock.now())
        except (WitnessRefused, WitnessUnavailable, WitnessBehind, NoteInvalid) as error:
            operations.see_witness(name=name, problem=str(error), checked_at=clock.now())
        return ()

    def _meet(self, witness: Witness) -> tuple[str, ...]:
        """Learn what a witness last cosigned; a witness that does not know this log cannot have cosigned it."""
        try:
            known = self._ask(witness)
        except WitnessRefused as error:
            if error.params.get("status") != 404:
                raise
            known = 0
        self._compare(witness, known)
        operations.see_witness(name=witness.name, size=known, checked_at=clock.now())
        done = self._deliver(witness, known) if known else ()
        self._confirmed.add(witness.name)
        self._halted.pop(witness.name, None)
        return done

    def _ask(self, witness: Witness) -> int:
        text = str(Checkpoint(self.log.signer.origin, 0, EMPTY_ROOT))
        note = str(Note(text, parse_signature_lines(self.log.signer.sign(text))))
        try:
            witness.add_checkpoint(old_size=0, proof=(), note=note)
        except WitnessBehind as error:
            return int(error.params["size"])
        return 0

    def _compare(self, witness: Witness, known: int) -> None:
        """A witness that has cosigned more than we remember having signed proves that this database is an old one."""
        signed = _signed_size()
        if known > signed:
            raise LogReadOnly(reason="behind", witness=witness.name, size=signed, expected=known)

    def _submit(self, witness: Witness) -> tuple[str, ...]:
        size = _signed_size()
        if not size or Cosignature.objects.filter(checkpoint_id=size, witness=witness.name).exists():
            return ()
        known = WitnessSeen.objects.filter(name=witness.name).values_list("size", flat=True).first() or 0
        try:
            return self._deliver(witness, known)
        except WitnessBehind as error:
            known = int(error.params["size"])
            self._compare(witness, known)
            operations.see_witness(name=witness.name, size=known, checked_at=clock.now())
            return self._deliver(witness, known)

    def _deliver(self, witness: Witness, known: int) -> tuple[str, ...]:
        """Send the newest signed head with its proof from what the witness knows; keep its cosignature."""
        note = queries.latest_note()
        if note is None:
            return ()
        size = Checkpoint.parse(Note.parse(note).text).size
        proof = queries.consistency_proof(known, size)
        try:
            lines = witness.add_checkpoint(old_size=known, proof=proof, note=note)
        except WitnessRefused as error:
            if error.params.get("status") == 422:
                raise LogReadOnly(reason="fork", witness=witness.name, size=size, expected=known) from error
            raise
        operations.record_cosignature(
            size=size, witness=witness.name, vkey=witness.vkey, lines=lines, checked_at=clock.now()
        )
        return (witness.name,)

    def sweepers(self) -> list[jobs.Sweeper]:
        """The loops for the worker process: one for the log, one for each witness. All in one process."""

        def follow(witness: Witness) -> jobs.Sweeper:
            return jobs.Sweeper(f"evidence.witness.{witness.name}", 0.3, lambda: len(self.witness_once(witness)))

        write = jobs.Sweeper("evidence.sequence", 0.1, lambda: self.sequence_once().steps)
        return [write, *(follow(witness) for witness in self.log.witnesses)]


def _signed_size() -> int:
    note = queries.latest_note()
    return 0 if note is None else Checkpoint.parse(Note.parse(note).text).size
