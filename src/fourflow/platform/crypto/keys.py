"""Key material of an installation: a 0600 file in its home, or a KMS behind the same port."""

from __future__ import annotations

import base64
import contextlib
import functools
import importlib
import json
import os
import secrets
from pathlib import Path
from typing import Any, Protocol


class SealingKeys(Protocol):
    """Where the keys of sealed fields come from. Keys are never changed or forgotten: old backups are sealed with them."""

    def current(self) -> tuple[str, bytes]:
        """Id (at most 255 bytes) and 16 bytes of the key that seals now."""
        ...

    def key(self, key_id: str) -> bytes:
        """:raises KeyError: there is no such key."""
        ...

    def renew(self) -> str:
        """Make another key and let it be the one that seals, for every process at once; its id."""
        ...


def home() -> Path:
    """The installation's home: database, keys, published log head, logs."""
    return Path(os.environ.get("FOURFLOW_HOME", ".fourflow")).absolute()


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _write(path: Path, content: dict[str, Any]) -> Path:
    """A synced file beside ``path``, for the caller to put in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _load(path: Path) -> dict[str, Any]:
    """The file as it is now: another process may have renewed the key."""
    try:
        state = path.stat()
    except FileNotFoundError:
        fresh = {
            "current": "k1",
            "keys": {"k1": _random(16)},
            **{name: _random(32) for name in ("index", "ca", "log")},
            "django": secrets.token_urlsafe(48),
        }
        temporary = _write(path, fresh)
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)  # two processes at once: the first one's keys stay
        temporary.unlink()
        state = path.stat()
    return _read(path, state.st_ino, state.st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read(path: Path, inode: int, changed: int) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def _file() -> Path:
    return Path(os.environ.get("FOURFLOW_KEYS_FILE", home() / "keys.json"))


class FileKeys:
    """Keys in the installation's key file."""

    def current(self) -> tuple[str, bytes]:
        keys = _load(_file())
        return keys["current"], base64.b64decode(keys["keys"][keys["current"]])

    def key(self, key_id: str) -> bytes:
        return base64.b64decode(_load(_file())["keys"][key_id])

    def renew(self) -> str:
        path = _file()
        known = _load(path)
        key_id = f"k{len(known['keys']) + 1}"
        renewed = {**known, "current": key_id, "keys": {**known["keys"], key_id: _random(16)}}
        _write(path, renewed).replace(path)
        return key_id


@functools.cache
def _named(place: str) -> SealingKeys:
    module, _, name = place.partition(":")
    made: SealingKeys = getattr(importlib.import_module(module), name)()
    return made


def sealing_keys() -> SealingKeys:
    """The key file's, or those of the KMS adapter that FOURFLOW_KEYS names as ``module:class``."""
    return _named(os.environ.get("FOURFLOW_KEYS", f"{__name__}:FileKeys"))


def secret(name: str) -> bytes:
    """A named 32-byte secret: ``index`` (blind index), ``ca`` (sandbox CA), ``log`` (evidence log)."""
    return base64.b64decode(_load(_file())[name])


def django_secret() -> str:
    return str(_load(_file())["django"])
