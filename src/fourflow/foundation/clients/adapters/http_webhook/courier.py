"""HTTP to addresses that partners chose. The guard stands where the connection is made, so a name cannot change its
mind between the look and the call: every number that it resolves to is looked at, and the one that was is called."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore

from fourflow.foundation.clients.domain.addresses import Address, checked_url, require_outside
from fourflow.foundation.clients.ports import Posted
from fourflow.foundation.clients.types import AddressForbidden, EndpointInvalid
from fourflow.platform.errors import FourflowError

SECONDS = 15.0


def resolve(host: str, port: int) -> list[Address]:
    """Every number of a name. :raises EndpointInvalid: it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise EndpointInvalid(field="url", expected="a name that resolves") from None
    return [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


class _Deadline(httpcore.NetworkStream):
    """A connection that ends by itself: an answer that drips byte by byte ends too."""

    def __init__(self, stream: httpcore.NetworkStream, ends: float) -> None:
        self._stream, self._ends = stream, ends

    def _left(self, timeout: float | None) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the endpoint took too long")
        return min(left, timeout) if timeout else left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Deadline(inner, self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Guarded(httpcore.NetworkBackend):
    """Connects outside only."""

    def __init__(self, seconds: float, loopback: bool) -> None:
        self._seconds, self._loopback = seconds, loopback
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        numbers = resolve(host, port)
        require_outside(numbers, loopback=self._loopback)
        stream = self._inner.connect_tcp(str(numbers[0]), port, timeout, local_address, socket_options)
        return _Deadline(stream, time.monotonic() + self._seconds)


class HttpCourier:
    """A new connection for each post; no redirects, no proxies, no cookies, and of the answer only its status.

    :param loopback: the sandbox's explicit permission to call this machine.
    """

    def __init__(self, *, loopback: bool = False, seconds: float = SECONDS) -> None:
        self._loopback, self._seconds = loopback, seconds
        self._tls = ssl.create_default_context()

    def require_reachable(self, url: str) -> None:
        """See :class:`fourflow.foundation.clients.ports.Courier`."""
        parts = urlsplit(checked_url(url, loopback=self._loopback))
        numbers = resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        require_outside(numbers, loopback=self._loopback)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """See :class:`fourflow.foundation.clients.ports.Courier`."""
        started = time.monotonic()
        status, error = None, ""
        try:
            checked_url(url, loopback=self._loopback)
            status = self._status(url, body, headers)
        except AddressForbidden:
            error = "address forbidden"
        except FourflowError:
            error = "name does not resolve"
        except httpcore.TimeoutException:
            error = "timeout"
        except httpcore.ConnectError:
            error = "no connection"
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError):
            error = "connection broken"
        return Posted(status, error, int((time.monotonic() - started) * 1000))

    def _status(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        backend = _Guarded(self._seconds, self._loopback)
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        sent = [("host", urlsplit(url).netloc), ("user-agent", "Fourflow"), *headers.items()]
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend, retries=0) as pool,
            pool.stream("POST", url, headers=sent, content=body, extensions={"timeout": limits}) as answer,
        ):
            return int(answer.status)
