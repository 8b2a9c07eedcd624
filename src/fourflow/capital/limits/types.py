"""What a credit line is to the rest of the house: its amounts, its uses, the refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, NewType
from uuid import UUID

from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound
from fourflow.platform.money import Money

LimitId = NewType("LimitId", UUID)
PublicationId = NewType("PublicationId", UUID)

#: a file of lines to announce, in the order of its template; the last column may be missing
ANNOUNCEMENT_COLUMNS = ("core", "sanctioned", "currency", "valid_from", "source", "valid_to")
ANNOUNCEMENT_NEEDED = ANNOUNCEMENT_COLUMNS[:5]


class PublicationState(StrEnum):
    """Where a funder's announcement stands. All but PROPOSED are final."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    REJECTED = "rejected"
    EXPIRED = "expired"


class HowEnded(StrEnum):
    """How a line stopped being in excess (RAISED by its bank, FREED by what was given back), or about to end."""

    RAISED = "raised"
    FREED = "freed"
    RENEWED = "renewed"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class LineEnding:
    """That a line is not in excess, or not about to end, any more.

    ``id`` and ``at`` are the fact's; a lapse is none: its id follows from line and day, and it has no instant. ``since`` is the
    day since when it was; ``amount`` what was in excess at first, ``day`` the day on which the line would have ended.
    """

    id: UUID
    limit_id: LimitId
    funder_id: UUID
    core_id: UUID
    how: HowEnded
    since: date
    at: datetime | None = None
    amount: Money | None = None
    day: date | None = None


class Stage(StrEnum):
    """The two ways in which a use occupies a line: promised (an offer is out) or drawn (the debt exists)."""

    BLOCKED = "blocked"
    UTILISED = "utilised"


@dataclass(frozen=True, slots=True)
class Limit:
    """A funder's credit line on one core enterprise in one currency.

    ``available + blocked + utilised = sanctioned + excess``, all of them ≥ 0, and ``available`` and ``excess`` are never
    both positive. ``excess`` arises only when the funder reduces the line below what is in use, and bars new blocks.
    Valid from ``valid_from`` up to, not including, ``valid_to`` (None = open). Expiry and freezing bar new blocks; what was
    promised before stays promised.
    """

    id: LimitId
    funder_id: UUID
    core_id: UUID
    sanctioned: Money
    blocked: Money
    utilised: Money
    valid_from: date
    valid_to: date | None
    frozen: bool

    @property
    def currency(self) -> str:
        return self.sanctioned.currency

    @property
    def used(self) -> Money:
        return self.blocked + self.utilised

    @property
    def available(self) -> Money:
        return max(self.sanctioned - self.used, Money.zero(self.currency))

    @property
    def excess(self) -> Money:
        return max(self.used - self.sanctioned, Money.zero(self.currency))

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def headroom(self, on: date) -> Money:
        """What can be blocked on a day: the available amount, or nothing when the line is frozen or not in force."""
        return self.available if self.holds_on(on) and not self.frozen else Money.zero(self.currency)


@dataclass(frozen=True, slots=True)
class LimitUse:
    """One use of a line, named by the reference of what uses it (a voucher, a financing): one reference, one use, ever.

    ``amount = blocked + utilised + released``.
    """

    id: UUID
    limit_id: LimitId
    reference: str
    amount: Money
    blocked: Money
    utilised: Money
    released: Money
    opened_at: datetime

    @property
    def is_open(self) -> bool:
        return bool(self.blocked.minor or self.utilised.minor)


@dataclass(frozen=True, slots=True)
class Publication:
    """A funder's announcement of a line: a new one, another amount, or another term. Two people of the funder make it.

    ``approval_id`` names the second person's decision in foundation.approvals.
    """

    id: PublicationId
    approval_id: UUID
    funder_id: UUID
    core_id: UUID
    sanctioned: Money
    valid_from: date
    valid_to: date | None
    source: str
    state: PublicationState
    proposed_by: UUID
    limit_id: LimitId | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a funder announces of its line on a core; ``source`` names its own paper (a credit approval number)."""

    core_id: UUID
    sanctioned: Money
    valid_from: date
    valid_to: date | None
    source: str

    @property
    def terms(self) -> tuple[object, ...]:
        """What would hold once it is published; two that are equal change nothing."""
        return self.core_id, self.sanctioned.currency, self.sanctioned.minor, self.valid_from, self.valid_to


class LimitNotFound(NotFound):
    """No such credit line, or the actor's organisation is none of funder, core and operator."""

    code: ClassVar[str] = "limit.not_found"


class PublicationNotFound(NotFound):
    """No such announcement, or it belongs to another funder."""

    code: ClassVar[str] = "limit.publication_not_found"


class LimitUseNotFound(NotFound):
    """Nothing of this reference is blocked or utilised."""

    code: ClassVar[str] = "limit.use_not_found"


class LimitExceeded(Conflict):
    """The line has less available than is asked for, or is in excess."""

    code: ClassVar[str] = "limit.exceeded"


class LimitFrozen(Conflict):
    """The funder has frozen the line: no new blocks."""

    code: ClassVar[str] = "limit.frozen"


class LimitNotInForce(Conflict):
    """The line has not begun on this day, or is over."""

    code: ClassVar[str] = "limit.not_in_force"


class LimitReferenceTaken(Conflict):
    """The reference already has its use of a line."""

    code: ClassVar[str] = "limit.reference_taken"


class UseExceeded(Conflict):
    """More is to be utilised, moved or released than the use has left."""

    code: ClassVar[str] = "limit.use_exceeded"


class StageUnclear(Invalid):
    """A part of a use is to be released that is partly blocked and partly utilised: say of which."""

    code: ClassVar[str] = "limit.stage_unclear"


class AmountNotPositive(Invalid):
    """A line is used in positive amounts, and sanctioned in amounts that are not negative."""

    code: ClassVar[str] = "limit.amount_not_positive"


class LimitCurrencyDiffers(Invalid):
    """A line is used in its own currency; an amount moves between lines of one currency on one core."""

    code: ClassVar[str] = "limit.currency_differs"


class TermInvalid(Invalid):
    """The line would end before it begins."""

    code: ClassVar[str] = "limit.term_invalid"


class BeginsLater(Invalid):
    """A line in force has one amount and one term: what is to hold from a later day is announced on that day."""

    code: ClassVar[str] = "limit.begins_later"


class FunderIsCore(Invalid):
    """A funder grants no line to itself."""

    code: ClassVar[str] = "limit.funder_is_core"


class PublicationDecided(Conflict):
    """The announcement is no longer open."""

    code: ClassVar[str] = "limit.publication_decided"


class AlreadyFrozen(Conflict):
    """The line is already frozen, or already not."""

    code: ClassVar[str] = "limit.already"


class ProposalOpen(Conflict):
    """The funder has another announcement for this core and currency that waits for its second person."""

    code: ClassVar[str] = "limit.proposal_open"


class LimitUnchanged(Conflict):
    """A row of a file announces what the line says already."""

    code: ClassVar[str] = "limit.unchanged"


class SamePerson(Forbidden):
    """Who froze a line does not unfreeze it."""

    code: ClassVar[str] = "limit.same_person"
