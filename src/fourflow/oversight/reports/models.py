"""Tables of oversight.reports. Both are their person's alone; who oversees the house does not see them."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from fourflow.foundation.parties.types import SYSTEM
from fourflow.oversight.reports import types
from fourflow.oversight.reports.types import ReportNotFound, Rhythm, ScheduleNotFound, ScheduleState
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet

M = TypeVar("M", bound=models.Model)


class OwnQuerySet(VisibleQuerySet[M]):
    def visible_to(self, actor: Viewer) -> Self:
        """The person's own, for the organisation for which it acts; all of them to the sweeper that makes the files."""
        if actor is SYSTEM:
            return self.all()
        return self.filter(account_id=actor.account_id, organisation_id=actor.organisation_id)


class ScheduleQuerySet(OwnQuerySet["Schedule"]):
    not_found = ScheduleNotFound


class Schedule(models.Model):
    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    name = models.TextField()
    address = models.TextField()
    rhythm = models.TextField()
    language = models.TextField()
    state = models.TextField(default=ScheduleState.ACTIVE.value)
    next_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(default="", blank=True)
    subscribed_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        db_table = "reports_schedule"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(rhythm__in=[one.value for one in Rhythm]), name="schedule_rhythm_known"),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in ScheduleState]), name="schedule_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="active", next_on__isnull=False, due_at__isnull=False)
                | (~Q(state="active") & Q(next_on__isnull=True, due_at__isnull=True)),
                name="schedule_due_while_active",
            ),
            models.CheckConstraint(
                condition=(Q(state="stopped") & ~Q(reason="")) | (~Q(state="stopped") & Q(reason="")),
                name="schedule_stopped_with_reason",
            ),
            models.CheckConstraint(condition=~Q(name="") & Q(address__startswith="/"), name="schedule_named"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], condition=Q(state="active"), name="schedule_due"),
            models.Index(fields=["account", "organisation"], name="schedule_of_person"),
        ]

    def to_type(self) -> types.Schedule:
        return types.Schedule(
            id=types.ScheduleId(self.id),
            reader=types.Reader(self.account_id, self.organisation_id, "en" if self.language == "en" else "zh"),
            person_id=self.person_id,
            name=self.name,
            address=self.address,
            rhythm=Rhythm(self.rhythm),
            state=ScheduleState(self.state),
            next_on=self.next_on,
            due_at=self.due_at,
            attempts=self.attempts,
            reason=self.reason,
            subscribed_at=self.subscribed_at,
        )


class ReportQuerySet(OwnQuerySet["Report"]):
    not_found = ReportNotFound

    def with_kept(self) -> Self:
        """Each with whether its file is still there."""
        return self.annotate(kept=Exists(File.objects.filter(report_id=OuterRef("pk"))))


class Report(models.Model):
    """Append-only: that a file was made for a business day, with its digest and size, or that there is none."""

    id = IdField()
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    made_at = models.DateTimeField()
    code = models.TextField(default="", blank=True)
    sha256 = models.TextField(default="", blank=True)
    size = models.PositiveIntegerField(default=0)
    recorded_at = RecordedAtField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        db_table = "reports_report"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["schedule", "day"], name="report_once_a_day"),
            models.CheckConstraint(
                condition=Q(code="", sha256__regex="^[0-9a-f]{64}$", size__gt=0) | (~Q(code="") & Q(sha256="", size=0)),
                name="report_made_or_failed",
            ),
        ]

    def to_type(self) -> types.Report:
        return types.Report(
            id=types.ReportId(self.id),
            schedule_id=types.ScheduleId(self.schedule_id),
            day=self.day,
            made_at=self.made_at,
            code=self.code,
            sha256=self.sha256,
            size=self.size,
            kept=bool(vars(self).get("kept")),
        )


class FileQuerySet(OwnQuerySet["File"]):
    not_found = ReportNotFound


class File(models.Model):
    """What was made, until its days are over; the report stays and says what it was."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, primary_key=True, related_name="+")
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    content = models.BinaryField()

    objects = FileQuerySet.as_manager()

    class Meta:
        db_table = "reports_file"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["made_at"], name="file_oldest")]
