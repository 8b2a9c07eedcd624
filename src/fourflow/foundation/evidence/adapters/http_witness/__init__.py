"""A C2SP tlog-witness (v1.0.0) over HTTP.

Lenient in what it reads: a conflict without a size, or a server error where the text wants 403, are what some
witnesses answer; they are told apart only as far as they matter.
"""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from fourflow.foundation.evidence.domain.notes import encode_base64
from fourflow.foundation.evidence.types import WitnessBehind, WitnessRefused, WitnessUnavailable

MAX_ANSWER_BYTES = 64 * 1024
TIMEOUT = httpx.Timeout(5.0, connect=2.0)


class HttpWitness:
    """One witness at its submission prefix. Keeps its connection; not shared between threads."""

    def __init__(self, name: str, vkey: str, url: str, *, client: httpx.Client | None = None) -> None:
        self._name, self._vkey, self._url = name, vkey, url.rstrip("/")
        self._client = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    @property
    def name(self) -> str:
        """Name in the operator's policy file."""
        return self._name

    @property
    def vkey(self) -> str:
        """Its cosigning key."""
        return self._vkey

    def add_checkpoint(self, *, old_size: int, proof: Sequence[bytes], note: str) -> str:
        """POST <url>/add-checkpoint; see :class:`fourflow.foundation.evidence.ports.Witness`."""
        lines = [f"old {old_size}", *(encode_base64(one) for one in proof), "", note]
        try:
            answer = self._client.post(
                f"{self._url}/add-checkpoint",
                content="\n".join(lines).encode(),
                headers={"content-type": "text/plain; charset=utf-8"},
            )
        except httpx.HTTPError as error:
            raise WitnessUnavailable(witness=self._name, reason=type(error).__name__) from error
        if len(answer.content) > MAX_ANSWER_BYTES:
            raise WitnessUnavailable(witness=self._name, reason="answer too long")
        return self._read(answer.status_code, answer.text)

    def _read(self, status: int, text: str) -> str:
        if status == 200:
            return text
        if status == 409 and text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 20:
            raise WitnessBehind(witness=self._name, size=int(text))
        if 400 <= status < 500 and status not in (408, 425, 429):
            raise WitnessRefused(witness=self._name, status=status)
        raise WitnessUnavailable(witness=self._name, reason=f"status {status}")
