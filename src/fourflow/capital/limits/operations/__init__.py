"""Writes: a funder publishes, freezes and unfreezes a line; other capital modules use it."""

from __future__ import annotations

from fourflow.capital.limits.operations.publish import decide, freeze, propose, unfreeze
from fourflow.capital.limits.operations.use import block, move, release, utilise

__all__ = ["block", "decide", "freeze", "move", "propose", "release", "unfreeze", "utilise"]
