"""Writes of API clients and webhooks. The files beside hold them by subject."""

from fourflow.foundation.clients.operations.delivering import (
    due,
    fan_out,
    record_attempt,
    replay,
    replay_failed,
    try_out,
)
from fourflow.foundation.clients.operations.endpoints import disable, enable, register, rotate
from fourflow.foundation.clients.operations.registration import decide, expire, propose, revoke, withdraw
from fourflow.foundation.clients.operations.tokens import authenticate, clear, issue, revoke_token

__all__ = [
    "authenticate",
    "clear",
    "decide",
    "disable",
    "due",
    "enable",
    "expire",
    "fan_out",
    "issue",
    "propose",
    "record_attempt",
    "register",
    "replay",
    "replay_failed",
    "revoke",
    "revoke_token",
    "rotate",
    "try_out",
    "withdraw",
]
