"""Dated values: what holds, what held, what is proposed; two people change one."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import operations, queries
from fourflow.foundation.parameters.types import (
    PLATFORM,
    Key,
    ParameterState,
    ParameterUnknown,
    ParameterValue,
    Value,
    ValueKind,
)
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Approvable, Body, Digest, Line, Part, Reasoned, Shown, Text
from fourflow.interfaces.api.ids import ParameterId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import one, read, reads, reply, waiting, writes
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.platform.canonical_json import jsonable

router = Router(tags=["parameters"])


def _exact(value: Any) -> Any:
    """Numbers with a fraction come as strings; a JSON float is not exact."""
    try:
        jsonable(value)
    except TypeError:
        raise PydanticCustomError("input.decimal", "decimal numbers are strings") from None
    return value


class DefinitionBody(Part):
    """What a key means: its unit, bounds, default and where the number comes from."""

    key: str
    kind: ValueKind
    unit: str
    meaning: str
    source: str
    default: Any
    minimum: Any
    maximum: Any
    choices: list[str]


class CatalogueBody(Shown):
    data: list[DefinitionBody]


class ParameterBody(Approvable):
    """``value``: decimals are strings. It holds from ``valid_from`` until the next approved value of key and scope."""

    id: ParameterId
    key: str
    scope: str
    value: Any
    valid_from: date
    state: ParameterState
    source: str


class ParameterList(Shown):
    data: list[ParameterBody]


class ParameterRequest(Body):
    """``source`` says why, and on whose authority."""

    key: Line
    value: Annotated[Any, AfterValidator(_exact)]
    valid_from: date
    source: Text
    scope: Line = PLATFORM


class ParameterVerdict(Body):
    """``payload_hash`` is that of the request in the inbox: what was seen is what is decided."""

    verdict: Verdict
    payload_hash: Digest
    reason: Text = ""


def _value(value: Value | None) -> Any:
    return jsonable(value)


def _body(parameter: ParameterValue, pending: dict[UUID, Any]) -> ParameterBody:
    return ParameterBody(
        id=parameter.id,
        key=parameter.key.value,
        scope=parameter.scope,
        value=_value(parameter.value),
        valid_from=parameter.valid_from,
        state=parameter.state,
        source=parameter.source,
        pending_approvals=pending.get(parameter.id, []),
    )


@shows("parameter")
def _parameter(who: Caller, parameter_id: UUID) -> ParameterBody:
    for found in queries.history(who.actor):
        if found.id == parameter_id:
            return _body(found, waiting([found.id]))
    raise ParameterUnknown(value=str(parameter_id))


@router.get("/parameters/catalogue", **reads(CatalogueBody))
def parameter_catalogue(request: HttpRequest) -> HttpResponse:
    """Every key with type, unit, bounds, default and source."""
    rows = [
        DefinitionBody(
            key=found.key.value,
            kind=found.kind,
            unit=found.unit,
            meaning=found.meaning,
            source=found.source,
            default=_value(found.default),
            minimum=_value(found.minimum),
            maximum=_value(found.maximum),
            choices=list(found.choices),
        )
        for found in queries.catalogue().values()
    ]
    return reply(request, CatalogueBody(data=rows))


@router.get("/parameters", **reads(ParameterList))
def list_parameters(request: HttpRequest, key: Key | None = None, scope: Line | None = None) -> HttpResponse:
    """All values, proposed, past and scheduled ones too, by key, scope and day."""
    actor = caller(request).actor

    def query() -> list[ParameterBody]:
        found = queries.history(actor, key=key, scope=scope)
        pending = waiting(row.id for row in found if row.state is ParameterState.PROPOSED)
        return [_body(row, pending) for row in found]

    return reply(request, ParameterList(data=read(request, query)))


@router.post("/parameters", **writes(ParameterBody, 201))
def propose_parameter(request: HttpRequest, body: ParameterRequest) -> HttpResponse:
    """Propose that a key has a value from a day on; a second person approves it."""
    who = caller(request)

    def run() -> dict[str, Any]:
        proposed = operations.propose(
            key=body.key,
            value=body.value,
            valid_from=body.valid_from,
            source=body.source,
            scope=body.scope,
            actor=who.actor,
            effective_at=who.now,
        )
        return made(proposed)

    return one(request, "parameter", about(perform(request, "parameter.propose", body.plain(), run)), 201)


@router.get("/parameters/{parameter_id}", **reads(ParameterBody))
def get_parameter(request: HttpRequest, parameter_id: ParameterId) -> HttpResponse:
    """One value."""
    return one(request, "parameter", parameter_id)


@router.post("/parameters/{parameter_id}/decide", **writes(ParameterBody))
def decide_parameter(request: HttpRequest, parameter_id: ParameterId, body: ParameterVerdict) -> HttpResponse:
    """The second person approves or rejects a proposed value."""
    who = caller(request)

    def run() -> dict[str, Any]:
        decided = operations.decide(
            parameter_id=parameter_id,
            actor=who.actor,
            payload_hash=bytes.fromhex(body.payload_hash),
            verdict=body.verdict,
            effective_at=who.now,
            reason=body.reason,
        )
        return made(decided)

    done = perform(request, "parameter.decide", {"parameter_id": str(parameter_id), **body.plain()}, run)
    return one(request, "parameter", about(done))


@router.post("/parameters/{parameter_id}/withdraw", **writes(ParameterBody))
def withdraw_parameter(request: HttpRequest, parameter_id: ParameterId, body: Reasoned) -> HttpResponse:
    """The proposer takes a value back."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.withdraw(parameter_id=parameter_id, actor=who.actor, effective_at=who.now))

    done = perform(request, "parameter.withdraw", {"parameter_id": str(parameter_id), **body.plain()}, run)
    return one(request, "parameter", about(done))
