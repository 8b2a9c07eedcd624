"""Facts about credit lines. The subject is the line; of a proposal, the announcement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event
from fourflow.platform.money import Money


@dataclass(frozen=True, kw_only=True)
class LimitProposed(Event):
    """A person of the funder announced a line, another amount, or another term; a second one decides."""

    kind: ClassVar[str] = "limit.proposed"

    funder_id: UUID
    core_id: UUID
    sanctioned: Money
    valid_from: date
    valid_to: date | None
    source: str
    proposed_by: UUID


@dataclass(frozen=True, kw_only=True)
class LimitProposalRejected(Event):
    """The second person said no."""

    kind: ClassVar[str] = "limit.proposal_rejected"

    rejected_by: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class LimitProposalExpired(Event):
    """No second person decided in time; the line stays as it is."""

    kind: ClassVar[str] = "limit.proposal_expired"


@dataclass(frozen=True, kw_only=True)
class LimitPublished(Event):
    """The line is as announced from now on. ``excess``: what is in use beyond it."""

    kind: ClassVar[str] = "limit.published"

    publication_id: UUID
    funder_id: UUID
    core_id: UUID
    sanctioned: Money
    before: Money
    excess: Money
    valid_from: date
    valid_to: date | None
    proposed_by: UUID
    checked_by: UUID


@dataclass(frozen=True, kw_only=True)
class LimitBlocked(Event):
    """A part of the line is promised to what the reference names."""

    kind: ClassVar[str] = "limit.blocked"

    reference: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class LimitUtilised(Event):
    """A promised part is drawn."""

    kind: ClassVar[str] = "limit.utilised"

    reference: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class LimitReleased(Event):
    """A part is given back: ``blocked`` of what was promised, ``utilised`` of what was drawn."""

    kind: ClassVar[str] = "limit.released"

    reference: str
    blocked: Money
    utilised: Money


@dataclass(frozen=True, kw_only=True)
class LimitWithinAgain(Event):
    """What was given back took the use of the line down to its amount: nothing is in excess any more."""

    kind: ClassVar[str] = "limit.within_again"

    reference: str
    sanctioned: Money


@dataclass(frozen=True, kw_only=True)
class LimitFrozenByFunder(Event):
    """No new blocks until the funder lifts it."""

    kind: ClassVar[str] = "limit.frozen"

    frozen_by: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class LimitUnfrozen(Event):
    """New blocks are possible again."""

    kind: ClassVar[str] = "limit.unfrozen"

    unfrozen_by: UUID
    reason: str
