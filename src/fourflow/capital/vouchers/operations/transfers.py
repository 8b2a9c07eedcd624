"""Passing a voucher down: split, offer to the next party, its acceptance; over any number of tiers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import postings, rules
from fourflow.capital.vouchers.events import HoldingTransferred, TransferEnded, TransferOffered
from fourflow.capital.vouchers.operations import parameters, signed, splitting
from fourflow.capital.vouchers.operations.parameters import SPLIT, Numbers
from fourflow.capital.vouchers.operations.posting import post
from fourflow.capital.vouchers.types import (
    Act,
    Holding,
    HoldingId,
    HoldingState,
    HoldingStateWrong,
    OfferExpired,
    PartyBarred,
    TradeBasisMissing,
)
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Actor, Barred, PartyNotFound, PartyView, Permission, RoleKind
from fourflow.platform.clock import business_date
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.money import Money


def transfer_content(holding_id: UUID, receiver_id: UUID, amount: Money, trade_basis: str) -> dict[str, Any]:
    """What both sides of a transfer sign."""
    return {
        "act": "holding.transfer",
        "holding_id": str(holding_id),
        "receiver_id": str(receiver_id),
        "amount": amount.to_body(),
        "trade_basis": trade_basis,
    }


def plan_transfer(
    *, holding_id: HoldingId, receiver_id: UUID, amount: Money, trade_basis: str, actor: Actor, today: date
) -> tuple[dict[str, Any], Money]:
    """What the holder would sign, and what would stay with it; refused as the offer would be. Locks and writes nothing.

    :raises FourflowError: see :func:`offer_transfer`.
    """
    holding = models.Holding.objects.visible_to(actor).get_visible(holding_id)
    voucher = models.Voucher.objects.visible_to(actor).get_visible(holding.voucher_id)
    _, rest = _check(voucher, holding, receiver_id, amount, trade_basis, actor, today)
    return transfer_content(holding_id, receiver_id, amount, trade_basis), rest


def receivers(*, holding_id: HoldingId, actor: Actor, today: date, limit: int = 100) -> list[PartyView]:
    """To whom the part may be offered, of the firms that the actor knows, by name: whom :func:`offer_transfer` would not
    refuse for who they are. Four or five statements, however many firms.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    """
    holding = models.Holding.objects.visible_to(actor).get_visible(holding_id)
    voucher = models.Voucher.objects.visible_to(actor).get_visible(holding.voucher_id)
    known = parties.search(actor, role=RoleKind.SUPPLIER, programme_id=voucher.issuer_id, limit=limit)
    # who is related to a party that the part may not come to has that party in its own group
    been = [holding.holder_id, voucher.issuer_id, *_earlier_holders(holding)]
    refused = parties.groups_of(been, today) | set(parties.barred([one.id for one in known], Barred.TRANSFER, today))
    return [one for one in known if one.id not in refused]


@joins
def offer_transfer(
    *,
    holding_id: HoldingId,
    receiver_id: UUID,
    amount: Money,
    trade_basis: str,
    actor: Actor,
    effective_at: datetime,
    today: date,
    signature: Signature,
) -> Holding:
    """Cut a part off and offer it to the next party; it stays locked in the holder's hand until that party accepts.

    ``trade_basis`` names the trade between the two (kind and number of a document). ``signature`` is over
    :func:`transfer_content`.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not sign for the holder, or not up to this amount.
    :raises HoldingStateWrong, VoucherStateWrong, VoucherDue, HoldingBlocked: it is locked, spent, financed, due, disputed
        or frozen.
    :raises AmountInvalid, BelowMinimumLot, TooManyTiers, SplitAbnormal: see domain.rules.
    :raises RoundTrip, RelatedParties, PartyBarred, TradeBasisMissing: there may be no trade behind it.
    :raises PartyNotFound: the receiver is no supplier of the issuer's programme (or of every one) that day, nor in the chain.
    """
    voucher, holding = splitting.lock_both(holding_id, actor)
    given, rest = _check(voucher, holding, receiver_id, amount, trade_basis, actor, today)
    part, changed = splitting.cut(
        voucher,
        holding,
        amount,
        rest,
        state=HoldingState.LOCKED_TRANSFER,
        effective_at=effective_at,
        today=today,
        receiver_id=receiver_id,
        trade_basis=trade_basis.strip(),
        expires_on=rules.answer_by(today, given[Key.TRANSFER_EXPIRY_DAYS], voucher.due_on),
    )
    act = signed.record(
        act=Act.TRANSFER,
        voucher_id=voucher.id,
        holding_id=part.id,
        actor=actor,
        content=transfer_content(holding_id, receiver_id, amount, trade_basis),
        signature=signature,
        effective_at=effective_at,
    )
    # the receiver sees the whole chain up to the core's signed confirmation before it decides
    splitting.open_chain(voucher, part, receiver_id, "offered")
    party_operations.introduce([(holding.holder_id, receiver_id), (voucher.issuer_id, receiver_id)], "transfer")
    event = _offered(part, receiver_id, amount, signature, effective_at)
    events.publish(event, rows=[*(row.evidence() for row in changed), act.evidence()])
    return part.to_type()


def _offered(
    part: models.Holding, receiver_id: UUID, amount: Money, signature: Signature, effective_at: datetime
) -> TransferOffered:
    return TransferOffered(
        subject_id=part.voucher_id,
        effective_at=effective_at,
        holding_id=part.id,
        from_id=part.holder_id,
        to_id=receiver_id,
        amount=amount,
        trade_basis=part.trade_basis,
        signature=signature.to_body(),
    )


def _check(
    voucher: models.Voucher,
    holding: models.Holding,
    receiver_id: UUID,
    amount: Money,
    trade_basis: str,
    actor: Actor,
    today: date,
) -> tuple[Numbers, Money]:
    """The rules' numbers in force, and the rest that stays; raises what :func:`offer_transfer` names."""
    actor.require(Permission.VOUCHER_TRANSFER, party=holding.holder_id, amount=amount, today=today)
    splitting.must_be_free(voucher, holding, today)
    if not trade_basis.strip():
        raise TradeBasisMissing(field="trade_basis")
    _check_parties(voucher, holding, receiver_id, today)
    given = parameters.numbers([*SPLIT, Key.TRANSFER_EXPIRY_DAYS], today, voucher.issuer_id)
    rules.check_tiers(parameters.split_rule(given), tier=holding.tier)
    return given, splitting.check_part(holding, amount, today, given)


