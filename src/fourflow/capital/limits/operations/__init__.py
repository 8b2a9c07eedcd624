"""Writes: a funder publishes, freezes and unfreezes a line, singly or from a file; other capital modules use it."""

from __future__ import annotations

from fourflow.capital.limits.operations.from_file import plan_file, propose_rows
from fourflow.capital.limits.operations.publish import check, decide, expire, freeze, propose, unfreeze
from fourflow.capital.limits.operations.use import block, move, release, utilise

__all__ = [
    "block",
    "check",
    "decide",
    "expire",
    "freeze",
    "move",
    "plan_file",
    "propose",
    "propose_rows",
    "release",
    "unfreeze",
    "utilise",
]
