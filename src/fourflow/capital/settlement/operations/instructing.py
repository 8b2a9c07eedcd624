"""Giving an instruction: by a mandated person, by two people, or by another room of the house in its own operation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.operations.facts import of_instruction, publish
from fourflow.capital.settlement.types import (
    AccountNotFound,
    AmountNotPositive,
    CurrenciesDiffer,
    InstructionState,
    InvoiceDirection,
    InvoiceExceeded,
    NothingProposed,
    PaymentInstruction,
    PlatformAccountBarred,
    ProposalLate,
    Purpose,
    ReferenceTaken,
    SamePersonTwice,
)
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.clock import business_date
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.money import Money


@dataclass(frozen=True, kw_only=True)
class _Order:
    reference: str
    payer_account_id: UUID
    payee_account_id: UUID
    amount: Money
    purpose: Purpose
    subject_id: UUID
    mandate: str
    execution_date: date
    remittance: str
    invoice_id: UUID | None


@joins
def instruct(
    *,
    actor: Actor,
    reference: str,
    payer_account_id: UUID,
    payee_account_id: UUID,
    amount: Money,
    purpose: Purpose,
    subject_id: UUID,
    mandate: str,
    execution_date: date,
    effective_at: datetime,
    remittance: str = "",
    invoice_id: UUID | None = None,
) -> PaymentInstruction:
    """Order a payer's bank to pay a payee; a job sends it after the commit.

    ``reference`` names this payment for ever: the same call again returns the same instruction. ``mandate`` says by
    what the payer allowed us to pass its order (agreement or consent reference). ``subject_id`` is what is paid for.

    :raises NotPermitted: the actor does not release payments for the payer; see :meth:`Actor.require`.
    :raises AccountClosed: one of the two accounts was retired.
    :raises AmountNotPositive: nothing would move.
    :raises CurrenciesDiffer: accounts and amount are not of one currency.
    :raises PlatformAccountBarred: a platform account would touch customers' money, or the invoice is another's.
    :raises InvoiceExceeded: all payments on the platform's invoice would be more than it says.
    :raises ReferenceTaken: the reference names another payment.
    """
    order = _Order(
        reference=reference,
        payer_account_id=payer_account_id,
        payee_account_id=payee_account_id,
        amount=amount,
        purpose=purpose,
        subject_id=subject_id,
        mandate=mandate,
        execution_date=execution_date,
        remittance=remittance,
        invoice_id=invoice_id,
    )
    row, created = _create(order, actor, Permission.PAYMENT_RELEASE, InstructionState.INSTRUCTED, effective_at)
    if created:
        given = of_instruction(events.InstructionGiven, row, effective_at, execution_date=execution_date)
        publish(given, row)
    return row.to_type()


@joins
def draft(
    *,
    actor: Actor,
    reference: str,
    payer_account_id: UUID,
    payee_account_id: UUID,
    amount: Money,
    purpose: Purpose,
    subject_id: UUID,
    mandate: str,
    execution_date: date,
    effective_at: datetime,
    remittance: str = "",
    invoice_id: UUID | None = None,
) -> PaymentInstruction:
    """Prepare an instruction that another person releases until its last day. Arguments and refusals as :func:`instruct`."""
    order = _Order(
        reference=reference,
        payer_account_id=payer_account_id,
        payee_account_id=payee_account_id,
        amount=amount,
        purpose=purpose,
        subject_id=subject_id,
        mandate=mandate,
        execution_date=execution_date,
        remittance=remittance,
        invoice_id=invoice_id,
    )
    row, created = _create(order, actor, Permission.PAYMENT_PREPARE, InstructionState.DRAFT, effective_at)
    if created:
        publish(of_instruction(events.InstructionDrafted, row, effective_at), row)
    return row.to_type()


@joins
def release(*, actor: Actor, instruction_id: UUID, effective_at: datetime) -> PaymentInstruction:
    """A second person releases a draft; a job sends it after the commit.

    :raises InstructionNotFound: no such instruction, or not the actor's to see.
    :raises NotPermitted: the actor does not release payments of this amount for the payer.
    :raises SamePersonTwice: the actor prepared it.
    :raises StepNotAllowed: it is no draft.
    :raises ProposalLate: its last day is over, whether or not the sweeper has come.
    """
    row = models.Instruction.objects.visible_to(actor).lock(instruction_id)
    actor.require(Permission.PAYMENT_RELEASE, party=row.payer_id, amount=row.amount)
    if row.maker_person_id == actor.person_id:
        raise SamePersonTwice(instruction=str(row.id))
    row.must_be(InstructionState.DRAFT)
    if _is_late(row, effective_at):
        raise ProposalLate(value=str(row.decide_by))
    row.become(InstructionState.INSTRUCTED, effective_at=effective_at)
    given = of_instruction(events.InstructionGiven, row, effective_at, execution_date=row.execution_date)
    publish(given, row)
    return row.to_type()


@joins
def withdraw(*, actor: Actor, instruction_id: UUID, reason: str, effective_at: datetime) -> PaymentInstruction:
    """Take back an instruction that has not been sent. What was sent can only be asked about.

    :raises InstructionNotFound: no such instruction, or not the actor's to see.
    :raises NotPermitted: the actor does not prepare payments for the payer.
    :raises StepNotAllowed: it was sent.
    """
    row = models.Instruction.objects.visible_to(actor).lock(instruction_id)
    actor.require(Permission.PAYMENT_PREPARE, party=row.payer_id)
    row.must_be(InstructionState.DRAFT, InstructionState.INSTRUCTED)
    row.reason_code, row.reason = "WITHDRAWN", reason
    row.become(InstructionState.REJECTED, effective_at=effective_at)
    publish(of_instruction(events.PaymentRejected, row, effective_at, reason_code=row.reason_code), row)
    return row.to_type()


@joins
def expire_draft(*, instruction_id: UUID, effective_at: datetime) -> PaymentInstruction:
    """Nobody released a draft in time (the sweeper): nothing is paid, and it may be prepared again.

    :raises InstructionNotFound: there is none.
    :raises StepNotAllowed: somebody released or withdrew it meanwhile.
    :raises NothingProposed: its last day is not over yet.
    """
    row = models.Instruction.objects.visible_to(SYSTEM).lock(instruction_id)
    row.must_be(InstructionState.DRAFT)
    if not _is_late(row, effective_at):
        raise NothingProposed(value=str(row.decide_by))
    row.reason_code = "EXPIRED"
    row.become(InstructionState.REJECTED, effective_at=effective_at)
    over = of_instruction(
        events.PaymentRejected, row, effective_at, reason_code=row.reason_code, prepared_by=row.maker_person_id
    )
    publish(over, row)
    return row.to_type()


def _is_late(row: models.Instruction, at: datetime) -> bool:
    return row.decide_by is not None and business_date(at) > row.decide_by


def _create(
    order: _Order, actor: Actor, permission: Permission, state: InstructionState, effective_at: datetime
) -> tuple[models.Instruction, bool]:
    accounts = models.BankAccount.objects.hold([order.payer_account_id, order.payee_account_id])
    payer = accounts.get(order.payer_account_id)
    payee = accounts.get(order.payee_account_id)
    if payer is None or payee is None:
        raise AccountNotFound(value=str(order.payee_account_id if payer is not None else order.payer_account_id))
    amount = order.amount if permission is Permission.PAYMENT_RELEASE else None
    actor.require(permission, party=payer.party_id, amount=amount)
    _check(order, payer, payee)
    row, created = models.Instruction.objects.get_or_create(
        reference=order.reference,
        defaults={
            "bank_id": payer.bank_id,
            "payer_account": payer,
            "payee_account": payee,
            "payer_id": payer.party_id,
            "payee_id": payee.party_id,
            "payer_is_platform": payer.is_platform,
            "payee_is_platform": payee.is_platform,
            "payer_name": payer.holder,
            "payer_number": payer.number,
            "payee_name": payee.holder,
            "payee_number": payee.number,
            "currency": order.amount.currency,
            "minor": order.amount.minor,
            "purpose": order.purpose.value,
            "subject_id": order.subject_id,
            "invoice_id": order.invoice_id,
            "mandate": order.mandate,
            "execution_date": order.execution_date,
            "decide_by": parameters.decide_by(effective_at) if state is InstructionState.DRAFT else None,
            "remittance": order.remittance,
            "state": state.value,
            "maker_person_id": actor.person_id,
            "instructed_at": effective_at,
        },
    )
    same = (row.payer_account_id, row.payee_account_id, row.amount, row.purpose, row.subject_id)
    if same != (payer.id, payee.id, order.amount, order.purpose.value, order.subject_id):
        raise ReferenceTaken(reference=order.reference)
    if created:
        visibility.grant(row.id, {payer.party_id, payee.party_id}, "payment")
    return row, created


def _check(order: _Order, payer: models.BankAccount, payee: models.BankAccount) -> None:
    if order.amount.minor <= 0:
        raise AmountNotPositive(field="amount", value=str(order.amount))
    if {payer.currency, payee.currency} != {order.amount.currency}:
        raise CurrenciesDiffer(payer=payer.currency, payee=payee.currency, amount=order.amount.currency)
    fee, bill = order.purpose is Purpose.PLATFORM_FEE, order.purpose is Purpose.PLATFORM_BILL
    invoiced = order.invoice_id is not None
    if payee.is_platform != fee or payer.is_platform != bill or invoiced != (fee or bill):
        raise PlatformAccountBarred(purpose=order.purpose.value)
    if order.invoice_id is not None:
        _check_invoice(order.invoice_id, order, other_id=payer.party_id if fee else payee.party_id, issued=fee)


def _check_invoice(invoice_id: UUID, order: _Order, *, other_id: UUID, issued: bool) -> None:
    """The invoice is between these two, and holds this much more. The database checks it again, under a lock."""
    invoice = models.PlatformInvoice.objects.filter(id=invoice_id).first()
    direction = InvoiceDirection.ISSUED if issued else InvoiceDirection.RECEIVED
    if invoice is None or (invoice.direction, invoice.counterparty_id) != (direction.value, other_id):
        raise PlatformAccountBarred(purpose=order.purpose.value, invoice=str(invoice_id))
    if invoice.currency != order.amount.currency:
        raise CurrenciesDiffer(invoice=invoice.currency, amount=order.amount.currency)
    others = models.Instruction.objects.filter(invoice_id=invoice_id).exclude(reference=order.reference)
    paid = others.exclude(state=InstructionState.REJECTED.value).aggregate(minor=Sum("minor"))["minor"] or 0
    expected = models.Expectation.objects.filter(invoice_id=invoice_id, cancelled_at__isnull=True)
    waiting = expected.aggregate(minor=Sum("minor"))["minor"] or 0
    if paid + waiting + order.amount.minor > invoice.minor:
        raise InvoiceExceeded(invoice=invoice.number, amount=str(order.amount))
