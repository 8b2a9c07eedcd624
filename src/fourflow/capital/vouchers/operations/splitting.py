"""Cutting a part off a holding, and the guards that transfer and financing share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import rules
from fourflow.capital.vouchers.operations import asked, parameters
from fourflow.capital.vouchers.operations.parameters import Numbers
from fourflow.capital.vouchers.types import HoldingBlocked, HoldingState, OverlayKind, VoucherDue, VoucherState
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db import visibility
from fourflow.platform.money import Money

ACTIVE = frozenset({VoucherState.ACTIVE})
#: parts that stand for the debt
LIVE = [state.value for state in HoldingState if state.is_live]
_COUNTED = """
select count(*) filter (where state = any(%(live)s)), count(*) filter (where split_on = %(today)s)
from vouchers_holding where voucher_id = %(voucher)s
"""


def lock_both(holding_id: UUID, actor: Actor) -> tuple[models.Voucher, models.Holding]:
    """The voucher first, then the holding: locks run downhill.

    :raises HoldingNotFound: no such holding for this actor; then nothing is locked.
    """
    seen = models.Holding.objects.visible_to(actor).get_visible(holding_id)
    # who sees a part always sees its voucher: the grants are written together
    voucher = models.Voucher.objects.visible_to(actor).lock(seen.voucher_id)
    return voucher, models.Holding.objects.visible_to(actor).lock(holding_id)


def must_be_free(voucher: models.Voucher, holding: models.Holding, today: date) -> None:
    """What transfer and financing both need of a part.

    :raises VoucherStateWrong, HoldingStateWrong: not both active.
    :raises VoucherDue: the due date has come, whether or not the sweeper has noticed.
    :raises HoldingBlocked: a dispute or freeze is open on the voucher, the part, or anything it grew out of.
    """
    voucher.must_be(ACTIVE)
    holding.must_be(HoldingState.ACTIVE)
    refuse_due(voucher, today)
    refuse_blocked(holding)


def refuse_due(voucher: models.Voucher, today: date) -> None:
    """:raises VoucherDue: the due date has come."""
    if today >= voucher.due_on:
        raise VoucherDue(due_on=voucher.due_on.isoformat())


def refuse_blocked(holding: models.Holding, *kinds: OverlayKind) -> None:
    """
    :raises HoldingBlocked: a dispute or freeze (or one of these ``kinds``) is open on the voucher, the part, or anything it
        grew out of.
    """
    for overlay in models.Overlay.objects.open_over(holding, *kinds):
        raise HoldingBlocked(overlay=overlay.kind)


def check_part(holding: models.Holding, amount: Money, today: date, given: Numbers) -> Money:
    """The rest that stays after cutting ``amount`` off; see :func:`domain.rules.check_split` for what is refused."""
    live_parts = splits_today = 0
    if amount.minor < holding.amount_minor:
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED, {"voucher": holding.voucher_id, "live": LIVE, "today": today})
            live_parts, splits_today = cursor.fetchone()
    return rules.check_split(
        parameters.split_rule(given),
        holding=holding.to_type(),
        amount=amount,
        live_parts=live_parts,
        splits_today=splits_today,
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
    return grow(parent, holder_id=holder_id, amounts=[(amount, state, fields)], effective_at=effective_at)[0]


def grow(
    parent: models.Holding,
    *,
    holder_id: UUID,
    amounts: Sequence[tuple[Money, HoldingState, Mapping[str, object]]],
    effective_at: datetime,
) -> list[models.Holding]:
    """New parts of one holder, in one statement."""
    return models.Holding.objects.bulk_create(
        models.Holding(
            voucher_id=parent.voucher_id,
            holder_id=holder_id,
            currency=parent.currency,
            amount_minor=amount.minor,
            parent_id=parent.id,
            path=[*parent.path, parent.id],
            tier=parent.tier + (holder_id != parent.holder_id),
            state=state,
            acquired_at=parent.acquired_at if holder_id == parent.holder_id else effective_at,
            **fields,
        )
        for amount, state, fields in amounts
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
    """The part of ``amount`` in ``state``, and every row that changed. All of a holding is locked in place, not split.

    Nobody can agree to cancel the voucher any more, so what waits for it ends.
    """
    asked.end(voucher, "overtaken", effective_at)
    if not rest:
        holding.state = state
        for name, value in fields.items():
            setattr(holding, name, value)
        holding.save(update_fields=["state", *fields])
        return holding, [holding]
    holding.state, holding.split_on = HoldingState.SPLIT, today
    holding.save(update_fields=["state", "split_on"])
    part, remainder = grow(
        holding,
        holder_id=holding.holder_id,
        amounts=[(amount, state, fields), (rest, HoldingState.ACTIVE, {})],
        effective_at=effective_at,
    )
    open_parts([part, remainder], [holding.holder_id, voucher.issuer_id])
    return part, [holding, part, remainder]


def open_parts(parts: Iterable[models.Holding], organisations: Iterable[UUID]) -> None:
    """Let organisations see parts of a voucher."""
    organisations = list(organisations)
    visibility.grant_many((part.id, organisation, "party") for part in parts for organisation in organisations)


def open_chain(voucher: models.Voucher, part: models.Holding, organisation_id: UUID, reason: str) -> None:
    """Let somebody see a part and all it rests on, up to the core's signed confirmation with its documents."""
    seen = (voucher.id, voucher.payable_id, part.id, *part.path)
    visibility.grant_many((object_id, organisation_id, reason) for object_id in seen)
