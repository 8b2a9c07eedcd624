"""A request that is answered with a reason instead of a result."""

from __future__ import annotations


class Refusal(Exception):
    """Carries the HTTP status, a stable code and parameters; shown to the caller as JSON."""

    def __init__(self, status: int, code: str, **params: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.params = params
