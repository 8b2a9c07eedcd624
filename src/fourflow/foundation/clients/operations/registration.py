"""A client comes, and changes, by two people's decision; one person is enough to send it away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalState, PayloadChanged, Verdict
from fourflow.foundation.clients import models
from fourflow.foundation.clients.domain import terms as domain
from fourflow.foundation.clients.events import ClientDecided, ClientProposed, ClientRevoked
from fourflow.foundation.clients.types import (
    API_VERSIONS,
    Client,
    ClientState,
    ClientStateWrong,
    ClientTerms,
    ClientTermsInvalid,
    Proposal,
    ProposalState,
)
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import SYSTEM, Actor, NotPermitted, Permission
from fourflow.platform.canonical_json import digest
from fourflow.platform.db import visibility
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id

APPROVAL_KIND = "client.terms"


@transaction.atomic
def propose(*, terms: ClientTerms, actor: Actor, effective_at: datetime, client_id: UUID | None = None) -> Proposal:
    """Propose a client of the actor's own organisation, or new terms (other keys, scopes, limit) of one.

    Who proposes answers for the client: it acts in this person's name, so that what it makes is checked by another.

    :raises NotPermitted: the actor does not edit the organisation's members.
    :raises ClientTermsInvalid: see :func:`fourflow.foundation.clients.domain.terms.checked_terms`.
    :raises ClientNotFound: no such client of the organisation. :raises ClientStateWrong: it is revoked.
    """
    actor.require(Permission.MEMBER_EDIT)
    terms = domain.checked_terms(terms)
    if actor.account_id is None:
        raise NotPermitted(permission=Permission.MEMBER_EDIT.value)
    if client_id is not None:
        known = _own(models.ClientRow.objects.visible_to(actor), actor).get_visible(client_id)
        _must_be_active(known)
    row = _new_row(terms, actor, actor.account_id, client_id or new_id())
    approval = approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=_snapshot(row),
        maker=actor,
        effective_at=effective_at,
        decide_by=parameters.decide_by(effective_at),
    )
    row.approval_id = approval.id
    row.save(update_fields=["approval_id"])
    event = ClientProposed(
        subject_id=row.id,
        effective_at=effective_at,
        client_id=row.client_id,
        scopes=tuple(sorted(terms.scopes)),
        content_digest=digest(row.content),
    )
    events.publish(event, rows=[row.evidenced()])
    return row.to_type()


def _new_row(terms: ClientTerms, actor: Actor, account_id: UUID, client_id: UUID) -> models.ProposalRow:
    try:
        with transaction.atomic():
            row: models.ProposalRow = models.ProposalRow.objects.create(
                organisation_id=actor.organisation_id,
                account_id=account_id,
                person_id=actor.person_id,
                client_id=client_id,
                content=domain.to_json(terms),
            )
    except IntegrityError as error:
        if "client_one_open_proposal" not in str(error):
            raise
        raise ClientStateWrong(state=ProposalState.PROPOSED.value) from error
    visibility.grant_many((one, actor.organisation_id, "own client") for one in (row.id, row.client_id))
    return row


@transaction.atomic
def decide(
    *,
    proposal_id: UUID,
    actor: Actor,
    payload_hash: bytes,
    verdict: Verdict,
    effective_at: datetime,
    reason: str = "",
) -> Proposal:
    """The second person admits a client under the proposed terms, or rejects them.

    :raises ClientNotFound: no such proposal of the actor's organisation.
    :raises NotPermitted: the actor does not check members. :raises ClientStateWrong: it is decided already.
    :raises SamePerson: and the other errors of :func:`fourflow.foundation.approvals.operations.decide`.
    """
    row = _own(models.ProposalRow.objects.visible_to(actor), actor).lock(proposal_id)
    actor.require(Permission.MEMBER_CHECK)
    _must_be_proposed(row)
    if digest(_snapshot(row)) != payload_hash:
        raise PayloadChanged(approval=str(row.approval_id))
    decided = approvals.decide(
        approval_id=row.approval_id,
        decider=actor,
        payload_hash=payload_hash,
        verdict=verdict,
        reason=reason,
        effective_at=effective_at,
    )
    if decided.is_approved:
        _close(row, ProposalState.APPLIED, effective_at, actor)
    elif decided.state is ApprovalState.REJECTED:
        _close(row, ProposalState.REJECTED, effective_at, actor)
    proposal: Proposal = row.to_type()
    return proposal


@transaction.atomic
def withdraw(*, proposal_id: UUID, actor: Actor, effective_at: datetime) -> Proposal:
    """The proposer takes a proposal back.

    :raises ClientNotFound: no such proposal. :raises ClientStateWrong: it is decided already.
    :raises NotTheMaker: somebody else proposed it.
    """
    row = _own(models.ProposalRow.objects.visible_to(actor), actor).lock(proposal_id)
    _must_be_proposed(row)
    approvals.withdraw(approval_id=row.approval_id, maker=actor, effective_at=effective_at)
    _close(row, ProposalState.WITHDRAWN, effective_at, actor)
    proposal: Proposal = row.to_type()
    return proposal


@transaction.atomic
def expire(*, approval: Approval, effective_at: datetime) -> Proposal:
    """Nobody decided in time (the sweeper): no client comes or changes, and one may be proposed anew.

    :raises AlreadyDecided: it was decided meanwhile, or its time is not over.
    """
    row = models.ProposalRow.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    _close(row, ProposalState.EXPIRED, effective_at, SYSTEM)
    proposal: Proposal = row.to_type()
    return proposal


@transaction.atomic
def revoke(*, client_id: UUID, actor: Actor, effective_at: datetime, reason: str) -> Client:
    """Send a client away for good: its next request is refused, whatever tokens it holds.

    :raises ClientNotFound: no such client of the organisation. :raises ClientStateWrong: it is revoked already.
    :raises NotPermitted: the actor neither edits nor checks members. :raises ClientTermsInvalid: no reason.
    """
    row = _own(models.ClientRow.objects.visible_to(actor), actor).lock(client_id)
    if not actor.can(Permission.MEMBER_CHECK):
        actor.require(Permission.MEMBER_EDIT)
    _must_be_active(row)
    if not reason.strip():
        raise ClientTermsInvalid(field="reason", expected="why")
    row.state, row.revoked_at = ClientState.REVOKED.value, effective_at
    row.save(update_fields=["state", "revoked_at"])
    event = ClientRevoked(
        subject_id=row.id, effective_at=effective_at, by_person_id=actor.person_id, reason=reason.strip()
    )
    events.publish(event, rows=[row.evidenced()])
    client: Client = row.to_type()
    return client


def _close(row: models.ProposalRow, state: ProposalState, effective_at: datetime, actor: Actor) -> None:
    row.state = state.value
    row.save(update_fields=["state"])
    rows = [row.evidenced()]
    if state is ProposalState.APPLIED:
        rows.append(_apply(row, actor).evidenced())
    event = ClientDecided(subject_id=row.id, effective_at=effective_at, client_id=row.client_id, state=state.value)
    events.publish(event, rows=rows)


def _apply(row: models.ProposalRow, actor: Actor) -> models.ClientRow:
    client: models.ClientRow | None = models.ClientRow.objects.visible_to(actor).filter(id=row.client_id).first()
    if client is None:
        client = models.ClientRow(
            id=row.client_id, organisation_id=row.organisation_id, proposal=row, api_version=API_VERSIONS[-1]
        )
        client.save(force_insert=True)
    else:
        _must_be_active(client)
        client.proposal = row
        client.save(update_fields=["proposal"])
    return client


def _own(rows: models.OfOrganisationQuerySet, actor: Actor) -> models.OfOrganisationQuerySet:
    """Only the own organisation's: the operator sees that others have clients, but does not touch them."""
    return rows.filter(organisation_id=actor.organisation_id)


def _must_be_proposed(row: models.ProposalRow) -> None:
    if row.state != ProposalState.PROPOSED:
        raise ClientStateWrong(state=row.state)


def _must_be_active(row: models.ClientRow) -> None:
    if row.state != ClientState.ACTIVE:
        raise ClientStateWrong(state=row.state)


def _snapshot(row: models.ProposalRow) -> dict[str, object]:
    """What the checker sees: the keys whole, for they are what lets the machine in."""
    return {"client": str(row.client_id), **row.content}
