"""One-time codes (RFC 6238: SHA-1, six digits, thirty seconds) and codes that people copy from paper."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP_SECONDS = 30
#: telephones run a little fast or slow: the step before and the one after are heard too
DRIFT_STEPS = 1
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_secret() -> str:
    """160 random bits in base 32, as authenticator apps read them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def uri(secret: str, account: str, issuer: str) -> str:
    """The ``otpauth`` address that a QR code carries."""
    label = f"{quote(issuer)}:{quote(account)}"
    return (
        f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}&algorithm=SHA1&digits=6&period={STEP_SECONDS}"
    )


def code_at(secret: str, step: int) -> str:
    """The six digits that an app shows in a step (RFC 6238: HMAC-SHA-1, six digits)."""
    return HOTP(base64.b32decode(secret), 6, SHA1(), enforce_key_length=False).generate(step).decode()


def step_of(at: datetime) -> int:
    """The step of 30 seconds, counted from 1970, that an instant lies in."""
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, at: datetime, after: int) -> int | None:
    """The step that a code belongs to, if it lies after the last one used; None: wrong, over, or used before."""
    now, given = step_of(at), code.strip().replace(" ", "")
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), given.encode()) and step > after:
            found = step
    return found


def paper_code(groups: int = 4) -> str:
    """Groups of four letters and digits that are not mistaken for each other, 20 bits a group: ``K7QP-3MXA-…``."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(groups))


def normal(code: str) -> str:
    """A paper code as it was printed, however it is typed."""
    return "".join(code.split()).replace("-", "").upper()
