"""How often a client may ask: a quota for each window of time, told in the RateLimit fields of every answer."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.throttling import BaseThrottle

from fourflow.foundation.access.types import Origin

#: a client's digest, when its window ends, and how many requests it has made in it
PLACE = struct.Struct("16sdq")
#: half a megabyte; a client stands in one of the places near to where its digest points
PLACES, NEAR = 16_384, 16


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


class Windows:
    """Counts by client, in memory that the processes of one site share. A window begins with a client's first request.

    The site is loaded once and forked (``fourflow web``): what is made before that is the same memory in every process, so
    they count together without asking the database. The lock belongs to the system, which frees it with a process that is
    killed. Counts are of one machine and do not outlive the site; where every place of a client is taken by windows that
    still run, the one that ends first is given up, in the client's favour.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the site
        self._file.truncate(PLACES * PLACE.size)
        self._memory = mmap.mmap(self._file.fileno(), PLACES * PLACE.size)
        self._threads = Lock()

    def take(self, client: str, quota: int, window: int) -> Rate:
        """Count one request of a client; over the quota it is told so until the window ends."""
        name = hashlib.blake2b(client.encode(), digest_size=16).digest()
        with self._alone():
            now = self._seconds()
            at, until, used = self._find(name, now)
            if until <= now:
                until, used = now + window, 0
            PLACE.pack_into(self._memory, at, name, until, used + 1)
        return Rate(quota, window, max(0, quota - used - 1), max(1, ceil(until - now)), is_exceeded=used >= quota)

    def _find(self, name: bytes, now: float) -> tuple[int, float, int]:
        """Where a client is counted, until when, and how much so far; a place that is free where it is not yet."""
        first = int.from_bytes(name[:4], "big")
        free, ends = 0, float("inf")
        for step in range(NEAR):
            at = (first + step) % PLACES * PLACE.size
            held, until, used = PLACE.unpack_from(self._memory, at)
            if held == name:
                return at, until, used
            if until < ends:
                free, ends = at, until
        return free, now, 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread of one process: the system's lock keeps out other processes, not threads of the same."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _address(request: HttpRequest) -> str:
    """Behind a proxy of ours what the proxy saw: its own address is everybody's."""
    return Origin.of(request.META, behind_proxy=settings.BEHIND_PROXY).address


class PerClient(BaseThrottle):
    """One window for each account of an organisation, and for each address that has no token."""

    def __init__(self, windows: Windows | None = None) -> None:
        self.windows = windows or Windows()

    def allow_request(self, request: HttpRequest) -> bool:
        quota, window = settings.API_QUOTA
        who = getattr(request, "auth", None)
        if (machine := getattr(who, "machine", None)) is not None:
            quota, window = machine.requests_per_minute, 60
        scope = getattr(who, "scope", "") or f"address:{_address(request)}"
        rate = self.windows.take(scope, quota, window)
        request.rate = rate  # type: ignore[attr-defined]
        return not rate.is_exceeded
