"""The inbox: what waits for this person's decision, and where to take it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime

from fourflow.foundation.approvals import queries
from fourflow.foundation.approvals.types import ApprovalState, InboxItem, Verdict
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import caller
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
    identifiers in it are plain UUIDs. ``decide_at`` is the address of the owner's decision."""

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
    expires_at: AwareDatetime | None
    decisions: list[DecisionMade]
    changes: list[DifferenceBody]


class ApprovalList(Shown):
    data: list[ApprovalBody]


def _body(item: InboxItem) -> ApprovalBody:
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
        expires_at=approval.expires_at,
        decisions=[DecisionMade.model_validate(decision) for decision in approval.decisions],
        changes=[DifferenceBody.model_validate(change) for change in item.changes],
    )


@router.get("/inbox", **reads(ApprovalList))
def inbox(request: HttpRequest) -> HttpResponse:
    """Requests that this person may still decide for the organisation, the oldest first; at most 200."""
    who = caller(request)
    kinds = [kind for kind, (_, _, needed) in KINDS.items() if any(who.actor.can(one) for one in needed)]
    found = read(request, lambda: queries.inbox(who.actor, kinds=kinds, at=who.now))
    return reply(request, ApprovalList(data=[_body(item) for item in found]))


@router.get("/outbox", **reads(ApprovalList))
def outbox(request: HttpRequest) -> HttpResponse:
    """The person's own requests that wait for others."""
    actor = caller(request).actor
    found = read(request, lambda: queries.requested_by(actor))
    return reply(request, ApprovalList(data=[_body(item) for item in found]))


@router.get("/approvals/{approval_id}", **reads(ApprovalBody))
def get_approval(request: HttpRequest, approval_id: ApprovalId) -> HttpResponse:
    """One request with its decisions and what changed."""
    actor = caller(request).actor
    wanted: UUID = approval_id
    return reply(request, _body(read(request, lambda: queries.get(actor, wanted))))
