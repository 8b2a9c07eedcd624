"""What a sandbox process needs from its operating system."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


class HomeBusy(Exception):
    """Another process serves from the same home directory."""


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends (Linux; elsewhere nothing happens)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def claim_home(home: Path) -> IO[str]:
    """Make the directory, readable by its owner only, and lock it for the life of the returned file.

    :raises HomeBusy: see the class.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (home / "lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise HomeBusy(str(home)) from error
    return lock
