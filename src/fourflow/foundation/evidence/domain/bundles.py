"""Proof bundles: one JSON text that proves one event offline, and its verification against a reader's policy.

The bundle holds no key. Trust comes from the policy alone; without an independent cosignature the result is no
more than the operator's word, and says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from fourflow.foundation.evidence.domain.checkpoints import Checkpoint, Cosigned, cosignatures
from fourflow.foundation.evidence.domain.merkle import leaf_hash, verify_inclusion
from fourflow.foundation.evidence.domain.notes import MAX_NOTE_BYTES, Note, verified_by
from fourflow.foundation.evidence.domain.policy import NO_QUORUM, Policy
from fourflow.foundation.evidence.domain.proofs import TlogProof
from fourflow.foundation.evidence.types import BundleInvalid, Check, Result, Verdict
from fourflow.platform.canonical_json import canonical
from fourflow.platform.errors import FourflowError
from fourflow.platform.events.leaf import (
    ALGORITHM,
    FORMAT,
    MAX_ENTRY_BYTES,
    body_commitment,
    field_digest,
    field_digests,
    field_salt,
)

BUNDLE_FORMAT = "fourflow-evidence-bundle/1"
MAX_FIELDS = 4096
MAX_INTEGER = 2**53 - 1
_HEX32 = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_ENTRY_KEYS = {"alg", "at", "body", "kind", "parents", "stream", "v"}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One field of an event, opened."""

    name: str
    value: Any
    salt: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything needed to check one event offline. ``fields`` in the order of their names: opened, or a digest."""

    entry: bytes
    fields: tuple[Disclosure | bytes, ...]
    proof: TlogProof

    def __str__(self) -> str:
        fields = [
            {"digest": one.hex()}
            if isinstance(one, bytes)
            else {"name": one.name, "salt": one.salt.hex(), "value": one.value}
            for one in self.fields
        ]
        text = {"format": BUNDLE_FORMAT, "entry": self.entry.decode(), "fields": fields, "proof": str(self.proof)}
        return json.dumps(text, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> Bundle:
        """Read a bundle; see docs/subsystems/evidence.md for the format. Nothing is verified yet.

        :raises BundleInvalid: another shape, unknown keys, floats, over 1 MiB.
        :raises NoteInvalid: the proof inside is malformed.
        """
        raw = _object(load_json(text), {"format", "entry", "fields", "proof"}, "bundle")
        if raw["format"] != BUNDLE_FORMAT:
            raise BundleInvalid(what="format", reason="unknown", expected=BUNDLE_FORMAT)
        if not isinstance(raw["entry"], str) or not isinstance(raw["proof"], str):
            raise BundleInvalid(what="bundle", reason="shape")
        if not isinstance(raw["fields"], list) or len(raw["fields"]) > MAX_FIELDS:
            raise BundleInvalid(what="fields", reason="shape", expected=MAX_FIELDS)
        return cls(
            entry=raw["entry"].encode(),
            fields=tuple(_field(one) for one in raw["fields"]),
            proof=TlogProof.parse(raw["proof"]),
        )


def load_json(text: str) -> Any:
    """Parse JSON without floats, without repeated keys, with integers that every reader holds exactly.

    :raises BundleInvalid: it is not that, or over 1 MiB.
    """

    def refuse(_: str) -> NoReturn:
        raise BundleInvalid(what="json", reason="number")

    def integer(digits: str) -> int:
        if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
            raise BundleInvalid(what="json", reason="number")
        return int(digits)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise BundleInvalid(what="json", reason="repeated key")
        return found

    try:
        if len(text.encode()) > MAX_NOTE_BYTES:
            raise BundleInvalid(what="json", reason="size", expected=MAX_NOTE_BYTES)
        found = json.loads(text, parse_float=refuse, parse_constant=refuse, parse_int=integer, object_pairs_hook=unique)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BundleInvalid(what="json", reason="syntax") from error
    return found


def _object(value: Any, keys: set[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != keys:
        raise BundleInvalid(what=what, reason="keys", expected=sorted(keys))
    return value


def _hash(value: Any, what: str) -> bytes:
    if not isinstance(value, str) or not _HEX32.fullmatch(value):
        raise BundleInvalid(what=what, reason="hash")
    return bytes.fromhex(value)


def _field(value: Any) -> Disclosure | bytes:
    if isinstance(value, dict) and "digest" in value:
        return _hash(_object(value, {"digest"}, "field")["digest"], "field")
    found = _object(value, {"name", "salt", "value"}, "field")
    if not isinstance(found["name"], str):
        raise BundleInvalid(what="field", reason="name")
    return Disclosure(found["name"], found["value"], _hash(found["salt"], "field"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf entry, read."""

    kind: str
    at: str
    stream: bytes
    body: bytes
    parents: tuple[bytes, ...]


def parse_entry(raw: bytes) -> Entry:
    """Read a leaf entry; only its one canonical form is accepted.

    :raises BundleInvalid: it is not a leaf entry of this format.
    """
    if len(raw) > MAX_ENTRY_BYTES:
        raise BundleInvalid(what="entry", reason="size", expected=MAX_ENTRY_BYTES)
    found = _object(load_json(raw.decode()), _ENTRY_KEYS, "entry")
    if canonical(found) != raw:
        raise BundleInvalid(what="entry", reason="not canonical")
    if found["v"] != FORMAT or found["alg"] != ALGORITHM:
        raise BundleInvalid(what="entry", reason="format", expected=FORMAT)
    if not isinstance(found["kind"], str) or not isinstance(found["at"], str) or not _INSTANT.fullmatch(found["at"]):
        raise BundleInvalid(what="entry", reason="shape")
    if not isinstance(found["parents"], list):
        raise BundleInvalid(what="entry", reason="shape")
    return Entry(
        kind=found["kind"],
        at=found["at"],
        stream=_hash(found["stream"], "entry"),
        body=_hash(found["body"], "entry"),
        parents=tuple(_hash(one, "entry") for one in found["parents"]),
    )


