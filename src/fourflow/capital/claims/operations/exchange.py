"""What became of a request to the registry. Only jobs call these; from UNKNOWN the only way on is to ask."""

from __future__ import annotations

from datetime import datetime

from fourflow.capital.claims import models
from fourflow.capital.claims.domain import steps
from fourflow.capital.claims.events import RegistrationMoved
from fourflow.capital.claims.operations.registration import publish_exchange
from fourflow.capital.claims.ports import RegistryAnswer
from fourflow.capital.claims.types import (
    Exchange,
    ExchangeId,
    ExchangeKind,
    ExchangeState,
    ExchangeStateWrong,
    RegistrationState,
)
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events


@joins
def hand_over(*, exchange_id: ExchangeId, effective_at: datetime) -> Exchange:
    """Mark a request as handed over, before it is: whatever happens next, it is never handed over again.

    :raises ExchangeStateWrong: it was handed over before.
    """
    registration, row = _locked(exchange_id)
    _become(row, ExchangeState.SENT)
    row.handed_over_at = effective_at
    row.save(update_fields=["state", "handed_over_at"])
    publish_exchange(registration, row, effective_at)
    return row.to_type()


@joins
def record_unknown(*, exchange_id: ExchangeId, effective_at: datetime) -> Exchange:
    """The registry did not answer in time: it may have acted or not.

    :raises ExchangeStateWrong: the request is not on its way.
    """
    registration, row = _locked(exchange_id)
    _become(row, ExchangeState.UNKNOWN)
    row.asked_at = effective_at
    row.save(update_fields=["state", "asked_at"])
    publish_exchange(registration, row, effective_at)
    return row.to_type()


@joins
def record_asked(*, exchange_id: ExchangeId, effective_at: datetime) -> Exchange:
    """It was asked about and again there was no answer; the time sets the pace of asking."""
    _, row = _locked(exchange_id)
    row.asked_at = effective_at
    row.save(update_fields=["asked_at"])
    return row.to_type()


@joins
def record_not_received(*, exchange_id: ExchangeId, effective_at: datetime) -> Exchange:
    """The registry itself says that it has not got the request, or certainly took nothing.

    :raises ExchangeStateWrong: the request is answered.
    """
    registration, row = _locked(exchange_id)
    _become(row, ExchangeState.NOT_RECEIVED)
    row.finished_at = effective_at
    row.save(update_fields=["state", "finished_at"])
    publish_exchange(registration, row, effective_at)
    return row.to_type()


@joins
def try_again(*, exchange_id: ExchangeId, effective_at: datetime) -> Exchange:
    """A further attempt at a request that the registry has not got, under the same reference, so that it counts once.

    :raises ExchangeStateWrong: the registry has not said so, or a further attempt exists.
    """
    registration, row = _locked(exchange_id)
    later = models.Exchange.objects.filter(client_reference=row.client_reference, attempt__gt=row.attempt)
    if row.state != ExchangeState.NOT_RECEIVED or later.exists():
        raise ExchangeStateWrong(state=row.state, step="try_again")
    again = models.Exchange.objects.create(
        registration=registration,
        kind=row.kind,
        client_reference=row.client_reference,
        attempt=row.attempt + 1,
        request=row.request,
    )
    publish_exchange(registration, again, effective_at)
    return again.to_type()


@joins
def record_answer(*, exchange_id: ExchangeId, answer: RegistryAnswer, effective_at: datetime) -> Exchange:
    """Apply an answer once: keep it, and move the registration to where it leads. A repeated answer changes nothing.

    :raises ExchangeStateWrong: the request was never handed over.
    """
    registration, row = _locked(exchange_id)
    if row.state in (ExchangeState.ANSWERED, ExchangeState.REFUSED):
        return row.to_type()
    _become(row, ExchangeState.ANSWERED if answer.accepted else ExchangeState.REFUSED)
    row.answer, row.finished_at = answer.to_body(), effective_at
    row.save(update_fields=["state", "answer", "finished_at"])
    if answer.accepted:
        _apply(registration, ExchangeKind(row.kind), row, answer, effective_at)
    event = RegistrationMoved(
        subject_id=registration.id,
        effective_at=effective_at,
        reference=registration.reference,
        state=registration.state,
        exchange=row.kind,
        query_certificate=registration.query_certificate,
        registration_no=registration.registration_no,
        requery_certificate=registration.requery_certificate,
        reason=answer.reason,
    )
    events.publish(event, rows=[registration.evidence(), row.evidence()])
    return row.to_type()


def _apply(
    registration: models.Registration,
    kind: ExchangeKind,
    exchange: models.Exchange,
    answer: RegistryAnswer,
    effective_at: datetime,
) -> None:
    if kind is ExchangeKind.QUERY:
        registration.query_certificate, registration.queried_at = answer.certificate, effective_at
    elif kind is ExchangeKind.REQUERY:
        registration.requery_certificate, registration.requeried_at = answer.certificate, effective_at
    elif kind is ExchangeKind.REGISTER:
        registration.registration_no, registration.modify_code = answer.registration_no, answer.modify_code
        registration.registered_at, registration.expires_on = effective_at, answer.expires_on
    elif kind is ExchangeKind.AMEND:
        registration.collateral, registration.assets = exchange.request["collateral"], exchange.request["assets"]
    after = steps.state_after(
        kind, RegistrationState(registration.state), hits=answer.hits, own_no=registration.registration_no
    )
    registration.state = after.value
    registration.save()


def _locked(exchange_id: ExchangeId) -> tuple[models.Registration, models.Exchange]:
    registration_id = models.Exchange.objects.get_visible(exchange_id).registration_id
    registration = models.Registration.objects.lock(registration_id)
    return registration, models.Exchange.objects.get_visible(exchange_id)


def _become(row: models.Exchange, state: ExchangeState) -> None:
    steps.must_step(ExchangeState(row.state), state)
    row.state = state.value
