"""Tables of the door. Rules beyond Django's language: migrations/0002_rules.py."""

from fourflow.foundation.access.models.factors import Identity, Passkey, RecoveryCode, Totp
from fourflow.foundation.access.models.helping import Emergency, Read, Recovery
from fourflow.foundation.access.models.sessions import Guard, Session

__all__ = ["Emergency", "Guard", "Identity", "Passkey", "Read", "Recovery", "RecoveryCode", "Session", "Totp"]
