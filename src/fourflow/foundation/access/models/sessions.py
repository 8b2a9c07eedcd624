"""Sessions, and attempts that are counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Protocol, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from fourflow.foundation.access.types import (
    Confirmation,
    Ending,
    GuardKind,
    SessionKind,
    SessionNotFound,
    SessionView,
    Strength,
)
from fourflow.platform.crypto.sealing import SealedText
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.prepared import Given
from fourflow.platform.db.visibility import VisibleQuerySet


class Someone(Protocol):
    """Whose own rows are looked at."""

    @property
    def person_id(self) -> UUID: ...


class OwnQuerySet(VisibleQuerySet["Session"]):
    not_found = SessionNotFound

    def visible_to(self, actor: Someone) -> Self:  # type: ignore[override]
        """A person's own sessions, under whichever account."""
        return self.filter(person_id=actor.person_id)

    def alive(self, at: datetime | Given) -> Self:
        return self.filter(ended_at__isnull=True, expires_at__gt=at)


class Session(models.Model):
    """One sign-in until it ends. `authority` is the digest of what the person might do when confirming."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    organisation = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    strength = models.TextField()
    origin = SealedText()
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ending = models.TextField(default="", blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_until = models.DateTimeField(null=True)
    confirmed_by = models.TextField(default="", blank=True)
    authority = models.BinaryField(null=True)
    recorded_at = RecordedAtField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        db_table = "access_session"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in SessionKind]), name="session_kind_known"),
            models.CheckConstraint(
                condition=Q(strength__in=[s.value for s in Strength]), name="session_strength_known"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("began_at")), name="session_period_forward"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="")
                | Q(ended_at__isnull=False, ending__in=[e.value for e in Ending]),
                name="session_ends_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_until__isnull=True, confirmed_by="", authority=None)
                | Q(
                    confirmed_until__gt=F("confirmed_at"),
                    confirmed_by__in=[s.value for s in Strength],
                    authority__isnull=False,
                    organisation__isnull=False,
                ),
                name="session_confirmation_whole",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account"], condition=Q(ended_at__isnull=True), name="session_of_account")
        ]

    def to_type(self) -> SessionView:
        return SessionView(
            id=self.id,
            account_id=self.account_id,
            organisation_id=self.organisation_id,
            kind=SessionKind(self.kind),
            strength=Strength(self.strength),
            origin=self.origin,
            began_at=self.began_at,
            seen_at=self.seen_at,
            expires_at=self.expires_at,
            confirmation=self.confirmation(),
            authority=bytes(self.authority or b""),
        )

    def confirmation(self) -> Confirmation | None:
        """The last one given."""
        if self.confirmed_at is None or self.confirmed_until is None:
            return None
        return Confirmation(Strength(self.confirmed_by), self.confirmed_at, self.confirmed_until)


class GuardQuerySet(models.QuerySet["Guard"]):
    def lock_or_open(self, kind: GuardKind, subject: bytes, at: datetime) -> Guard:
        """The count of a sign-in or address, locked."""
        self.get_or_create(kind=kind.value, subject=subject, defaults={"began_at": at})
        return self.select_for_update(no_key=True).get(kind=kind.value, subject=subject)


class Guard(models.Model):
    """Attempts since the last success, by a keyed digest: an unknown address is counted like a known one."""

    id = IdField()
    kind = models.TextField()
    subject = models.BinaryField(max_length=32)
    attempts = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = GuardQuerySet.as_manager()

    class Meta:
        db_table = "access_guard"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in GuardKind]), name="guard_kind_known"),
            models.UniqueConstraint(fields=["kind", "subject"], name="guard_once"),
        ]

    def is_locked(self, at: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > at

    def count(self, at: datetime, most: int, minutes: int) -> bool:
        """One more attempt; whether it is one too many. After `minutes` without a lock the count begins anew."""
        if self.locked_until is not None or at - self.began_at > timedelta(minutes=minutes):
            self.attempts, self.began_at, self.locked_until = 0, at, None
        self.attempts += 1
        if self.attempts > most:
            self.locked_until = at + timedelta(minutes=minutes)
        return self.locked_until is not None
