"""Key material of an installation: a 0600 file in its home, read once. A KMS takes its place behind the same functions."""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import os
import secrets
from pathlib import Path
from typing import Any


def home() -> Path:
    """The installation's home: database, keys, published log head, logs."""
    return Path(os.environ.get("FOURFLOW_HOME", ".fourflow")).absolute()


@functools.cache
def _load(path: Path) -> dict[str, Any]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = {
            "current": "k1",
            "keys": {"k1": base64.b64encode(secrets.token_bytes(16)).decode()},
            "index": base64.b64encode(secrets.token_bytes(32)).decode(),
            "ca": base64.b64encode(secrets.token_bytes(32)).decode(),
            "log": base64.b64encode(secrets.token_bytes(32)).decode(),
            "django": secrets.token_urlsafe(48),
        }
        temporary = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(fresh, file)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)  # two processes at once: the first one's keys stay
        temporary.unlink()
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def _file() -> Path:
    return Path(os.environ.get("FOURFLOW_KEYS_FILE", home() / "keys.json"))


def secret(name: str) -> bytes:
    """A named 32-byte secret: ``index`` (blind index), ``ca`` (sandbox CA), ``log`` (evidence log)."""
    return base64.b64decode(_load(_file())[name])


def django_secret() -> str:
    return str(_load(_file())["django"])


def current_key() -> tuple[str, bytes]:
    """Id and bytes of the key that encrypts now."""
    keys = _load(_file())
    return keys["current"], base64.b64decode(keys["keys"][keys["current"]])


def key(key_id: str) -> bytes:
    """An older or the current key by its id.

    :raises KeyError: there is no such key.
    """
    return base64.b64decode(_load(_file())["keys"][key_id])
