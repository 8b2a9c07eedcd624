"""Banks, accounts and the platform's own invoices."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.models.evidence import evidenced
from fourflow.capital.settlement.models.payments import FINAL
from fourflow.capital.settlement.types import (
    AccountClosed,
    AccountInUse,
    AccountKind,
    AccountTaken,
    AmountNotPositive,
    BankAccount,
    BankUnknown,
    InvoiceDirection,
    PlatformAccountBarred,
    PlatformInvoice,
)
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as stream
from fourflow.platform.money import Money


@joins
def register_bank(*, code: str, name: str, bic: str = "", party_id: UUID | None = None) -> str:
    """Make a bank known under its code; doing it again changes nothing. Part of an installation's configuration."""
    models.Bank.objects.get_or_create(code=code, defaults={"name": name, "bic": bic, "party_id": party_id})
    return code


@joins
def register_account(
    *,
    actor: Actor,
    party_id: UUID,
    bank_code: str,
    number: str,
    holder: str,
    currency: str,
    kind: AccountKind,
    effective_at: datetime,
    watched: bool | None = None,
) -> BankAccount:
    """Make a party's account known. The same account again is answered with what is known of it.

    ``watched``: incoming entries are taken in and matched; unless told, all kinds but OPERATING are.
    Who may: the party itself, or the operator. Platform kinds belong to the operator's own accounts only.

    :raises NotPermitted: the actor may not register accounts, or not for this party.
    :raises BankUnknown: the platform does not talk to such a bank.
    :raises PlatformAccountBarred: a platform account of anybody but the operator.
    :raises AccountTaken: the number is registered to another party, or for another kind.
    """
    _require_registering(actor, party_id)
    if not models.Bank.objects.filter(code=bank_code).exists():
        raise BankUnknown(field="bank_code", value=bank_code)
    if kind.is_platform and not actor.is_system and not (actor.sees_all and party_id == actor.organisation_id):
        raise PlatformAccountBarred(field="kind", value=kind.value)
    account, created = models.BankAccount.objects.get_or_create(
        bank_id=bank_code,
        number=number,
        currency=currency,
        defaults={
            "party_id": party_id,
            "holder": holder,
            "kind": kind.value,
            "is_platform": kind.is_platform,
            "watched": kind is not AccountKind.OPERATING if watched is None else watched,
        },
    )
    if account.party_id != party_id or account.kind != kind.value:
        raise AccountTaken(bank=bank_code, number=number)
    if created:
        fact = events.AccountRegistered(
            subject_id=account.id,
            effective_at=effective_at,
            party_id=party_id,
            bank=bank_code,
            account_kind=kind.value,
            currency=currency,
        )
        stream.publish(fact, rows=[evidenced(account)])
    return account.to_type()


def owner_to_check(*, actor: Actor, account_id: UUID) -> BankAccount:
    """The account whose bank is about to be asked for its owner: first of all, whether the actor may ask.

    :raises AccountNotFound: no such account, or not the actor's to see.
    :raises NotPermitted: the actor may not register accounts, or not for this party.
    """
    account = models.BankAccount.objects.visible_to(actor).get_visible(account_id)
    _require_registering(actor, account.party_id)
    return account.to_type()


@joins
def record_owner_check(*, actor: Actor, account_id: UUID, matches: bool, effective_at: datetime) -> BankAccount:
    """Record a bank's word on who owns an account; only a confirmation leaves a mark on the account.

    :raises AccountNotFound: no such account, or not the actor's to see.
    :raises NotPermitted: the actor may not register accounts, or not for this party.
    """
    account = models.BankAccount.objects.visible_to(actor).lock(account_id)
    _require_registering(actor, account.party_id)
    if matches:
        account.owner_checked_at = effective_at
        account.save(update_fields=["owner_checked_at"])
    fact = events.AccountOwnerChecked(subject_id=account.id, effective_at=effective_at, matches=matches)
    stream.publish(fact, rows=[evidenced(account)])
    return account.to_type()


@joins
def retire_account(*, actor: Actor, account_id: UUID, effective_at: datetime, today: date) -> BankAccount:
    """Retire an account: nothing is paid from or to it any more, and its bank is asked for no more statements.

    :raises AccountNotFound: no such account, or not the actor's to see.
    :raises NotPermitted: the actor may not register accounts, or not for this party.
    :raises AccountClosed: it was retired before.
    :raises AccountInUse: a payment over it has no final answer yet.
    """
    account = models.BankAccount.objects.visible_to(actor).lock(account_id)
    _require_registering(actor, account.party_id)
    if account.closed_on is not None:
        raise AccountClosed(value=str(account_id))
    over_it = models.Instruction.objects.visible_to(actor).filter(Q(payer_account=account) | Q(payee_account=account))
    if over_it.exclude(state__in=FINAL).exists():
        raise AccountInUse(value=str(account_id))
    account.closed_on = today
    account.save(update_fields=["closed_on"])
    fact = events.AccountRetired(subject_id=account.id, effective_at=effective_at, party_id=account.party_id)
    stream.publish(fact, rows=[evidenced(account)])
    return account.to_type()


def _require_registering(actor: Actor, party_id: UUID) -> None:
    """The party itself, or the operator for anybody."""
    own = None if actor.is_system or actor.sees_all else party_id
    actor.require(Permission.ACCOUNT_REGISTER, party=own)


@joins
def register_platform_invoice(
    *,
    actor: Actor,
    number: str,
    direction: InvoiceDirection,
    counterparty_id: UUID,
    amount: Money,
    subject_id: UUID,
    issued_on: date,
    effective_at: datetime,
) -> PlatformInvoice:
    """Register the platform's own invoice: the only ground on which money may reach or leave a platform account.

    The same number again is answered with the first one.

    :raises NotPermitted: the actor may not prepare payments for the operator.
    :raises AmountNotPositive: nothing is invoiced.
    """
    actor.require(Permission.PAYMENT_PREPARE)
    if amount.minor <= 0:
        raise AmountNotPositive(field="amount", value=str(amount))
    invoice, created = models.PlatformInvoice.objects.get_or_create(
        number=number,
        defaults={
            "direction": direction.value,
            "counterparty_id": counterparty_id,
            "currency": amount.currency,
            "minor": amount.minor,
            "subject_id": subject_id,
            "issued_on": issued_on,
        },
    )
    if created:
        fact = events.PlatformInvoiceRegistered(
            subject_id=invoice.id,
            effective_at=effective_at,
            direction=direction.value,
            counterparty_id=counterparty_id,
            amount=amount,
            about_id=subject_id,
        )
        stream.publish(fact, rows=[evidenced(invoice)])
    return invoice.to_type()
