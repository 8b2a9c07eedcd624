"""Rows as the evidence log sees them: every column that must not change unnoticed."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models

from fourflow.platform.events.types import Evidenced

#: Columns that are no fact: when to ask next, and what the database itself notes.
WORK = frozenset({"recorded_at", "asked", "not_known", "ask_after", "suggestions"})


def evidenced(row: models.Model) -> Evidenced:
    """The row's columns, without working notes; raw message bytes are represented by their SHA-256."""
    content: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.attname in WORK:
            continue
        value = getattr(row, field.attname)
        if isinstance(value, (bytes, memoryview)):
            value = hashlib.sha256(value).hexdigest() if field.attname == "body" else bytes(value).hex()
        content[field.attname] = value
    return Evidenced(row._meta.db_table, str(row.pk), content)
