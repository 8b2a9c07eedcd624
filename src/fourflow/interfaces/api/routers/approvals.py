"""The inbox: what waits for this person's decision, and where to take it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime

from fourflow.foundation.approvals import queries
from fourflow.foundation.approvals.types import ApprovalState, InboxItem, Verdict
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Part, Shown
from fourflow.interfaces.api.ids import PREFIXES, ApprovalId, PersonId
from fourflow.interfaces.api.replies import read, reads, reply
from fourflow.platform.ids import encode

router = Router(tags=["approvals"])

#: kind of approval → the kind of object, where it is decided, and who may
KINDS: dict[str, tuple[str, str, tuple[Permission, ...]]] = {
    "voucher.issue": ("voucher", "/v1/vouchers/{}/check", (Permission.VOUCHER_CHECK,)),
    "limit.publish": ("publication", "/v1/limits/proposals/{}/decide", (Permission.LIMIT_CHECK,)),
    "financing.decide": ("financing", "/v1/financings/{}/check", (Permission.FINANCING_CHECK,)),
    "parameter.set": ("parameter", "/v1/parameters/{}/decide", (Permission.PARAMETER_CHECK,)),
    "party.onboard": ("application", "/v1/applications/{}/decide", (Permission.PARTY_CHECK,)),
    "party.change": ("change", "/v1/changes/{}/decide", (Permission.PARTY_CHECK, Permission.MEMBER_CHECK)),
    "client.terms": ("client_proposal", "/v1/client-proposals/{}/decide", (Permission.MEMBER_CHECK,)),
    "access.recover": ("recovery", "/v1/recoveries/{}/decide", (Permission.MEMBER_CHECK,)),
    "party.lift": ("restriction", "/v1/restrictions/{}/lift/decide", (Permission.RESTRICTION_CHECK,)),
}


class DecisionMade(Part):
    person_id: PersonId
    verdict: Verdict
    reason: str
    decided_at: AwareDatetime


class DifferenceBody(Part):
    """What changed since the object was last decided."""

    path: str
    before: Any
    after: Any


class ApprovalBody(Shown):
    """``snapshot`` is what is put up, byte for byte what ``payload_hash`` (SHA-256 of its canonical JSON) stands for;
    identifiers in it are plain UUIDs. ``decide_at`` is the address of the owner's decision; ``waiting_for`` are the people who
    may still decide it, until the end of the day ``decide_by``; after it the request is ``expired`` and what waited is free."""

    id: ApprovalId
    kind: str
    object_id: str
    decide_at: str
    state: ApprovalState
    maker_person_id: PersonId
    snapshot: dict[str, Any]
    payload_hash: str
    checks: int
    checks_missing: int
    requested_at: AwareDatetime
    decide_by: date
    decisions: list[DecisionMade]
    changes: list[DifferenceBody]
    waiting_for: list[PersonId]


class ApprovalList(Shown):
    data: list[ApprovalBody]


def _bodies(who: Caller, items: Sequence[InboxItem]) -> list[ApprovalBody]:
    """Requests with the people for whom they wait. Inside a read of the caller."""
    needed = {kind: permissions for kind, (_, _, permissions) in KINDS.items()}
    asked = {(item.approval.organisation_id, one) for item in items for one in needed.get(item.approval.kind, ())}
    may = parties.people_who_may(asked, who.today) if asked else {}
    bodies = []
    for item in items:
        approval = item.approval
        people = {p for one in needed.get(approval.kind, ()) for p in may[approval.organisation_id, one]}
        done = {approval.maker_person_id, *(decision.person_id for decision in approval.decisions)}
        is_open = approval.state is ApprovalState.PENDING and approval.decide_by >= who.today
        bodies.append(_body(item, sorted(people - done) if is_open else []))
    return bodies


def _body(item: InboxItem, waiting_for: list[UUID]) -> ApprovalBody:
    approval = item.approval
    kind, address, _ = KINDS.get(approval.kind, ("record", "", ()))
    object_id = encode(PREFIXES[kind], approval.object_id)
    return ApprovalBody(
        id=approval.id,
        kind=approval.kind,
        object_id=object_id,
        decide_at=address.format(object_id),
        state=approval.state,
        maker_person_id=approval.maker_person_id,
        snapshot=dict(approval.snapshot),
        payload_hash=approval.payload_hash.hex(),
        checks=approval.checks,
        checks_missing=approval.checks_missing,
        requested_at=approval.requested_at,
        decide_by=approval.decide_by,
        decisions=[DecisionMade.model_validate(decision) for decision in approval.decisions],
        changes=[DifferenceBody.model_validate(change) for change in item.changes],
        waiting_for=waiting_for,
    )


@router.get("/inbox", **reads(ApprovalList))
def inbox(request: HttpRequest, whose: Literal["own", "team"] = "own") -> HttpResponse:
    """Requests that this person may still decide for the organisation, the oldest first; at most 200.

    ``whose=team``: those that anybody of the organisation may still decide, for whoever may read its business.
    """
    who = caller(request)

    def query() -> list[ApprovalBody]:
        if whose == "team":
            who.actor.require(Permission.VOUCHER_VIEW)
            return _bodies(who, queries.of_organisation(who.actor, at=who.now))
        kinds = [kind for kind, (_, _, needed) in KINDS.items() if any(who.actor.can(one) for one in needed)]
        return _bodies(who, queries.inbox(who.actor, kinds=kinds, at=who.now))

    return reply(request, ApprovalList(data=read(request, query)))


@router.get("/outbox", **reads(ApprovalList))
def outbox(request: HttpRequest) -> HttpResponse:
    """The person's own requests that wait for others."""
    who = caller(request)
    return reply(request, ApprovalList(data=read(request, lambda: _bodies(who, queries.requested_by(who.actor)))))


@router.get("/approvals/{approval_id}", **reads(ApprovalBody))
def get_approval(request: HttpRequest, approval_id: ApprovalId) -> HttpResponse:
    """One request with its decisions and what changed."""
    who = caller(request)
    return reply(request, read(request, lambda: _bodies(who, [queries.get(who.actor, approval_id)]))[0])
