"""Standard Webhooks 1.0.0 with asymmetric signatures (``v1a``, Ed25519): what is signed, and how a receiver checks it.

Signed is ``{webhook-id}.{webhook-timestamp}.{body}``, the body byte for byte. Keys are written ``whsk_`` (seed) and
``whpk_`` (public) with base64. Pure.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fourflow.platform.errors import Invalid

SECRET, PUBLIC, VERSION = "whsk_", "whpk_", "v1a"
TOLERANCE = timedelta(minutes=5)


class WebhookWrong(Invalid):
    """A message was not signed by the key, is too old or too new, or carries no readable headers."""

    code: ClassVar[str] = "webhook.wrong"


def new_secret() -> str:
    """A random signing key, ``whsk_…``."""
    return SECRET + base64.b64encode(os.urandom(32)).decode()


def public_of(secret: str) -> str:
    """The key that receivers verify with, ``whpk_…``."""
    return PUBLIC + base64.b64encode(_private(secret).public_key().public_bytes_raw()).decode()


def headers(secrets: Sequence[str], *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message; one signature a key, so that receivers can change keys without a gap."""
    timestamp = str(int(at.timestamp()))
    signed = _signed(message_id, timestamp, body)
    signatures = [f"{VERSION},{base64.b64encode(_private(secret).sign(signed)).decode()}" for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def verify(public: str, given: Mapping[str, str], body: bytes, *, now: datetime) -> str:
    """The message's id, once its signature holds and it is fresh; who has seen the id before does nothing again.

    :param given: the request's headers, in any letter case.
    :raises WebhookWrong: with the header that is wrong.
    """
    found = {name.lower(): value for name, value in given.items()}
    message_id, timestamp = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    if not message_id:
        raise WebhookWrong(field="webhook-id")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise WebhookWrong(field="webhook-timestamp")
    if abs(int(now.timestamp()) - int(timestamp)) > TOLERANCE.total_seconds():
        raise WebhookWrong(field="webhook-timestamp", expected="within five minutes")
    key = Ed25519PublicKey.from_public_bytes(_bytes(public, PUBLIC))
    signed = _signed(message_id, timestamp, body)
    for one in found.get("webhook-signature", "").split():
        version, _, value = one.partition(",")
        if version == VERSION and _holds(key, value, signed):
            return message_id
    raise WebhookWrong(field="webhook-signature")


def _holds(key: Ed25519PublicKey, value: str, signed: bytes) -> bool:
    try:
        key.verify(base64.b64decode(value, validate=True), signed)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _signed(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def _private(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_bytes(secret, SECRET))


def _bytes(text: str, prefix: str) -> bytes:
    try:
        raw = base64.b64decode(text.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not text.startswith(prefix) or len(raw) != 32:
        raise WebhookWrong(field="key", expected=f"{prefix} and 32 bytes in base64")
    return raw
