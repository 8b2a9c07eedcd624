"""People, their sign-ins, memberships and mandates."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fourflow.foundation.parties.models.organisations import Party, period_forward
from fourflow.foundation.parties.types import (
    BINDING,
    AccountView,
    Function,
    MandateView,
    PartyRecordNotFound,
    Permission,
)
from fourflow.platform.crypto.sealing import SealedText
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced


class Person(models.Model):
    """A natural person who acts for organisations. One row a person: maker and checker are compared by it.

    The name stands sealed; that it is not empty is a constraint over its sealed length (migrations/0002_rules.py).
    """

    id = IdField()
    name = SealedText()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "parties_person"


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """A sign-in by e-mail address. Several may belong to one person."""

    id = IdField()
    email = models.TextField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    recorded_at = RecordedAtField()

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "parties_account"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(email__regex=r"^[^A-Z\s@]+@[^A-Z\s@]+$"), name="account_email_lower")
        ]

    def to_type(self) -> AccountView:
        return AccountView(self.id, self.email, self.person_id, self.is_active)

    def evidenced(self) -> Evidenced:
        return Evidenced("parties_account", str(self.id), {"person": self.person_id, "active": self.is_active})


class OfOrganisationQuerySet(VisibleQuerySet[Any]):
    not_found = PartyRecordNotFound

    def visible_to(self, actor: Viewer) -> Self:
        return self.all() if actor.sees_all else self.filter(organisation_id=actor.organisation_id)


class Membership(models.Model):
    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    functions = ArrayField(models.TextField())
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "parties_membership"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            period_forward("membership_period_forward"),
            models.CheckConstraint(
                condition=Q(functions__contained_by=[f.value for f in Function], functions__len__gt=0),
                name="membership_functions_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "organisation"], name="membership_of_person")
        ]

    def evidenced(self) -> Evidenced:
        content = {"person": self.person_id, "organisation": self.organisation_id, "functions": sorted(self.functions)}
        period = {"from": self.valid_from, "to": self.valid_to, "approval": self.approval_id}
        return Evidenced("parties_membership", str(self.id), content | period)


class Mandate(models.Model):
    """The person, acting for `organisation`, binds `party` by `permission` up to `max_minor` (null: any amount)."""

    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    permission = models.TextField()
    currency = CurrencyField()
    max_minor = MinorField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "parties_mandate"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            period_forward("mandate_period_forward"),
            models.CheckConstraint(
                condition=Q(permission__in=sorted(p.value for p in BINDING)), name="mandate_permission_binds"
            ),
            models.CheckConstraint(
                condition=Q(max_minor__isnull=True) | Q(max_minor__gt=0), name="mandate_ceiling_positive"
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="mandate_currency_iso"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "organisation"], name="mandate_of_person")
        ]

    def to_type(self) -> MandateView:
        return MandateView(
            id=self.id,
            person_id=self.person_id,
            party_id=self.party_id,
            permission=Permission(self.permission),
            currency=self.currency,
            max_minor=self.max_minor,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )

    def evidenced(self) -> Evidenced:
        content = {"person": self.person_id, "organisation": self.organisation_id, "party": self.party_id}
        limit = {"permission": self.permission, "currency": self.currency, "max_minor": self.max_minor}
        period = {"from": self.valid_from, "to": self.valid_to, "approval": self.approval_id}
        return Evidenced("parties_mandate", str(self.id), content | limit | period)
