"""Cutting a part off a holding, and the guards that transfer and financing share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import rules
from fourflow.capital.vouchers.operations import parameters
from fourflow.capital.vouchers.types import HoldingBlocked, HoldingState, VoucherState
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db import visibility
from fourflow.platform.money import Money

ACTIVE = frozenset({VoucherState.ACTIVE})
#: parts that stand for the voucher
STANDING = [state.value for state in HoldingState if state is not HoldingState.SPLIT]


def lock_both(holding_id: UUID, actor: Actor) -> tuple[models.Voucher, models.Holding]:
    """The voucher first, then the holding: locks run downhill.

    :raises HoldingNotFound: no such holding for this actor; then nothing is locked.
    """
    seen = models.Holding.objects.visible_to(actor).get_visible(holding_id)
    # who sees a part always sees its voucher: the grants are written together
    voucher = models.Voucher.objects.visible_to(actor).lock(seen.voucher_id)
    return voucher, models.Holding.objects.visible_to(actor).lock(holding_id)


def refuse_blocked(holding: models.Holding) -> None:
    """
    :raises HoldingBlocked: a dispute or freeze is open on the voucher, the part, or anything it grew out of.
    """
    open_ = models.Overlay.objects.filter(voucher_id=holding.voucher_id, closed_on__isnull=True)
    over = open_.filter(Q(holding__isnull=True) | Q(holding_id__in=[*holding.path, holding.id]))
    if (kind := over.values_list("kind", flat=True).first()) is not None:
        raise HoldingBlocked(overlay=kind)


def check_part(voucher: models.Voucher, holding: models.Holding, amount: Money, today: date) -> Money:
    """The rest that stays after cutting ``amount`` off; see :func:`domain.rules.check_split` for what is refused."""
    parts = models.Holding.objects.filter(voucher_id=voucher.id)
    return rules.check_split(
        parameters.split_rule(today, voucher.issuer_id),
        holding=holding.to_type(),
        amount=amount,
        live_parts=parts.filter(state__in=STANDING).count(),
        splits_today=parts.filter(holder_id=holding.holder_id, split_on=today).count(),
    )


def child(
    parent: models.Holding,
    *,
    holder_id: UUID,
    amount: Money,
    state: HoldingState,
    effective_at: datetime,
    **fields: object,
) -> models.Holding:
    """A new part grown out of a spent one; ``tier`` rises when it changes hands."""
    return models.Holding.objects.create(
        voucher_id=parent.voucher_id,
        holder_id=holder_id,
        currency=parent.currency,
        amount_minor=amount.minor,
        parent=parent,
        path=[*parent.path, parent.id],
        tier=parent.tier + (holder_id != parent.holder_id),
        state=state,
        acquired_at=parent.acquired_at if holder_id == parent.holder_id else effective_at,
        **fields,
    )


def cut(
    voucher: models.Voucher,
    holding: models.Holding,
    amount: Money,
    rest: Money,
    *,
    state: HoldingState,
    effective_at: datetime,
    today: date,
    **fields: object,
) -> tuple[models.Holding, list[models.Holding]]:
    """The part of ``amount`` in ``state``, and every row that changed. All of a holding is locked in place, not split."""
    if not rest:
        holding.state = state
        for name, value in fields.items():
            setattr(holding, name, value)
        holding.save()
        return holding, [holding]
    holding.state, holding.split_on = HoldingState.SPLIT, today
    holding.save(update_fields=["state", "split_on"])
    part = child(holding, holder_id=holding.holder_id, amount=amount, state=state, effective_at=effective_at, **fields)
    remainder = child(
        holding, holder_id=holding.holder_id, amount=rest, state=HoldingState.ACTIVE, effective_at=effective_at
    )
    open_parts([part, remainder], [holding.holder_id, voucher.issuer_id])
    return part, [holding, part, remainder]


def open_parts(parts: Iterable[models.Holding], organisations: Iterable[UUID]) -> None:
    """Let organisations see parts of a voucher."""
    organisations = list(organisations)
    visibility.grant_many((part.id, organisation, "party") for part in parts for organisation in organisations)
