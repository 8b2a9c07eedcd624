"""The funder's decision system, as capital.financing needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from fourflow.capital.financing.types import FunderDecision
from fourflow.platform.errors import Unavailable
from fourflow.platform.money import Money


class FunderTimeout(Unavailable):
    """The funder's system gave no answer in time, or none that can be read: it may have decided or not."""

    code = "financing.funder_timeout"


class FunderSilent(FunderTimeout):
    """The funder's system could not be reached or kept us waiting in vain: the next request would fare no better."""


@dataclass(frozen=True, slots=True)
class Application:
    """What a funder is asked; ``reference`` is the same at every attempt, so that it decides once."""

    reference: str
    obligor_identifier: str
    applicant_identifier: str
    amount: Money
    tenor_days: int
    recourse: bool
    evidence: dict[str, Any]


class FunderPort(Protocol):
    """A funder's own decision system."""

    def ask(self, application: Application) -> FunderDecision:
        """Put an application to the funder, or read its earlier decision on the same reference.

        :raises FunderSilent: no answer at all in time.
        :raises FunderTimeout: no answer in time, or none that can be read; asking again is safe, the reference counts once.
        """
        ...
