"""The witness: what it has cosigned is checked and replaced in one durable transaction before it answers."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from fourflow_sandbox import fields
from fourflow_sandbox.http.server import Request, Response, Route, answer
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Store, StoreMissing
from fourflow_sandbox.witness import note, tree
from fourflow_sandbox.witness.note import Checkpoint, CosigningKey, Malformed, SignedNote, VerifierKey

SCHEMA = """
CREATE TABLE IF NOT EXISTS identity (id INTEGER PRIMARY KEY CHECK (id = 1), vkey TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS log_key (origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey));
CREATE TABLE IF NOT EXISTS head (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL CHECK (size >= 0), root BLOB NOT NULL CHECK (length(root) = 32),
  checkpoint TEXT NOT NULL, cosignature TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS head_only_grows BEFORE UPDATE ON head
WHEN NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root) OR NEW.origin <> OLD.origin
BEGIN SELECT RAISE(ABORT, 'a log does not shrink'); END;
CREATE TRIGGER IF NOT EXISTS head_is_kept BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'heads are kept'); END;
"""
_LARGEST = 65_536
_MOST_HASHES = 63


class WitnessLost(Exception):
    """The key exists but its database does not (or belongs to another key): this witness is retired, not reset."""


def _write_key(path: Path, key: CosigningKey) -> None:
    partial = path.with_name(path.name + ".new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def open_witness(key_file: Path, database: Path, name: str) -> Witness:
    """Open the witness; the first start makes the database, then the key.

    :raises WitnessLost: see the class.
    :raises Malformed: the key file cannot be read.
    """
    if not key_file.exists():
        store = Store(database, SCHEMA)
        with store.writing() as connection:
            if connection.execute("SELECT 1 FROM head").fetchone() is not None:
                raise WitnessLost(f"{database} has cosigned but its key {key_file} is gone")
            key = CosigningKey(name, secrets.token_bytes(32))
            connection.execute("INSERT OR REPLACE INTO identity VALUES (1, ?)", (key.verifier.text(),))
        _write_key(key_file, key)
        return Witness(store, key)
    key = CosigningKey.parse(key_file.read_text(encoding="ascii"))
    try:
        store = Store(database, SCHEMA, create=False)
    except StoreMissing as error:
        raise WitnessLost(f"{key_file} exists but its database {database} is gone") from error
    with store.reading() as connection:
        row = connection.execute("SELECT vkey FROM identity").fetchone()
    if row is None or row["vkey"] != key.verifier.text():
        raise WitnessLost(f"{database} belongs to another key than {key_file}")
    return Witness(store, key)


@dataclass(frozen=True)
class _Submission:
    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> _Submission:
        head, separator, rest = body.partition(b"\n\n")
        if not separator or len(body) > _LARGEST:
            raise Malformed("add-checkpoint body")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed("ASCII") from error
        if not lines[0].startswith("old ") or len(lines) - 1 > _MOST_HASHES:
            raise Malformed("old size line or number of hashes")
        proof = tuple(note.unbase64(line) for line in lines[1:])
        if any(len(value) != 32 for value in proof):
            raise Malformed("proof hash")
        signed = SignedNote.parse(rest)
        return cls(note.size(lines[0][4:]), proof, signed, Checkpoint.parse(signed.text))


class Witness:
    """One witness and its port."""

    def __init__(self, store: Store, key: CosigningKey) -> None:
        self._store = store
        self._key = key

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def routes(self) -> list[Route]:
        """``/add-checkpoint`` as C2SP says; the rest is the sandbox's own."""
        return [
            Route("POST", "/add-checkpoint", self._add_checkpoint, "add-checkpoint"),
            Route("GET", "/witness/vkey", self._vkey),
            Route("GET", "/witness/checkpoint", self._latest),
            Route("POST", "/witness/logs", self._trust),
            Route("GET", "/witness/logs", self._trusted),
        ]

    def trust(self, vkey: str, origin: str = "") -> VerifierKey:
        """Accept a log's key; the origin is the key's name unless given.

        :raises Malformed: no Ed25519 log vkey.
        """
        key = VerifierKey.parse(vkey)
        if key.kind != note.LOG_KEY:
            raise Malformed("not a log key")
        with self._store.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO log_key VALUES (?, ?)", (origin or key.name, key.text()))
        return key

    def add_checkpoint(self, body: bytes) -> Response:
        """Check and cosign (tlog-witness v1.0.0).

        400 malformed or old above new, 404 unknown log, 403 no good signature, 409 with the size when the old size is
        not the latest, 422 when the proof or a same-size root does not fit.
        """
        try:
            submission = _Submission.parse(body)
        except Malformed as error:
            raise Refusal(400, "checkpoint.malformed", why=str(error)) from error
        checkpoint = submission.checkpoint
        self._authentic(submission)
        if submission.old_size > checkpoint.size:
            raise Refusal(400, "checkpoint.old_size_above_new")
        with self._store.writing() as connection:
            row = connection.execute("SELECT * FROM head WHERE origin = ?", (checkpoint.origin,)).fetchone()
            latest, root = (row["size"], row["root"]) if row else (0, tree.EMPTY_ROOT)
            if latest != submission.old_size:
                return Response(409, f"{latest}\n".encode(), "text/x.tlog.size")
            if not tree.consistent(latest, root, checkpoint.size, checkpoint.root, submission.proof):
                raise Refusal(422, "checkpoint.inconsistent", latest=latest)
            cosignature = self._key.cosign(submission.note.text, int(time.time()))
            connection.execute(
                "INSERT INTO head VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET size = excluded.size,"
                " root = excluded.root, checkpoint = excluded.checkpoint, cosignature = excluded.cosignature",
                (checkpoint.origin, checkpoint.size, checkpoint.root, submission.note.text, cosignature),
            )
        return Response(200, cosignature.encode(), "text/plain; charset=utf-8")

    def _authentic(self, submission: _Submission) -> None:
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT vkey FROM log_key WHERE origin = ?", (submission.checkpoint.origin,)
            ).fetchall()
        if not rows:
            raise Refusal(404, "log.unknown")
        if not any(submission.note.signed_by(VerifierKey.parse(row["vkey"])) for row in rows):
            raise Refusal(403, "checkpoint.signature")

    def _add_checkpoint(self, request: Request) -> Response:
        return self.add_checkpoint(request.body)

    def _vkey(self, request: Request) -> Response:
        return Response(200, (self._key.verifier.text() + "\n").encode(), "text/plain; charset=utf-8")

    def _latest(self, request: Request) -> Response:
        origin = request.query.get("origin", "")
        with self._store.reading() as connection:
            row = connection.execute("SELECT * FROM head WHERE origin = ?", (origin,)).fetchone()
        if row is None:
            raise Refusal(404, "checkpoint.none")
        text = row["checkpoint"] + "\n" + row["cosignature"]
        return Response(200, text.encode(), "text/plain; charset=utf-8")

    def _trust(self, request: Request) -> Response:
        body = request.json()
        try:
            origin = fields.text(body, "origin", longest=200, default="")
            key = self.trust(fields.text(body, "vkey", longest=400), origin)
        except Malformed as error:
            raise Refusal(422, "field.invalid", field="vkey", expected=str(error)) from error
        return answer({"origin": origin or key.name, "vkey": key.text()}, 201)

    def _trusted(self, request: Request) -> Response:
        with self._store.reading() as connection:
            rows = connection.execute("SELECT origin, vkey FROM log_key ORDER BY origin, vkey").fetchall()
        return answer({"logs": [dict(row) for row in rows]})
