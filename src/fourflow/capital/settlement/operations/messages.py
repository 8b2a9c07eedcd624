"""Keeping the bytes that crossed the wire."""

from __future__ import annotations

import hashlib
from datetime import datetime

from fourflow.capital.settlement import models
from fourflow.capital.settlement.ports import RawMessage


def keep(bank_code: str, message: RawMessage, *, outgoing: bool, at: datetime) -> models.BankMessage:
    """The stored message; the same bytes are stored once per bank and direction."""
    digest = hashlib.sha256(message.body).digest()
    stored, _ = models.BankMessage.objects.get_or_create(
        bank_id=bank_code,
        outgoing=outgoing,
        digest=digest,
        defaults={"kind": message.kind, "message_id": message.message_id, "body": message.body, "at": at},
    )
    return stored
