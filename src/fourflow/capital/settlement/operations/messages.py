"""Keeping the bytes that crossed the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from fourflow.capital.settlement import models
from fourflow.capital.settlement.ports import RawMessage


def digest_of(message: RawMessage) -> bytes:
    """SHA-256 of the bytes."""
    return hashlib.sha256(message.body).digest()


def keep_all(
    bank_code: str, messages: Iterable[RawMessage], *, outgoing: bool, at: datetime
) -> dict[bytes, models.BankMessage]:
    """The stored messages by digest; the same bytes are stored once per bank and direction."""
    wanted = {digest_of(message): message for message in messages}
    if not wanted:
        return {}
    fresh = [
        models.BankMessage(
            bank_id=bank_code,
            outgoing=outgoing,
            digest=digest,
            kind=message.kind,
            message_id=message.message_id,
            body=message.body,
            at=at,
        )
        for digest, message in wanted.items()
    ]
    models.BankMessage.objects.bulk_create(fresh, ignore_conflicts=True)
    stored = models.BankMessage.objects.filter(bank_id=bank_code, outgoing=outgoing, digest__in=list(wanted))
    return {bytes(row.digest): row for row in stored}


def keep(bank_code: str, message: RawMessage, *, outgoing: bool, at: datetime) -> models.BankMessage:
    """One stored message; see :func:`keep_all`."""
    return keep_all(bank_code, [message], outgoing=outgoing, at=at)[digest_of(message)]
