"""What is to arrive: who pays how much, with which reference, into which account."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.matching import normalised
from fourflow.capital.settlement.operations.facts import publish
from fourflow.capital.settlement.types import (
    AccountClosed,
    AccountNotFound,
    AccountNotWatched,
    AmountNotPositive,
    CurrenciesDiffer,
    ExpectationInvalid,
    Expected,
    PlatformAccountBarred,
    Purpose,
    ReferenceTaken,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, PartyNotFound, Permission
from fourflow.platform.clock import business_date
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

#: what a bank's text is searched for has as many letters, digits and gaps at least: a shorter one stands in any text
SHORTEST = 3


@joins
def expect(
    *,
    actor: Actor,
    reference: str,
    payee_account_id: UUID,
    payer_id: UUID,
    amount: Money,
    due_on: date,
    effective_at: datetime,
    payer_name: str = "",
    purpose: Purpose = Purpose.TRADE_PAYMENT,
    subject_id: UUID | None = None,
    payer_account_number: str = "",
    invoice_id: UUID | None = None,
) -> Expected:
    """Say that a payer is to pay an amount into a watched account; the same call again returns the same expectation.

    Who may: the party whose account it is. ``reference``: what the payer is to write, once among an account's open ones.
    ``payer_name`` left out: a firm that the actor may see; ``subject_id``: about itself. ``due_on``: today or later.

    :raises NotPermitted: the actor does not see to bank accounts, or it is another party's.
    :raises AccountNotFound: no such account, or not the actor's to see; also :class:`AccountClosed`.
    :raises AccountNotWatched: arrivals on this account are not fetched, so nothing could be recognised.
    :raises PartyNotFound: no such payer, or not the actor's to see.
    :raises AmountNotPositive: nothing, or less; :class:`CurrenciesDiffer`: the account has another currency.
    :raises ExpectationInvalid: payer and payee are one, the day is over, or the reference is too short to be recognised.
    :raises PlatformAccountBarred: a platform account expects only its own invoiced fees.
    :raises ReferenceTaken: the reference names another expectation on this account.
    """
    account = _own(actor, payee_account_id)
    _check(account, amount, purpose, invoice_id)
    key = _check_terms(account, payer_id, reference, due_on, business_date(effective_at))
    row_id, payer_name = new_id(), payer_name or _name_of(actor, payer_id)
    row, created = models.Expectation.objects.get_or_create(
        payee_account=account,
        reference_key=key,
        cancelled_at=None,
        defaults={
            "id": row_id,
            "reference": reference,
            "payee_id": account.party_id,
            "payee_is_platform": account.is_platform,
            "payer_id": payer_id,
            "payer_name": payer_name,
            "payer_number": payer_account_number,
            "currency": amount.currency,
            "minor": amount.minor,
            "purpose": purpose.value,
            "subject_id": subject_id or row_id,
            "invoice_id": invoice_id,
            "due_on": due_on,
        },
    )
    said = (payer_id, amount.minor, purpose.value, subject_id or row.id)
    if (row.payer_id, row.minor, row.purpose, row.subject_id) != said:
        raise ReferenceTaken(field="reference", reference=reference)
    if created:
        visibility.grant(row.id, {payer_id, account.party_id}, "payment")
        publish(_expected(row, amount, effective_at), row)
    return row.to_type()


def _own(actor: Actor, account_id: UUID) -> models.BankAccount:
    """An account of the actor's own party."""
    actor.require(Permission.ACCOUNT_REGISTER)
    account = models.BankAccount.objects.visible_to(actor).filter(id=account_id).first()
    if account is None:
        raise AccountNotFound(field="account_id", value=str(account_id))
    actor.require(Permission.ACCOUNT_REGISTER, party=account.party_id)
    return account


def _name_of(actor: Actor, payer_id: UUID) -> str:
    """The name of a firm that the actor may see.

    :raises PartyNotFound: there is none.
    """
    for found in parties.search(actor, only=[payer_id]):
        return found.name
    raise PartyNotFound(field="payer_id", value=str(payer_id))


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
        raise CurrenciesDiffer(
            field="amount", payee=account.currency, amount=amount.currency, expected=account.currency
        )
    if account.closed_on is not None:
        raise AccountClosed(field="account_id", value=str(account.id))
    if not account.watched:
        raise AccountNotWatched(field="account_id", value=str(account.id))
    fee = purpose is Purpose.PLATFORM_FEE
    if account.is_platform != fee or (invoice_id is not None) != fee or purpose is Purpose.PLATFORM_BILL:
        raise PlatformAccountBarred(purpose=purpose.value)


def _check_terms(account: models.BankAccount, payer_id: UUID, reference: str, due_on: date, today: date) -> str:
    """What else cannot be; returns the reference as it is compared."""
    if payer_id == account.party_id:
        raise ExpectationInvalid(field="payer_id", value=str(payer_id), expected="another firm than the payee")
    if due_on < today:
        raise ExpectationInvalid(field="due_on", value=due_on.isoformat(), expected=f"{today.isoformat()} or later")
    key = normalised(reference)
    if len(key) < SHORTEST:
        raise ExpectationInvalid(field="reference", value=reference, expected=f"at least {SHORTEST} letters or digits")
    return key


@joins
def cancel_expectation(*, actor: Actor, expectation_id: UUID, effective_at: datetime) -> Expected:
    """Nothing more is to arrive; what has arrived stays matched. Cancelling twice changes nothing. Who may: the payee.

    :raises NotPermitted: the actor does not see to bank accounts, or another party expects it: the payer takes nothing back.
    :raises ExpectationNotFound: no such expectation, or not the actor's to see.
    """
    actor.require(Permission.ACCOUNT_REGISTER)
    row = models.Expectation.objects.visible_to(actor).lock(expectation_id)
    actor.require(Permission.ACCOUNT_REGISTER, party=row.payee_id)
    if row.cancelled_at is None:
        row.cancelled_at = effective_at
        row.save(update_fields=["cancelled_at"])
        fact = events.ExpectationCancelled(subject_id=row.id, effective_at=effective_at, about_id=row.subject_id)
        publish(fact, row)
    return row.to_type()
