"""Readings of a running installation with the gauges they are readings of, and rules of the business that are broken."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fourflow.foundation.parties.types import RoleKind
from fourflow.platform.money import Money


class Gauge(enum.StrEnum):
    """What is measured. The name is the metric's (after ``fourflow_``), and the runbook's in docs/operations/runbooks."""

    UNSEQUENCED_LEAVES = "unsequenced_leaves"
    UNSEQUENCED_AGE = "unsequenced_age_seconds"
    CHECKPOINT_AGE = "checkpoint_age_seconds"
    WITNESS_LAG = "witness_lag_seconds"
    CONSUMER_LAG = "consumer_lag_seconds"
    PARKED_EVENTS = "parked_events"
    WEBHOOK_LAG = "webhook_lag_seconds"
    BANK_MESSAGE_LAG = "bank_message_lag_seconds"
    UNCALLED_AGE = "uncalled_voucher_age_seconds"
    UNMATCHED_CASH = "unmatched_cash_items"
    UNMATCHED_CASH_AGE = "unmatched_cash_age_seconds"
    UNSENT_NOTICES = "unsent_notices"
    LEDGER_IMBALANCE = "ledger_imbalance_minor"


#: above this a gauge alarms: leaves, seconds, events, items, minor units as the name says
LIMITS: dict[Gauge, int] = {
    Gauge.UNSEQUENCED_LEAVES: 10_000,
    Gauge.UNSEQUENCED_AGE: 30,
    Gauge.CHECKPOINT_AGE: 60,
    Gauge.WITNESS_LAG: 300,
    Gauge.CONSUMER_LAG: 60,
    Gauge.PARKED_EVENTS: 0,
    Gauge.WEBHOOK_LAG: 300,
    Gauge.BANK_MESSAGE_LAG: 900,
    Gauge.UNCALLED_AGE: 3_600,
    Gauge.UNMATCHED_CASH: 50,
    Gauge.UNMATCHED_CASH_AGE: 86_400,
    Gauge.UNSENT_NOTICES: 20,
    Gauge.LEDGER_IMBALANCE: 0,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a gauge; ``of`` names the bank, consumer, witness or currency that it is a reading of."""

    gauge: Gauge
    value: int
    of: str = ""

    @property
    def limit(self) -> int:
        return LIMITS[self.gauge]

    @property
    def alarms(self) -> bool:
        return self.value > self.limit


class Rule(enum.StrEnum):
    """A rule of the business whose breach somebody is told of."""

    PAID_WHEN_DUE = "voucher_paid_when_due"
    WITHIN_THE_LINE = "line_not_exceeded"
    LINE_RENEWED = "line_renewed_before_it_ends"
    COMPLAINT_ANSWERED = "complaint_answered_in_time"
    CASH_PLACED = "cash_placed"
    CASH_ARRIVES = "cash_arrives"
    BANK_CONSISTENT = "bank_consistent"

    @property
    def owner(self) -> RoleKind:
        """Whose turn it is."""
        if self is Rule.PAID_WHEN_DUE:
            return RoleKind.CORE
        return RoleKind.FUNDER if self in (Rule.WITHIN_THE_LINE, Rule.LINE_RENEWED) else RoleKind.OPERATOR


class Ending(enum.StrEnum):
    """How a broken rule ended, as the facts say it."""

    PAID = "paid"
    LINE_RAISED = "line_raised"
    LINE_FREED = "line_freed"
    LINE_RENEWED = "line_renewed"
    LINE_LAPSED = "line_lapsed"
    ANSWERED = "answered"
    PLACED = "placed"
    SENT_BACK = "sent_back"
    ARRIVED = "arrived"
    NOT_PAID = "not_paid"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Ended:
    """A rule that was broken, or near it, and is so no more. ``key`` names it among all others.

    Object, parties and evidence as of an :class:`Alert`. ``since`` is the day since when, ``at`` the instant of its end, of
    what is dated by the day the morning of ``ended_on``. ``days_late`` is how many days beyond what the rule allows, 0 where it
    was dealt with in time; ``minutes`` how long a payment was under way; ``by`` the payment that ended it.
    """

    rule: Rule
    about: tuple[str, UUID]
    key: str
    ending: Ending
    since: date
    ended_on: date
    at: datetime
    parties: tuple[UUID, ...] = ()
    who: str = ""
    amount: Money | None = None
    words: str = ""
    days_late: int = 0
    minutes: int | None = None
    by: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that is broken, or soon will be (``is_near``). ``key`` names it among all others of the same moment.

    ``about`` is the kind of object and its id; ``parties`` or ``who`` (a name from outside) say whom it concerns. The evidence
    is ``amount``, ``count`` of vouchers, or ``words``: a complaint's text, the kind of a contradiction. ``clock`` is a day that
    has passed, or is to come.
    """

    rule: Rule
    about: tuple[str, UUID]
    key: str
    parties: tuple[UUID, ...] = ()
    who: str = ""
    amount: Money | None = None
    count: int | None = None
    words: str = ""
    clock: date | None = None
    is_near: bool = False
