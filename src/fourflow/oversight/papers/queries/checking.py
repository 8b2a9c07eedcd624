"""Whether a paper that somebody holds still says what the register says."""

from __future__ import annotations

import hmac
from datetime import date
from uuid import UUID

from fourflow.capital.financing.types import FinancingId
from fourflow.capital.vouchers.types import HoldingId
from fourflow.foundation.parties.types import Actor
from fourflow.oversight.papers.queries.facts import agreement, certificate, notice
from fourflow.oversight.papers.types import NUMBERED, Paper, PaperKind
from fourflow.platform.ids import decode


def again(*, actor: Actor, kind: PaperKind, number: str, as_of: date) -> Paper:
    """The paper of a number, made from the register as it is now.

    :raises MalformedId, FinancingNotFound, HoldingNotFound: no such object, or not the actor's organisation's to see.
    :raises PaperNotYet: there is nothing to write down (any more).
    """
    about: UUID = decode(NUMBERED[kind], number)
    if kind is PaperKind.AGREEMENT:
        return agreement(actor=actor, financing_id=FinancingId(about), as_of=as_of)
    made = certificate if kind is PaperKind.CERTIFICATE else notice
    return made(actor=actor, holding_id=HoldingId(about), as_of=as_of)


def matches(paper: Paper, digest: str) -> bool:
    """Whether a printed digest is that of these facts."""
    return hmac.compare_digest(paper.digest.encode(), digest.strip().lower().encode())