def open_fields(
    fields: Mapping[str, Any], salt: bytes, *, disclose: Callable[[str], bool] | Collection[str]
) -> tuple[Disclosure | bytes, ...]:
    """The fields of an event as a bundle shows them: those to ``disclose`` with their salts, the others as digests."""
    wanted = disclose if callable(disclose) else frozenset(disclose).__contains__
    return tuple(
        Disclosure(name, fields[name], field_salt(salt, name)) if wanted(name) else digest
        for name, digest in field_digests(fields, salt)
    )


def check_commitment(entry: Entry, fields: Sequence[Disclosure | bytes]) -> dict[str, Any]:
    """The opened fields, after checking that together with the digests they are what the leaf commits to.

    :raises BundleInvalid: they are not, or names are out of order.
    """
    opened = [one for one in fields if isinstance(one, Disclosure)]
    names = [one.name for one in opened]
    if names != sorted(set(names)):
        raise BundleInvalid(what="fields", reason="order")
    digests = (one if isinstance(one, bytes) else field_digest(one.name, one.value, one.salt) for one in fields)
    if body_commitment(digests) != entry.body:
        raise BundleInvalid(what="fields", reason="commitment")
    return {one.name: one.value for one in opened}


def independent(found: Sequence[Cosigned], policy: Policy) -> tuple[str, ...]:
    """Policy names of the witnesses that cosigned with a key that is no log's key, each key once."""
    logs = {party.key.public_key for party in policy.logs}
    keys = {one.key.public_key for one in found} - logs
    names: dict[bytes, str] = {}
    for name, party in policy.witnesses.items():
        if party.key.public_key in keys:
            names.setdefault(party.key.public_key, name)
    return tuple(names.values())


class _Verifier:
    """Runs the checks in order, collects what they show, and stops at the first that fails."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.checks: list[Check] = []
        self.shown: dict[str, Any] = {}

    def check(self, name: str, step: Callable[[], str]) -> None:
        try:
            self.checks.append(Check(name, True, step()))
        except (FourflowError, ValueError) as error:
            self.checks.append(Check(name, False, str(error)))
            raise _Stop from error

    def run(self, text: str) -> Verdict:
        try:
            self.check("bundle", lambda: self._bundle(text))
            self.check("entry", self._entry)
            self.check("commitment", self._commitment)
            self.check("log signature", self._log)
            self.check("inclusion", self._inclusion)
            self.check("cosignatures", self._cosignatures)
        except _Stop:
            return Verdict(Result.REJECTED, tuple(self.checks))
        return self._result()

    def _bundle(self, text: str) -> str:
        self.bundle = Bundle.parse(text)
        self.note = Note.parse(self.bundle.proof.checkpoint)
        self.head = Checkpoint.parse(self.note.text)
        return ""

    def _entry(self) -> str:
        self.entry = parse_entry(self.bundle.entry)
        self.shown.update(kind=self.entry.kind, at=self.entry.at)
        return ""

    def _commitment(self) -> str:
        opened = check_commitment(self.entry, self.bundle.fields)
        self.shown.update(disclosed=opened, undisclosed=len(self.bundle.fields) - len(opened))
        return ""

    def _log(self) -> str:
        keys = [party.key for party in self.policy.logs if party.key.name == self.head.origin]
        signers = verified_by(self.note, keys)
        if not signers:
            raise BundleInvalid(what="log signature", reason="no trusted log key signed")
        self.shown.update(origin=self.head.origin, size=self.head.size)
        return signers[0].name

    def _inclusion(self) -> str:
        proof = self.bundle.proof
        verify_inclusion(
            leaf=leaf_hash(self.bundle.entry),
            index=proof.index,
            size=self.head.size,
            path=proof.path,
            root=self.head.root,
        )
        self.shown.update(index=proof.index)
        return ""

    def _cosignatures(self) -> str:
        found = cosignatures(self.note, [party.key for party in self.policy.witnesses.values()])
        self.witnesses = independent(found, self.policy)
        if found:
            times = [one.timestamp for one in found]
            self.shown.update(oldest_cosignature=min(times), newest_cosignature=max(times))
        return str(len(self.witnesses))

    def _result(self) -> Verdict:
        met = self.policy.satisfied_by(self.witnesses)
        enough = met and bool(self.witnesses)
        self.checks.append(Check("quorum", enough, "none asked" if self.policy.quorum == NO_QUORUM else ""))
        result = Result.WITNESSED if enough else Result.QUORUM_MISSING if self.witnesses else Result.OPERATOR_ONLY
        return Verdict(result, tuple(self.checks), self.witnesses, **self.shown)


class _Stop(Exception):
    """A check failed."""


def verify_bundle(bundle: str | bytes, policy: Policy) -> Verdict:
    """Check a bundle against a reader's policy. Never raises for a bad bundle: the verdict names what failed."""
    text = bundle if isinstance(bundle, str) else bundle.decode("utf-8", "surrogateescape")
    return _Verifier(policy).run(text)
