"""Propose a dated value; a second person approves it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalState, PayloadChanged, Verdict
from fourflow.foundation.parameters import models, queries
from fourflow.foundation.parameters.domain.values import checked, definition_of, organisation_of, to_json
from fourflow.foundation.parameters.events import ParameterClosed, ParameterProposed
from fourflow.foundation.parameters.types import (
    PLATFORM,
    DateInPast,
    ParameterDated,
    ParameterId,
    ParameterState,
    ParameterStateWrong,
    ParameterValue,
    ValueInvalid,
)
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.canonical_json import digest
from fourflow.platform.clock import business_date
from fourflow.platform.events import operations as events

APPROVAL_KIND = "parameter.set"


@transaction.atomic
def propose(
    *,
    key: str,
    value: object,
    valid_from: date,
    source: str,
    actor: Actor,
    effective_at: datetime,
    scope: str = PLATFORM,
) -> ParameterValue:
    """Propose that a key has a value from a day on, until the next approved day of the same scope.

    A change announced for later is a value with a later day.

    :raises NotPermitted: the actor does not propose values.
    :raises ParameterUnknown: the catalogue has no such key.
    :raises ScopeInvalid: see :func:`fourflow.foundation.parameters.domain.values.organisation_of`.
    :raises ValueInvalid: the value does not fit the key, or no source is given.
    :raises DateInPast: the day is before today: what was computed stays explained.
    :raises ParameterDated: an approved value begins on that day.
    """
    actor.require(Permission.PARAMETER_PROPOSE)
    definition = definition_of(key)
    fitting = checked(definition, value)
    organisation_id = organisation_of(scope)
    if not source.strip():
        raise ValueInvalid(field="source", key=key, expected="why, and on whose authority")
    _not_past(valid_from, effective_at)
    _day_free(definition.key.value, scope, valid_from)

    row = models.Parameter.objects.create(
        key=definition.key.value,
        scope=scope,
        organisation_id=organisation_id,
        value=to_json(fitting),
        valid_from=valid_from,
        source=source.strip(),
    )
    approval = approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=_snapshot(row),
        maker=actor,
        effective_at=effective_at,
        decide_by=queries.decide_by(effective_at),
    )
    row.approval_id = approval.id
    row.save(update_fields=["approval_id"])
    event = ParameterProposed(
        subject_id=row.id,
        effective_at=effective_at,
        key=row.key,
        scope=scope,
        value=row.value,
        valid_from=valid_from,
        source=row.source,
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()


@transaction.atomic
def decide(
    *,
    parameter_id: UUID,
    actor: Actor,
    payload_hash: bytes,
    verdict: Verdict,
    effective_at: datetime,
    reason: str = "",
) -> ParameterValue:
    """The second person approves or rejects a proposed value.

    :raises ParameterUnknown: no such value. :raises NotPermitted: the actor does not check values.
    :raises ParameterStateWrong: it is decided already.
    :raises DateInPast: its day has passed while it waited; it must be proposed anew.
    :raises ParameterDated: another value was approved for that day meanwhile.
    :raises SamePerson: and the other errors of :func:`fourflow.foundation.approvals.operations.decide`.
    """
    row = models.Parameter.objects.visible_to(actor).lock(parameter_id)
    actor.require(Permission.PARAMETER_CHECK)
    _must_be_proposed(row)
    if digest(_snapshot(row)) != payload_hash:
        raise PayloadChanged(approval=str(row.approval_id))
    if verdict is Verdict.APPROVE:
        _not_past(row.valid_from, effective_at)
        _day_free(row.key, row.scope, row.valid_from)

    decided = approvals.decide(
        approval_id=row.approval_id,
        decider=actor,
        payload_hash=payload_hash,
        verdict=verdict,
        reason=reason,
        effective_at=effective_at,
    )
    if decided.is_approved:
        _close(row, ParameterState.APPROVED, effective_at)
    elif decided.state is ApprovalState.REJECTED:
        _close(row, ParameterState.REJECTED, effective_at)
    return row.to_type()


@transaction.atomic
def withdraw(*, parameter_id: UUID, actor: Actor, effective_at: datetime) -> ParameterValue:
    """The proposer takes a value back.

    :raises ParameterUnknown: no such value. :raises ParameterStateWrong: it is decided already.
    :raises NotTheMaker: somebody else proposed it.
    """
    row = models.Parameter.objects.visible_to(actor).lock(parameter_id)
    _must_be_proposed(row)
    approvals.withdraw(approval_id=row.approval_id, maker=actor, effective_at=effective_at)
    _close(row, ParameterState.WITHDRAWN, effective_at)
    return row.to_type()


@transaction.atomic
def expire(*, approval: Approval, effective_at: datetime) -> ParameterValue:
    """Nobody decided in time (the sweeper): the value binds nobody, and may be proposed anew.

    :raises AlreadyDecided: it was decided meanwhile, or its time is not over.
    """
    row = models.Parameter.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    _close(row, ParameterState.EXPIRED, effective_at)
    return row.to_type()


def _close(row: models.Parameter, state: ParameterState, effective_at: datetime) -> None:
    row.state = state.value
    try:
        with transaction.atomic():
            row.save(update_fields=["state"])
    except IntegrityError as error:
        if "parameter_one_value_a_day" not in str(error):
            raise
        raise ParameterDated(key=row.key, scope=row.scope, day=row.valid_from.isoformat()) from error
    event = ParameterClosed(
        subject_id=row.id,
        effective_at=effective_at,
        key=row.key,
        scope=row.scope,
        valid_from=row.valid_from,
        state=row.state,
    )
    events.publish(event, rows=[row.evidenced()])


def _not_past(valid_from: date, effective_at: datetime) -> None:
    if valid_from < business_date(effective_at):
        raise DateInPast(field="valid_from", value=valid_from.isoformat())


def _day_free(key: str, scope: str, valid_from: date) -> None:
    taken = models.Parameter.objects.filter(
        key=key, scope=scope, valid_from=valid_from, state=ParameterState.APPROVED.value
    )
    if taken.exists():
        raise ParameterDated(key=key, scope=scope, day=valid_from.isoformat())


def _must_be_proposed(row: models.Parameter) -> None:
    if row.state != ParameterState.PROPOSED:
        raise ParameterStateWrong(id=str(ParameterId(row.id)), state=row.state)


def _snapshot(row: models.Parameter) -> dict[str, object]:
    about: dict[str, object] = {"key": row.key, "scope": row.scope, "value": row.value}
    return {**about, "valid_from": row.valid_from.isoformat(), "source": row.source}
