"""The payout: instructed once the gate is open, counted once the bank has said so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import RegistrationId
from fourflow.capital.financing import models
from fourflow.capital.financing.domain import postings
from fourflow.capital.financing.events import Disbursed, DisbursementInstructed, PayoutNotReceived
from fourflow.capital.financing.operations.posting import post
from fourflow.capital.financing.operations.requesting import end
from fourflow.capital.financing.types import (
    AccountMissing,
    Financing,
    FinancingId,
    FinancingState,
    FinancingStateWrong,
    GateClosed,
    HoldingFrozen,
    RequeryTooOld,
)
from fourflow.capital.ledger.types import Entry
from fourflow.capital.limits import operations as limits
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import AccountKind, BankAccount, InvoiceDirection, Purpose
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import HoldingId, VoucherId, VoucherState
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, RoleKind
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events


def pay_account(party_id: UUID, currency: str) -> BankAccount:
    """The account that a party pays from and is paid to in a currency.

    :raises AccountMissing: it has none.
    """
    found = payments.accounts(actor=SYSTEM, party_id=party_id, currency=currency, kinds=(AccountKind.OPERATING,))
    if not found:
        raise AccountMissing(party=str(party_id), currency=currency)
    return found[0]


@joins
def disburse(*, financing_id: FinancingId, effective_at: datetime, today: date) -> Financing:
    """Instruct the funder's bank to pay the net cash to the supplier. The row's CHECK repeats this gate.

    :raises FinancingStateWrong, GateClosed: no decision, no registration, no clean second search, or the voucher is due.
    :raises HoldingFrozen: a dispute or freeze was opened over the part meanwhile.
    :raises RequeryTooOld: the second search is older than allowed: search again.
    :raises AccountMissing: a side has no account in the currency.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.REGISTERED)
    if not row.approved or row.registration_id is None or row.requeried_at is None:
        raise GateClosed(financing=str(financing_id))
    if today >= row.quote.due_on:
        raise GateClosed(financing=str(financing_id), reason="due")
    registration_id = RegistrationId(row.registration_id)
    if not claim_queries.registration(actor=SYSTEM, registration_id=registration_id).opens_payout:
        raise GateClosed(financing=str(financing_id), reason="searching")
    if voucher_queries.is_blocked(holding_id=HoldingId(row.holding_id)):
        raise HoldingFrozen(financing=str(financing_id))
    allowed = timedelta(minutes=parameters.integer(Key.REGISTRY_REQUERY_MINUTES, today))
    if effective_at - row.requeried_at > allowed:
        raise RequeryTooOld(requeried_at=row.requeried_at.isoformat())
    quote = row.quote.to_type()
    before = len(payments.of_subject(actor=SYSTEM, subject_id=row.id))  # each never received, or this would not be open
    instruction = settlement.instruct(
        actor=SYSTEM,
        reference=f"financing.disburse:{row.id}" + (f":{before + 1}" if before else ""),
        payer_account_id=pay_account(quote.funder_id, quote.amount.currency).id,
        payee_account_id=pay_account(quote.applicant_id, quote.amount.currency).id,
        amount=quote.net,
        purpose=Purpose.FINANCING_PROCEEDS,
        subject_id=row.id,
        mandate=f"funder decision on financing {row.id}",
        execution_date=today,
        effective_at=effective_at,
        remittance=f"financing {row.id}",
    )
    row.instruction_id, row.state = instruction.id, FinancingState.DISBURSING
    row.save(update_fields=["instruction_id", "state"])
    event = DisbursementInstructed(
        subject_id=row.id, effective_at=effective_at, instruction_id=instruction.id, net=quote.net
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@joins
def confirm_disbursed(*, financing_id: FinancingId, effective_at: datetime, on: date) -> Financing:
    """The bank has paid: the funder holds the part (or its pledge), the entries are posted, the fees are invoiced.

    :raises FinancingStateWrong: nothing is being paid.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.DISBURSING)
    quote = row.quote.to_type()
    voucher = voucher_queries.get(actor=SYSTEM, voucher_id=VoucherId(quote.voucher_id))
    own = f"financing:{row.id}" if row.own_limit else ""
    holding_id = HoldingId(row.holding_id)
    register_entries: tuple[Entry, ...] = ()
    if quote.recourse:
        held = vouchers.pledge_to_funder(
            holding_id=holding_id, funder_id=quote.funder_id, effective_at=effective_at, limit_reference=own
        )
    else:
        held, register_entries = vouchers.assign_to_funder(
            holding_id=holding_id, funder_id=quote.funder_id, effective_at=effective_at, limit_reference=own
        )
    moved = limits.move(from_reference=voucher.reference, to_reference=own, effective_at=effective_at) if own else ()
    platform = parties.holders_of(RoleKind.OPERATOR, on)[0]
    vat = parameters.decimal(Key.FEE_VAT_RATE, on)
    assert row.instruction_id is not None
    shares = postings.platform_share(quote, row.id, platform, vat) + postings.platform_fee(quote, row.id, platform, vat)
    posted = post(
        [*postings.disbursed(quote, row.id, row.instruction_id, platform), *register_entries, *moved, *shares],
        reference=f"financing.disbursed:{row.id}",
        effective_at=effective_at,
    )
    late = voucher.state in (VoucherState.OVERDUE, VoucherState.DEFAULTED)  # the bank's word came after the due date
    row.state = FinancingState.OVERDUE if late else FinancingState.DISBURSED
    row.disbursed_on, row.accrued_on, row.held_id = on, quote.start_on, held.id
    row.save(update_fields=["state", "disbursed_on", "accrued_on", "held_id"])
    _invoice(row, platform, effective_at, on)
    events.publish(
        Disbursed(
            subject_id=row.id,
            effective_at=effective_at,
            holding_id=held.id,
            applicant_id=quote.applicant_id,
            funder_id=quote.funder_id,
            net=quote.net,
            amount=quote.amount,
            recourse=quote.recourse,
            on=on,
        ),
        rows=[row.evidence(), *posted],
    )
    return row.to_type()


def _invoice(row: models.Financing, platform: UUID, effective_at: datetime, on: date) -> None:
    """The platform's own invoice to the funder: its share, and the fee that the funder collected for it."""
    quote = row.quote.to_type()
    fee = next((line.amount for line in quote.lines if line.payee.value == "platform"), None)
    gross = quote.platform_share + fee if fee else quote.platform_share
    if gross:
        settlement.register_platform_invoice(
            actor=SYSTEM,
            number=f"PF-{row.id.hex.upper()}",
            direction=InvoiceDirection.ISSUED,
            counterparty_id=quote.funder_id,
            amount=gross,
            subject_id=row.id,
            issued_on=on,
            effective_at=effective_at,
        )


@joins
def fail_disbursement(*, financing_id: FinancingId, effective_at: datetime, reason: str) -> Financing:
    """The bank could not pay: nothing moved, the part is free again; :func:`release_registration` follows.

    :raises FinancingStateWrong: nothing is being paid.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.DISBURSING)
    return end(row, FinancingState.FAILED, reason, effective_at)


@joins
def reopen_payout(*, financing_id: FinancingId, instruction_id: UUID, effective_at: datetime) -> Financing:
    """The bank never got the instruction: the gate is open again, and :func:`disburse` asks all its questions anew.

    :raises FinancingStateWrong: nothing is being paid, or by another instruction.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.DISBURSING)
    if row.instruction_id != instruction_id:
        raise FinancingStateWrong(state=row.state)
    row.state, row.instruction_id = FinancingState.REGISTERED, None
    row.save(update_fields=["state", "instruction_id"])
    event = PayoutNotReceived(subject_id=row.id, effective_at=effective_at, instruction_id=instruction_id)
    events.publish(event, rows=[row.evidence()])
    return row.to_type()
