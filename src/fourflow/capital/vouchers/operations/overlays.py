"""Disputes, freezes and complaints: dated flags over a subtree, not states."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.events import ComplaintAnswered, ComplaintMade, OverlayClosed, OverlayOpened
from fourflow.capital.vouchers.operations import parameters, splitting
from fourflow.capital.vouchers.types import (
    LIVING,
    ComplaintNotFound,
    HoldingId,
    NotAHolder,
    Overlay,
    OverlayKind,
    OverlayNotFound,
    SamePerson,
    TradeBasisMissing,
    VoucherId,
)
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id


@joins
def dispute(
    *,
    voucher_id: VoucherId,
    holding_id: HoldingId | None = None,
    source: str,
    actor: Actor,
    effective_at: datetime,
    today: date,
) -> Overlay:
    """The issuer disputes a voucher or a part of it, or a holder its own part, naming the case. The due date runs on.

    :raises VoucherNotFound, HoldingNotFound: not there, or not the actor's to see.
    :raises NotPermitted: no function of the actor disputes vouchers.
    :raises NotAHolder: the actor's organisation neither issued the voucher nor holds the part that it names.
    :raises VoucherStateWrong: there is no living debt.
    :raises TradeBasisMissing: no case is named.
    """
    return _open(voucher_id, holding_id, OverlayKind.DISPUTED, source, actor, effective_at, today)


@joins
def freeze(
    *,
    voucher_id: VoucherId,
    holding_id: HoldingId | None = None,
    source: str,
    actor: Actor,
    effective_at: datetime,
    today: date,
) -> Overlay:
    """The operator or a funder freezes a subtree on a court paper or a risk event; another person lifts it.

    :raises VoucherNotFound, HoldingNotFound: not there, or not the actor's to see.
    :raises NotPermitted: the actor does not freeze vouchers.
    :raises VoucherStateWrong: there is no living debt.
    :raises TradeBasisMissing: no paper is named.
    """
    return _open(voucher_id, holding_id, OverlayKind.FROZEN, source, actor, effective_at, today)


def _open(
    voucher_id: VoucherId,
    holding_id: HoldingId | None,
    kind: OverlayKind,
    source: str,
    actor: Actor,
    effective_at: datetime,
    today: date,
) -> Overlay:
    voucher = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    disputing = kind is OverlayKind.DISPUTED
    actor.require(Permission.VOUCHER_DISPUTE if disputing else Permission.VOUCHER_FREEZE)
    part = None
    if holding_id is not None:
        part = models.Holding.objects.visible_to(actor).filter(voucher_id=voucher.id).get_visible(holding_id)
    holds = part is not None and part.holder_id == actor.organisation_id and part.state in splitting.LIVE
    if disputing and not holds and actor.organisation_id != voucher.issuer_id:
        raise NotAHolder(field="holding_id")
    voucher.must_be(LIVING)
    if not source.strip():
        raise TradeBasisMissing(field="source")
    row = models.Overlay.objects.create(
        voucher=voucher,
        holding_id=holding_id,
        kind=kind,
        source=source.strip(),
        organisation_id=actor.organisation_id,
        opened_by=actor.person_id,
        opened_on=today,
    )
    event = OverlayOpened(
        subject_id=voucher.id, effective_at=effective_at, overlay=kind.value, holding_id=holding_id, source=row.source
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@joins
def close_overlay(*, overlay_id: UUID, reason: str, actor: Actor, effective_at: datetime, today: date) -> Overlay:
    """Settle a dispute by who opened it, or lift a freeze by another person than the one who set it.

    :raises OverlayNotFound: no such open overlay for this actor.
    :raises NotPermitted: the actor may not; a dispute is settled by the organisation that opened it.
    :raises SamePerson: the actor is the person who froze, under whatever account.
    :raises TradeBasisMissing: no reason is given.
    """
    seen = models.Overlay.objects.visible_to(actor).filter(closed_on__isnull=True).get_visible(overlay_id)
    models.Voucher.objects.visible_to(actor).lock(seen.voucher_id)
    row = models.Overlay.objects.visible_to(actor).lock(overlay_id)
    if row.closed_on is not None:
        raise OverlayNotFound(value=str(overlay_id))
    if row.kind == OverlayKind.FROZEN:
        actor.require(Permission.VOUCHER_FREEZE_CHECK)
        if row.opened_by == actor.person_id:
            raise SamePerson()
    else:
        actor.require(Permission.VOUCHER_DISPUTE, party=row.organisation_id)
    if not reason.strip():
        raise TradeBasisMissing(field="reason")
    row.closed_on, row.closing_reason = today, reason.strip()
    row.save(update_fields=["closed_on", "closing_reason"])
    event = OverlayClosed(subject_id=row.voucher_id, effective_at=effective_at, overlay=row.kind, reason=reason)
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@joins
def complain(*, voucher_id: VoucherId, text: str, actor: Actor, effective_at: datetime, today: date) -> UUID:
    """A holder complains, for instance that an overdue voucher is still unpaid; the desk has a date to answer by.

    :raises VoucherNotFound: not there, or not the actor's to see.
    :raises NotPermitted: no function of the actor complains.
    :raises NotAHolder: the actor's organisation neither holds a living part nor has the pledge of one.
    :raises TradeBasisMissing: the complaint says nothing.
    """
    voucher = models.Voucher.objects.visible_to(actor).get_visible(voucher_id)
    actor.require(Permission.VOUCHER_COMPLAIN)
    own = Q(holder_id=actor.organisation_id) | Q(pledgee_id=actor.organisation_id)
    if not models.Holding.objects.filter(own, voucher_id=voucher.id, state__in=splitting.LIVE).exists():
        raise NotAHolder(field="voucher_id")
    if not text.strip():
        raise TradeBasisMissing(field="text")
    complaint_id = new_id()
    row = models.Complaint.objects.create(
        id=complaint_id,
        voucher=voucher,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        text=text.strip(),
        made_on=today,
        answer_due_on=today + timedelta(days=parameters.whole(Key.COMPLAINT_ANSWER_DAYS, today)),
    )
    event = ComplaintMade(
        subject_id=voucher.id,
        effective_at=effective_at,
        organisation_id=actor.organisation_id,
        text_digest=hashlib.sha256(row.text.encode()).hexdigest(),
    )
    events.publish(event, rows=[row.evidence()])
    return complaint_id


@joins
def answer_complaint(*, complaint_id: UUID, answer: str, actor: Actor, effective_at: datetime, today: date) -> None:
    """The operator's desk answers, once.

    :raises ComplaintNotFound: no such open complaint.
    :raises NotPermitted: the actor is not at the desk.
    :raises TradeBasisMissing: the answer says nothing.
    """
    row = models.Complaint.objects.visible_to(actor).lock(complaint_id)
    actor.require(Permission.COMPLAINT_ANSWER)
    if row.answered_on is not None:
        raise ComplaintNotFound(value=str(complaint_id))
    if not answer.strip():
        raise TradeBasisMissing(field="answer")
    row.answer, row.answered_on, row.answered_by = answer.strip(), today, actor.person_id
    row.save(update_fields=["answer", "answered_on", "answered_by"])
    event = ComplaintAnswered(
        subject_id=row.voucher_id,
        effective_at=effective_at,
        complaint_id=row.id,
        person_id=actor.person_id,
        text_digest=hashlib.sha256(row.answer.encode()).hexdigest(),
    )
    events.publish(event, rows=[row.evidence()])
