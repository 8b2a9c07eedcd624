"""Banks, accounts at them, and the platform's own invoices: who may be paid and from where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from fourflow.capital.settlement import types
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.money import Money


def iff(one: Q, other: Q) -> Q:
    """Both or neither."""
    return (one & other) | (~one & ~other)


class Bank(Record):
    """A bank that the platform talks to; ``notified_after`` is how far its notifications were read."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    bic = models.TextField(default="")
    party_id = models.UUIDField(null=True)
    notified_after = models.TextField(default="")

    class Meta:
        db_table = "settlement_bank"


M = TypeVar("M", bound=models.Model)


class OwnQuerySet(VisibleQuerySet[M]):
    """Rows that belong to one party, in ``party_id``, and are nobody else's to see."""

    def visible_to(self, actor: Viewer) -> Self:
        return self.all() if actor.sees_all else self.filter(party_id=actor.organisation_id)


class AccountQuerySet(OwnQuerySet["BankAccount"]):
    not_found = types.AccountNotFound

    def hold(self, account_ids: Iterable[UUID]) -> dict[UUID, BankAccount]:
        """Accounts in share mode, locked by ascending id: none of them is retired before the caller's transaction ends.

        Unknown ids are passed over. Whoever orders a payment over accounts takes this lock before the payment is written.

        :raises AccountClosed: one was retired before.
        """
        wanted = "select * from settlement_account where id = any(%s) order by id for share"
        found = {row.id: row for row in self.raw(wanted, [sorted(set(account_ids))])}
        for row in found.values():
            if row.closed_on is not None:
                raise types.AccountClosed(value=str(row.id))
        return found


class BankAccount(Record):
    """An account. ``is_platform`` is fixed by the kind and travels with every reference to the account."""

    id = IdField()
    party_id = models.UUIDField()
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=34)
    holder = models.TextField()
    currency = CurrencyField()
    kind = models.TextField(choices=[(k.value, k.value) for k in types.AccountKind])
    is_platform = models.BooleanField()
    watched = models.BooleanField(default=True)
    owner_checked_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    recorded_at = RecordedAtField()

    objects = AccountQuerySet.as_manager()

    class Meta:
        db_table = "settlement_account"
        constraints = [
            models.UniqueConstraint(fields=["bank", "number", "currency"], name="account_once"),
            models.UniqueConstraint(
                fields=["id", "bank", "currency", "is_platform", "party_id"], name="account_identity_with_bank"
            ),
            models.UniqueConstraint(fields=["id", "currency", "is_platform", "party_id"], name="account_identity"),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in types.AccountKind]), name="account_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(is_platform=Q(kind__in=[k.value for k in types.AccountKind if k.is_platform])),
                name="account_platform_by_kind",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="account_has_number"),
        ]

    def to_type(self) -> types.BankAccount:
        return types.BankAccount(
            id=types.BankAccountId(self.id),
            party_id=self.party_id,
            bank_code=self.bank_id,
            number=self.number,
            holder=self.holder,
            currency=self.currency,
            kind=types.AccountKind(self.kind),
            watched=self.watched,
            owner_checked_at=self.owner_checked_at,
            closed_on=self.closed_on,
        )


class PlatformInvoice(Record):
    """What the platform itself may be paid (issued) or may pay (received). Append-only."""

    id = IdField()
    number = models.TextField(unique=True)
    direction = models.TextField(choices=[("issued", "issued"), ("received", "received")])
    counterparty_id = models.UUIDField()
    currency = CurrencyField()
    minor = MinorField()
    subject_id = models.UUIDField()
    issued_on = models.DateField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "settlement_platform_invoice"
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="platform_invoice_positive"),
            models.CheckConstraint(
                condition=Q(direction__in=["issued", "received"]), name="platform_invoice_direction"
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)

    def to_type(self) -> types.PlatformInvoice:
        return types.PlatformInvoice(
            id=self.id,
            number=self.number,
            direction=types.InvoiceDirection(self.direction),
            counterparty_id=self.counterparty_id,
            amount=self.amount,
            subject_id=self.subject_id,
            issued_on=self.issued_on,
        )
