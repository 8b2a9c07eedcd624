"""What proves a person beside the password."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from fourflow.foundation.access.types import PasskeyView
from fourflow.platform.crypto.sealing import SealedText
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.events.types import Evidenced


class OfAccountQuerySet(models.QuerySet[Any]):
    def lock(self, account_id: UUID, **more: Any) -> Any:
        """The account's row that is in use, locked; None where there is none."""
        found = self.filter(account_id=account_id, ended_at__isnull=True, **more)
        return found.order_by("pk").select_for_update(no_key=True).first()


class Totp(models.Model):
    """An authenticator app (RFC 6238). `last_step` only rises: a code opens once."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    secret = SealedText()
    last_step = models.BigIntegerField()
    ended_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        db_table = "access_totp"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account"], condition=Q(ended_at__isnull=True), name="totp_one_in_use")
        ]

    def evidenced(self) -> Evidenced:
        return Evidenced("access_totp", str(self.id), {"account": self.account_id, "ended_at": self.ended_at})


class RecoveryCode(models.Model):
    """One of ten codes for the day on which the telephone is lost. Only a keyed digest is kept."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32)
    ended_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        db_table = "access_recovery_code"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "digest"], name="recovery_code_once")
        ]

    def evidenced(self) -> Evidenced:
        return Evidenced("access_recovery_code", str(self.id), {"account": self.account_id, "ended_at": self.ended_at})


class Passkey(models.Model):
    """A WebAuthn credential. `sign_count` is what the authenticator last said; zero where it does not count."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    site = models.TextField()
    credential_id = models.BinaryField(max_length=1024, unique=True)
    credential = models.BinaryField(max_length=4096)
    sign_count = models.BigIntegerField()
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        db_table = "access_passkey"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(site=""), name="passkey_named")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account"], condition=Q(ended_at__isnull=True), name="passkey_of_account")
        ]

    def to_type(self) -> PasskeyView:
        """How its owner sees it."""
        return PasskeyView(self.id, self.name, self.added_at, self.used_at)

    def evidenced(self) -> Evidenced:
        content = {"account": self.account_id, "site": self.site, "credential": bytes(self.credential)}
        known = {"id": bytes(self.credential_id), "added_at": self.added_at, "ended_at": self.ended_at}
        return Evidenced("access_passkey", str(self.id), content | known)


class Identity(models.Model):
    """Who an account is at an identity provider (OpenID Connect): issuer, and a keyed digest of the subject there."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    issuer = models.TextField()
    subject = models.BinaryField(max_length=32)
    ended_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        db_table = "access_identity"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], condition=Q(ended_at__isnull=True), name="identity_of_one_account"
            ),
            models.CheckConstraint(condition=Q(issuer__startswith="http"), name="identity_issuer_address"),
        ]

    def evidenced(self) -> Evidenced:
        content = {"account": self.account_id, "issuer": self.issuer, "subject": bytes(self.subject)}
        return Evidenced("access_identity", str(self.id), content | {"ended_at": self.ended_at})
