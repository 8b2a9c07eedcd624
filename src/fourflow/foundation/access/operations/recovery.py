"""Letting somebody back in takes two others: each of them has one half of a code, and neither can use it alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from fourflow.foundation.access import models
from fourflow.foundation.access.domain import codes
from fourflow.foundation.access.events import PasswordChanged, RecoveryMoved
from fourflow.foundation.access.operations.attempts import attempt, forgive
from fourflow.foundation.access.operations.factors import end_all_factors
from fourflow.foundation.access.operations.sessions import end_all
from fourflow.foundation.access.types import (
    Ending,
    Policy,
    ReasonMissing,
    RecoveryElsewhere,
    RecoveryOwn,
    RecoveryRefused,
    RecoveryState,
    RecoveryStateWrong,
    RecoveryView,
)
from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalState, PayloadChanged, Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM, AccountNotFound, AccountView, Actor, Permission, RoleKind
from fourflow.platform.canonical_json import digest
from fourflow.platform.crypto.sealing import blind_index
from fourflow.platform.events import operations as events
from fourflow.platform.perform import turn

APPROVAL_KIND = "access.recover"
SHORTEST_REASON = 10


def new_half() -> str:
    """Sixty random bits for one of the two helpers to hand on. Shown once; only a digest is kept."""
    return codes.paper_code(3)


@transaction.atomic
def ask_recovery(*, email: str, reason: str, half: str, actor: Actor, effective_at: datetime) -> RecoveryView:
    """Ask that a member (for the operator: anybody) who lost password or second factor be let in again.

    Of who acts for several organisations only the operator's people ask it: an account opens them all, and any of them could
    have made him its member for that.

    :raises RecoveryElsewhere: the person acts for another organisation too.
    :raises NotPermitted: the actor edits no members. :raises AccountNotFound: no such sign-in among its people.
    :raises RecoveryOwn: it is the actor's own, under whichever account. :raises RecoveryStateWrong: one is open.
    :raises ReasonMissing: how the person was recognised is not told.
    """
    actor.require(Permission.MEMBER_EDIT)
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing(field="reason")
    account = party_queries.account_by_email(email)
    if account.person_id == actor.person_id:
        raise RecoveryOwn()
    if RoleKind.OPERATOR not in actor.roles:
        _members_only(account, actor)
    turn(account.id)
    open_states = (RecoveryState.ASKED, RecoveryState.APPROVED)
    if models.Recovery.objects.filter(account_id=account.id, state__in=open_states).exists():
        raise RecoveryStateWrong(state="open")
    row = models.Recovery.objects.create(
        account_id=account.id,
        person_id=account.person_id,
        organisation_id=actor.organisation_id,
        maker_person_id=actor.person_id,
        reason=reason,
        first_half=_digest(half),
    )
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
    _moved(row, effective_at)
    return row.to_type()


@transaction.atomic
def decide_recovery(
    *,
    recovery_id: UUID,
    actor: Actor,
    payload_hash: bytes,
    verdict: Verdict,
    half: str,
    policy: Policy,
    at: datetime,
    effective_at: datetime,
    reason: str = "",
) -> RecoveryView:
    """A second person agrees, and gets the other half; good for some hours.

    :raises RecoveryNotFound: not the actor's organisation's. :raises NotPermitted: the actor checks no members.
    :raises RecoveryOwn: it is the actor's own account, under whichever sign-in. :raises RecoveryStateWrong: decided.
    :raises RecoveryElsewhere: the person acts for another organisation meanwhile.
    :raises SamePerson: and the other errors of :func:`fourflow.foundation.approvals.operations.decide`.
    """
    row = models.Recovery.objects.visible_to(actor).lock(recovery_id)
    actor.require(Permission.MEMBER_CHECK)
    if row.person_id == actor.person_id:
        raise RecoveryOwn()
    if row.state != RecoveryState.ASKED:
        raise RecoveryStateWrong(state=row.state)
    if verdict is Verdict.APPROVE and RoleKind.OPERATOR not in actor.roles:
        _members_only(party_queries.account(row.account_id), actor)
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
        row.state, row.checker_person_id = RecoveryState.APPROVED.value, actor.person_id
        row.second_half, row.until = _digest(half), at + timedelta(hours=policy.recovery_hours)
    elif decided.state is ApprovalState.REJECTED:
        row.state = RecoveryState.REJECTED.value
    row.save(update_fields=["state", "checker_person_id", "second_half", "until"])
    _moved(row, effective_at)
    return row.to_type()


@transaction.atomic
def expire_recovery(*, approval: Approval, effective_at: datetime) -> RecoveryView:
    """Nobody decided in time (the sweeper): the asker's half opens nothing, and recovery may be asked for anew.

    :raises AlreadyDecided: it was decided meanwhile, or its time is not over.
    """
    row = models.Recovery.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    return _expired(row, effective_at)


@transaction.atomic
def lapse_recovery(*, recovery_id: UUID, at: datetime, effective_at: datetime) -> RecoveryView:
    """Nobody used the two halves while they were good (the sweeper): recovery may be asked for anew.

    :raises RecoveryStateWrong: they were used meanwhile, or are still good.
    """
    row = models.Recovery.objects.visible_to(SYSTEM).lock(recovery_id)
    if row.state != RecoveryState.APPROVED or row.until is None or row.until > at:
        raise RecoveryStateWrong(state=row.state)
    return _expired(row, effective_at)


def _members_only(account: AccountView, actor: Actor) -> None:
    if account.person_id not in {one.id for one in party_queries.people(actor)}:
        raise AccountNotFound()
    if {one.id for one in party_queries.organisations_of(account.id, actor.on)} - {actor.organisation_id}:
        raise RecoveryElsewhere()


def _expired(row: models.Recovery, effective_at: datetime) -> RecoveryView:
    row.state = RecoveryState.EXPIRED.value
    row.save(update_fields=["state"])
    _moved(row, effective_at)
    return row.to_type()


def recover(
    *,
    email: str,
    first: str,
    second: str,
    password: str,
    address: str,
    policy: Policy,
    at: datetime,
    effective_at: datetime,
) -> None:
    """The owner sets a new password with both halves; old sessions, telephones and keys open nothing any more.

    :raises Locked: too many attempts. :raises RecoveryRefused: the halves do not fit, or their time is over.
    :raises DeclarationInvalid: the new password is too short.
    """
    email = email.strip().lower()
    attempt(email=email, address=address, policy=policy, at=at, effective_at=effective_at)
    with transaction.atomic():
        row = _fitting(email, first, second, at)
        parties.set_password(account_id=row.account_id, password=password)
        end_all(account_id=row.account_id, ending=Ending.RECOVERED, at=at, effective_at=effective_at)
        end_all_factors(account_id=row.account_id, at=at, effective_at=effective_at)
        row.state = RecoveryState.USED.value
        row.save(update_fields=["state"])
        events.publish(PasswordChanged(subject_id=row.account_id, effective_at=effective_at, how="recovery by two"))
        _moved(row, effective_at)
    forgive(email=email, address=address, at=at)


def _fitting(email: str, first: str, second: str, at: datetime) -> models.Recovery:
    try:
        account = party_queries.account_by_email(email)
    except AccountNotFound:
        raise RecoveryRefused() from None
    halves = sorted((_digest(first), _digest(second)))
    found = models.Recovery.objects.filter(account_id=account.id, state=RecoveryState.APPROVED, until__gt=at)
    for row in found.lock_all(list(found.values_list("pk", flat=True))):
        if sorted((bytes(row.first_half), bytes(row.second_half or b""))) == halves:
            return row
    raise RecoveryRefused()


def _snapshot(row: models.Recovery) -> dict[str, object]:
    return {"account": str(row.account_id), "person": str(row.person_id), "reason": row.reason}


def _moved(row: models.Recovery, effective_at: datetime) -> None:
    event = RecoveryMoved(subject_id=row.id, effective_at=effective_at, account_id=row.account_id, state=row.state)
    events.publish(event, rows=[row.evidenced()])


def _digest(half: str) -> bytes:
    return blind_index(f"recovery half {codes.normal(half)}")
