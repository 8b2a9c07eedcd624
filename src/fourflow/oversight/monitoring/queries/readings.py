"""The readings of a running installation, from the tables alone: whichever process is asked gives the same answer.

Each costs one short query, whatever the size of the tables; nothing is counted in the memory of a process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from fourflow.capital.ledger import queries as ledger
from fourflow.capital.settlement import queries as settlement
from fourflow.foundation.evidence import queries as evidence
from fourflow.oversight.monitoring.types import Gauge, Reading
from fourflow.platform.events import queries as events


def readings(*, consumers: Collection[str], now: datetime) -> tuple[Reading, ...]:
    """All of them. ``now`` is the installation's instant, which a sandbox may have moved; recorded times are the machine's.

    ``consumers`` are the names of everyone who follows events.
    """
    machine = datetime.now(UTC)
    return (*_log(machine), *_followers(consumers, machine), *_cash(now), *_books())


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _log(machine: datetime) -> Iterator[Reading]:
    """How far the evidence log is behind what was committed, and each witness behind the log."""
    state = evidence.log_state()
    yield Reading(Gauge.UNSEQUENCED_LEAVES, state.waiting)
    yield Reading(Gauge.UNSEQUENCED_AGE, _age(events.unsequenced_since(), machine))
    signed = state.head.size if state.head else 0
    yield Reading(Gauge.CHECKPOINT_AGE, _age(events.recorded_at(signed), machine))
    for witness in state.witnesses:
        yield Reading(Gauge.WITNESS_LAG, _age(events.recorded_at(witness.size), machine), witness.name)


def _followers(consumers: Collection[str], machine: datetime) -> Iterator[Reading]:
    """How long the next event of each consumer has been waiting for it, and what is parked."""
    for name, since in events.waiting_since(consumers).items():
        yield Reading(Gauge.CONSUMER_LAG, _age(since, machine), name)
    yield Reading(Gauge.PARKED_EVENTS, len(events.parked()))


def _cash(now: datetime) -> Iterator[Reading]:
    """How long banks have owed an answer, and cash that nobody has placed."""
    for bank, since in settlement.unanswered_since().items():
        yield Reading(Gauge.BANK_MESSAGE_LAG, _age(since, now), bank)
    items, oldest = settlement.suspense()
    yield Reading(Gauge.UNMATCHED_CASH, items)
    yield Reading(Gauge.UNMATCHED_CASH_AGE, _age(oldest, now))


def _books() -> Iterator[Reading]:
    """Debits less credits over every book: zero, or the ledger has been tampered with."""
    for currency, minor in ledger.imbalance().items():
        yield Reading(Gauge.LEDGER_IMBALANCE, minor, currency)
