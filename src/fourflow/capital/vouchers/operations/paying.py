"""The core's money on its way: one instruction a part, from the issuer's account to whoever is to be paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import BankAccount, InstructionState, PaymentInstruction, Purpose
from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.operations import maturing, splitting
from fourflow.capital.vouchers.types import (
    AccountMissing,
    Holding,
    HoldingId,
    PaymentUnderway,
    Redemption,
    Voucher,
    VoucherId,
)
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.db.joining import joins
from fourflow.platform.money import Money


@joins
def release_payment(
    *, voucher_id: VoucherId, amount: Money | None, actor: Actor, effective_at: datetime, today: date
) -> list[Redemption]:
    """The issuer releases a payment of a due or overdue voucher, whole (``amount`` None) or in part.

    A part payment is shared pro rata over the living parts, to the cent. Returns what each part is to get; the register
    counts it once the issuer's bank has paid.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not release payments for the issuer, or not up to this amount.
    :raises VoucherStateWrong: the voucher is neither due nor overdue.
    :raises AmountInvalid: not positive, another currency, or more than is outstanding.
    :raises PaymentUnderway: an earlier payment of a part, or a recourse for it, is not over yet.
    :raises AccountMissing: a side has no account in the currency.
    """
    row = models.Voucher.objects.visible_to(actor).lock(voucher_id)
    voucher = row.to_type()
    actor.require(Permission.PAYMENT_RELEASE, party=row.issuer_id, amount=amount or voucher.outstanding, today=today)
    shares = maturing.plan_payment(voucher_id=voucher_id, amount=amount)
    parts = models.Holding.objects.in_bulk([share.holding_id for share in shares])
    earlier = payments.of_subjects(actor=SYSTEM, subject_ids=list(parts))
    accounts = _accounts(voucher, shares)
    for share in shares:
        before = [payment for payment in earlier if payment.subject_id == share.holding_id]
        _refuse_underway(parts[share.holding_id].to_type(), before)
        mandate = f"released by a person of the issuer for voucher {voucher.number}"
        _instruct(voucher, share, f"release-{len(before) + 1}", mandate, effective_at, today, accounts)
    return shares


@joins
def hold_unpaid(*, holding_id: HoldingId) -> Holding:
    """A part of which no payment is under way; none begins before the caller's transaction ends, for the voucher is locked.

    :raises PaymentUnderway: a payment of it, or a recourse for it, is not over yet.
    """
    _, held = splitting.lock_both(holding_id, SYSTEM)
    part = held.to_type()
    _refuse_underway(part, payments.of_subject(actor=SYSTEM, subject_id=part.id))
    return part


def _refuse_underway(part: Holding, before: Sequence[PaymentInstruction]) -> None:
    """A payment is over once its bank has spoken, and the register has counted what was paid.

    A recourse is counted when the pledge ends, for it pays all that is outstanding.
    """
    settled = [payment for payment in before if payment.state is InstructionState.SETTLED]
    paid = sum(payment.amount.minor for payment in settled if payment.purpose is Purpose.VOUCHER_REDEMPTION)
    recourse = any(payment.purpose is Purpose.RECOURSE for payment in settled) and part.payee_id != part.holder_id
    if recourse or paid > part.paid.minor or not all(payment.state.is_final for payment in before):
        raise PaymentUnderway(holding=str(part.id))


def instruct_due(*, voucher: Voucher, shares: Sequence[Redemption], effective_at: datetime, today: date) -> int:
    """Instruct what the commitment says, on the due date; returns how many payments could be instructed.

    A side without an account is passed over: its part stays unpaid and shows, the others are not held up.
    """
    done, accounts = 0, _accounts(voucher, shares)
    for share in shares:
        mandate = f"payment commitment of voucher {voucher.number}"
        try:
            _instruct(voucher, share, "due", mandate, effective_at, today, accounts)
        except AccountMissing:
            continue
        done += 1
    return done


@joins
def instruct_again(
    *, holding_id: HoldingId, lost_id: UUID, effective_at: datetime, today: date
) -> PaymentInstruction | None:
    """Instruct anew, under the same mandate, a payment that the issuer's bank never got.

    None where it is no longer owed, or another payment of the part has been instructed since.

    :raises AccountMissing: a side has no account in the currency any more.
    """
    row, held = splitting.lock_both(holding_id, SYSTEM)
    voucher, part = row.to_type(), held.to_type()
    before = payments.of_subject(actor=SYSTEM, subject_id=part.id)
    lost = before[-1]
    if lost.id != lost_id or voucher.state not in maturing.PAYABLE or not part.outstanding:
        return None
    share = Redemption(part.id, part.payee_id, min(lost.amount, part.outstanding))
    return _instruct(
        voucher, share, f"again-{len(before)}", lost.mandate, effective_at, today, _accounts(voucher, [share])
    )


def _instruct(
    voucher: Voucher,
    share: Redemption,
    attempt: str,
    mandate: str,
    effective_at: datetime,
    today: date,
    accounts: Mapping[UUID, BankAccount],
) -> PaymentInstruction:
    """``attempt`` tells a later payment of the same part from the first: its reference differs."""
    return settlement.instruct(
        actor=SYSTEM,
        reference=f"voucher.redeem:{share.holding_id}:{attempt}",
        payer_account_id=_account(accounts, voucher.issuer_id, voucher.face.currency).id,
        payee_account_id=_account(accounts, share.payee_id, voucher.face.currency).id,
        amount=share.amount,
        purpose=Purpose.VOUCHER_REDEMPTION,
        subject_id=share.holding_id,
        mandate=mandate,
        execution_date=today,
        effective_at=effective_at,
        remittance=voucher.number,
    )


def _accounts(voucher: Voucher, shares: Sequence[Redemption]) -> Mapping[UUID, BankAccount]:
    parties = {voucher.issuer_id, *(share.payee_id for share in shares)}
    return payments.operating_accounts(actor=SYSTEM, party_ids=parties, currency=voucher.face.currency)


def _account(accounts: Mapping[UUID, BankAccount], party_id: UUID, currency: str) -> BankAccount:
    if party_id not in accounts:
        raise AccountMissing(party=str(party_id), currency=currency)
    return accounts[party_id]