def _check_parties(voucher: models.Voucher, holding: models.Holding, receiver_id: UUID, today: date) -> None:
    earlier = _earlier_holders(holding)
    # whoever stands in the chain is told what is wrong, supplier or not; of anybody else the holder may know nothing
    been = receiver_id == voucher.issuer_id or receiver_id in earlier
    if not been and not parties.has_role(receiver_id, RoleKind.SUPPLIER, today, programme_id=voucher.issuer_id):
        raise PartyNotFound(field="receiver_id")
    rules.check_round_trip(
        holder_id=holding.holder_id,
        issuer_id=voucher.issuer_id,
        earlier_holders=earlier,
        receiver_group=parties.group_of(receiver_id, today),
    )
    _refuse_barred(holding.holder_id, receiver_id, today)


def _earlier_holders(holding: models.Holding) -> set[UUID]:
    if not holding.path:
        return set()
    return set(models.Holding.objects.filter(id__in=holding.path).values_list("holder_id", flat=True))


def _refuse_barred(holder_id: UUID, receiver_id: UUID, today: date) -> None:
    barred = parties.barred([holder_id, receiver_id], Barred.TRANSFER, today)
    for field, party in (("holder_id", holder_id), ("receiver_id", receiver_id)):
        if party in barred:
            raise PartyBarred(field=field)


