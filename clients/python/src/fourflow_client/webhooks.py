"""Webhooks that Fourflow sends (Standard Webhooks 1.0.0, ``v1a``): checked before they are read.

Needs ``cryptography``: ``pip install 'fourflow-client[webhooks]'``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fourflow_client.errors import FourflowError

PREFIX, VERSION = "whpk_", "v1a"
#: how far the sender's clock and ours may be apart: an older message may be one that somebody kept and sends again
TOLERANCE = timedelta(minutes=5)


class WebhookWrong(FourflowError):
    """The message was not signed by the key, is too old or too new, or is no message at all; ``what`` names the part."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"the webhook's {what} is wrong")


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. ``id`` is the same in every attempt and replay: who has seen it does nothing again."""

    id: str
    type: str
    timestamp: str
    livemode: bool
    data: dict[str, Any]


def verify(
    public_key: str | Sequence[str], headers: Mapping[str, str], body: bytes, *, now: datetime | None = None
) -> Message:
    """The message, once its signature holds and it is fresh.

    :param public_key: ``whpk_…`` of the endpoint; several while keys are changed. :param headers: in any letter case.
    :param body: byte for byte as it came, before anything has parsed it.
    :raises WebhookWrong: with the part that is wrong. :raises ValueError: a key that is none.
    """
    keys = [_key(one) for one in ([public_key] if isinstance(public_key, str) else public_key)]
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not message_id:
        raise WebhookWrong("webhook-id")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise WebhookWrong("webhook-timestamp")
    if abs((now or datetime.now(UTC)).timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise WebhookWrong("webhook-timestamp")
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [one.partition(",") for one in given.get("webhook-signature", "").split()]
    if not any(version == VERSION and _holds(keys, value, signed) for version, _comma, value in signatures):
        raise WebhookWrong("webhook-signature")
    try:
        told = json.loads(body)
        return Message(message_id, told["type"], told["timestamp"], told["livemode"], told["data"])
    except (ValueError, TypeError, KeyError):
        raise WebhookWrong("body") from None


def _holds(keys: Sequence[Ed25519PublicKey], value: str, signed: bytes) -> bool:
    for key in keys:
        try:
            key.verify(base64.b64decode(value, validate=True), signed)
        except (InvalidSignature, binascii.Error, ValueError):
            continue
        return True
    return False


def _key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.removeprefix(PREFIX), validate=True))
    except ValueError:
        raise ValueError(f"a public key is {PREFIX} and 32 bytes in base64") from None
