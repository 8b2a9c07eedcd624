"""What carries an e-mail out of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail in plain text. ``message_id`` is the same however often it is tried."""

    to: str
    subject: str
    text: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of handing over: taken (no error), certainly refused, or (``unsure``) nobody knows."""

    error: str = ""
    unsure: bool = False


class Mailer(Protocol):
    """Hands an e-mail over; every failure is in the answer, nothing is raised, and it never takes long."""

    def send(self, mail: Mail) -> Outcome: ...
