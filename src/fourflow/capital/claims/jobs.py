"""The way to the registry: hand over what is ready, ask about what nobody knows, try again what it has not got; and payables
that nobody confirms.

Each network call stands between two transactions. Whatever dies in between, the next sweep finds the row as it was left: a
request that was marked as handed over is asked about, never handed over a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F

from fourflow.capital.claims import models, queries
from fourflow.capital.claims.operations import exchange as operations
from fourflow.capital.claims.operations import payable as payables
from fourflow.capital.claims.ports import Change, Filing, NotKnown, PartyAtRegistry, Query, RegistryAnswer, RegistryPort
from fourflow.capital.claims.types import (
    ExchangeId,
    ExchangeKind,
    ExchangeState,
    RegistrationKind,
    RegistryTimeout,
    RegistryUnavailable,
)
from fourflow.platform import clock
from fourflow.platform.jobs import Sweeper, each

#: A request is asked about when no answer has been recorded for so long; then at this pace, doubling with each attempt.
PATIENCE = timedelta(seconds=30)
MOST_PATIENCE = timedelta(minutes=10)
BATCH = 50


def lapse_payables() -> int:
    """Payables that nobody confirmed in time."""
    late = queries.unconfirmed(on=clock.today())
    return each(late, lambda one: payables.expire_payable(payable_id=one, effective_at=clock.now()))


def registry_sweeper(registry: RegistryPort, now: Callable[[], datetime], patience: timedelta = PATIENCE) -> Sweeper:
    """The sweeper that config/wiring.py runs, with the installation's registry and clock."""
    return Sweeper("claims.registry", 1.0, lambda: sweep(registry, now(), patience))


def sweep(registry: RegistryPort, at: datetime, patience: timedelta = PATIENCE) -> int:
    """One round; returns how many requests moved on. One without an answer, or that breaks, holds up no other."""
    exchanges = models.Exchange.objects
    ready = list(exchanges.filter(state=ExchangeState.READY).order_by("id")[:BATCH])
    silent = exchanges.filter(state__in=[ExchangeState.SENT, ExchangeState.UNKNOWN])
    silent = silent.order_by(F("asked_at").asc(nulls_first=True), "id")[:BATCH]
    ask = [row for row in silent if _waited(row, at, row.asked_at or row.handed_over_at, patience)]
    lost = [row for row in exchanges.lost() if _waited(row, at, row.finished_at, patience)]
    if not (ready or ask or lost) or not registry.reachable():
        return 0
    each(lost, lambda row: ready.append(_again(row, at)))
    moved, answers = each(ready, lambda row: _hand_over(registry, row, at)), list[int]()
    each(ask, lambda row: answers.append(_ask(registry, row, at)))
    return moved + sum(answers)


def _again(row: models.Exchange, at: datetime) -> models.Exchange:
    again = operations.try_again(exchange_id=ExchangeId(row.id), effective_at=at)
    return models.Exchange.objects.get_visible(again.id)


def _waited(row: models.Exchange, at: datetime, since: datetime | None, patience: timedelta) -> bool:
    pause = min(patience * 2 ** min(row.attempt - 1, 8), max(patience, MOST_PATIENCE))
    return since is None or at - since >= pause


def _hand_over(registry: RegistryPort, row: models.Exchange, at: datetime) -> None:
    exchange_id = ExchangeId(row.id)
    operations.hand_over(exchange_id=exchange_id, effective_at=at)
    try:
        answer = _call(registry, row)
    except RegistryTimeout:
        operations.record_unknown(exchange_id=exchange_id, effective_at=at)
    except RegistryUnavailable:
        operations.record_not_received(exchange_id=exchange_id, effective_at=at)
    else:
        operations.record_answer(exchange_id=exchange_id, answer=answer, effective_at=at)


def _ask(registry: RegistryPort, row: models.Exchange, at: datetime) -> int:
    exchange_id = ExchangeId(row.id)
    number = row.registration.registration_no
    try:
        answer = registry.ask(ExchangeKind(row.kind), row.client_reference, number)
    except (RegistryTimeout, RegistryUnavailable):
        operations.record_asked(exchange_id=exchange_id, effective_at=at)
        return 0
    if isinstance(answer, NotKnown):
        operations.record_not_received(exchange_id=exchange_id, effective_at=at)
    else:
        operations.record_answer(exchange_id=exchange_id, answer=answer, effective_at=at)
    return 1


def _call(registry: RegistryPort, row: models.Exchange) -> RegistryAnswer:
    kind, registration = ExchangeKind(row.kind), row.registration
    if kind in (ExchangeKind.QUERY, ExchangeKind.REQUERY):
        return registry.query(Query(row.client_reference, tuple(row.request["assets"])))
    if kind is ExchangeKind.REGISTER:
        return registry.register(
            Filing(
                client_reference=row.client_reference,
                kind=RegistrationKind(registration.kind),
                secured_party=PartyAtRegistry(**registration.secured_party),
                debtor=PartyAtRegistry(**registration.debtor),
                collateral=registration.collateral,
                assets=tuple(registration.assets),
                term_months=registration.term_months,
            )
        )
    change = Change(
        client_reference=row.client_reference,
        registration_no=registration.registration_no,
        modify_code=registration.modify_code,
        collateral=row.request.get("collateral", ""),
        assets=tuple(row.request.get("assets", ())),
    )
    return registry.amend(change) if kind is ExchangeKind.AMEND else registry.cancel(change)
