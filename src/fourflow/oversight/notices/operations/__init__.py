"""Writes: who is told of new events, what is sent, and how a person wants to be told."""

from __future__ import annotations

from fourflow.oversight.notices.operations.choosing import choose
from fourflow.oversight.notices.operations.sending import Letter, let_go, record, take
from fourflow.oversight.notices.operations.telling import tell

__all__ = ["Letter", "choose", "let_go", "record", "take", "tell"]
