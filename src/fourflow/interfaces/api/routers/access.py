"""The person at the door: letting somebody in again by two others, broken glass, and the log of reads."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import DataClass, EmergencyNotFound, ReadPurpose, ReadView, RecoveryState
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parties.types import NotPermitted, Permission
from fourflow.interfaces.api.auth import Caller, caller, confirm, origin_of
from fourflow.interfaces.api.fields import Approvable, Body, Digest, Intention, Line, Page, Password, Shown, Text
from fourflow.interfaces.api.ids import AccountId, EmergencyId, PartyId, PersonId, ReadId, RecoveryId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, computes, one, page, read, reads, reply, show, waiting, writes
from fourflow.interfaces.api.routers.factors import ConfirmedRequest, Done
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.platform import clock
from fourflow.platform.clock import span

router = Router(tags=["access"])


class RecoveryRequest(Body):
    """``reason``: how the person was recognised, ten characters at least."""

    email: Line
    reason: Text


class RecoveryVerdict(Body):
    verdict: Verdict
    payload_hash: Digest
    reason: Text = ""


class RecoveryBody(Approvable):
    """``half``: this helper's half of the code, told once, to be handed on to the owner of the account."""

    id: RecoveryId
    account_id: AccountId
    person_id: PersonId
    organisation_id: PartyId
    reason: str
    state: RecoveryState
    until: AwareDatetime | None
    half: str = ""


class RecoveryList(Shown):
    data: list[RecoveryBody]


class UseRequest(Body):
    """What the two helpers handed on, and the new password."""

    email: Line
    first: Line
    second: Line
    new: Password


class EmergencyRequest(ConfirmedRequest):
    reason: Text


class ReviewRequest(Body):
    review: Text


class EmergencyBody(Shown):
    id: EmergencyId
    person_id: PersonId
    organisation_id: PartyId
    reason: str
    began_at: AwareDatetime
    until: AwareDatetime
    ended_at: AwareDatetime | None
    reviewed_by: PersonId | None
    review: str


class EmergencyList(Shown):
    data: list[EmergencyBody]


class ReadBody(Shown):
    """A look at restricted or core data of others: by whom, why, and by whose leave.

    ``what`` is the first part of the address, ``object_id`` the object shown (empty: a list, under ``filters``). The person
    and the filters are told to the operator and the regulator only.
    """

    id: ReadId
    reader_person_id: PersonId | None
    organisation_id: PartyId
    subject_party_id: PartyId | None
    data_class: DataClass
    what: str
    object_id: str
    filters: str
    purpose: ReadPurpose
    authorisation_number: str
    read_at: AwareDatetime


class ReadPage(Page):
    data: list[ReadBody]


@shows("recovery")
def _show_recovery(who: Caller, recovery_id: UUID) -> RecoveryBody:
    found = access.recovery(who.actor, recovery_id)
    return show(RecoveryBody, found, pending_approvals=waiting([found.id]).get(found.id, []))


@shows("emergency")
def _show_emergency(who: Caller, emergency_id: UUID) -> EmergencyBody:
    found = next((one for one in access.emergencies(who.actor) if one.id == emergency_id), None)
    if found is None:
        raise EmergencyNotFound()
    return show(EmergencyBody, found)


@router.get("/recoveries", **reads(RecoveryList))
def list_recoveries(request: HttpRequest) -> HttpResponse:
    """Who is to be let in again, the latest first."""
    actor = caller(request).actor
    found = read(request, lambda: access.recoveries(actor))
    pending = waiting(one.id for one in found)
    return reply(
        request,
        RecoveryList(data=[show(RecoveryBody, one, pending_approvals=pending.get(one.id, [])) for one in found]),
    )


@router.post("/recoveries", **writes(RecoveryBody, 201))
def ask_recovery(request: HttpRequest, body: RecoveryRequest) -> HttpResponse:
    """Ask that somebody who lost password or second factor be let in again; a second person decides."""
    who, half, told = caller(request), operations.new_half(), ""

    def run() -> dict[str, Any]:
        return made(
            operations.ask_recovery(
                email=body.email, reason=body.reason, half=half, actor=who.actor, effective_at=who.now
            )
        )

    done = perform(request, "recovery.ask", body.plain(), run)
    told = "" if done.replayed else half
    return reply(request, _show_recovery(who, about(done)).model_copy(update={"half": told}), status=201)


@router.get("/recoveries/{recovery_id}", **reads(RecoveryBody))
def get_recovery(request: HttpRequest, recovery_id: RecoveryId) -> HttpResponse:
    """One of them; halves are not told again."""
    return one(request, "recovery", recovery_id)


