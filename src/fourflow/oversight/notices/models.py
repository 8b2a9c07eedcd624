"""Tables of oversight.notices. Guards beyond Django's language stand in migrations/0002_rules.py."""

from __future__ import annotations

from typing import ClassVar, Protocol, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fourflow.oversight.notices import types
from fourflow.oversight.notices.types import ALWAYS, NoticeState, Topic, When
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.errors import NotFound

TOPICS = [topic.value for topic in Topic]


class Someone(Protocol):
    """Whose own notices are looked at."""

    @property
    def person_id(self) -> UUID: ...


class OwnQuerySet(VisibleQuerySet["Notice"]):
    not_found = NotFound

    def visible_to(self, actor: Someone) -> Self:  # type: ignore[override]
        """A person's own, for whichever organisation."""
        return self.filter(person_id=actor.person_id)


class Notice(models.Model):
    """One person told of one event. ``due_at`` is set exactly while it waits."""

    id = IdField()
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey("platform.StoredEvent", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    topic = models.TextField()
    about_kind = models.TextField(default="", blank=True)
    about_id = models.UUIDField(null=True)
    together = models.BooleanField(default=False)
    state = models.TextField()
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sending_since = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)
    happened_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        db_table = "notices_notice"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "person"], name="notice_once"),
            models.CheckConstraint(condition=Q(topic__in=TOPICS), name="notice_topic_known"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in NoticeState]), name="notice_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", due_at__isnull=False) | (~Q(state="pending") & Q(due_at__isnull=True)),
                name="notice_due_while_pending",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", sending_since__isnull=False) | ~Q(state="sending"),
                name="notice_sending_since",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="notice_sent_at_a_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], name="notice_due", condition=Q(state="pending")),
            models.Index(fields=["sending_since"], name="notice_under_way", condition=Q(state="sending")),
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(fields=["recorded_at"], name="notice_gone_wrong", condition=Q(state__in=["failed", "unsure"])),
        ]

    def to_type(self) -> types.Notice:
        return types.Notice(
            id=self.id,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            event=self.kind,
            topic=Topic(self.topic),
            about=(self.about_kind, self.about_id) if self.about_id else None,
            state=NoticeState(self.state),
            happened_at=self.happened_at,
            sent_at=self.sent_at,
        )


class PreferencesQuerySet(VisibleQuerySet["Reader"]):
    def visible_to(self, actor: Someone) -> Self:  # type: ignore[override]
        """A person's own."""
        return self.filter(person_id=actor.person_id)


class Reader(models.Model):
    """How a person wants to be told; a topic in neither list is told at once."""

    person = models.OneToOneField("parties.Person", primary_key=True, on_delete=models.PROTECT, related_name="+")
    language = models.TextField()
    daily = ArrayField(models.TextField(), default=list)
    off = ArrayField(models.TextField(), default=list)
    recorded_at = RecordedAtField()

    objects = PreferencesQuerySet.as_manager()

    class Meta:
        db_table = "notices_reader"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(language__in=["zh", "en"]), name="reader_language_known"),
            models.CheckConstraint(
                condition=Q(daily__contained_by=TOPICS, off__contained_by=TOPICS), name="reader_topics_known"
            ),
            models.CheckConstraint(
                condition=~Q(off__overlap=[topic.value for topic in ALWAYS])
                & ~Q(daily__overlap=[topic.value for topic in ALWAYS]),
                name="reader_is_told_of_security",
            ),
            models.CheckConstraint(condition=~Q(daily__overlap=models.F("off")), name="reader_chooses_once"),
        ]

    def to_type(self) -> types.Preferences:
        chosen = {Topic(topic): When.DAILY for topic in self.daily} | {Topic(topic): When.OFF for topic in self.off}
        return types.Preferences("en" if self.language == "en" else "zh", chosen)


class Position(models.Model):
    """How far in the sequence of events notices have been made: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=-1)

    class Meta:
        db_table = "notices_position"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="notices_position_one_row")
        ]
