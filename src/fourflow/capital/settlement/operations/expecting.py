"""What is to arrive: who pays how much, with which reference, into which account."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.matching import normalised
from fourflow.capital.settlement.operations.facts import publish
from fourflow.capital.settlement.types import (
    AccountNotFound,
    AccountNotWatched,
    AmountNotPositive,
    CurrenciesDiffer,
    Expected,
    PlatformAccountBarred,
    Purpose,
    ReferenceTaken,
)
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.money import Money


@joins
def expect(
    *,
    actor: Actor,
    reference: str,
    payee_account_id: UUID,
    payer_id: UUID,
    payer_name: str,
    amount: Money,
    purpose: Purpose,
    subject_id: UUID,
    due_on: date,
    effective_at: datetime,
    payer_account_number: str = "",
    invoice_id: UUID | None = None,
) -> Expected:
    """Say that a payer is to pay an amount into a watched account; the same call again returns the same expectation.

    :raises AccountNotFound: no such account.
    :raises AccountNotWatched: arrivals on this account are not fetched, so nothing could be recognised.
    :raises CurrenciesDiffer: the account has another currency.
    :raises PlatformAccountBarred: a platform account expects only its own invoiced fees.
    :raises ReferenceTaken: the reference names another expectation.
    """
    actor.require(Permission.PAYMENT_PREPARE)
    account = models.BankAccount.objects.filter(id=payee_account_id).first()
    if account is None:
        raise AccountNotFound(value=str(payee_account_id))
    _check(account, amount, purpose, invoice_id)
    row, created = models.Expectation.objects.get_or_create(
        reference=reference,
        defaults={
            "reference_key": normalised(reference),
            "payee_account": account,
            "payee_id": account.party_id,
            "payee_is_platform": account.is_platform,
            "payer_id": payer_id,
            "payer_name": payer_name,
            "payer_number": payer_account_number,
            "currency": amount.currency,
            "minor": amount.minor,
            "purpose": purpose.value,
            "subject_id": subject_id,
            "invoice_id": invoice_id,
            "due_on": due_on,
        },
    )
    if (row.payee_account_id, row.payer_id, row.minor, row.purpose, row.subject_id) != (
        account.id, payer_id, amount.minor, purpose.value, subject_id,
    ):  # fmt: skip
        raise ReferenceTaken(reference=reference)
    if created:
        visibility.grant(row.id, {payer_id, account.party_id}, "payment")
        publish(_expected(row, amount, effective_at), row)
    return row.to_type()


def _expected(row: models.Expectation, amount: Money, effective_at: datetime) -> events.CashExpected:
    return events.CashExpected(
        subject_id=row.id,
        effective_at=effective_at,
        reference=row.reference,
        purpose=row.purpose,
        about_id=row.subject_id,
        payer_id=row.payer_id,
        payee_id=row.payee_id,
        amount=amount,
        due_on=row.due_on,
    )


def _check(account: models.BankAccount, amount: Money, purpose: Purpose, invoice_id: UUID | None) -> None:
    if amount.minor <= 0:
        raise AmountNotPositive(field="amount", value=str(amount))
    if account.currency != amount.currency:
        raise CurrenciesDiffer(payee=account.currency, amount=amount.currency)
    if not account.watched:
        raise AccountNotWatched(value=str(account.id))
    fee = purpose is Purpose.PLATFORM_FEE
    if account.is_platform != fee or (invoice_id is not None) != fee or purpose is Purpose.PLATFORM_BILL:
        raise PlatformAccountBarred(purpose=purpose.value)


@joins
def cancel_expectation(*, actor: Actor, expectation_id: UUID, effective_at: datetime) -> Expected:
    """Nothing more is to arrive; what has arrived stays matched. Cancelling twice changes nothing.

    :raises ExpectationNotFound: no such expectation, or not the actor's to see.
    """
    actor.require(Permission.PAYMENT_PREPARE)
    row = models.Expectation.objects.visible_to(actor).lock(expectation_id)
    if row.cancelled_at is None:
        row.cancelled_at = effective_at
        row.save(update_fields=["cancelled_at"])
        fact = events.ExpectationCancelled(subject_id=row.id, effective_at=effective_at, about_id=row.subject_id)
        publish(fact, row)
    return row.to_type()