@router.post("/recoveries/{recovery_id}/decide", **writes(RecoveryBody))
def decide_recovery(request: HttpRequest, recovery_id: RecoveryId, body: RecoveryVerdict) -> HttpResponse:
    """The second person's decision; agreeing tells the other half of the code."""
    who, half = caller(request), operations.new_half()

    def run() -> dict[str, Any]:
        decided = operations.decide_recovery(
            recovery_id=recovery_id,
            actor=who.actor,
            payload_hash=bytes.fromhex(body.payload_hash),
            verdict=body.verdict,
            half=half,
            policy=access.policy(who.today),
            at=who.at,
            effective_at=who.now,
            reason=body.reason,
        )
        return made(decided)

    done = perform(request, "recovery.decide", {"recovery": str(recovery_id), **body.plain()}, run)
    found = _show_recovery(who, about(done))
    told = half if found.state is RecoveryState.APPROVED and not done.replayed else ""
    return reply(request, found.model_copy(update={"half": told}))


@router.post("/recover", auth=None, **computes(Done), summary="Come in again")
def recover(request: HttpRequest, body: UseRequest) -> HttpResponse:
    """Set a new password with the two halves that the helpers handed on. It works once; nobody is signed in by it."""
    now = clock.now()
    operations.recover(
        email=body.email,
        first=body.first,
        second=body.second,
        password=body.new.get_secret_value(),
        address=origin_of(request).address,
        policy=access.policy(clock.business_date(now)),
        at=clock.machine(),
        effective_at=now,
    )
    return reply(request, Done())


def _overseer(who: Caller) -> None:
    """:raises NotPermitted: neither operator nor regulator."""
    if not who.actor.sees_all:
        raise NotPermitted(permission=Permission.AUDIT_READ.value)


@router.get("/emergencies", **reads(EmergencyList))
def list_emergencies(request: HttpRequest) -> HttpResponse:
    """Glass that was broken, for the operator and the regulator."""
    who = caller(request)
    _overseer(who)
    found = read(request, lambda: access.emergencies(who.actor))
    return reply(request, EmergencyList(data=[show(EmergencyBody, one) for one in found]))


@router.post("/emergencies", **writes(EmergencyBody, 201))
def break_glass(request: HttpRequest, body: EmergencyRequest) -> HttpResponse:
    """An administrator of the operator takes what stops things, for some minutes; with an alarm and a review."""
    who = caller(request)
    who.actor.require(Permission.ACCESS_EMERGENCY)
    confirm(request, body.password, body.code)

    def run() -> dict[str, Any]:
        broken = operations.break_glass(
            reason=body.reason, actor=who.actor, policy=access.policy(who.today), at=who.at, effective_at=who.now
        )
        return made(broken)

    return one(request, "emergency", about(perform(request, "emergency.break", body.plain(), run)), 201)


@router.post("/emergencies/{emergency_id}/end", **writes(EmergencyBody))
def end_emergency(request: HttpRequest, emergency_id: EmergencyId, body: Intention) -> HttpResponse:
    """It is over before its time; any person of the operator may say so."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(
            operations.end_emergency(emergency_id=emergency_id, actor=who.actor, at=who.at, effective_at=who.now)
        )

    done = perform(request, "emergency.end", {"emergency": str(emergency_id)}, run)
    return one(request, "emergency", about(done))


@router.post("/emergencies/{emergency_id}/review", **writes(EmergencyBody))
def review_emergency(request: HttpRequest, emergency_id: EmergencyId, body: ReviewRequest) -> HttpResponse:
    """Another person writes what was done with it and whether it was right."""
    who = caller(request)

    def run() -> dict[str, Any]:
        reviewed = operations.review_emergency(
            emergency_id=emergency_id, actor=who.actor, review=body.review, effective_at=who.now
        )
        return made(reviewed)

    done = perform(request, "emergency.review", {"emergency": str(emergency_id), **body.plain()}, run)
    return one(request, "emergency", about(done))


@router.get("/reads", **reads(ReadPage))
def list_reads(
    request: HttpRequest,
    subject_party_id: PartyId | None = None,
    party_id: PartyId | None = None,
    what: Line = "",
    object_id: Line = "",
    first_day: Annotated[date | None, Query(alias="at[gte]")] = None,
    last_day: Annotated[date | None, Query(alias="at[lte]")] = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Who read restricted or core data of whom, the latest first: the operator and the regulator see every line, all others
    who looked at their organisation and at what it may see.

    ``party_id`` is a firm that read or was read; ``at[gte]`` and ``at[lte]`` are the first and the last day.
    """
    who = caller(request)
    who.actor.require(Permission.PARTY_VIEW)
    since, until = span(first_day, last_day)

    def found(after: UUID | None, size: int) -> list[ReadView]:
        return access.reads(
            who.actor,
            subject_party_id=subject_party_id,
            firm_ids=[party_id] if party_id else [],
            what=what.split(",") if what else (),
            object_id=object_id,
            since=since,
            until=until,
            after=after,
            limit=size,
        )

    rows, following = read(request, lambda: by_id(cursor, limit, found))
    return page(request, ReadPage, [show(ReadBody, row) for row in rows], following)
