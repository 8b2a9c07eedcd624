"""What reaches a partner's endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one POST: the status, or (None) why there was no answer."""

    status: int | None
    error: str
    milliseconds: int


class Courier(Protocol):
    """Posts to addresses that partners chose: never inside the house, never along a redirect, never for long."""

    def require_reachable(self, url: str) -> None:
        """Resolve the address and look at every place that it leads to; nothing is sent.

        :raises AddressForbidden: one of them is this machine, a private network or a metadata service.
        :raises EndpointInvalid: the name does not resolve.
        """

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """One POST; every failure is in the answer, nothing is raised."""
