"""How often a client may ask: a quota for each window of time, told in the RateLimit fields of every answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.throttling import BaseThrottle

#: clients whose windows are kept before the ones that are over are forgotten
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """What a client has left after a request; ``resets_in`` are whole seconds, never less than one."""

    quota: int
    window: int
    remaining: int
    resets_in: int
    is_exceeded: bool

    def write(self, response: HttpResponse) -> None:
        """The fields of the IETF draft on rate limit headers; ``Retry-After`` only on a refusal."""
        response["RateLimit-Policy"] = f'"default";q={self.quota};w={self.window}'
        response["RateLimit"] = f'"default";r={self.remaining};t={self.resets_in}'
        if self.is_exceeded:
            response["Retry-After"] = str(self.resets_in)


@dataclass
class Windows:
    """Counts by client in this process. A window begins with a client's first request and ends after its seconds."""

    seconds: Callable[[], float] = time.monotonic
    _begun: dict[str, tuple[float, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, client: str, quota: int, window: int) -> Rate:
        """Count one request of a client; over the quota it is told so until the window ends."""
        now = self.seconds()
        with self._lock:
            if len(self._begun) >= KEPT:
                self._begun = {name: kept for name, kept in self._begun.items() if kept[0] + window > now}
            begun, used = self._begun.get(client, (now, 0))
            if begun + window <= now:
                begun, used = now, 0
            self._begun[client] = (begun, used + 1)
        left = max(1, ceil(begun + window - now))
        return Rate(quota, window, max(0, quota - used - 1), left, is_exceeded=used >= quota)


class PerClient(BaseThrottle):
    """One window for each account of an organisation, and for each address that has no token."""

    def __init__(self, windows: Windows | None = None) -> None:
        self.windows = windows or Windows()

    def allow_request(self, request: HttpRequest) -> bool:
        quota, window = settings.API_QUOTA
        who = getattr(request, "auth", None)
        if (machine := getattr(who, "machine", None)) is not None:
            quota, window = machine.requests_per_minute, 60
        scope = getattr(who, "scope", "") or f"address:{request.META.get('REMOTE_ADDR', '')}"
        rate = self.windows.take(scope, quota, window)
        request.rate = rate  # type: ignore[attr-defined]
        return not rate.is_exceeded
