"""Recovery by two people, emergencies, and the log of what was read of others."""

from __future__ import annotations

import functools
import operator
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from fourflow.foundation.access.types import (
    DataClass,
    EmergencyNotFound,
    EmergencyView,
    ReadPurpose,
    ReadView,
    RecoveryNotFound,
    RecoveryState,
    RecoveryView,
)
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.errors import NotFound
from fourflow.platform.events.types import Evidenced


class RecoveryQuerySet(VisibleQuerySet["Recovery"]):
    not_found = RecoveryNotFound

    def visible_to(self, actor: Viewer) -> Self:
        return self.all() if actor.sees_all else self.filter(organisation_id=actor.organisation_id)


class Recovery(models.Model):
    """Two people let a third one back in. Each of them has one half of the code, of which only digests are kept."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    maker_person_id = models.UUIDField()
    checker_person_id = models.UUIDField(null=True)
    reason = models.TextField()
    state = models.TextField(default=RecoveryState.ASKED.value)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    first_half = models.BinaryField(max_length=32)
    second_half = models.BinaryField(max_length=32, null=True)
    until = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        db_table = "access_recovery"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in RecoveryState]), name="recovery_state_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="recovery_explained"),
            models.CheckConstraint(condition=~Q(person_id=F("maker_person_id")), name="recovery_not_by_oneself"),
            models.CheckConstraint(
                condition=Q(checker_person_id__isnull=True)
                | (~Q(checker_person_id=F("maker_person_id")) & ~Q(checker_person_id=F("person_id"))),
                name="recovery_by_two_others",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "used"])
                | Q(checker_person_id__isnull=False, second_half__isnull=False, until__isnull=False),
                name="recovery_approved_has_both_halves",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(state__in=["asked", "approved"]), name="recovery_one_open"
            ),
        ]

    def to_type(self) -> RecoveryView:
        return RecoveryView(
            id=self.id,
            account_id=self.account_id,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            reason=self.reason,
            state=RecoveryState(self.state),
            approval_id=self.approval_id,
            until=self.until,
        )

    def evidenced(self) -> Evidenced:
        people = {"person": self.person_id, "maker": self.maker_person_id, "checker": self.checker_person_id}
        content: dict[str, Any] = {"account": self.account_id, "organisation": self.organisation_id}
        course = {"reason": self.reason, "state": self.state, "until": self.until, "approval": self.approval_id}
        return Evidenced("access_recovery", str(self.id), content | people | course)


class EmergencyQuerySet(VisibleQuerySet["Emergency"]):
    not_found = EmergencyNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """The operator's and the regulator's knowledge; others see none."""
        return self.all() if actor.sees_all else self.none()


class Emergency(models.Model):
    """Broken glass: permissions that stop things, for a short time, with an alarm and a second person's review."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    began_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    review = models.TextField(default="", blank=True)
    recorded_at = RecordedAtField()

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        db_table = "access_emergency"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(until__gt=F("began_at")), name="emergency_period_forward"),
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_explained"),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, review="")
                | (Q(reviewed_by__isnull=False) & ~Q(review="") & ~Q(reviewed_by=F("person_id"))),
                name="emergency_reviewed_by_another",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account", "until"], name="emergency_of_account")]

    def to_type(self) -> EmergencyView:
        return EmergencyView(
            id=self.id,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            reason=self.reason,
            began_at=self.began_at,
            until=self.until,
            ended_at=self.ended_at,
            reviewed_by=self.reviewed_by,
            review=self.review,
        )

    def evidenced(self) -> Evidenced:
        who = {"person": self.person_id, "account": self.account_id, "organisation": self.organisation_id}
        content = {"reason": self.reason, "began_at": self.began_at, "until": self.until}
        end = {"ended_at": self.ended_at, "reviewed_by": self.reviewed_by, "review": self.review}
        return Evidenced("access_emergency", str(self.id), who | content | end)


class ReadQuerySet(VisibleQuerySet["Read"]):
    visible_column = "visible_id"
    not_found = NotFound

    def visible_to(self, actor: Viewer) -> Self:
        """Who oversees sees every line; a party those about itself, and those about objects that it may see."""
        first, *rest = self.visible_in_parts(actor)
        return functools.reduce(operator.or_, rest, first)

    def visible_in_parts(self, actor: Viewer) -> list[Self]:
        """What :meth:`visible_to` gives, in parts to each of which an index leads; a line may stand in both.

        To conditions joined by "or" none does: a party with few lines would have the whole log read from its end.
        """
        if actor.sees_all:
            return [self.all()]
        return [self.filter(subject_party_id=actor.organisation_id), super().visible_to(actor)]


class Read(models.Model):
    """Append-only: who read what (of which party, where it is one's), why, and by whose leave."""

    id = IdField()
    reader_person_id = models.UUIDField()
    account_id = models.UUIDField(null=True)
    session_id = models.TextField(default="", blank=True)
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    subject_party_id = models.UUIDField(null=True)  # no key: a list may be asked for the objects of a firm that is none
    visible_id = models.UUIDField(null=True)
    data_class = models.TextField()
    what = models.TextField()
    object_id = models.TextField(default="", blank=True)
    filters = models.TextField(default="", blank=True)
    purpose = models.TextField()
    authorisation_number = models.TextField()
    read_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = ReadQuerySet.as_manager()

    class Meta:
        db_table = "access_read"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(data_class__in=("restricted", "core")), name="read_is_of_a_class"),
            models.CheckConstraint(condition=~Q(what=""), name="read_of_something"),
            models.CheckConstraint(condition=Q(purpose__in=[p.value for p in ReadPurpose]), name="read_purpose_known"),
            models.CheckConstraint(condition=~Q(authorisation_number=""), name="read_has_number"),
            models.CheckConstraint(
                condition=Q(subject_party_id__isnull=True) | ~Q(organisation=F("subject_party_id")),
                name="read_of_another",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_party_id", "-read_at"], name="read_by_subject"),
            models.Index(
                fields=["visible_id", "-read_at"], condition=Q(visible_id__isnull=False), name="read_by_object"
            ),
            models.Index(fields=["organisation", "-read_at"], name="read_by_reader"),
            models.Index(fields=["what", "-read_at"], name="read_by_what"),
            models.Index(fields=["-read_at", "-id"], name="read_latest"),
        ]

    def to_type(self) -> ReadView:
        return ReadView(
            id=self.id,
            reader_person_id=self.reader_person_id,
            session_id=self.session_id,
            organisation_id=self.organisation_id,
            subject_party_id=self.subject_party_id,
            data_class=DataClass(self.data_class),
            what=self.what,
            object_id=self.object_id,
            filters=self.filters,
            purpose=ReadPurpose(self.purpose),
            authorisation_number=self.authorisation_number,
            read_at=self.read_at,
        )

    def evidenced(self) -> Evidenced:
        who = {"reader": self.reader_person_id, "organisation": self.organisation_id, "account": self.account_id}
        what: dict[str, Any] = {"class": self.data_class, "what": self.what, "object": self.object_id}
        what |= {"filters": self.filters, "visible": self.visible_id}
        why = {"subject": self.subject_party_id, "purpose": self.purpose, "number": self.authorisation_number}
        return Evidenced("access_read", str(self.id), who | what | why | {"read_at": self.read_at})
