"""The log's key, its published head and the operator's policy file in the installation's home."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from fourflow.foundation.evidence.domain.checkpoints import Checkpoint
from fourflow.foundation.evidence.domain.notes import SigningKey, sign_text
from fourflow.foundation.evidence.domain.policy import Policy, parse_policy
from fourflow.foundation.evidence.ports import Log, Witness
from fourflow.foundation.evidence.types import NoteInvalid


class LocalKey:
    """An Ed25519 log key held in memory; the origin is the key's name."""

    def __init__(self, seed: bytes, origin: str | None = None) -> None:
        public = SigningKey("x", seed).public_key()
        self._key = SigningKey(origin or f"fourflow.invalid/{hashlib.sha256(public).hexdigest()[:16]}", seed)

    @property
    def origin(self) -> str:
        """Name of the log; without one given, made from the key, so that no two logs ever share it."""
        return self._key.name

    @property
    def vkey(self) -> str:
        """Public key for policy files."""
        return str(self._key.verifier())

    def sign(self, text: str) -> str:
        """Signature line over a checkpoint of this log and nothing else.

        :raises NoteInvalid: the text is no checkpoint, or one of another log.
        """
        if Checkpoint.parse(text).origin != self.origin:
            raise NoteInvalid(what="log key", reason="name", expected=self.origin)
        return str(sign_text(text, self._key))


class HeadFile:
    """The published head as one file; replaced whole and synced with its directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str | None:
        """The note in the file; None when there is no file."""
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def publish(self, note: str) -> None:
        """Write, sync, rename, sync the directory."""
        write_durably(self._path, note)


def write_durably(path: Path, text: str) -> None:
    """Replace a file so that after a crash it holds either the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def policy_path(home: Path) -> Path:
    """The operator's own tlog-policy file: the log and its witnesses with their addresses."""
    return home / "evidence" / "policy.txt"


def head_path(home: Path) -> Path:
    """Where the published head is kept."""
    return home / "evidence" / "published-head.txt"


def write_policy(*, home: Path, signer: LocalKey, witnesses: Iterable[tuple[str, str, str]]) -> Path:
    """Write the policy file from (name, vkey, url) of each witness; the quorum is any one of them.

    :raises PolicyInvalid: a key or a name is wrong, or stands there twice.
    """
    known = list(witnesses)
    lines = [f"log {signer.vkey}", *(f"witness {name} {vkey} {url}" for name, vkey, url in known)]
    if known:
        lines.append("group witnesses any " + " ".join(name for name, _, _ in known))
    lines.append("quorum witnesses" if known else "quorum none")
    text = "\n".join(lines) + "\n"
    parse_policy(text)
    write_durably(policy_path(home), text)
    return policy_path(home)


def move_witnesses(*, home: Path, addresses: Mapping[str, str]) -> None:
    """Witnesses of the policy file, by name, answer at other addresses now; who they are, by their keys, stays."""

    def moved(line: str) -> str:
        word, _, rest = line.partition(" ")
        name, *key = rest.split(" ")[:2]
        return f"witness {name} {key[0]} {addresses[name]}" if word == "witness" and name in addresses else line

    old = policy_path(home).read_text(encoding="utf-8")
    text = "\n".join(map(moved, old.splitlines())) + "\n"
    if text != old:
        parse_policy(text)
        write_durably(policy_path(home), text)


def read_policy(home: Path) -> Policy:
    """The policy file; without one a policy that knows nobody.

    :raises PolicyInvalid: the file is wrong.
    """
    try:
        return parse_policy(policy_path(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return parse_policy("quorum none\n")


def open_log(*, home: Path, seed: bytes, connect: Callable[[str, str, str], Witness], origin: str | None = None) -> Log:
    """The log of this installation, with every witness of the policy file that has an address.

    ``connect`` makes a witness from (name, vkey, url).

    :raises PolicyInvalid: the policy file is wrong.
    """
    known = read_policy(home).witnesses.items()
    witnesses = [connect(name, str(party.key.as_cosigner()), party.url) for name, party in known if party.url]
    return Log(signer=LocalKey(seed, origin), head=HeadFile(head_path(home)), witnesses=witnesses)
