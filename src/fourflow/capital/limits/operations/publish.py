"""A funder publishes its line on a core: announced by one person, decided by another; frozen by one in one step."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fourflow.capital.ledger import operations as ledger
from fourflow.capital.ledger import queries as ledger_queries
from fourflow.capital.limits import models
from fourflow.capital.limits.domain import entries, position
from fourflow.capital.limits.events import (
    LimitFrozenByFunder,
    LimitProposalExpired,
    LimitProposalRejected,
    LimitProposed,
    LimitPublished,
    LimitUnfrozen,
)
from fourflow.capital.limits.types import (
    AlreadyFrozen,
    AmountNotPositive,
    Announcement,
    BeginsLater,
    FunderIsCore,
    Limit,
    LimitId,
    ProposalOpen,
    Publication,
    PublicationDecided,
    PublicationId,
    PublicationState,
    SamePerson,
    TermInvalid,
)
from fourflow.foundation.approvals import operations as approvals
from fourflow.foundation.approvals.types import Approval, ApprovalId, Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform import clock
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

#: The kind under which announcements stand in the inbox.
APPROVAL_KIND = "limit.publish"


@joins
def propose(
    *,
    actor: Actor,
    core_id: UUID,
    sanctioned: Money,
    valid_from: date,
    valid_to: date | None,
    source: str,
    effective_at: datetime,
) -> Publication:
    """Announce the actor's organisation's line on a core: a new one, another amount (also below use), another term.

    Nothing changes until a second person decides. ``source`` names the funder's own paper (a credit approval number).

    :raises NotPermitted: the actor does not set limits for a licensed funder.
    :raises AmountNotPositive: the sanctioned amount is negative; zero closes the line for new use.
    :raises TermInvalid: the line would end before it begins.
    :raises BeginsLater: it begins on a later day, while a line is in force.
    :raises FunderIsCore: a funder grants no line to itself.
    :raises ProposalOpen: another announcement for the same core and currency waits for its decision.
    """
    asked = Announcement(core_id, sanctioned, valid_from, valid_to, source)
    check(actor=actor, asked=asked, today=clock.business_date(effective_at))
    row = _announced(actor, asked, effective_at)
    approval = approvals.request(
        kind=APPROVAL_KIND,
        object_id=row.id,
        snapshot=_snapshot(row),
        maker=actor,
        effective_at=effective_at,
        decide_by=parameters.decide_by(effective_at),
    )
    row.approval_id = approval.id
    row.save(force_insert=True)
    visibility.grant(row.id, [row.funder_id], "funder")
    event = LimitProposed(
        subject_id=row.id,
        effective_at=effective_at,
        funder_id=row.funder_id,
        core_id=core_id,
        sanctioned=sanctioned,
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
        proposed_by=actor.person_id,
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


def check(*, actor: Actor, asked: Announcement, today: date) -> None:
    """Refuse what :func:`propose` would refuse on a day, and write nothing: for a preview."""
    actor.require(Permission.LIMIT_SET)
    refuse_impossible(actor.organisation_id, asked)
    line = {
        "funder_id": actor.organisation_id,
        "core_id": asked.core_id,
        "currency": asked.sanctioned.currency,
    }
    refuse_later(asked.valid_from, models.Limit.objects.visible_to(actor).filter(**line).first(), today)
    if models.Publication.objects.filter(**line, state=PublicationState.PROPOSED).exists():
        raise ProposalOpen(core=str(asked.core_id), currency=asked.sanctioned.currency)


def _announced(actor: Actor, asked: Announcement, effective_at: datetime) -> models.Publication:
    return models.Publication(
        id=new_id(),
        funder_id=actor.organisation_id,
        core_id=asked.core_id,
        currency=asked.sanctioned.currency,
        sanctioned_minor=asked.sanctioned.minor,
        valid_from=asked.valid_from,
        valid_to=asked.valid_to,
        source=asked.source,
        proposed_by=actor.person_id,
        proposed_at=effective_at,
    )


def refuse_impossible(funder_id: UUID, asked: Announcement) -> None:
    """What no line can be, whatever else stands; see :func:`propose`."""
    if asked.core_id == funder_id:
        raise FunderIsCore(field="core_id")
    if asked.sanctioned.minor < 0:
        raise AmountNotPositive(field="sanctioned", value=str(asked.sanctioned))
    if asked.valid_to is not None and asked.valid_to <= asked.valid_from:
        raise TermInvalid(field="valid_to", value=asked.valid_to.isoformat())


def refuse_later(valid_from: date, line: models.Limit | None, today: date) -> None:
    """A line has one term, so a later beginning would put one in force out of force until then. A closed one may wait."""
    if line is None or line.sanctioned_minor == 0 or valid_from <= today:
        return
    if line.to_type().holds_on(today):
        raise BeginsLater(field="valid_from", value=valid_from.isoformat(), expected=f"a day up to {today.isoformat()}")


def _snapshot(row: models.Publication) -> dict[str, object]:
    return {
        "funder_id": row.funder_id,
        "core_id": row.core_id,
        "sanctioned": row.sanctioned,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "source": row.source,
    }


@joins
def decide(
    *, publication_id: PublicationId, actor: Actor, verdict: Verdict, effective_at: datetime, reason: str = ""
) -> Publication:
    """The second person's word on an announcement; approved, the line is as announced from now on.

    A reduction below what is in use makes ``excess``, which bars new blocks until it is gone. Posts the entries of the
    funder's memo book itself, being the top operation.

    :raises PublicationNotFound: no such announcement of the actor's organisation.
    :raises NotPermitted: the actor does not check limits, or has no mandate for this amount.
    :raises PublicationDecided: it was decided before.
    :raises BeginsLater: approved, it would put a line that has come into force meanwhile out of force.
    :raises fourflow.foundation.approvals.types.SamePerson: the actor announced it, under whatever account.
    """
    row = models.Publication.objects.visible_to(actor).lock(publication_id)
    actor.require(Permission.LIMIT_CHECK, party=row.funder_id, amount=row.sanctioned)
    if row.state != PublicationState.PROPOSED:
        raise PublicationDecided(state=row.state)
    approvals.decide(
        approval_id=ApprovalId(row.approval_id),
        decider=actor,
        verdict=verdict,
        payload_hash=approvals.payload_hash(_snapshot(row)),
        reason=reason,
        effective_at=effective_at,
    )
    row.decided_by, row.decided_at = actor.person_id, effective_at
    if verdict is Verdict.REJECT:
        row.state = PublicationState.REJECTED.value
        row.save()
        event = LimitProposalRejected(
            subject_id=row.id, effective_at=effective_at, rejected_by=actor.person_id, reason=reason
        )
        events.publish(event, rows=[row.evidence()])
    else:
        _publish(row, actor.person_id, effective_at)
    return row.to_type()


@joins
def expire(*, approval: Approval, effective_at: datetime) -> Publication:
    """Nobody decided in time (the sweeper): the line stays as it is, and another announcement may be made.

    :raises AlreadyDecided: it was decided meanwhile, or its time is not over.
    """
    row = models.Publication.objects.visible_to(SYSTEM).lock(approval.object_id)
    approvals.expire(approval_id=approval.id, effective_at=effective_at)
    row.state = PublicationState.EXPIRED.value
    row.save()
    events.publish(LimitProposalExpired(subject_id=row.id, effective_at=effective_at), rows=[row.evidence()])
    return row.to_type()


def _publish(row: models.Publication, checker_id: UUID, effective_at: datetime) -> None:
    limit = models.Limit.objects.lock_or_open(row)
    refuse_later(row.valid_from, limit, clock.business_date(effective_at))
    before = limit.position
    after, shifts = position.resanction(before, row.sanctioned_minor)
    limit.take(after)
    limit.valid_from, limit.valid_to = row.valid_from, row.valid_to
    limit.save(update_fields=["sanctioned_minor", "valid_from", "valid_to"])
    row.limit, row.state = limit, PublicationState.PUBLISHED.value
    row.save()
    visibility.grant_many([(limit.id, row.funder_id, "funder"), (limit.id, row.core_id, "core")])
    shown = [row.evidence(), limit.evidence()]
    if wanted := entries.of(limit.to_type(), shifts, "limit.published"):
        posted = ledger.post_many(wanted, reference=f"limit.publish:{row.id}", effective_at=effective_at)
        shown.append(ledger_queries.evidence_of(posted.batch_id))
    event = LimitPublished(
        subject_id=limit.id,
        effective_at=effective_at,
        publication_id=row.id,
        funder_id=row.funder_id,
        core_id=row.core_id,
        sanctioned=row.sanctioned,
        before=Money(before.sanctioned, row.currency),
        excess=Money(after.excess, row.currency),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        proposed_by=row.proposed_by,
        checked_by=checker_id,
    )
    events.publish(event, rows=shown)


@joins
def freeze(*, limit_id: LimitId, actor: Actor, reason: str, effective_at: datetime) -> Limit:
    """Stop new blocks in one step; one person of the funder is enough. What was promised stays promised.

    :raises LimitNotFound: no such line for this actor.
    :raises NotPermitted: the actor does not set this funder's limits.
    :raises AlreadyFrozen: it is frozen.
    """
    limit = models.Limit.objects.visible_to(actor).lock(limit_id)
    actor.require(Permission.LIMIT_SET, party=limit.funder_id)
    if limit.frozen:
        raise AlreadyFrozen(frozen=True)
    limit.frozen, limit.frozen_by, limit.freeze_reason = True, actor.person_id, reason
    limit.save(update_fields=["frozen", "frozen_by", "freeze_reason"])
    event = LimitFrozenByFunder(
        subject_id=limit.id, effective_at=effective_at, frozen_by=actor.person_id, reason=reason
    )
    events.publish(event, rows=[limit.evidence()])
    return limit.to_type()


@joins
def unfreeze(*, limit_id: LimitId, actor: Actor, reason: str, effective_at: datetime) -> Limit:
    """Allow new blocks again; it takes another person than the one who froze.

    :raises LimitNotFound: no such line for this actor.
    :raises NotPermitted: the actor does not check this funder's limits.
    :raises AlreadyFrozen: it is not frozen.
    :raises SamePerson: the actor froze it.
    """
    limit = models.Limit.objects.visible_to(actor).lock(limit_id)
    actor.require(Permission.LIMIT_CHECK, party=limit.funder_id, amount=Money(limit.sanctioned_minor, limit.currency))
    if not limit.frozen:
        raise AlreadyFrozen(frozen=False)
    if limit.frozen_by == actor.person_id:
        raise SamePerson()
    limit.frozen, limit.frozen_by, limit.freeze_reason = False, None, ""
    limit.save(update_fields=["frozen", "frozen_by", "freeze_reason"])
    event = LimitUnfrozen(subject_id=limit.id, effective_at=effective_at, unfrozen_by=actor.person_id, reason=reason)
    events.publish(event, rows=[limit.evidence()])
    return limit.to_type()
