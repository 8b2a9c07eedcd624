"""The register's side of a financing: lock, hand over or pledge, unlock. Called by capital.financing, which knows the cash."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fourflow.capital.ledger.types import Entry
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import postings
from fourflow.capital.vouchers.events import HoldingFinanced, HoldingLocked, HoldingUnlocked
from fourflow.capital.vouchers.operations import parameters, splitting
from fourflow.capital.vouchers.types import Holding, HoldingId, HoldingState, PartyBarred, VoucherState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Actor, Barred, Permission
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money


@joins
def lock_for_finance(
    *, holding_id: HoldingId, funder_id: UUID, amount: Money, actor: Actor, effective_at: datetime, today: date
) -> Holding:
    """Cut the part that is to be financed off and lock it; the funder sees it and its chain from now on.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not ask for financing for the holder.
    :raises HoldingStateWrong, VoucherStateWrong, VoucherDue, HoldingBlocked: it is locked, spent, financed, due, disputed
        or frozen.
    :raises AmountInvalid, BelowMinimumLot, SplitAbnormal: see domain.rules.
    :raises PartyBarred: the holder may not finance.
    """
    voucher, holding = splitting.lock_both(holding_id, actor)
    actor.require(Permission.FINANCING_REQUEST, party=holding.holder_id, amount=amount, today=today)
    splitting.must_be_free(voucher, holding, today)
    if parties.is_barred(holding.holder_id, Barred.FINANCE, today):
        raise PartyBarred(field="holder_id")
    given = parameters.numbers(parameters.SPLIT, today, voucher.issuer_id)
    rest = splitting.check_part(holding, amount, today, given)
    part, changed = splitting.cut(
        voucher, holding, amount, rest, state=HoldingState.LOCKED_FINANCE, effective_at=effective_at, today=today
    )
    splitting.open_chain(voucher, part, funder_id, "funder")
    events.publish(
        HoldingLocked(
            subject_id=voucher.id,
            effective_at=effective_at,
            holding_id=part.id,
            holder_id=part.holder_id,
            funder_id=funder_id,
            amount=amount,
        ),
        rows=[row.evidence() for row in changed],
    )
    return part.to_type()


@joins
def unlock_from_finance(*, holding_id: HoldingId, effective_at: datetime, reason: str) -> Holding:
    """The financing came to nothing: the part is free again, or waits for its money with the others if it fell due.

    :raises HoldingStateWrong: it is not locked for financing.
    """
    voucher, part = splitting.lock_both(holding_id, SYSTEM)
    part.must_be(HoldingState.LOCKED_FINANCE)
    part.state = _standing(voucher, HoldingState.ACTIVE)
    part.save(update_fields=["state"])
    event = HoldingUnlocked(subject_id=part.voucher_id, effective_at=effective_at, holding_id=part.id, reason=reason)
    events.publish(event, rows=[part.evidence()])
    return part.to_type()


def _standing(voucher: models.Voucher, while_running: HoldingState) -> HoldingState:
    """In which state a part leaves its lock: the voucher may have fallen due while a bank was silent."""
    by_voucher = {
        VoucherState.ACTIVE: while_running,
        VoucherState.MATURING: HoldingState.MATURED,
        VoucherState.OVERDUE: HoldingState.OVERDUE,
        VoucherState.DEFAULTED: HoldingState.OVERDUE,
    }
    return by_voucher[VoucherState(voucher.state)]


@joins
def assign_to_funder(
    *, holding_id: HoldingId, funder_id: UUID, effective_at: datetime, limit_reference: str = ""
) -> tuple[Holding, tuple[Entry, ...]]:
    """Without recourse: the funder becomes the holder, once the bank has paid. Returns the core's entries to post.

    ``limit_reference``: the use of the funder's own line, if it financed on that instead of the voucher's.

    :raises HoldingStateWrong: it is not locked for financing.
    """
    voucher, part = splitting.lock_both(holding_id, SYSTEM)
    part.must_be(HoldingState.LOCKED_FINANCE)
    amount = part.money(part.amount_minor)
    part.state = HoldingState.SPLIT
    part.save(update_fields=["state"])
    held = splitting.child(
        part,
        holder_id=funder_id,
        amount=amount,
        state=_standing(voucher, HoldingState.FINANCED),
        effective_at=effective_at,
        pledgee_id=funder_id,
        limit_reference=limit_reference,
    )
    splitting.open_parts([held], [part.holder_id, funder_id, voucher.issuer_id])
    _financed(voucher, held, part.holder_id, funder_id, amount, False, effective_at, [part, held])
    entries = postings.new_creditor(voucher.to_type(), part.holder_id, funder_id, amount, held.id)
    return held.to_type(), tuple(entries)


@joins
def pledge_to_funder(
    *, holding_id: HoldingId, funder_id: UUID, effective_at: datetime, limit_reference: str = ""
) -> Holding:
    """With recourse: the holder stays the holder and the funder its pledgee; the core's creditor does not change.

    :raises HoldingStateWrong: it is not locked for financing.
    """
    voucher, part = splitting.lock_both(holding_id, SYSTEM)
    part.must_be(HoldingState.LOCKED_FINANCE)
    part.state = _standing(voucher, HoldingState.FINANCED)
    part.pledgee_id, part.limit_reference = funder_id, limit_reference
    part.save(update_fields=["state", "pledgee_id", "limit_reference"])
    amount = part.money(part.amount_minor)
    _financed(voucher, part, part.holder_id, funder_id, amount, True, effective_at, [part])
    return part.to_type()


def _financed(
    voucher: models.Voucher,
    part: models.Holding,
    from_id: UUID,
    funder_id: UUID,
    amount: Money,
    recourse: bool,
    effective_at: datetime,
    changed: list[models.Holding],
) -> None:
    events.publish(
        HoldingFinanced(
            subject_id=voucher.id,
            effective_at=effective_at,
            holding_id=part.id,
            from_id=from_id,
            funder_id=funder_id,
            amount=amount,
            recourse=recourse,
        ),
        rows=[row.evidence() for row in changed],
    )


@joins
def release_pledge(*, holding_id: HoldingId, effective_at: datetime) -> Holding:
    """The holder has paid the funder back by recourse: the pledge ends and the claim is the holder's alone.

    :raises HoldingStateWrong: there is no pledge on it.
    """
    _, part = splitting.lock_both(holding_id, SYSTEM)
    part.must_be(
        *(
            (HoldingState.MATURED, HoldingState.OVERDUE, HoldingState.PARTLY_PAID)
            if part.pledgee_id is not None and part.pledgee_id != part.holder_id
            else ()
        )
    )
    part.pledgee_id = None
    part.save(update_fields=["pledgee_id"])
    event = HoldingUnlocked(
        subject_id=part.voucher_id, effective_at=effective_at, holding_id=part.id, reason="recourse"
    )
    events.publish(event, rows=[part.evidence()])
    return part.to_type()
