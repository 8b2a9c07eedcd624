"""The readings of a running installation, from the tables alone: whichever process is asked gives the same answer.

Each costs one short query, whatever the size of the tables; nothing is counted in the memory of a process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from fourflow.capital.ledger import queries as ledger
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.clients import queries as clients
from fourflow.foundation.evidence import queries as evidence
from fourflow.oversight.monitoring.types import Gauge, Reading
from fourflow.oversight.notices import queries as notices
from fourflow.platform import clock
from fourflow.platform.events import queries as events


def readings(*, consumers: Collection[str], now: datetime, at: datetime) -> tuple[Reading, ...]:
    """All of them. ``now`` is the installation's instant, which a sandbox may have moved; ``at`` is the machine's.

    ``consumers`` are the names of everyone who follows events.
    """
    return (*_log(), *_followers(consumers), _partners(at), _called(now), *_cash(now), *_mail(), *_books())


def _log() -> Iterator[Reading]:
    """How far the evidence log is behind what was committed, and each witness behind the log; what is parked."""
    state = evidence.log_state()
    head = state.head.size if state.head else 0
    standing = events.standing([head, *(witness.size for witness in state.witnesses)])
    yield Reading(Gauge.UNSEQUENCED_LEAVES, state.waiting)
    yield Reading(Gauge.UNSEQUENCED_AGE, standing.unsequenced)
    yield Reading(Gauge.CHECKPOINT_AGE, standing.at[head])
    for witness in state.witnesses:
        yield Reading(Gauge.WITNESS_LAG, standing.at[witness.size], witness.name)
    yield Reading(Gauge.PARKED_EVENTS, standing.parked)


def _followers(consumers: Collection[str]) -> Iterator[Reading]:
    """How long the next event of each consumer has been waiting for it."""
    for name, seconds in events.waiting(consumers).items():
        yield Reading(Gauge.CONSUMER_LAG, seconds, name)


def _partners(at: datetime) -> Reading:
    """How long the next webhook has been due; one that waits for its next attempt is not."""
    return Reading(Gauge.WEBHOOK_LAG, _seconds(clients.waiting(at)[1], at))


def _called(now: datetime) -> Reading:
    """How long a voucher has been due without its payment having been asked for: who sweeps has stopped, or is refused."""
    since = vouchers.due_since(on=clock.business_date(now))
    return Reading(Gauge.UNCALLED_AGE, _seconds(clock.instant_of(since, 0) if since else None, now))


def _cash(now: datetime) -> Iterator[Reading]:
    """How long banks have owed an answer, and cash that nobody has placed."""
    for bank, since in settlement.unanswered_since().items():
        yield Reading(Gauge.BANK_MESSAGE_LAG, _seconds(since, now), bank)
    items, oldest = settlement.suspense()
    yield Reading(Gauge.UNMATCHED_CASH, items)
    yield Reading(Gauge.UNMATCHED_CASH_AGE, _seconds(oldest, now))


def _mail() -> Iterator[Reading]:
    """E-mails that wait longer than they should, were refused, or are in doubt."""
    yield Reading(Gauge.UNSENT_NOTICES, notices.unsent())


def _seconds(since: datetime | None, now: datetime) -> int:
    return max((now - since) // timedelta(seconds=1), 0) if since else 0


def _books() -> Iterator[Reading]:
    """Debits less credits over every book: zero, or the ledger has been tampered with."""
    for currency, minor in ledger.imbalance().items():
        yield Reading(Gauge.LEDGER_IMBALANCE, minor, currency)
