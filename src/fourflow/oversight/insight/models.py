"""Tables of oversight.insight."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from fourflow.oversight.insight import types
from fourflow.oversight.insight.types import About, PackEntry
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced


class RequestQuerySet(VisibleQuerySet["Request"]):
    not_found: ClassVar[type[types.RequestNotFound]] = types.RequestNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """The operator's and the regulator's knowledge: who is looked into is nobody else's."""
        return self.all() if actor.sees_all else self.none()


class Request(Record):
    """One request; answered once."""

    id = IdField()
    organisation_id = models.UUIDField()
    about = models.TextField()
    subject_id = models.UUIDField()
    purpose = models.TextField()
    authority = models.TextField()
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    answer_by = models.DateField()
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    note = models.TextField(default="", blank=True)
    manifest = models.JSONField(default=list)
    sha256 = models.TextField(default="", blank=True)
    recorded_at = RecordedAtField()

    objects = RequestQuerySet.as_manager()

    class Meta:
        db_table = "insight_request"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(about__in=[one.value for one in About]), name="request_about_known"),
            models.CheckConstraint(condition=~Q(purpose="") & ~Q(authority=""), name="request_explained"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, sha256="", manifest=[])
                | Q(answered_at__isnull=False, answered_by__isnull=False, sha256__regex="^[0-9a-f]{64}$"),
                name="request_answer_whole",
            ),
        ]

    def to_type(self) -> types.EvidenceRequest:
        return types.EvidenceRequest(
            id=types.EvidenceRequestId(self.id),
            organisation_id=self.organisation_id,
            about=About(self.about),
            subject_id=self.subject_id,
            purpose=self.purpose,
            authority=self.authority,
            asked_by=self.asked_by,
            asked_at=self.asked_at,
            answer_by=self.answer_by,
            answered_at=self.answered_at,
            note=self.note,
            entries=tuple(_entry(body) for body in self.manifest),
            sha256=self.sha256,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "insight_request",
            str(self.id),
            {
                "organisation": self.organisation_id,
                "about": self.about,
                "subject": self.subject_id,
                "purpose": self.purpose,
                "authority": self.authority,
                "asked_by": self.asked_by,
                "asked_at": self.asked_at,
                "answer_by": self.answer_by,
                "answered_by": self.answered_by,
                "answered_at": self.answered_at,
                "note": self.note,
                "manifest": self.manifest,
                "sha256": self.sha256,
            },
        )


def _entry(body: dict[str, Any]) -> PackEntry:
    return PackEntry(UUID(body["event_id"]), body["kind"], body["position"], body["leaf"])