@joins
def accept_transfer(
    *, holding_id: HoldingId, actor: Actor, effective_at: datetime, today: date, signature: Signature
) -> Holding:
    """Accept an offered part; the register has a new holder, the core a new creditor.

    ``signature`` is over :func:`transfer_content` of the offered part, its receiver, amount and trade basis.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not sign for the receiver, or not up to this amount.
    :raises HoldingStateWrong, VoucherStateWrong: it is not offered (any more).
    :raises OfferExpired, VoucherDue: too late, whether or not the sweeper has noticed.
    :raises HoldingBlocked, PartyBarred: a dispute, freeze or restriction was opened meanwhile.
    """
    voucher, part = splitting.lock_both(holding_id, actor)
    amount = part.money(part.amount_minor)
    receiver_id = part.receiver_id
    actor.require(Permission.VOUCHER_ACCEPT, party=receiver_id, amount=amount, today=today)
    voucher.must_be(splitting.ACTIVE)
    part.must_be(HoldingState.LOCKED_TRANSFER)
    assert receiver_id is not None, "the database holds that a locked part has a receiver"
    splitting.refuse_due(voucher, today)
    if part.expires_on is not None and today > part.expires_on:
        raise OfferExpired(expires_on=part.expires_on.isoformat())
    splitting.refuse_blocked(part)
    _refuse_barred(part.holder_id, receiver_id, today)
    part.state = HoldingState.SPLIT
    part.save(update_fields=["state"])
    received = splitting.child(
        part, holder_id=receiver_id, amount=amount, state=HoldingState.ACTIVE, effective_at=effective_at
    )
    act = signed.record(
        act=Act.TRANSFER_ACCEPT,
        voucher_id=voucher.id,
        holding_id=received.id,
        actor=actor,
        content=transfer_content(part.id, receiver_id, amount, part.trade_basis),
        signature=signature,
        effective_at=effective_at,
    )
    posted = post(
        postings.transferred(voucher.to_type(), part.holder_id, receiver_id, amount, received.id),
        reference=f"holding.transfer:{received.id}",
        effective_at=effective_at,
    )
    splitting.open_parts([received], [part.holder_id, receiver_id, voucher.issuer_id])
    events.publish(
        HoldingTransferred(
            subject_id=voucher.id,
            effective_at=effective_at,
            holding_id=received.id,
            parent_id=part.id,
            from_id=part.holder_id,
            to_id=receiver_id,
            amount=amount,
            signature=signature.to_body(),
        ),
        rows=[part.evidence(), received.evidence(), act.evidence(), *posted],
    )
    return received.to_type()


@joins
def reject_transfer(*, holding_id: HoldingId, actor: Actor, effective_at: datetime, reason: str) -> Holding:
    """The receiver refuses an offered part, or the holder withdraws the offer; it is in the holder's hand again.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises NotPermitted: the actor acts for neither side.
    :raises HoldingStateWrong: it is not offered (any more).
    """
    _, part = splitting.lock_both(holding_id, actor)
    by_holder = actor.organisation_id == part.holder_id
    permission = Permission.VOUCHER_TRANSFER if by_holder else Permission.VOUCHER_ACCEPT
    party = part.holder_id if by_holder else part.receiver_id
    actor.require(permission, party=party, amount=part.money(part.amount_minor))
    return _give_back(part, "withdrawn" if by_holder else "rejected", reason, effective_at)


@joins
def expire_transfer(*, holding_id: HoldingId, effective_at: datetime) -> Holding:
    """An offered part that nobody accepted in time; called by the sweeper.

    :raises HoldingStateWrong: it was answered, or taken back and offered anew, meanwhile.
    """
    _, part = splitting.lock_both(holding_id, SYSTEM)
    part.must_be(HoldingState.LOCKED_TRANSFER)
    if part.expires_on is not None and business_date(effective_at) <= part.expires_on:
        raise HoldingStateWrong(state=str(part.state), expires_on=part.expires_on.isoformat())
    return _give_back(part, "expired", "", effective_at)


def _give_back(part: models.Holding, outcome: str, reason: str, effective_at: datetime) -> Holding:
    part.must_be(HoldingState.LOCKED_TRANSFER)
    event = end(part, outcome, reason, effective_at)
    part.state = HoldingState.ACTIVE
    part.save(update_fields=["state", "receiver_id", "expires_on", "trade_basis"])
    events.publish(event, rows=[part.evidence()])
    return part.to_type()


def end(part: models.Holding, outcome: str, reason: str, effective_at: datetime) -> TransferEnded:
    """Take the offer off an offered part, and say so; its state, saving and publishing are the caller's."""
    assert part.receiver_id is not None, "the database holds that a locked part has a receiver"
    event = TransferEnded(
        subject_id=part.voucher_id,
        effective_at=effective_at,
        holding_id=part.id,
        from_id=part.holder_id,
        to_id=part.receiver_id,
        outcome=outcome,
        reason=reason,
    )
    part.receiver_id, part.expires_on, part.trade_basis = None, None, ""
    return event
