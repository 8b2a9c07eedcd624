"""Readings of a running installation, and the gauges they are readings of."""

from __future__ import annotations

import enum
from dataclasses import dataclass


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
