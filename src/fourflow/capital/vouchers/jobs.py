"""What follows by itself in the register: offers lapse, vouchers fall due, payments are instructed and applied."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as accounts
from fourflow.capital.settlement.types import AccountKind, BankAccount, Purpose
from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import HoldingId, Redemption, Voucher, VoucherId
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties.types import SYSTEM, Barred, RestrictionSource
from fourflow.platform import clock
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.money import Money


def lapse_offers() -> int:
    """Offers and offered parts that nobody answered in time."""
    vouchers, parts = queries.stale_offers(on=clock.today())
    for voucher_id in vouchers:
        operations.expire_offer(voucher_id=voucher_id, effective_at=clock.now())
    for holding_id in parts:
        operations.expire_transfer(holding_id=holding_id, effective_at=clock.now())
    return len(vouchers) + len(parts)


def mature_due() -> int:
    """Vouchers whose day has come: the issuer's bank is instructed to pay every part, as the commitment says."""
    due = queries.due(on=clock.today())
    for voucher_id in due:
        mature_one(voucher_id)
    return len(due)


def mature_one(voucher_id: VoucherId) -> None:
    """One voucher due: its parts wait for money, and the payments are instructed in the same transaction."""
    with transaction.atomic():
        voucher, shares = operations.begin_maturity(voucher_id=voucher_id, effective_at=clock.now())
        instruct_payment(voucher, shares, attempt="due")


def instruct_payment(voucher: Voucher, shares: list[Redemption], *, attempt: str) -> int:
    """One instruction a part, from the issuer's account to who is to be paid; returns how many could be instructed.

    ``attempt`` tells a later payment of the same part from the first: its reference differs.
    """
    payer = _account(voucher.issuer_id, voucher.face.currency)
    if payer is None:
        return 0
    count = 0
    for share in shares:
        payee = _account(share.payee_id, share.amount.currency)
        if payee is None:
            continue
        settlement.instruct(
            actor=SYSTEM,
            reference=f"voucher.redeem:{share.holding_id}:{attempt}",
            payer_account_id=payer.id,
            payee_account_id=payee.id,
            amount=share.amount,
            purpose=Purpose.VOUCHER_REDEMPTION,
            subject_id=share.holding_id,
            mandate=f"payment commitment of voucher {voucher.number}",
            execution_date=clock.today(),
            effective_at=clock.now(),
            remittance=voucher.number,
        )
        count += 1
    return count


def _account(party_id: UUID, currency: str) -> BankAccount | None:
    found = accounts.accounts(actor=SYSTEM, party_id=party_id, currency=currency, kinds=(AccountKind.OPERATING,))
    return found[0] if found else None


def on_payment_settled(event: RecordedEvent) -> None:
    """The issuer's bank paid a part."""
    if event.body["purpose"] != Purpose.VOUCHER_REDEMPTION.value:
        return
    amount = event.body["amount"]
    operations.redeem(
        holding_id=HoldingId(UUID(event.body["about_id"])),
        amount=Money.parse(amount["amount"], amount["currency"]),
        instruction_id=event.subject_id,
        effective_at=event.effective_at,
    )


def mark_unpaid() -> int:
    """Vouchers that were due before today and are not paid: overdue, and the issuer on the stop list."""
    unpaid = queries.unpaid(before=clock.today())
    for voucher_id in unpaid:
        mark_one_unpaid(voucher_id)
    return len(unpaid)


def mark_one_unpaid(voucher_id: VoucherId) -> None:
    """Overdue and the restriction in one transaction; the restriction stays until two people lift it."""
    with transaction.atomic():
        voucher = operations.mark_overdue(voucher_id=voucher_id, effective_at=clock.now())
        parties.impose(
            actor=SYSTEM,
            party_id=voucher.issuer_id,
            bars=Barred.ISSUE,
            source=RestrictionSource.OVERDUE,
            reference=voucher.number,
            reason=f"voucher {voucher.number} overdue since {voucher.due_on.isoformat()}",
            effective_at=clock.now(),
        )


def pay_late(voucher_id: VoucherId, amount: Money | None, *, attempt: str) -> int:
    """The issuer releases a payment after the due date, whole or in part: shares pro rata over the living parts."""
    with transaction.atomic():
        shares = operations.plan_payment(voucher_id=voucher_id, amount=amount)
        voucher = queries.get(actor=SYSTEM, voucher_id=voucher_id)
        return instruct_payment(voucher, shares, attempt=attempt)


#: how long a voucher may be overdue before it is in default
DEFAULT_AFTER = timedelta(days=90)
