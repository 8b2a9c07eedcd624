"""Tables of the platform: nothing here knows a business word."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.record import Record


class Visibility(models.Model):
    """One organisation may see one object, for a reason."""

    pk = models.CompositePrimaryKey("organisation_id", "object_id")
    object_id = models.UUIDField()
    organisation_id = models.UUIDField()
    reason = models.TextField()

    class Meta:
        db_table = "platform_visibility"
        indexes = [models.Index(fields=["object_id", "organisation_id"], name="visibility_by_object")]


class StoredEvent(models.Model):
    """A fact: outbox entry and evidence leaf at once. Only the position is ever filled in afterwards, once."""

    id = IdField()
    kind = models.TextField()
    version = models.PositiveSmallIntegerField()
    subject_id = models.UUIDField()
    visible_id = models.UUIDField()
    body = models.JSONField()
    rows = models.JSONField(default=list)
    salt = models.BinaryField()
    entry = models.BinaryField()
    leaf_hash = models.BinaryField()
    effective_at = models.DateTimeField()
    recorded_at = RecordedAtField()
    position = models.BigIntegerField(null=True, unique=True)
    # who wrote it and with which request: for whoever searches, no part of the leaf; empty for what the platform does itself
    organisation_id = models.UUIDField(null=True)
    doer_id = models.UUIDField(null=True)
    request_id = models.TextField(default="")

    class Meta:
        db_table = "platform_event"
        indexes = [
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="event_unsequenced"),
            models.Index(fields=["subject_id", "position"], name="event_by_subject"),
            models.Index(fields=["kind", "position"], condition=Q(position__isnull=False), name="event_by_kind"),
            models.Index(fields=["effective_at", "id"], name="event_by_time"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="event_by_request"),
        ]
        constraints = [models.CheckConstraint(condition=Q(position__gte=0), name="event_position_from_zero")]


class Cursor(models.Model):
    """How far a consumer has read."""

    consumer = models.TextField(primary_key=True)
    position = models.BigIntegerField(default=-1)

    class Meta:
        db_table = "platform_cursor"


class Consumed(models.Model):
    """A consumer has had its effect for an event: written in the transaction of that effect."""

    pk = models.CompositePrimaryKey("consumer", "event_id")
    consumer = models.TextField()
    event = models.ForeignKey(StoredEvent, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "platform_consumed"


class Parked(models.Model):
    """An event that a consumer could not handle; later events of the same subject wait behind it."""

    id = IdField()
    consumer = models.TextField()
    subject_id = models.UUIDField()
    event = models.ForeignKey(StoredEvent, on_delete=models.PROTECT, related_name="+")
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    resolved_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "platform_parked"
        constraints = [models.UniqueConstraint(fields=["consumer", "event"], name="parked_once")]
        indexes = [
            models.Index(fields=["consumer", "subject_id"], condition=Q(resolved_at__isnull=True), name="parked_open")
        ]


class Performed(Record):
    """The stored result of a write under its idempotency key."""

    pk = models.CompositePrimaryKey("scope", "key")
    scope = models.TextField()
    key = models.TextField()
    operation = models.TextField()
    input_hash = models.BinaryField()
    result = models.JSONField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "platform_performed"


class Installation(models.Model):
    """The one row that says what this database is, and how far a sandbox clock has been moved forward."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    environment = models.TextField(default="sandbox")
    clock_offset = models.DurationField(default=datetime.timedelta)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "platform_installation"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="installation_one_row"),
            models.CheckConstraint(
                condition=Q(environment__in=["sandbox", "production"]), name="installation_environment"
            ),
        ]


class CalendarYear(models.Model):
    """A year of a business calendar; provisional until its official notice is out."""

    pk = models.CompositePrimaryKey("calendar", "year")
    calendar = models.TextField()
    year = models.PositiveSmallIntegerField()
    provisional = models.BooleanField()
    source = models.TextField()

    class Meta:
        db_table = "platform_calendar_year"


class CalendarDay(models.Model):
    """A day that differs from its week-day: a holiday, or a make-up working day."""

    pk = models.CompositePrimaryKey("calendar", "day")
    calendar = models.TextField()
    day = models.DateField()
    working = models.BooleanField()
    name = models.TextField()

    class Meta:
        db_table = "platform_calendar_day"
